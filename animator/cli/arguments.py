"""Arguments and options that several commands share, and how a command ends that worked on films."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from animator.batch.run import Result

OUT = Path("outputs")
Scenes = Annotated[list[Path], typer.Argument(help="scene files", show_default=False)]
Scene = Annotated[Path, typer.Argument(help="scene file")]
Changes = Annotated[
    list[str], typer.Option("--set", metavar="KEY=VALUE", help="change the scene, e.g. generator.layers=6")
]
Device = Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:N or mps")]
Out = Annotated[Path, typer.Option(help="where the films' folders go")]
AsJson = Annotated[bool, typer.Option("--json", help="events as JSON lines")]


def leave(results: "Sequence[Result]", scenes: int = 1) -> None:
    """End with the exit code of what went wrong with so many scenes, if anything did."""
    errors = [result.error for result in results if result.error is not None]
    if errors:
        alone = scenes == 1 or errors[-1].exit_code >= 128  # the only scene, or a signal: its own code
        raise typer.Exit(errors[-1].exit_code if alone else 1)
