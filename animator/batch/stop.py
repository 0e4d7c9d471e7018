"""Asked to stop: Ctrl-C and SIGTERM ask, and do not interrupt."""

import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType

from animator.errors import StoppedError


class Stop:
    """Whether somebody asked this process to end; looked at after every step."""

    def __init__(self) -> None:
        self.signal_number = 0

    def __call__(self, number: int, frame: FrameType | None) -> None:
        if self.signal_number:  # asked twice: at once
            raise KeyboardInterrupt
        self.signal_number = number

    def check(self) -> None:
        """Raises: StoppedError once somebody has asked."""
        if self.signal_number:
            raise StoppedError("stopped; the same command goes on from the last frame", self.signal_number)


@contextlib.contextmanager
def on_signals() -> Iterator[Stop]:
    """While this lasts, Ctrl-C and SIGTERM ask. In a thread other than the main one, nobody can."""
    stop = Stop()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
