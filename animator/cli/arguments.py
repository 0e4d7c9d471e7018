"""Arguments and options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

Scenes = Annotated[list[Path], typer.Argument(help="scene files", show_default=False)]
Scene = Annotated[Path, typer.Argument(help="scene file")]
Changes = Annotated[
    list[str], typer.Option("--set", metavar="KEY=VALUE", help="change the scene, e.g. generator.layers=6")
]
Device = Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:N or mps")]
