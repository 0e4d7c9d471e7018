"""`sweep`: a grid of options, side by side."""

import json
from typing import Annotated

import typer

from animator.cli.arguments import OUT, AsJson, Changes, Device, Out, Scene, leave
from animator.paint import process


def sweep(
    scene: Scene,
    over: Annotated[
        list[str], typer.Option(metavar="KEY=VALUES", help="in place of the scene's grid, e.g. seed=1,2,3")
    ] = [],  # noqa: B006 - typer reads the default
    films: Annotated[bool, typer.Option("--films", help="whole films, and their last frames on the sheet")] = False,
    changes: Changes = [],  # noqa: B006 - typer reads the default
    out: Out = OUT,
    device: Device = "auto",
    as_json: AsJson = False,
) -> None:
    """Render a scene's first frame once for each choice of a grid, and put them on one labelled sheet."""
    process.before_torch()
    from animator.batch.order import Order
    from animator.batch.run import render_all
    from animator.batch.sweep import Sweep
    from animator.report import sinks

    made = (*changes, *([f"sweep={{{', '.join(_entry(one) for one in over)}}}"] if over else []))
    work = Sweep(tuple(changes), films)
    leave(render_all([scene], tuple(made), Order(out, device=device), sinks.choose(as_json), work))


def _entry(written: str) -> str:
    key, equals, values = written.partition("=")
    if not equals or not values:
        raise typer.BadParameter(f"--over {written}: write key.key=value,value, e.g. optimize.step_size=0.5,1,2")
    return f"{json.dumps(key)}: [{values}]"
