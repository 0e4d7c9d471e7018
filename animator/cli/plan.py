"""`plan`: what a scene will do, and what it costs."""

from typing import Annotated

import typer

from animator.cli.arguments import OUT, Changes, Device, Out, Scene
from animator.errors import ModelError
from animator.paint import process


def plan(
    scene: Scene,
    changes: Changes = [],  # noqa: B006 - typer reads the default
    device: Device = "auto",
    preview: Annotated[
        bool, typer.Option("--preview", help="also write a film of the camera alone: a test card, prompts and sound")
    ] = False,
    out: Out = OUT,
) -> None:
    """Print what a scene will do: prompts and curves over time, and what it costs."""
    from animator.report import streams
    from animator.report.plan import describe, memory_line
    from animator.scene.document import read

    document = read(scene, tuple(changes), streams.listening)
    typer.echo(describe(document))
    if preview:
        from animator.film import test_card

        path = out / document.scene.name / "motion.mp4"
        path.parent.mkdir(parents=True, exist_ok=True)
        test_card.write(document, path)
        typer.echo(f"preview: {path}")
    process.before_torch()
    from animator.batch.works import estimate  # with torch: what goes before is there at once
    from animator.paint.device import pick

    chosen = pick(device)
    try:
        typer.echo(memory_line(document, str(chosen), *estimate(document, chosen)))
    except ModelError as error:
        typer.echo(f"memory: not known yet: {error}")
