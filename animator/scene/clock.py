"""A film's clock: times as people write them, in music too, as seconds of the film."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field, model_validator

from animator.errors import unknown
from animator.scene.arithmetic import CONSTANTS
from animator.scene.audio import NAME, Audio
from animator.scene.fields import AnyTime, Number, Record
from animator.scene.music import NAMES as HEARD
from animator.scene.music import SILENT, Music, song_of
from animator.scene.problems import Flaw, invalid
from animator.scene.shapes import BEYOND, Function
from animator.scene.times import MOMENT, Time, parse_time

STUB = 0.25  # of a turn
MOST = 20_000  # times of a rule
NAMES = {
    "t": "seconds since the film's start",
    "f": "frame number",
    "fps": "frames per second",
    "duration": "length of the film in seconds",
    "frames": "number of frames",
}
LENGTH_NAMES = {"beat_length": "b", "bar_length": "bar"}  # a beat and a bar in the mean, in seconds, and their units
LENGTHS = ("offset", "fade_out", "lead", "attack", "release")  # of `audio`


class Rule(Record):
    """Times by rule: `every: 4bar`, or `every: {onset: kick, at_least: 0.5s}`."""

    length: AnyTime | None = Field(default=None, description="time from one to the next; `every: 4b` is short for this")
    onset: str = Field(
        default="", description="in place of `length`: onset, kick, beat, bar, or the name of a note or marker"
    )
    at_least: AnyTime = Field(default=Time(0.0), description="time that lies between two of them")
    above: Annotated[Number, Field(ge=0, le=1)] = Field(default=0.0, description="how strong what is heard must be")

    @model_validator(mode="before")
    @classmethod
    def _short(cls, value: Any) -> Any:
        if isinstance(value, (Rule, Mapping)):
            return value
        try:
            return {"length": parse_time(value)}
        except ValueError as error:
            heard = isinstance(value, str) and re.fullmatch(NAME, value)
            hint = f"; for what is heard, write every: {{onset: {value}}}" if heard else ""
            raise invalid(f"{error}{hint}") from error

    @model_validator(mode="after")
    def _one(self) -> "Rule":
        if (self.length is None) == (not self.onset):
            raise invalid("a rule is a length, such as 4b, or {onset: kick, at_least: 0.5s}")
        if self.length is not None and (self.length.moment or self.length.relative or self.length.amount <= 0):
            raise invalid("a rule needs a length above 0, such as 4b, 1bar or 2s")
        return self


@dataclass(frozen=True)
class Clock:
    """What times and curves depend on: a film's rate, its length in seconds and frames, and its music.

    Every method raises a ValueError for what the music does not have, and a MusicError where its file cannot be read.
    """

    fps: float
    duration: float
    frames: int
    music: Music = SILENT

    def point(self, time: Time, before: float = 0.0) -> float:
        """A point of the film; `before` is the one that a relative time counts from. Beats are counted in the song, and
        what lies in music is at the frame that is nearest to it."""
        music = self.music
        if time.relative:
            seconds = self._later(before, time)
        elif time.unit in ("b", "bar"):
            grid = music.grid
            position = time.amount if time.unit == "b" else grid.bar + time.amount * grid.per_bar
            seconds = grid.time(position) - music.begin
        elif time.unit == "mark":
            seconds = music.moment(time.mark, int(time.amount)) - music.begin
        else:
            seconds = self._plain(time) - (music.begin if time.unit == "song" else 0.0)
        for part in time.then:
            seconds = self._later(seconds, part)
        return music.seen(seconds + music.begin) if time.musical else seconds

    def length(self, time: Time) -> float:
        """How long something lasts; beats are as long as they are in the mean."""
        if time.moment or time.relative:
            raise ValueError("a length is needed here, such as 2s, 4b or 1bar, and this is a moment")
        seconds = self._long(time) + sum(self._long(part) for part in time.then)
        if seconds < 0:
            raise ValueError(f"a length of {seconds:g}s; it cannot be below 0")
        return seconds

    def _long(self, time: Time) -> float:
        if time.unit not in ("b", "bar"):
            return self._plain(time)
        grid = self.music.grid
        return time.amount * grid.period * (grid.per_bar if time.unit == "bar" else 1)

    def _plain(self, time: Time) -> float:
        return time.amount / self.fps if time.unit == "f" else time.amount

    def _later(self, seconds: float, length: Time) -> float:
        if length.unit not in ("b", "bar"):
            return seconds + self._plain(length)
        grid, begin = self.music.grid, self.music.begin
        beats = length.amount * (grid.per_bar if length.unit == "bar" else 1)
        return grid.time(grid.position(seconds + begin) + beats) - begin

    def times(self, rule: Rule) -> list[float]:
        """The times of a rule before the film's end, upwards. The first is the film's start, or the time of the rule
        that was the last before it; where the song begins to count later, the first that it counts."""
        found = self._every(rule.length) if rule.length is not None else self._heard(rule)
        least, chosen = self.length(rule.at_least) - MOMENT, list[float]()
        for time in found:
            if time >= self.duration - MOMENT and chosen:
                break
            if chosen and time <= MOMENT:
                chosen = [time]
            elif not chosen or time - chosen[-1] >= max(least, MOMENT):
                chosen.append(time)
            if len(chosen) > MOST:
                raise ValueError(f"more than {MOST} times; choose a longer one")
        return chosen or [0.0]

    def turns(self, rule: Rule) -> list[float]:
        """The times at which prompts or values take turns by a rule: without what would be seen for less than STUB of a
        turn at the film's start or end."""
        times = self.times(rule)
        if rule.length is not None and len(times) > 2:
            usual = (times[-1] - times[0]) / (len(times) - 1)
            if times[0] <= 0 and times[1] < STUB * usual:
                times = times[1:]
            if self.duration - times[-1] < STUB * usual:
                times = times[:-1]
        return times

    def _every(self, length: Time) -> Iterator[float]:
        if length.unit in ("b", "bar") and not length.then:
            grid, begin = self.music.grid, self.music.begin
            per = grid.per_bar if length.unit == "bar" else 1
            end = min(self.music.length, self.duration + begin) - MOMENT
            for time in grid.every(length.amount * per, grid.bar if length.unit == "bar" else 0, end, begin):
                yield self.music.seen(time)
            return
        step, count = self.length(length), 0
        while count * step < self.duration - MOMENT:
            yield count * step
            count += 1

    def _heard(self, rule: Rule) -> Iterator[float]:
        yield 0.0
        for time, height in self.music.film_hits(rule.onset, self.duration):
            if time > MOMENT and height >= rule.above:
                yield time

    def function(self, name: str) -> Function:
        """A name of an expression, as a function of the film's seconds."""
        plain = {"fps": self.fps, "duration": self.duration, "frames": float(self.frames)}
        if name in LENGTH_NAMES:
            length = self._long(Time(1.0, LENGTH_NAMES[name]))
            return lambda t: length
        if name == "t":
            return lambda t: t
        if name == "f":
            return lambda t: t * self.fps
        if name in plain:
            return lambda t: plain[name]
        found = self.music.function(name, self.duration + BEYOND)
        if found is None:
            known = unknown("name", name, {*NAMES, *CONSTANTS, *self.music.names})
            raise ValueError(known.replace("unknown name", f"unknown name {name!r}", 1))
        return found


