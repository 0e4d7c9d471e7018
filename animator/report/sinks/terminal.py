"""For people who watch: one bar for the film, one for the frame, time left, losses by name."""

import time
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from animator.paint.step_info import StepInfo
from animator.report import sentences
from animator.report.events import Event, FilmBegan, FilmDone, FrameDone, PaintedAgain, SceneFailed
from animator.report.sinks import rounded
from animator.report.streams import printable

LOOK = 0.5  # seconds between looks at the losses; each look waits for the device


class Terminal:
    """Draws on a console, by default stderr's."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(stderr=True)
        self.progress: Progress | None = None
        self.looked = 0.0

    def __call__(self, event: Event) -> None:
        if isinstance(event, FilmBegan):
            self._begin(event)
        elif isinstance(event, StepInfo):
            self._step(event)
        elif isinstance(event, FrameDone) and self.progress is not None:
            self.progress.update(self.film, completed=event.frame + 1)
        elif isinstance(event, PaintedAgain):
            progress = self.progress or self._begin(FilmBegan(event.scene, 0, event.frames))
            progress.update(self.film, completed=event.done, total=event.frames)
        else:
            if isinstance(event, FilmDone | SceneFailed) and self.progress is not None:
                self.progress.stop()
                self.progress = None
            text = sentences.of(event)
            if text:
                self.console.print(escape(printable(text)), highlight=False)

    def _begin(self, event: FilmBegan) -> Progress:
        self.progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.fields[losses]}"),
            console=self.console,
        )
        name = escape(printable(event.scene))
        self.film = self.progress.add_task(name, total=event.stop, completed=event.first, losses="")
        self.frame = self.progress.add_task("frame", losses="")
        self.progress.start()
        return self.progress

    def _step(self, info: StepInfo) -> None:
        if self.progress is None:
            return
        fields: dict[str, Any] = {}
        if time.monotonic() - self.looked > LOOK:
            self.looked = time.monotonic()
            losses = rounded(info.terms)
            fields["losses"] = " ".join(f"{name} {loss:.3f}" for name, loss in losses.items())
        description = f"frame {info.frame}"
        self.progress.update(self.frame, description=description, completed=info.step + 1, total=info.steps, **fields)
