"""`timelapse`: how frames are made, as a film."""

from typing import Annotated

import typer

from animator.cli.arguments import OUT, AsJson, Changes, Device, Out, Scene, leave
from animator.paint import process


def timelapse(
    scene: Scene,
    at: Annotated[str, typer.Option(metavar="TIMES", help="the frames at these times, e.g. 3.5s,12s")] = "",
    shots: Annotated[bool, typer.Option("--shots", help="each frame in which something new is asked for")] = False,
    whole: Annotated[bool, typer.Option("--process", help="every frame: the film with its own making")] = False,
    caption: Annotated[bool, typer.Option("--caption", help="step, loss and prompt below the picture")] = False,
    before_after: Annotated[bool, typer.Option("--before-after", help="also the start beside the result")] = False,
    changes: Changes = [],  # noqa: B006 - typer reads the default
    out: Out = OUT,
    device: Device = "auto",
    as_json: AsJson = False,
) -> None:
    """Show how a scene's first frame is made, or others. What was rendered before is painted once more, exactly."""
    process.before_torch()
    from animator.batch import shot
    from animator.batch.order import Order
    from animator.batch.run import render_all
    from animator.report import sinks, streams
    from animator.scene.document import read

    which = "process" if whole else "shots" if shots else ""
    asked = [
        *([f"timelapse.of={which}"] if which else []),
        *([f"timelapse.at=[{at}]"] if at else []),
        *(["timelapse.caption=true"] if caption else []),
        *(["timelapse.before_after=true"] if before_after else []),
    ]
    if not asked and read(scene, tuple(changes), streams.listening).scene.timelapse is None:
        asked = ["timelapse=true"]
    made = (*changes, *asked)
    leave(render_all([scene], made, Order(out, device=device), sinks.choose(as_json), shot.timelapse))
