"""`gallery`: all films on one page."""

from pathlib import Path
from typing import Annotated

import typer

from animator.errors import OutputError


def gallery(
    folder: Annotated[Path, typer.Argument(help="where the films' folders are")] = Path("outputs"),
) -> None:
    """Write one page with all films of a folder: players, prompts, settings, timelapses. Open it in a browser."""
    from animator.report import gallery as report

    if not folder.is_dir():
        raise OutputError(f"{folder}: no such folder")
    path, count = report.write(folder)
    typer.echo(f"{path}: {count} film{'s' * (count != 1)}, as they are now")
