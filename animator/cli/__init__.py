"""The command line: one file a command, each a thin layer over the rooms before it.

What comes in: arguments. What goes out: text, and an exit code (see `animator.errors`). What may be touched: what the
rooms before may touch. Commands import what they need when they run, so that those which only read answer at once.
"""

import signal
import sys
import tempfile
import traceback
from typing import Any

import typer

from animator import files
from animator.cli import (
    audio,
    batch,
    check,
    diff,
    encode,
    extract,
    film,
    gallery,
    models,
    new,
    options,
    plan,
    preview,
    queue,
    render,
    reproduce,
    schema,
    status,
    sweep,
    timelapse,
    train,
    watch,
    words,
)
from animator.errors import AnimatorError, FaultError, first_line, ran_out
from animator.report import streams


class _RenderByDefault(typer.core.TyperGroup):
    """`animator SCENE` is `animator render SCENE`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and args[0] not in ("--help", "-h"):
            args = ["render", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    cls=_RenderByDefault,
    add_completion=False,
    no_args_is_help=True,
    help="Render CLIP-guided films from scene files: `animator scenes/hello.yaml`.",
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
)
COMMANDS = {  # by the panels of the help
    "Write a scene": (new.new, check.check, watch.watch, options.options, words.words, schema.schema),
    "See it early": (plan.plan, preview.preview, sweep.sweep, audio.audio),
    "Render": (render.render, timelapse.timelapse, film.film, encode.encode, gallery.gallery),
    "Films as records": (extract.extract, reproduce.reproduce, diff.diff),
    "Render many": (batch.batch, status.status, queue.add, queue.cancel, queue.first),
}
for panel, commands in COMMANDS.items():
    for each in commands:
        app.command(each.__name__, rich_help_panel=panel)(each)
app.add_typer(models.app, name="models", rich_help_panel="Models")
app.add_typer(train.app, name="train", rich_help_panel="Models")


def main() -> None:
    """Run a command; errors become one message and an exit code, and no traceback is printed."""
    streams.prepare()
    try:
        app()
    except AnimatorError as error:
        streams.print_error(str(error))
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)
    except OSError as error:
        refused = files.refused(error, str(error.filename or "a file"))
        streams.print_error(str(refused))
        sys.exit(refused.exit_code)
    except Exception as error:  # outside of a film's own run
        if ran_out(error):
            streams.print_error(f"out of memory: {first_line(error)}")
            sys.exit(AnimatorError.exit_code)
        with tempfile.NamedTemporaryFile("w", prefix="animator-", suffix=".log", delete=False, encoding="utf-8") as log:
            traceback.print_exception(error, file=log)
        fault = FaultError(f"a fault of this program: {type(error).__name__}: {first_line(error)}")
        streams.print_error(f"{fault}; what happened is in {log.name}; please report it")
        sys.exit(fault.exit_code)
