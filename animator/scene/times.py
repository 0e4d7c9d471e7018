"""Times as people write them: "2.5s", "500ms", "90f", "1:02.5", "1:00:02", or counted in music.

    16b                 16 beats after the song's first one
    4bar, bar 9         4 bars after the start of its first bar; the start of its ninth
    @drop, @kick[3]     what the scene or the song calls so, and the third of them
    @drop + 2b          more (or less) than that
    +2b                 after the time before, in a list of keys

A bare number is refused (but for 0): peers count frames where others mean seconds, and a film that silently
runs at the wrong speed costs a night.
"""

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

_AMOUNT = re.compile(
    r"(\d+(?:\.\d*)?|\.\d+) ?(ms|sec|secs|seconds?|s|min|mins|minutes?|frames?|f|bars?|beats?|b)", re.ASCII
)
_UNITS = {"ms": ("s", 0.001), "sec": ("s", 1), "min": ("s", 60), "bar": ("bar", 1)}  # by how they begin
_CLOCK = re.compile(r"(?:(\d+):)?(\d+):(\d{2}(?:\.\d*)?)", re.ASCII)
_BAR = re.compile(r"bar (\d+(?:\.\d*)?)", re.ASCII)
_MARK = re.compile(r"@([A-Za-z_]\w*)(?:\[(\d{1,9})\])?", re.ASCII)
_SIGN = re.compile(r"\s*([+-])\s*", re.ASCII)
FORMS = "write 2.5s, 500ms, 90f or 1:02.5, or in music 16b, 4bar, bar 9 or @drop + 2b"
LONGEST = 24 * 3600.0  # seconds; bounds what a scene may ask for
MOST = {"s": LONGEST, "f": LONGEST * 240, "b": LONGEST * 10, "bar": LONGEST * 10}  # of each unit
MOMENT = 1e-9  # seconds; what is less apart is the same moment


@dataclass(frozen=True)
class Time:
    """A point in the film, or a length of it. `animator.scene.clock` turns it into seconds.

    `unit` is s, f (frames), b (beats) or bar; or it is "mark", the `amount`-th of what is called `mark`; or "song",
    seconds of the song. `then` are lengths that are added. A `relative` time counts from the one before.
    """

    amount: float
    unit: str = "s"
    mark: str = ""
    then: tuple["Time", ...] = ()
    relative: bool = False
    moment: bool = False  # whether it can only be a point, such as "bar 9"

    @property
    def musical(self) -> bool:
        """Whether only a song says when that is."""
        return self.unit not in ("s", "f") or any(part.musical for part in self.then)

    def seconds(self, fps: Fraction | float) -> float:
        """A time without music in it, in seconds."""
        assert not self.musical
        amount = self.amount / float(fps) if self.unit == "f" else self.amount
        return amount + sum(part.seconds(fps) for part in self.then)


def parse_time(value: object) -> Time:
    """Read a time. Raises: ValueError that says what is allowed."""
    if isinstance(value, Time):
        return value
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        if value == 0:
            return Time(0.0)
        raise ValueError(f"a time needs a unit: write {value}s for seconds or {value}f for frames")
    text = str(value).strip()
    head, *rest = _SIGN.split(text)
    signs, lengths = rest[::2], rest[1::2]
    relative = not head and bool(signs) and signs[0] == "+"
    if relative:
        head, signs, lengths = lengths[0], signs[1:], lengths[1:]
    try:
        first = _head(head, text)
        then = tuple(_length(part, sign) for sign, part in zip(signs, lengths, strict=True))
    except _NoTimeError as error:
        raise ValueError(f"not a time: {text!r}; {FORMS}") from error
    if relative and first.moment:
        raise ValueError(f"not a time: {text!r}; after + comes a length, such as 2s or 2b")
    return Time(first.amount, first.unit, first.mark, then, relative, first.moment)


class _NoTimeError(Exception):
    """A part of a text is no time."""


def _head(text: str, whole: str) -> Time:
    """The first part of a time: a length, or a moment in music."""
    if match := _BAR.fullmatch(text):
        if float(match[1]) < 1:
            raise ValueError(f"not a time: {whole!r}; bars count from 1")
        return _bounded(Time(float(match[1]) - 1, "bar", moment=True), whole)
    if match := _MARK.fullmatch(text):
        return Time(float(match[2] or 1), "mark", match[1], moment=True)
    if text == "0":
        return Time(0.0)
    if re.fullmatch(r"[\d.]+", text, re.ASCII):
        raise ValueError(f"a time needs a unit: write {text}s for seconds or {text}f for frames")
    return _length(text)


def _length(text: str, sign: str = "+") -> Time:
    factor = -1.0 if sign == "-" else 1.0
    if match := _AMOUNT.fullmatch(text):
        begins = (found for name, found in _UNITS.items() if match[2].startswith(name))
        unit, factor_of = next(begins, (match[2][0], 1))
        time = Time(float(match[1]) * factor_of, unit)
    elif match := _CLOCK.fullmatch(text):
        hours, minutes, seconds = int(match[1] or 0), int(match[2]), float(match[3])
        if seconds >= 60 or (match[1] and minutes >= 60):
            raise ValueError(f"not a time: {text!r} (minutes and seconds after a colon stay below 60)")
        time = Time(hours * 3600.0 + minutes * 60 + seconds)
    else:
        raise _NoTimeError
    return _bounded(Time(factor * time.amount, time.unit), text)


def _bounded(time: Time, text: str) -> Time:
    if abs(time.amount) > MOST[time.unit]:
        raise ValueError(f"time too large: {text!r} (at most a day)")
    return time


def is_time(value: Any) -> bool:
    """Whether something is written as a time is."""
    try:
        parse_time(value)
    except ValueError:
        return False
    return True


def show_time(seconds: float) -> str:
    """Seconds as m:ss.hh, for people."""
    return f"{int(seconds // 60)}:{seconds % 60:05.2f}"
