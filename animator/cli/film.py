"""`film`: a film of the frames that are there so far."""

import typer

from animator.cli.arguments import OUT, Changes, Out, Scene
from animator.errors import OutputError, command
from animator.paint import process


def film(
    scene: Scene,
    changes: Changes = [],  # noqa: B006 - typer reads the default
    out: Out = OUT,
) -> None:
    """Make a film of whatever frames are there, at any time, also while another process renders."""
    process.before_torch()
    from animator.batch import finish, stop
    from animator.batch.job import Job, Watch
    from animator.batch.order import Order
    from animator.paint.device import pick
    from animator.report import streams
    from animator.scene.document import read

    document = read(scene, tuple(changes), streams.listening)
    job = Job(document, Order(out), pick("cpu"))
    with stop.on_signals() as asked:
        made = finish.so_far(job, Watch(lambda event: None, asked))
    if made is None:
        raise OutputError(f"{out / job.name}: no frames are there; {command(f'render {scene}')} renders them")
    typer.echo(f"{made}")
