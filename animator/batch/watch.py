"""A scene that is being written: read again, and previewed, whenever it is saved."""

import functools
import time
from collections.abc import Callable
from pathlib import Path

from animator.batch import run
from animator.batch.job import Watch
from animator.batch.order import Order
from animator.batch.stop import Stop
from animator.errors import AnimatorError, StoppedError
from animator.film import keys
from animator.report import events
from animator.report.sinks import Sink
from animator.scene.document import Document, read

LOOK = 0.3  # seconds between looks at the file


class SavedError(StoppedError):
    """The scene was saved again while something was made of it."""


class Saved(Stop):
    """Asked to end by a signal, or because the scene was saved again meanwhile."""

    def __init__(self, path: Path, asked: Stop) -> None:
        super().__init__()
        self.path, self.asked, self.seen = path, asked, stamp(path)

    def check(self) -> None:
        """Raises: StoppedError."""
        self.asked.check()
        if stamp(self.path) != self.seen:
            raise SavedError("the scene was saved again", 0)


def stamp(path: Path) -> tuple[int, int]:
    """What changes when a file is saved; zeros while there is none, as when an editor puts another in its place."""
    try:
        found = path.stat()
    except OSError:
        return 0, 0
    return found.st_mtime_ns, found.st_size


def watch(path: Path, changes: tuple[str, ...], order: Order, work: run.Work | None, tell: Sink, asked: Stop) -> None:
    """Until somebody asks for an end: read the scene when it is saved, tell what that changes, and do the work."""
    before: list[str] | None = None

    def see(event: events.Event) -> None:
        if not (isinstance(event, events.SceneFailed) and isinstance(event.error, SavedError)):
            tell(event)

    while True:
        saved = Saved(path, asked)
        try:
            document = read(path, changes)
            wanted = keys.keys_of(keys.base_of(document), document)
            tell(_edited(document, before, wanted))
            before = wanted
        except AnimatorError as error:
            tell(events.SceneFailed(path.stem, error, 0.0))
        else:
            if work is not None:
                run.do(functools.partial(_same, document), document.scene.name, order, Watch(see, saved), work)
        _wait(saved)


def _same(document: Document) -> Document:
    return document


def _edited(document: Document, before: list[str] | None, wanted: list[str]) -> events.Edited:
    """From which frame on a scene differs from what it was."""
    count = len(wanted)
    if before is None:
        return events.Edited(document.scene.name, count, 0, None)
    same = next((i for i, (a, b) in enumerate(zip(before, wanted, strict=False)) if a != b), min(count, len(before)))
    return events.Edited(document.scene.name, count, same, same / float(document.scene.fps))


def _wait(saved: Saved) -> None:
    """Until the scene is saved. Raises: StoppedError once somebody asks for an end."""
    look: Callable[[], None] = saved.asked.check
    while stamp(saved.path) == saved.seen or stamp(saved.path) == (0, 0):
        look()
        time.sleep(LOOK)
