"""Bytes that come: a bar on a terminal, a line now and then in a log."""

import contextlib
import sys
import time
from collections.abc import Callable, Iterator

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from animator.report.sinks import HEARTBEAT
from animator.report.streams import is_terminal, printable


@contextlib.contextmanager
def progress(name: str) -> Iterator[Callable[[int, int], None]]:
    """What a download calls with (bytes that came, bytes in all). It is shown on stderr: stdout is for results."""
    if is_terminal(sys.stderr):
        columns = TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn()
        with Progress(*columns, console=Console(stderr=True)) as bar:
            task = bar.add_task(escape(printable(name)), total=None)
            yield lambda done, total: bar.update(task, completed=done, total=total or None)
        return
    spoke = time.monotonic()

    def show(done: int, total: int) -> None:
        nonlocal spoke
        if time.monotonic() - spoke >= HEARTBEAT:
            spoke = time.monotonic()
            print(f"{name}: {done / 1e6:.0f} of {total / 1e6:.0f} MB", file=sys.stderr, flush=True)

    yield show
