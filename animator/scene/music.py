"""What a film hears: the beats, bars, hits and loudness of its song, for times and expressions.

Nothing is looked for until something asks for it, so a film that only has a song under it waits for nothing. What
happens in the song happens at the nearest frame of the film, so it is at most half a frame early or late at any fps.
"""

import contextlib
import functools
import math
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from animator.errors import SoundError, unknown
from animator.scene import shapes
from animator.scene.audio import Audio
from animator.scene.shapes import Function, Hits
from animator.scene.times import LONGEST

if TYPE_CHECKING:
    from animator.media.song import Song

COUNTS = {
    "beat": "number of the beat that sounds, from 1",
    "bar": "number of the bar that sounds, from 1",
    "beat_phase": "how much of the beat is over, 0 to 1",
    "bar_phase": "how much of the bar is over, 0 to 1",
}
LEVELS = {
    "loudness": "loudness, 0 to 1",
    "bass": "loudness below 200 Hz, 0 to 1",
    "mid": "loudness from 200 to 3000 Hz, 0 to 1",
    "treble": "loudness above 3000 Hz, 0 to 1",
    "harmonic": "loudness of tones, 0 to 1",
    "percussive": "loudness of drums, 0 to 1",
}
HITS = {
    "onset": "1 (or how strong it is) when something new is heard, falling to 0 in 0.1 s",
    "kick": "the same for low drums",
}
NAMES = {**COUNTS, **LEVELS, **HITS}
LAST = 0.1  # seconds for which a hit is seen where no `pulse` says


class MusicError(Exception):
    """A file of `audio` cannot be read; `option` names it."""

    def __init__(self, option: str, message: str) -> None:
        super().__init__(message)
        self.option = option


@dataclass(frozen=True)
class Grid:
    """Beats, which go on evenly before the first and after the last. `bar` is that which begins a bar, from 0."""

    beats: tuple[float, ...]
    per_bar: int
    bar: int

    @property
    def period(self) -> float:
        """Seconds between two beats, in the mean."""
        return (self.beats[-1] - self.beats[0]) / (len(self.beats) - 1)

    def position(self, seconds: float) -> float:
        """Which beat it is, from 0, with the share of it that is over."""
        if seconds < self.beats[0]:
            return (seconds - self.beats[0]) / self.period
        place = bisect_right(self.beats, seconds) - 1
        if place == len(self.beats) - 1:
            return place + (seconds - self.beats[-1]) / self.period
        return place + (seconds - self.beats[place]) / (self.beats[place + 1] - self.beats[place])

    def time(self, position: float) -> float:
        """When that is; whole positions are whole beats."""
        place = math.floor(position)
        if position < 0:
            return self.beats[0] + position * self.period
        if place >= len(self.beats) - 1:
            return self.beats[-1] + (position - len(self.beats) + 1) * self.period
        return self.beats[place] + (position - place) * (self.beats[place + 1] - self.beats[place])

    def every(self, step: float, first: float, end: float, begin: float = 0.0) -> Iterator[float]:
        """The times of every so many beats from one on, before `end`; those before `begin` but for the last are left
        out."""
        count = max(0, math.floor((self.position(begin) - first) / step))
        while (time := self.time(first + count * step)) < end:
            yield time
            count += 1


def song_of(audio: Audio, listening: Callable[[Path], None]) -> "Song | None":
    """The song that a scene names. `listening` is told before a search that takes long."""
    if not audio.file:
        return None
    from animator.media import bands  # only a scene with a song waits for what reads it
    from animator.media.song import Song

    more = tuple(bands.Band(band.name, band.low, band.high) for band in audio.bands)
    own = tuple(band for band in bands.BANDS if band.name not in {other.name for other in more})
    analysis = Path(audio.analysis) if audio.analysis else None
    return Song(Path(audio.file), audio.beats_per_bar, (*own, *more), analysis, listening)


