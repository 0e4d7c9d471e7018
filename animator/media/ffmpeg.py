"""ffmpeg as a process of ours: a list of arguments, `file:` names, a session of its own, and an end that is sure.

It is the program that the package imageio-ffmpeg brings.
"""

import contextlib
import math
import re
import subprocess
import threading
from collections.abc import Callable, Iterator
from typing import Any

import imageio_ffmpeg

from animator.errors import MovieError

STALL = 120.0  # seconds in which ffmpeg must take a frame, or finish
LONGEST = 3600.0  # seconds that decoding a file may take
LOOK = 0.2  # seconds between looks at whether somebody asked for an end
QUIET = ("-hide_banner", "-loglevel", "error", "-nostdin")


def program() -> str:
    """Its path. Raises: MovieError."""
    try:
        return str(imageio_ffmpeg.get_ffmpeg_exe())
    except RuntimeError as error:
        raise MovieError("there is no ffmpeg; reinstall the package imageio-ffmpeg") from error


def demand() -> None:
    """Raises: MovieError when there is no ffmpeg that runs, before a night is spent on frames for it."""
    with process(["-version"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as it:
        with Deadline(it):
            it.wait()
        if it.returncode != 0:
            raise MovieError(f"ffmpeg does not run, it ends with {it.returncode}; reinstall the package imageio-ffmpeg")


@contextlib.contextmanager
def process(arguments: list[str], **streams: Any) -> Iterator["subprocess.Popen[bytes]"]:
    """ffmpeg in a session of its own, so that a Ctrl-C in the terminal reaches only us. It ends with the `with`."""
    try:
        started = subprocess.Popen([program(), *arguments], start_new_session=True, **streams)
    except OSError as error:
        raise MovieError(f"ffmpeg cannot be started: {error}; reinstall the package imageio-ffmpeg") from error
    try:
        yield started
    finally:
        if started.poll() is None:
            started.kill()
            started.wait()
        for stream in (started.stdin, started.stdout):
            with contextlib.suppress(OSError):
                if stream is not None:
                    stream.close()


def wait(running: "subprocess.Popen[bytes]", check: Callable[[], None] = lambda: None) -> None:
    """Until it ends, or `check` raises."""
    while True:
        try:
            running.wait(timeout=LOOK)
            return
        except subprocess.TimeoutExpired:
            check()


class Deadline:
    """Kills a process that takes longer than STALL for what is inside the `with`. Counted are looks, not the clock: one
    that was stopped together with us and goes on has lost nothing."""

    def __init__(self, running: "subprocess.Popen[bytes]", seconds: float | None = None) -> None:
        self.process, self.seconds = running, STALL if seconds is None else seconds
        self.over = threading.Event()
        self.thread = threading.Thread(target=self._watch, daemon=True)

    def _watch(self) -> None:
        for _ in range(math.ceil(self.seconds / LOOK)):
            if self.over.wait(LOOK):
                return
        self.process.kill()

    def __enter__(self) -> None:
        self.thread.start()

    def __exit__(self, *_: object) -> None:
        self.over.set()


def complaint(said: bytes) -> str:
    """The last lines of what ffmpeg said, as one, without the addresses in it that differ each time."""
    lines = said.decode("utf-8", "replace").strip().splitlines()[-3:]
    return re.sub(r" @ 0x[0-9a-f]+", "", " / ".join(lines)) or "it gave no reason"
