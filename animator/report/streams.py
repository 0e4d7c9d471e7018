"""Streams that may be gone, closed or full, or that cannot write every letter."""

import contextlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO

from animator.errors import escaped


def printable(text: str) -> str:
    """Lines that cannot drive a terminal, as a prompt or a key may try to."""
    return "\n".join(escaped(line) for line in text.split("\n"))


def prepare() -> None:
    """Letters that standard output and error cannot write are escaped, and not an error."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def print_error(text: str) -> None:
    """Write lines to standard error, if anybody can read them."""
    with contextlib.suppress(OSError, ValueError, AttributeError):  # closed, full, or not there at all
        print(printable(text), file=sys.stderr, flush=True)


def listening(song: Path) -> None:
    """Say on standard error that a song is searched for beats, which takes long."""
    from animator.report import sentences  # with the scenes' records, which only some commands need

    print_error(sentences.listening(song))


def is_terminal(stream: TextIO | None) -> bool:
    """Whether a person watches a stream."""
    with contextlib.suppress(ValueError):
        return stream is not None and stream.isatty()
    return False


def forgiving(sink: Callable[[Any], None]) -> Callable[[Any], None]:
    """A sink that falls silent when what it writes to cannot be written any more: a film does not end for that."""
    gone = False

    def see(event: Any) -> None:
        nonlocal gone
        if gone:
            return
        try:
            sink(event)
        except (OSError, ValueError, AttributeError) as error:
            if isinstance(error, OSError) or "closed file" in str(error) or "NoneType" in str(error):
                gone = True
            else:
                raise

    return see
