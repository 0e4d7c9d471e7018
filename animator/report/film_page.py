"""A film on a page, while it is rendered and afterwards: how far it is, its latest frame, losses, prompts, camera."""

import time
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from animator.film import progress
from animator.film.folder import Folder
from animator.report import charts, events, pages, plan, sentences
from animator.report.charts import WIDTH, Line
from animator.report.events import Event
from animator.scene.document import Document
from animator.scene.frame_spec import seen_text
from animator.scene.times import show_time

SPEED_OF = 20  # frames whose mean time says how long the rest takes
MOST = 20_000  # frames of a film whose curves are drawn
REFRESH = 10  # seconds between looks of a browser without scripts


class FilmPage:
    """Gathers what happens to one film, as a sink does, and draws it. `clock` answers seconds."""

    def __init__(self, document: Document, folder: Path, clock: Callable[[], float] = time.time) -> None:
        self.document, self.folder, self.clock = document, folder, clock
        self.done, self.stop = 0, len(document.frames)
        self.losses: dict[str, dict[int, float]] = {}
        self.times: list[float] = []
        self.odd: dict[int, tuple[str, ...]] = {}  # of frames that look odd
        self.said: list[str] = []
        self.film: Path | None = None
        self.state = "waiting"

    def __call__(self, event: Event) -> None:
        """See what happened."""
        match event:
            case events.FramesKept(first=first):
                self.done = first
                for frame, line in progress.read(Folder(self.folder)).items():
                    if frame < first:
                        self._lost(frame, line["losses"])
                        self._looks(frame, line["odd"])
            case events.FilmBegan(first=first, stop=stop):
                self.done, self.stop, self.state = first, stop, "rendering"
            case events.FrameDone():
                self.done = event.frame + 1
                self.times = [*self.times, event.seconds][-SPEED_OF:]
                self._lost(event.frame, event.losses)
                self._looks(event.frame, ())
            case events.FrameOdd():
                self._looks(event.frame, event.odd)
            case events.Encoding():
                self.state = "encoding"
            case events.FilmDone(film=film):
                self.film, self.state, self.done = film, "finished", self.stop
            case events.SceneFailed():
                self.state = "stopped" if event.error.exit_code >= 128 else "failed"
        text = sentences.of(event).replace(f"{self.folder}/", "")  # a page says nothing of where it lies
        if text:
            self.said = [*self.said, text][-12:]

    def render(self, live: bool = False) -> str:
        """The page as it is now; `live` makes a browser look again."""
        scene, frames = self.document.scene, self.document.frames
        count = len(frames)
        playing = self.film is not None and self.film.suffix in (".mp4", ".webm", ".mov")
        shown = min(max(self.done - 1, 0), count - 1)
        values: dict[str, Any] = {
            "title": scene.name,
            "live": live and self.state not in ("finished", "failed", "stopped"),
            "refresh": REFRESH,
            "state": self.state,
            "done": self.done,
            "count": self.stop,
            "facts": self._facts(),
            "loops": scene.loop,
            "film": self.film.name if playing and self.film and not live else "",
            "latest": "latest.png" if (self.folder / "latest.png").is_file() else "",
            "sheet": "sheet.png" if (self.folder / "sheet.png").is_file() else "",
            "asked": seen_text(frames[shown]),
            "losses": self._losses(count),
            "curves": self.curves,
            "prompts": self.prompts,
            "beats": self.beats,
            "playhead": round(self.done / max(1, count) * WIDTH, 1),
            "odd": self._odd(),
            "said": self.said,
            "stamp": int(self.clock()),
        }
        return pages.page("film.html", "film.js", **values)

    def _lost(self, frame: int, losses: Mapping[str, float]) -> None:
        for name, loss in losses.items():
            self.losses.setdefault(name, {})[frame] = float(loss)

    def _looks(self, frame: int, odd: Sequence[str]) -> None:
        self.odd.pop(frame, None)
        if odd:
            self.odd[frame] = tuple(odd)

    def _odd(self) -> list[tuple[str, int, str]]:
        """When, which frame, and what looks odd about it."""
        fps = float(self.document.scene.fps)
        return [(show_time(frame / fps), frame, ", ".join(odd)) for frame, odd in sorted(self.odd.items())]

    def _facts(self) -> list[str]:
        width, height = self.document.scene.size
        seconds = len(self.document.frames) / float(self.document.scene.fps)
        facts = [f"{width}x{height}", f"{float(self.document.scene.fps):.4g} fps", show_time(seconds)]
        if self.times:
            mean = sum(self.times) / len(self.times)
            facts.append(f"{mean:.2g} s a frame")
            if self.state == "rendering":
                facts.append(f"about {_long(mean * (self.stop - self.done))} left")
        return facts

    def _losses(self, count: int) -> list[Line]:
        nan = float("nan")
        return [
            charts.line(name, [known.get(frame, nan) for frame in range(self.done)], count)
            for name, known in sorted(self.losses.items())
        ]

    @cached_property
    def curves(self) -> list[Line]:
        """What changes over the film, as its plan shows it; nothing for a film so long that this would take minutes."""
        frames = self.document.frames
        if len(frames) > MOST:
            return []
        found = plan.curves(frames, float(self.document.scene.fps))
        return [
            charts.line(name, values, len(values)) for name, values in found.items() if max(values) - min(values) > 1e-9
        ]

    @cached_property
    def prompts(self) -> list[tuple[str, float, float, str]]:
        """From when on each text holds, where that is and how wide, in the units of a chart."""
        frames, starts, before = self.document.frames, list[tuple[int, str]](), ""
        if len(frames) > MOST:
            return []
        for spec in frames:
            now = " + ".join(plan.texts(spec))
            if now != before:
                starts.append((spec.index, now))
            before = now
        ends = [*(index for index, _ in starts[1:]), len(frames)]
        scale, fps = WIDTH / len(frames), float(self.document.scene.fps)
        return [
            (show_time(start / fps), start * scale, (end - start) * scale, text)
            for (start, text), end in zip(starts, ends, strict=True)
        ]

    @cached_property
    def beats(self) -> list[float]:
        """Where the bars of the song begin, in the units of a chart."""
        music, fps = self.document.music, float(self.document.scene.fps)
        if music.known_grid is None:
            return []
        seconds = len(self.document.frames) / fps
        return [round(at / seconds * WIDTH, 1) for at, _ in music.film_hits("bar", seconds) if 0 <= at <= seconds]


def _long(seconds: float) -> str:
    minutes = seconds / 60
    return f"{seconds:.0f} s" if minutes < 2 else f"{minutes:.0f} min" if minutes < 120 else f"{minutes / 60:.1f} h"
