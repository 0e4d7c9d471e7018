"""Arguments and options that several commands share, and how a command ends that worked on films."""

import contextlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from animator.batch.order import Result
    from animator.report.sinks import Sink

OUT = Path("outputs")
Scenes = Annotated[list[Path], typer.Argument(help="scene files", show_default=False)]
Scene = Annotated[Path, typer.Argument(help="scene file")]
Changes = Annotated[
    list[str], typer.Option("--set", metavar="KEY=VALUE", help="change the scene, e.g. generator.layers=6")
]
Device = Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:N or mps")]
Out = Annotated[Path, typer.Option(help="where the films' folders go")]
AsJson = Annotated[bool, typer.Option("--json", help="events as JSON lines")]


def sinks(as_json: bool, live: bool, opened: contextlib.ExitStack) -> "Sink":
    """Who is told: whoever looks at the terminal or reads the log, the films' pages, and a page that is served."""
    from animator.report.sinks import choose, together
    from animator.report.sinks.page import Page

    page = Page()
    if live:
        from animator.report.live import Live

        served = opened.enter_context(Live(page.now, page.file))
        typer.echo(f"live: {served.address}", err=True)
    return together(choose(as_json), page)


def leave(results: "Sequence[Result]", scenes: int = 1) -> None:
    """End with the exit code of what went wrong with so many scenes, if anything did."""
    errors = [result.error for result in results if result.error is not None]
    if errors:
        alone = scenes == 1 or errors[-1].exit_code >= 128  # the only scene, or a signal: its own code
        raise typer.Exit(errors[-1].exit_code if alone else 1)
