"""Render CLIP-guided films from scene files: `python render.py scenes/hello.yaml`."""

import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from animator.errors import AnimatorError, ModelError, SceneError

# Threads that wait without spinning: on a busy machine, spinning makes a step many times slower. torch reads this.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

Scenes = Annotated[list[Path], typer.Argument(help="scene files", show_default=False)]
Set = Annotated[list[str], typer.Option("--set", metavar="KEY=VALUE", help="change the scene, e.g. generator.layers=6")]


class _RenderByDefault(typer.core.TyperGroup):
    """`render.py SCENE` is `render.py render SCENE`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and args[0] not in ("--help", "-h"):
            args = ["render", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    cls=_RenderByDefault,
    add_completion=False,
    no_args_is_help=True,
    help=__doc__,
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
)


@app.command()
def render(
    scenes: Scenes,
    out: Annotated[Path, typer.Option(help="where the films' folders go")] = Path("outputs"),
    set_: Set = [],  # noqa: B006 - typer reads the default
    frames: Annotated[str, typer.Option(metavar="FROM:TO", help="only these frames, TO not included")] = "",
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:N or mps")] = "auto",
    fresh: Annotated[bool, typer.Option("--fresh", help="move an old folder aside and begin anew")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="events as JSON lines")] = False,
) -> None:
    """Render scenes one after another, going on where an earlier run ended."""
    from animator.batch import Order, render_all
    from animator.report import report_for

    order = Order(out, tuple(set_), _span(frames), device, fresh)
    results = render_all(scenes, order, report_for(as_json))
    errors = [result.error for result in results if result.error is not None]
    if not errors:
        return
    alone = len(scenes) == 1 or errors[-1].exit_code >= 128  # a signal, or the only scene: its own code
    raise typer.Exit(errors[-1].exit_code if alone else 1)


@app.command()
def check(scenes: Scenes, set_: Set = []) -> None:  # noqa: B006
    """Read and resolve scenes without rendering: every problem, one a line."""
    from animator import scene_file, words

    failed = []
    for path in scenes:
        try:
            document = scene_file.read(path, tuple(set_))
            for warning in words.warnings(document):
                typer.echo(str(warning), err=True)
            scene = document.scene
            seconds = len(document.frames) / float(scene.fps)
            typer.echo(f"{path}: ok, {len(document.frames)} frames, {seconds:g}s of {scene.size[0]}x{scene.size[1]}")
        except (SceneError, ModelError) as error:
            typer.echo(str(error), err=True)
            failed.append(error)
    if failed:
        raise typer.Exit(failed[-1].exit_code)


@app.command()
def plan(scene: Annotated[Path, typer.Argument(help="scene file")], set_: Set = []) -> None:  # noqa: B006
    """Print what a scene will do: prompts and curves over time, and what it costs."""
    from animator import scene_file
    from animator.plan import describe

    typer.echo(describe(scene_file.read(scene, tuple(set_))))


@app.command()
def words(name: Annotated[str, typer.Argument(help="model")] = "pocket") -> None:
    """Print the words that a shipped model knows."""
    from animator import models

    known = models.find(name).words
    typer.echo(" ".join(sorted(known)) if known else f"{name}: learnt from the web, knows no list of words")


def _span(text: str) -> tuple[int, int] | None:
    if not text:
        return None
    first, colon, last = text.partition(":")
    if not colon or not all(part.isdigit() or not part for part in (first, last)):
        raise typer.BadParameter(f"--frames {text}: write FROM:TO, e.g. 10:20")
    start, end = int(first or 0), int(last or 2**31)
    if end <= start:
        raise typer.BadParameter(f"--frames {text}: TO must be above FROM")
    return start, end


def main() -> None:
    try:
        app()
    except AnimatorError as error:
        typer.echo(str(error), err=True)
        sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
