"""`add`, `cancel`, `first`: what is asked of a batch while it is rendered."""

from pathlib import Path
from typing import Annotated

import typer

from animator.cli.arguments import OUT, Out


def add(scene: Annotated[Path, typer.Argument(help="scene file")], out: Out = OUT) -> None:
    """Add a scene to the batch that is being rendered."""
    from animator.batch import controls
    from animator.scene.document import read

    document = read(scene)
    place = controls.ask(out, f"{document.scene.name}.yaml", document.text.encode())
    typer.echo(f"{document.scene.name}: in the queue, {place}")


def cancel(name: Annotated[str, typer.Argument(help="the film's name")], out: Out = OUT) -> None:
    """Leave a film of the batch that is being rendered for another time."""
    _ask(name, "cancel", out)


def first(name: Annotated[str, typer.Argument(help="the film's name")], out: Out = OUT) -> None:
    """Put a film of the batch that is being rendered before all that wait."""
    _ask(name, "first", out)


def _ask(name: str, what: str, out: Path) -> None:
    from animator.batch import controls
    from animator.errors import OutputError, unknown
    from animator.report import ledger

    found = ledger.read(out / controls.NAME / "journal.jsonl").entries if controls.running(out) else {}
    if found and name not in found:
        raise OutputError(f"{out}: {unknown('film', name, found)}")
    controls.ask(out, f"{name}.{what}")
    typer.echo(f"{name}: asked for")
