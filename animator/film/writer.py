"""Frames onto the disk: in the order PNG, state, journal, so that a line in the journal says all is there."""

import collections
import contextlib
import hashlib
import json
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from concurrent import futures
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image

from animator import files
from animator.errors import FullError
from animator.film import states
from animator.film.folder import Folder
from animator.paint import pixels
from animator.paint.animate import Frame
from animator.scene.frame_spec import FrameSpec, plain

LEAST_FREE = 64 << 20  # bytes; below this a frame is not begun


@dataclass(frozen=True)
class Packed:
    """A frame as bytes: all that is left to do is to write them."""

    index: int
    pixels: np.ndarray[Any, np.dtype[np.uint8]]
    state: bytes
    key: str
    spec: FrameSpec


def pack(frame: Frame, key: str) -> Packed:
    """Bring a frame into memory as bytes. Tensors end here: a second thread that computes with them slows both."""
    return Packed(frame.spec.index, pixels.to_bytes(frame.picture), states.to_bytes(frame.state, key), key, frame.spec)


def commit(folder: Folder, frame: Packed, states_every: int) -> None:
    """Write a frame. Raises: OutputError, with everything before this frame safe."""
    if shutil.disk_usage(folder.path).free < LEAST_FREE:
        raise FullError(f"{folder.path}: less than {LEAST_FREE >> 20} MiB free; make room and run the same command")
    index = frame.index
    with files.atomic(folder.frame_path(index)) as temporary:
        Image.fromarray(frame.pixels).save(temporary, "PNG", compress_level=4)
        digest = files.sha256(temporary)
    files.write(folder.state_path(index), frame.state)
    digests = {"png": digest, "state": hashlib.sha256(frame.state).hexdigest()}
    line = json.dumps({"frame": index, "key": frame.key, **digests, "spec": plain(frame.spec)}) + "\n"
    try:
        new = not folder.journal_path.exists()
        with folder.journal_path.open("ab") as journal:
            journal.write(line.encode())
            journal.flush()
            os.fsync(journal.fileno())
        if new:  # else a power cut may take its name away, and with it every frame
            files.sync(folder.path)
    except OSError as error:
        raise files.refused(error, f"{folder.journal_path}: cannot be written") from error
    if index >= 2 and (index - 2) % states_every:
        folder.state_path(index - 2).unlink(missing_ok=True)


@contextlib.contextmanager
def behind(most: int = 2) -> Iterator[Callable[[Callable[[], None], Callable[[], None]], None]]:
    """`later(work, then)`: do works in another thread, in order, and `then` in this one when a work is done.

    At most `most` works wait: the next `later` waits for the oldest. When a work fails, those after it are not begun,
    and the next `later`, or the end, raises what it raised. However this ends, works that wait are done first,
    and each that is done has its `then`.
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
        try:
            yield later
        except BaseException:
            with contextlib.suppress(Exception):  # what ended this counts, but what is on the disk is told
                settle(0)
            raise
        settle(0)