def _taken(audio: Audio) -> Iterator[Flaw]:
    """Names of markers and bands that mean something else in expressions."""
    taken = {*NAMES, *CONSTANTS, *LENGTH_NAMES, *HEARD}
    text = "it means something else in expressions; choose another name"
    yield from (Flaw(("audio", "markers", name), text, at_key=True) for name in audio.markers if name in taken)
    for place, band in enumerate(audio.bands):
        if band.name in taken - {"bass", "mid", "treble"}:
            yield Flaw(("audio", "bands", place, "name"), text)


def hear(audio: Audio, fps: float, listening: Callable[..., None], flaws: list[Flaw]) -> Music:
    """The music of a film, whose own times are in seconds from now on; what is wrong with them is added to `flaws`."""
    flaws += _taken(audio)
    music = Music(audio, song_of(audio, listening))
    clock, seconds = Clock(fps, 0.0, 0, music), dict[str, float]()
    for name in ("start", *LENGTHS):
        try:
            seconds[name] = (clock.point if name == "start" else clock.length)(getattr(audio, name))
        except ValueError as error:
            flaws.append(Flaw(("audio", name), str(error)))
            seconds[name] = 0.0
    settled = audio.model_copy(update={name: Time(value) for name, value in seconds.items()})
    return Music(settled, music.song, seconds["start"] - seconds["offset"] + seconds["lead"], fps)
