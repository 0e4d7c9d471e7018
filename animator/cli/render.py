"""`render`: a film from a scene, or films from many."""

import contextlib
import functools
from typing import Annotated

import typer

from animator.cli.arguments import OUT, AsJson, Changes, Device, Out, Scenes, sinks
from animator.paint import process


def render(
    scenes: Scenes,
    out: Out = OUT,
    changes: Changes = [],  # noqa: B006 - typer reads the default
    frames: Annotated[str, typer.Option(metavar="FROM:TO", help="only these frames, TO not included")] = "",
    device: Device = "auto",
    fresh: Annotated[bool, typer.Option("--fresh", help="move an old folder aside and begin anew")] = False,
    deterministic: Annotated[bool, typer.Option("--deterministic", help="the same bytes on CUDA, too; slower")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="a frame that looks odd ends its film")] = False,
    shot: Annotated[int, typer.Option(min=-1, help="only this shot, counted from 0, in a folder of its own")] = -1,
    as_json: AsJson = False,
    live: Annotated[bool, typer.Option("--live", help="a page in the browser, for this machine alone")] = False,
) -> None:
    """Render a scene, going on where an earlier run ended; several as `batch` does."""
    process.before_torch()
    from animator.batch import shot as shots
    from animator.batch.batch import Batch, exit_code, scenes_of
    from animator.batch.batch import render as render_batch
    from animator.batch.order import Order
    from animator.batch.run import render_all

    order, found = Order(out, _span(frames), device, fresh, deterministic, strict), scenes_of(scenes)
    with contextlib.ExitStack() as opened:
        tell = sinks(as_json, live, opened)
        if shot >= 0:
            results = render_all(found, tuple(changes), order, tell, functools.partial(shots.one, shot))
        elif len(found) > 1:
            results = render_batch(Batch(found, order, tuple(changes), options={"devices": (device,)}), tell)
        else:
            results = render_all(found, tuple(changes), order, tell)
    raise typer.Exit(exit_code(results))


def _span(text: str) -> tuple[int, int] | None:
    if not text:
        return None
    first, colon, last = text.partition(":")
    if not colon or not all(not part or (part.isascii() and part.isdigit()) for part in (first, last)):
        raise typer.BadParameter(f"--frames {text}: write FROM:TO, e.g. 10:20")
    start, end = int(first[:12] or 0), int(last[:12] or 2**31)
    if end <= start:
        raise typer.BadParameter(f"--frames {text}: TO must be above FROM")
    return start, end
