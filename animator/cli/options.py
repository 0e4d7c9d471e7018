"""`options`: every option of a scene or of a variant."""

from typing import Annotated

import typer


def options(
    name: Annotated[str, typer.Argument(help="a variant such as siren or affine; default: the scene itself")] = "",
) -> None:
    """Print every option of a scene, or of a generator, motion or loss, with its default and range."""
    from animator.report import reference

    typer.echo(reference.as_text(name))
