"""`plan`: what a scene will do, and what it costs."""

import typer

from animator.cli.arguments import Changes, Device, Scene
from animator.errors import ModelError
from animator.paint import process


def plan(scene: Scene, changes: Changes = [], device: Device = "auto") -> None:  # noqa: B006 - typer reads the default
    """Print what a scene will do: prompts and curves over time, and what it costs."""
    from animator.report import streams
    from animator.report.plan import describe, memory_line
    from animator.scene.document import read

    document = read(scene, tuple(changes), streams.listening)
    typer.echo(describe(document))
    process.before_torch()
    from animator.batch.shot import estimate  # with torch: what goes before is there at once
    from animator.paint.device import pick

    chosen = pick(device)
    try:
        typer.echo(memory_line(document, str(chosen), *estimate(document, chosen)))
    except ModelError as error:
        typer.echo(f"memory: not known yet: {error}")
