"""For people who watch: a bar for each film that is rendered, with the frame it is at, time left, losses by name."""

import time
from collections.abc import Mapping
from typing import Any, SupportsFloat

from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from animator.paint.step_info import StepInfo
from animator.report import sentences
from animator.report.events import Beat, Event, FilmBegan, FilmDone, FrameDone, PaintedAgain, SceneFailed
from animator.report.sinks import rounded
from animator.report.streams import printable

LOOK = 0.5  # seconds between looks at the losses; each look waits for the device


class Terminal:
    """Draws on a console, by default stderr's."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(stderr=True)
        self.progress: Progress | None = None
        self.films: dict[str, tuple[TaskID, TaskID]] = {}  # the film's bar, and that of its frame
        self.last = ""  # the film that began last
        self.looked = 0.0

    def __call__(self, event: Event) -> None:
        if isinstance(event, FilmBegan):
            self._begin(event)
        elif isinstance(event, StepInfo):
            self._step(self.last, event.frame, event.step + 1, event.steps, event.terms)
        elif isinstance(event, Beat):
            self._step(event.scene, event.frame, event.step, event.steps, event.terms)
        elif isinstance(event, FrameDone):
            self._update(event.scene, completed=event.frame + 1)
        elif isinstance(event, PaintedAgain):
            if event.scene not in self.films:
                self._begin(FilmBegan(event.scene, 0, event.frames))
            self._update(event.scene, completed=event.done, total=event.frames)
        else:
            if isinstance(event, FilmDone | SceneFailed):
                self._end(event.scene)
            text = sentences.of(event)
            if text:
                self.console.print(escape(printable(text)), highlight=False)

    def _begin(self, event: FilmBegan) -> None:
        self._end(event.scene)
        if self.progress is None:
            self.progress = Progress(
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TimeElapsedColumn(),
                TimeRemainingColumn(),
                TextColumn("{task.fields[losses]}"),
                console=self.console,
            )
            self.progress.start()
        name = escape(printable(event.scene))
        film = self.progress.add_task(name, total=event.stop, completed=event.first, losses="")
        self.films[event.scene] = film, self.progress.add_task("frame", losses="")
        self.last = event.scene

    def _end(self, name: str) -> None:
        """A film's bars stay as they are where it was the only one, else they go."""
        bars = self.films.pop(name, None)
        if self.progress is None or bars is None:
            return
        if self.films:
            for bar in bars:
                self.progress.remove_task(bar)
        else:
            self.progress.stop()
            self.progress = None

    def _update(self, name: str, **fields: Any) -> None:
        if self.progress is not None and name in self.films:
            self.progress.update(self.films[name][0], **fields)

    def _step(self, name: str, frame: int, step: int, steps: int, terms: Mapping[str, SupportsFloat]) -> None:
        if self.progress is None or name not in self.films:
            return
        fields: dict[str, Any] = {}
        if time.monotonic() - self.looked > LOOK:
            self.looked = time.monotonic()
            losses = rounded(terms)
            fields["losses"] = " ".join(f"{each} {loss:.3f}" for each, loss in losses.items())
        bar = self.films[name][1]
        self.progress.update(bar, description=f"frame {frame}", completed=step, total=steps, **fields)
