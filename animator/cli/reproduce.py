"""`reproduce`: a film rendered again from the scene that it carries, and compared."""

from pathlib import Path
from typing import Annotated

import typer

from animator.cli.arguments import AsJson, Device
from animator.paint import process

OUT = Path("outputs/reproduced")


def reproduce(
    film: Annotated[Path, typer.Argument(help="a film that this program made")],
    out: Annotated[Path, typer.Option(help="where the new film's folder goes")] = OUT,
    device: Device = "auto",
    as_json: AsJson = False,
) -> None:
    """Render a film again from the scene that it carries, and compare the two, frame by frame."""
    process.before_torch()
    from animator import files
    from animator.batch.order import Order
    from animator.batch.run import render_one
    from animator.errors import MovieError
    from animator.film import compare, embedded
    from animator.report import sinks
    from animator.scene.document import read

    found = embedded.read(film)
    out.mkdir(parents=True, exist_ok=True)
    scene = out / f"{found.name}.yaml"
    files.write(scene, found.text.encode())
    document = read(scene, found.changes)
    made = render_one(document, Order(out, device=device), sinks.choose(as_json))
    result = compare.films(film, made)
    typer.echo(f"{made}: {result}")
    if not result.alike:
        raise MovieError(f"{film}: cannot be compared with {made}: {result}")
