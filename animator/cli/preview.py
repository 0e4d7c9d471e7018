"""`preview`: a film as it can be seen in a minute."""

import re
from typing import Annotated

import typer

from animator.cli.arguments import OUT, AsJson, Changes, Device, Out, Scene, leave
from animator.paint import process


def preview(
    scene: Scene,
    at: Annotated[str, typer.Option(metavar="TIMES", help="only these moments, on one sheet, e.g. 12s,30s")] = "",
    size: Annotated[str, typer.Option(metavar="WxH", help="default: about a quarter of the film's")] = "",
    budget: Annotated[str, typer.Option(metavar="TIME", help="how long its steps may take")] = "36s",
    changes: Changes = [],  # noqa: B006 - typer reads the default
    out: Out = OUT,
    device: Device = "auto",
    as_json: AsJson = False,
) -> None:
    """Render a film small, of fewer frames and steps, with its real camera, prompts and song."""
    process.before_torch()
    from animator.batch.order import Order
    from animator.batch.preview import Preview
    from animator.batch.run import render_all
    from animator.report import sinks
    from animator.scene.times import parse_time

    try:
        seconds = parse_time(budget).seconds(1)
    except (ValueError, AssertionError) as error:
        raise typer.BadParameter(f"--budget {budget}: write a time, e.g. 30s") from error
    made = (*changes, *([f"timelapse={{at: [{at}]}}"] if at else []))  # its times are read as a timelapse's are
    work = Preview(seconds, _size(size), moments=bool(at))
    leave(render_all([scene], tuple(made), Order(out, device=device), sinks.choose(as_json), work))


def _size(text: str) -> tuple[int, int] | None:
    if not text:
        return None
    match = re.fullmatch(r"(\d{2,4})x(\d{2,4})", text)
    if not match or any(int(side) % 2 or int(side) < 16 for side in match.groups()):
        raise typer.BadParameter(f"--size {text}: write width x height, both even, e.g. 160x90")
    return int(match[1]), int(match[2])
