"""A batch in a few numbers, from its events: as they come, or as its journal has them."""

import json
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from animator.report import events, wire
from animator.report.events import Event

SPEED_OF = 20  # frames whose mean time says how long the rest takes
STATES = ("rendering", "encoding", "failed", "left", "waiting", "finished")  # what one looks for first


@dataclass
class Entry:
    """A film of a batch. Moments are in seconds since 1970."""

    name: str
    state: str = "waiting"
    frames: int = 0  # of the whole film; 0: not known yet
    done: int = 0
    estimate: float | None = None  # seconds that all of it was expected to take
    began: float | None = None
    ended: float | None = None
    times: deque[float] = field(default_factory=lambda: deque(maxlen=SPEED_OF))
    children: int = 0  # that are at it
    apart: bool = False  # whether those render shots, so that frames come in any order
    tries: int = 0  # that failed
    odd: int = 0  # frames that look odd
    why: str = ""
    film: str = ""

    @property
    def left(self) -> float | None:
        """Seconds until it is done, as far as anybody can say."""
        if self.state not in ("rendering", "encoding", "waiting"):
            return 0.0
        if self.times and self.frames:
            return sum(self.times) / len(self.times) * (self.frames - self.done) / max(1, self.children)
        return self.estimate


class Ledger:
    """Keeps an entry for each film; `clock` answers seconds since 1970."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self.clock = clock
        self.entries: dict[str, Entry] = {}
        self.slots = 1
        self.began: float | None = None
        self.ended: float | None = None
        self.heard: float | None = None
        self.ending = ""

    def __call__(self, event: Event) -> None:
        """See what happened now."""
        self.see(event, self.clock())

    def see(self, event: Event, when: float) -> None:
        """See what happened at a moment."""
        self.heard = when
        match event:
            case events.BatchBegan(scenes, _, slots):
                self.began, self.slots = when, slots
                for name in scenes:
                    self._entry(name)
            case events.BatchEnding(reason):
                self.ending = reason
            case events.BatchDone():
                self.ended = when
            case _:
                name = getattr(event, "scene", "")
                if isinstance(name, str) and name:
                    self._of(self._entry(name), event, when)

    def _entry(self, name: str) -> Entry:
        return self.entries.setdefault(name, Entry(name))

    def _of(self, entry: Entry, event: Event, when: float) -> None:
        match event:
            case events.SceneWrong():
                entry.why = str(event.error)
            case events.Estimated():
                entry.frames, entry.done = event.frames, event.frames - event.missing
                entry.estimate = event.seconds
            case events.TaskBegan():
                entry.began, entry.state, entry.children = entry.began or when, "rendering", entry.children + 1
                entry.apart = event.shot is not None
            case events.TaskEnded():
                entry.children -= 1
            case events.FramesKept():
                entry.frames, entry.done = event.frames, max(entry.done, event.kept)
            case events.FilmBegan():
                entry.frames = max(entry.frames, event.stop)
            case events.FrameDone():
                entry.done = min(entry.done + 1, entry.frames) if entry.apart else event.frame + 1
                entry.times.append(event.seconds)
            case events.FrameOdd():
                entry.odd += 1
            case events.Retrying():
                entry.tries, entry.why = entry.tries + 1, event.reason
            case events.Encoding():
                entry.state = "encoding"
            case events.FilmDone():
                entry.state, entry.film, entry.ended, entry.why = "finished", str(event.film), when, ""
                entry.done = entry.frames
            case events.SceneFailed():
                left = event.error.exit_code in (75, 130, 143)
                entry.state, entry.why, entry.ended = "left" if left else "failed", str(event.error), when

    @property
    def left(self) -> float | None:
        """Seconds until all is done, as far as anybody can say."""
        each = [entry.left for entry in self.entries.values()]
        known = [seconds for seconds in each if seconds is not None]
        return sum(known) / self.slots if len(known) == len(each) else None

    def count(self, state: str) -> int:
        """How many films are in a state."""
        return sum(entry.state == state for entry in self.entries.values())


def read(journal: Path) -> Ledger:
    """What a journal says, as far as it can be read. Raises: OSError."""
    ledger = Ledger()
    for line in _lines(journal):
        event = wire.from_plain(line)
        if event is not None and isinstance(line.get("time"), int | float):
            ledger.see(event, float(line["time"]))
    return ledger


def _lines(journal: Path) -> Iterator[dict[str, Any]]:
    with journal.open("rb") as file:
        for text in file:
            try:
                line = json.loads(text)
            except (ValueError, RecursionError):
                continue
            if isinstance(line, dict):
                yield line
