"""`extract`: the scene that a film carries."""

from pathlib import Path
from typing import Annotated

import typer

from animator import files
from animator.errors import OutputError


def extract(
    film: Annotated[Path, typer.Argument(help="a film that this program made")],
    to: Annotated[Path | None, typer.Option(metavar="FILE", help="where to write it; default: print it")] = None,
) -> None:
    """Give back the scene that a film was made from. Changes that were made with --set are named in its first lines."""
    from animator.film import embedded

    found = embedded.read(film)
    said = "".join(f"# rendered with --set {change}\n" for change in found.changes)
    if to is None:
        typer.echo(said + found.text, nl=False)
        return
    if to.exists():
        raise OutputError(f"{to}: is there already; choose another file with --to")
    files.write(to, (said + found.text).encode())
    typer.echo(f"{to}: the scene of {found.name}, of version {found.version}")
