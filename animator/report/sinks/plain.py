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
        self.first = clock()  # when its first frame was done, which takes longer than others

    def __call__(self, event: Event) -> None:
        if isinstance(event, FilmBegan):
            self.film, self.done = event, event.first
            self.began, self.spoke = self.clock(), self.clock() - HEARTBEAT + EARLY
        elif isinstance(event, FrameDone):
            self.done = event.frame + 1
            if event.frame == self.film.first:
                self.first = self.clock()
                self.spoke = self.first - HEARTBEAT + EARLY
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
        now, others = self.clock(), self.done - self.film.first - 1
        left = f", {(now - self.first) / others * (self.film.stop - self.done):.0f}s left" if others > 0 else ""
        step = f", step {info.step + 1} of {info.steps}," if others < 1 else ""
        losses = " ".join(f"{name} {loss:g}" for name, loss in rounded(info.terms).items())
        passed = f"after {now - self.began:.0f}s{left}"
        return f"{self.film.scene}: frame {self.done}/{self.film.stop}{step} {passed}; {losses}"

    def _write(self, text: str) -> None:
        print(printable(text), file=self.stream, flush=True)
