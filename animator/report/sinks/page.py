"""For browsers: a page beside each film, kept fresh, and the one that is rendered now on this machine's own address."""

import contextlib
import threading
import time
from collections.abc import Callable

from animator import files
from animator.errors import OutputError
from animator.report.events import Event, FilmDone, SceneFailed, SceneOpened
from animator.report.film_page import FilmPage

NAME = "page.html"
EVERY = 10.0  # seconds between pages on disk
SHOWN = ("latest.png", "sheet.png")


class Page:
    """Keeps a page of the film that is rendered; `clock` answers seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock, self.written = clock, -EVERY
        self.film: FilmPage | None = None
        self.lock = threading.Lock()  # the server asks from another thread

    def __call__(self, event: Event) -> None:
        with self.lock:
            if isinstance(event, SceneOpened):
                self.film, self.written = FilmPage(event.document, event.folder), -EVERY
            if self.film is None:
                return
            self.film(event)
            if isinstance(event, FilmDone | SceneFailed) or self.clock() - self.written >= EVERY:
                self.written = self.clock()
                with contextlib.suppress(OutputError):  # no film ends for its page
                    files.write(self.film.folder / NAME, self.film.render().encode("utf-8", "replace"))

    def now(self) -> bytes:
        """The page as it is now."""
        with self.lock:
            if self.film is None:
                return b"<!doctype html><meta http-equiv=refresh content=2><title>waiting</title>waiting for a film"
            return self.film.render(live=True).encode("utf-8", "replace")

    def file(self, name: str) -> bytes | None:
        """One of the pictures that the page shows; None for all else."""
        with self.lock:
            folder = self.film.folder if self.film else None
        if folder is None or name not in SHOWN:
            return None
        try:
            return (folder / name).read_bytes()
        except OSError:
            return None
