"""For logs: whole lines, and one at least every HEARTBEAT seconds while frames go by; the first comes early."""

import sys
import time
from collections.abc import Callable
from typing import TextIO

from animator.paint.step_info import StepInfo
from animator.report import sentences
from animator.report.events import Event, FilmBegan, FrameDone, PaintedAgain
from animator.report.sinks import HEARTBEAT, rounded
from animator.report.streams import printable

EARLY = 5.0  # seconds until the first line: somebody may still be there, and wonder whether anything happens


class Plain:
    """Writes to a stream; `clock` answers seconds."""

    def __init__(self, stream: TextIO = sys.stderr, clock: Callable[[], float] = time.monotonic) -> None:
        self.stream, self.clock = stream, clock
        self.film = FilmBegan("", 0, 0)
        self.done, self.began, self.spoke = 0, clock(), clock()  # frames; when the film began; when a line was written

    def __call__(self, event: Event) -> None:
        if isinstance(event, FilmBegan):
            self.film, self.done = event, event.first
            self.began, self.spoke = self.clock(), self.clock() - HEARTBEAT + EARLY
        elif isinstance(event, FrameDone):
            self.done = event.frame + 1
        elif isinstance(event, StepInfo) and self._due():
            self._write(self._heartbeat(event))
        elif isinstance(event, PaintedAgain) and self._due():
            self._write(f"{event.scene}: {event.done} of {event.frames} frames painted once more")
        text = sentences.of(event)
        if text:
            self._write(text)

    def _due(self) -> bool:
        """Whether a line was written long ago; then one is written now."""
        due = self.clock() - self.spoke >= HEARTBEAT
        if due:
            self.spoke = self.clock()
        return due

    def _heartbeat(self, info: StepInfo) -> str:
        passed, rendered = self.clock() - self.began, self.done - self.film.first
        left = f", {passed / rendered * (self.film.stop - self.done):.0f}s left" if rendered else ""
        losses = " ".join(f"{name} {loss:g}" for name, loss in rounded(info.terms).items())
        return f"{self.film.scene}: frame {self.done}/{self.film.stop} after {passed:.0f}s{left}; {losses}"

    def _write(self, text: str) -> None:
        print(printable(text), file=self.stream, flush=True)