@dataclass(frozen=True)
class Music:
    """A film's song. `begin` is the moment of it that the first picture follows, and `fps` the film's rate. What needs
    a file that cannot be read raises a MusicError, and what is not known a ValueError."""

    audio: Audio
    song: "Song | None" = None
    begin: float = 0.0
    fps: float = 12.0

    @functools.cached_property
    def length(self) -> float:
        """Seconds; without a file it has no end."""
        with _reading("file"):
            return self.song.seconds if self.song else math.inf

    def demand(self) -> None:
        """Raises: MusicError for a file that is named and cannot be read."""
        if self.length <= self.audio.start.seconds(self.fps):
            raise MusicError("file", f"{self.audio.file}: it ends before the film begins")
        if self.audio.analysis:
            _ = self.grid
        _ = self.own_hits

    @functools.cached_property
    def grid(self) -> Grid:
        """Its beats."""
        audio = self.audio
        if audio.beats:
            return Grid(audio.beats, audio.beats_per_bar, 0)
        if audio.bpm != "auto":
            first = audio.first_beat or 0.0
            return Grid((first, first + 60 / audio.bpm), audio.beats_per_bar, 0)
        if self.song is None:
            raise ValueError("beats and bars need a song, or its tempo: audio: {file: song.flac}, or audio: {bpm: 120}")
        with _reading("analysis" if audio.analysis else "file"):
            rhythm = self.song.rhythm
        if len(rhythm.beats) < 2:
            raise ValueError(f"no beat was found in {audio.file}; say it: audio: {{bpm: 120, first_beat: 0.5s}}")
        return Grid(rhythm.beats, rhythm.beats_per_bar, rhythm.bar)

    @property
    def known_grid(self) -> Grid | None:
        """Its beats, if nothing has to be searched for them; None else."""
        given = self.audio.beats or self.audio.bpm != "auto" or self.audio.analysis
        return self.grid if given or "grid" in vars(self) else None

    @functools.cached_property
    def own_hits(self) -> Mapping[str, Hits]:
        """What the scene and its MIDI file name: markers and notes."""
        notes: Mapping[str, Hits] = {}
        if self.audio.midi:
            from animator.media import midi

            with _reading("midi"):
                notes = midi.notes(Path(self.audio.midi))
        markers = {name: tuple((time, 1.0) for time in sorted(times)) for name, times in self.audio.markers.items()}
        return {**notes, **markers}

    def hits(self, name: str, end: float) -> Hits:
        """When something happens in the song, until `end`, with heights: a beat, bar, onset, kick, note or marker.
        Raises: ValueError for a name that nobody knows."""
        if name in ("beat", "bar"):
            step, first = (1, 0) if name == "beat" else (self.grid.per_bar, self.grid.bar)
            return [(time, 1.0) for time in self.grid.every(step, first, end)]
        if name in self.own_hits:
            found = self.own_hits[name]
        elif name in HITS:
            with _reading("analysis" if self.audio.analysis else "file"):
                found = self._heard(name).rhythm.hits.get(name, ())
        elif name in LEVELS or name in {band.name for band in self.audio.bands}:
            raise ValueError(f"{name!r} is how loud it is and happens at no moment; env({name}, 0.02, 0.3) follows it")
        else:
            known = unknown("marker", name, {*self.own_hits, *HITS, "beat", "bar"})
            own = f"; a scene names its own: audio: {{markers: {{{name}: 0:12}}}}"
            raise ValueError(known.replace("unknown marker", f"unknown marker {name!r}", 1) + own)
        return [(time, height) for time, height in found if time < end]

    def film_hits(self, name: str, end: float) -> list[tuple[float, float]]:
        """The hits of a name in a film's seconds, up to its `end`, while the song sounds."""
        found = self.hits(name, min(self.length, end + self.begin))
        return [(self.seen(time), height) for time, height in found if time >= 0]

    def seen(self, time: float) -> float:
        """The film's time of the frame that is nearest to a moment of the song."""
        return math.floor((time - self.begin) * self.fps + 0.5) / self.fps

    def moment(self, name: str, number: int) -> float:
        """When something happens for the `number`-th time, from 1. Raises: ValueError where it never does."""
        if name in ("beat", "bar"):
            step, first = (1, 0) if name == "beat" else (self.grid.per_bar, self.grid.bar)
            return self.grid.time(first + step * (number - 1))
        found = self.hits(name, LONGEST)
        if not 1 <= number <= len(found):
            raise ValueError(f"there is no @{name}[{number}]: {name} is there {len(found)} times")
        if found[number - 1][0] >= self.length:
            raise ValueError(f"@{name} is at {found[number - 1][0]:g}s, and the song ends at {self.length:g}s")
        return found[number - 1][0]

    @property
    def names(self) -> list[str]:
        """All that an expression may ask for."""
        return [*NAMES, *(band.name for band in self.audio.bands), *self.own_hits]

    def function(self, name: str, end: float) -> Function | None:
        """A name as a function of a film's seconds, up to its `end`: 0 before the song begins and after it ends. None
        for a name that music does not have."""
        if name in self.audio.markers:
            times = [time for time, _ in self.film_hits(name, end)]
            return self._sounding(lambda t: float(bisect_right(times, t)))
        if name in self.own_hits or name in HITS:
            return self._sounding(shapes.pulse(self.film_hits(name, end), LAST))
        if name in COUNTS:
            return self._sounding(self._count(name, end))
        if name in LEVELS or name in {band.name for band in self.audio.bands}:
            return self._sounding(self._level(name))
        return None

    def _count(self, name: str, end: float) -> Function:
        """The number of the beat or bar that sounds, from 1, or how much of it is over; 0 before the first."""
        found = self.hits(
            "beat" if name.startswith("beat") else "bar", min(self.length, end + self.begin) + shapes.BEYOND
        )
        begins = [self.seen(time) for time, _ in found]
        if not name.endswith("phase"):
            return lambda t: float(bisect_right(begins, t))

        def phase(t: float) -> float:
            place = bisect_right(begins, t)
            if not 0 < place < len(begins):
                return 0.0
            return (t - begins[place - 1]) / (begins[place] - begins[place - 1])

        return phase

    def _level(self, name: str) -> Function:
        from animator.media.bands import PER_SECOND

        song = self._heard(name)
        with _reading("file"):
            values = song.envelopes[name]
        rise, fall = (time.seconds(1) for time in (self.audio.attack, self.audio.release))
        followed = shapes.follow(values, PER_SECOND, rise, fall)

        def level(t: float) -> float:
            place = min((t + self.begin) * PER_SECOND, len(followed) - 1.000001)
            before = int(place)
            return followed[before] + (followed[before + 1] - followed[before]) * (place - before)

        return level if len(followed) > 1 else lambda t: 0.0

    def _heard(self, name: str) -> "Song":
        if self.song is None:
            raise ValueError(f"{name!r} is heard in a song: name one, such as audio: {{file: song.flac}}")
        return self.song

    def _sounding(self, function: Function) -> Function:
        """A function of the film's time that is 0 while the song does not sound."""
        begin, length = self.begin, self.length
        return lambda t: function(t) if 0 <= t + begin < length else 0.0


SILENT = Music(Audio())


@contextlib.contextmanager
def _reading(option: str) -> Iterator[None]:
    """What is wrong with a file becomes what is wrong with the option that names it."""
    try:
        yield
    except SoundError as error:
        raise MusicError(option, str(error)) from error
