"""`diff`: what differs between two films' scenes."""

from pathlib import Path
from typing import Annotated

import typer


def diff(
    one: Annotated[Path, typer.Argument(help="a film, or a scene file")],
    other: Annotated[Path, typer.Argument(help="another one")],
) -> None:
    """Say what differs between the scenes of two films, and from which frame on."""
    from animator.report import difference

    typer.echo("\n".join(difference.lines(*map(difference.opened, (one, other)))))
