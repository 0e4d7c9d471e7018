"""`words`: what a small model knows."""

from typing import Annotated

import typer


def words(name: Annotated[str, typer.Argument(help="model")] = "pocket") -> None:
    """Print the words that a shipped model knows."""
    from animator.models import store

    known = store.find(name, "clip").words
    typer.echo(" ".join(sorted(known)) if known else f"{name}: learnt from the web, knows no list of words")
