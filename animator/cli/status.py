"""`status`: how far a batch is."""

import dataclasses
import json
import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from animator.cli.arguments import OUT


def status(
    out: Annotated[Path, typer.Argument(help="where the films' folders are")] = OUT,
    watch: Annotated[bool, typer.Option("--watch", help="again and again, until Ctrl-C")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="as one JSON object")] = False,
) -> None:
    """Say how far a batch is, or how it ended. It only reads, so any terminal or machine that sees the folder can."""
    from animator.batch import controls
    from animator.errors import OutputError
    from animator.report import ledger
    from animator.report.status import lines

    journal = out / controls.NAME / "journal.jsonl"
    while True:
        try:
            found = ledger.read(journal)
        except OSError as error:
            raise OutputError(f"{journal}: no batch was rendered there: {error.strerror}") from error
        running, now = controls.running(out), time.time()
        if as_json:
            entries = [
                {**dataclasses.asdict(entry), "times": list(entry.times), "left": entry.left}
                for entry in found.entries.values()
            ]
            whole = {"began": found.began, "ended": found.ended, "heard": found.heard, "running": running}
            typer.echo(json.dumps({**whole, "left": found.left, "films": entries}))
        else:
            if watch and sys.stdout.isatty():
                typer.echo("\x1b[2J\x1b[H", nl=False)
            typer.echo("\n".join(lines(found, running, now)))
        if not watch or not running:
            return
        time.sleep(2)
