"""The one way this program writes a file: under another name in the same folder, synced, then renamed.

So a name that people and resume look at holds a whole file or none, whenever the power goes. Leftovers of a killed
writer carry TEMPORARY in their names and are swept by whoever holds the folder's lock.
"""

import collections
import contextlib
import hashlib
import os
import threading
from collections.abc import Callable, Iterator
from concurrent import futures
from pathlib import Path

from animator.errors import OutputError

TEMPORARY = ".tmp-"


@contextlib.contextmanager
def atomic(path: Path) -> Iterator[Path]:
    """A temporary path to write to; on leaving without an error it becomes `path`, else it is removed.

    Raises: OutputError for anything the file system refuses.
    """
    temporary = path.with_name(f"{path.stem}{TEMPORARY}{os.getpid()}{path.suffix}")
    try:
        yield temporary
        sync(temporary)
        os.replace(temporary, path)
        sync(path.parent)
    except OSError as error:
        raise OutputError(f"{path}: cannot be written: {error.strerror or error}") from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def write(path: Path, content: bytes) -> None:
    """Write a whole file. Raises: OutputError."""
    with atomic(path) as temporary:
        temporary.write_bytes(content)


def sync(path: Path) -> None:
    """Make a file's content, or a folder's entries, survive a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sweep(folder: Path) -> None:
    """Remove what killed writers left."""
    for path in folder.glob(f"*{TEMPORARY}*"):
        path.unlink(missing_ok=True)


def sha256(path: Path) -> str:
    """The hash of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextlib.contextmanager
def behind(most: int = 2) -> Iterator[Callable[[Callable[[], None], Callable[[], None]], None]]:
    """`later(work, then)`: do works in another thread, in order, and `then` in this one when a work is done.

    At most `most` works wait: the next `later` waits for the oldest. When a work fails, those after it are not begun,
    and the next `later`, or the end, raises what it raised. However this ends, works that wait are done first.
    """
    failed = threading.Event()
    waiting: collections.deque[tuple[futures.Future[None], Callable[[], None]]] = collections.deque()

    def in_turn(work: Callable[[], None]) -> None:
        if failed.is_set():
            return
        try:
            work()
        except BaseException:
            failed.set()
            raise

    def settle(left: int) -> None:
        while waiting and (len(waiting) > left or waiting[0][0].done()):
            work, then = waiting.popleft()
            work.result()
            then()

    def later(work: Callable[[], None], then: Callable[[], None]) -> None:
        settle(most - 1)
        waiting.append((thread.submit(in_turn, work), then))

    with futures.ThreadPoolExecutor(1) as thread:
        yield later
        settle(0)
