"""`watch`: a scene checked and previewed whenever it is saved."""

from typing import Annotated

import typer

from animator.cli.arguments import OUT, Changes, Device, Out, Scene
from animator.errors import StoppedError
from animator.paint import process


def watch(
    scene: Scene,
    preview: Annotated[bool, typer.Option(help="also render a preview each time")] = True,
    budget: Annotated[float, typer.Option(metavar="SECONDS", help="how long a preview's steps may take")] = 20.0,
    changes: Changes = [],  # noqa: B006 - typer reads the default
    out: Out = OUT,
    device: Device = "auto",
) -> None:
    """Check a scene whenever it is saved, say from when on that changes the film, and preview it. Ctrl-C ends it."""
    process.before_torch()
    from animator.batch import stop
    from animator.batch import watch as watching
    from animator.batch.order import Order
    from animator.batch.preview import Preview
    from animator.report import sinks

    with stop.on_signals() as asked:
        work = Preview(budget) if preview else None
        try:
            watching.watch(scene, tuple(changes), Order(out, device=device), work, sinks.choose(False), asked)
        except StoppedError:
            return
