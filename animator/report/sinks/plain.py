"""For logs: whole lines, and one at least every HEARTBEAT seconds while frames go by; the first comes early."""

import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import SupportsFloat, TextIO

from animator.paint.step_info import StepInfo
from animator.report import sentences
from animator.report.events import Beat, Event, FilmBegan, FrameDone, PaintedAgain
from animator.report.sinks import HEARTBEAT, rounded
from animator.report.streams import printable

EARLY = 5.0  # seconds until the first line: somebody may still be there, and wonder whether anything happens


@dataclass
class _Film:
    """How far a film is. Moments are in seconds of the clock."""

    event: FilmBegan
    done: int  # frames
    began: float
    first: float  # when its first frame was done, which takes longer than others
    spoke: float  # when a line of it was written


class Plain:
    """Writes to a stream; `clock` answers seconds."""

    def __init__(self, stream: TextIO = sys.stderr, clock: Callable[[], float] = time.monotonic) -> None:
        self.stream, self.clock = stream, clock
        self.films: dict[str, _Film] = {}
        self.last, self.made = "", clock()  # the film that began last; when this was made

    def __call__(self, event: Event) -> None:
        now = self.clock()
        if isinstance(event, FilmBegan):
            self.last = event.scene
            self.films[event.scene] = _Film(event, event.first, now, now, now - HEARTBEAT + EARLY)
        elif isinstance(event, FrameDone) and event.scene in self.films:
            film = self.films[event.scene]
            film.done = event.frame + 1
            if event.frame == film.event.first:
                film.first, film.spoke = now, now - HEARTBEAT + EARLY
        elif isinstance(event, StepInfo):
            self._alive(self.last, event.step + 1, event.steps, event.terms)
        elif isinstance(event, Beat):
            self._alive(event.scene, event.step, event.steps, event.terms)
        elif isinstance(event, PaintedAgain) and self._due(self._film(event.scene)):
            self._write(f"{event.scene}: {event.done} of {event.frames} frames painted once more")
        text = sentences.of(event)
        if text:
            self._write(text)

    def _film(self, name: str) -> _Film:
        return self.films.setdefault(name, _Film(FilmBegan(name, 0, 0), 0, self.made, self.made, self.made))

    def _due(self, film: _Film) -> bool:
        """Whether a line of a film was written long ago; then one is written now."""
        due = self.clock() - film.spoke >= HEARTBEAT
        if due:
            film.spoke = self.clock()
        return due

    def _alive(self, name: str, step: int, steps: int, terms: Mapping[str, SupportsFloat]) -> None:
        film = self.films.get(name)
        if film is None or not film.event.stop or not self._due(film):
            return
        now, others = self.clock(), film.done - film.event.first - 1
        left = f", {(now - film.first) / others * (film.event.stop - film.done):.0f}s left" if others > 0 else ""
        at = f", step {step} of {steps}," if others < 1 else ""
        losses = " ".join(f"{each} {loss:g}" for each, loss in rounded(terms).items())
        passed = f"after {now - film.began:.0f}s{left}"
        self._write(f"{name}: frame {film.done}/{film.event.stop}{at} {passed}; {losses}")

    def _write(self, text: str) -> None:
        print(printable(text), file=self.stream, flush=True)
