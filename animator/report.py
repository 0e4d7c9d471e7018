"""What the person sees: bars on a terminal, a plain line every 30 s in a log, or events as JSON lines.

Reports observe: they are handed small records and give nothing back.
"""

import contextlib
import json
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any, Protocol, TextIO

from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from animator.optimize import StepInfo
from animator.timeline import FrameSpec

HEARTBEAT = 30.0  # seconds between plain lines
LOOK = 0.5  # seconds between looks at the losses; each look waits for the device


class Report(Protocol):
    """A scene begins, steps and frames pass, it ends; notes may come at any time."""

    def begin(self, name: str, frames: int, first: int) -> None: ...

    def step(self, info: StepInfo) -> None: ...

    def frame(self, spec: FrameSpec) -> None: ...

    def note(self, text: str) -> None: ...

    def end(self, name: str, outcome: str, seconds: float) -> None: ...


def printable(text: str) -> str:
    """Without control characters, so that a prompt cannot drive the terminal."""
    return "".join(letter if letter.isprintable() or letter == "\n" else "?" for letter in text)


def _losses(info: StepInfo) -> dict[str, float]:
    return {name: round(float(term), 4) for name, term in sorted(info.terms.items())}


class PlainReport:
    """For logs: whole lines, at least HEARTBEAT apart while frames go by."""

    def __init__(self, stream: TextIO = sys.stderr, clock: Callable[[], float] = time.monotonic) -> None:
        self.stream, self.clock = stream, clock
        self.name, self.frames, self.first, self.done = "", 0, 0, 0
        self.began = self.spoke = self.clock()

    def _say(self, text: str) -> None:
        print(printable(text), file=self.stream, flush=True)

    def begin(self, name: str, frames: int, first: int) -> None:
        self.name, self.frames, self.first, self.done = name, frames, first, first
        self.began = self.spoke = self.clock()
        self._say(f"{name}: rendering frames {first} to {frames - 1}")

    def step(self, info: StepInfo) -> None:
        if self.clock() - self.spoke >= HEARTBEAT:
            self.spoke = self.clock()
            passed, fresh = self.clock() - self.began, self.done - self.first
            left = f", {passed / fresh * (self.frames - self.done):.0f}s left" if fresh else ""
            terms = " ".join(f"{name} {value:g}" for name, value in _losses(info).items())
            self._say(f"{self.name}: frame {self.done}/{self.frames} after {passed:.0f}s{left}; {terms}")

    def frame(self, spec: FrameSpec) -> None:
        self.done = spec.index + 1

    def note(self, text: str) -> None:
        self._say(text)

    def end(self, name: str, outcome: str, seconds: float) -> None:
        self._say(f"{name}: {outcome} ({seconds:.0f}s)")


class JsonReport:
    """One JSON object a line on stdout, for programs."""

    def __init__(self, stream: TextIO = sys.stdout) -> None:
        self.stream, self.name = stream, ""
        self.last: StepInfo | None = None

    def _emit(self, event: str, **fields: Any) -> None:
        print(json.dumps({"event": event, "time": round(time.time(), 3), **fields}), file=self.stream, flush=True)

    def begin(self, name: str, frames: int, first: int) -> None:
        self.name = name
        self._emit("begin", scene=name, frames=frames, first=first)

    def step(self, info: StepInfo) -> None:
        self.last = info

    def frame(self, spec: FrameSpec) -> None:
        losses = _losses(self.last) if self.last else {}
        self._emit("frame", scene=self.name, frame=spec.index, losses=losses)

    def note(self, text: str) -> None:
        self._emit("note", text=text)

    def end(self, name: str, outcome: str, seconds: float) -> None:
        self._emit("end", scene=name, outcome=outcome, seconds=round(seconds, 1))


class TerminalReport:
    """For people: one bar for the film, one for the frame, time left, losses by name."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(stderr=True)
        self.progress: Progress | None = None
        self.looked = 0.0

    def begin(self, name: str, frames: int, first: int) -> None:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        self.progress = Progress(
            *columns,
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.fields[losses]}"),
            console=self.console,
        )
        self.film = self.progress.add_task(escape(printable(name)), total=frames, completed=first, losses="")
        self.still = self.progress.add_task("frame", losses="")
        self.progress.start()

    def step(self, info: StepInfo) -> None:
        assert self.progress is not None
        fields: dict[str, Any] = {}
        if time.monotonic() - self.looked > LOOK:
            self.looked = time.monotonic()
            fields["losses"] = " ".join(f"{name} {value:.3f}" for name, value in _losses(info).items())
        self.progress.update(
            self.still, description=f"frame {info.frame}", completed=info.step + 1, total=info.steps, **fields
        )

    def frame(self, spec: FrameSpec) -> None:
        assert self.progress is not None
        self.progress.update(self.film, completed=spec.index + 1)

    def note(self, text: str) -> None:
        self.console.print(escape(printable(text)), highlight=False)

    def end(self, name: str, outcome: str, seconds: float) -> None:
        if self.progress is not None:
            self.progress.stop()
            self.progress = None
        self.note(f"{name}: {outcome} ({seconds:.0f}s)")


def report_for(as_json: bool) -> Report:
    """JSON if asked for; bars where somebody watches; else lines."""
    if as_json:
        return JsonReport()
    return TerminalReport() if sys.stderr.isatty() else PlainReport()


@contextlib.contextmanager
def progress(name: str) -> Iterator[Callable[[int, int], None]]:
    """A download's (bytes that came, bytes in all): a bar on a terminal, a line now and then in a log."""
    if sys.stderr.isatty():
        with Progress(TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn()) as bar:
            task = bar.add_task(escape(printable(name)), total=None)
            yield lambda done, total: bar.update(task, completed=done, total=total or None)
        return
    spoke = time.monotonic()

    def show(done: int, total: int) -> None:
        nonlocal spoke
        if time.monotonic() - spoke >= HEARTBEAT:
            spoke = time.monotonic()
            print(f"{name}: {done / 1e6:.0f} of {total / 1e6:.0f} MB", file=sys.stderr, flush=True)

    yield show
