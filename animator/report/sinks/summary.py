"""For the morning: a page of the whole batch, kept fresh, and written once more at the end."""

import contextlib
import time
from collections.abc import Callable
from pathlib import Path

from animator import files
from animator.errors import OutputError
from animator.report import batch_page
from animator.report.events import BatchBegan, BatchDone, Event, FilmDone, SceneFailed
from animator.report.ledger import Ledger

NAME = "report.html"
EVERY = 20.0  # seconds between pages


class Summary:
    """Keeps `report.html` in a batch's folder; `clock` answers seconds since 1970."""

    def __init__(self, folder: Path, clock: Callable[[], float] = time.time) -> None:
        self.folder, self.clock, self.ledger = folder, clock, Ledger(clock)
        self.written = 0.0

    def __call__(self, event: Event) -> None:
        self.ledger(event)
        now = self.clock()
        if isinstance(event, BatchBegan | FilmDone | SceneFailed | BatchDone) or now - self.written >= EVERY:
            self.written = now
            with contextlib.suppress(OutputError):  # no batch ends for its page
                text = batch_page.render(self.ledger, self.folder, now)
                files.write(self.folder / NAME, text.encode("utf-8", "replace"))
