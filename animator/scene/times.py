"""Times as people write them: "2.5s", "500ms", "90f", "1:02.5", "1:00:02".

A bare number is refused (but for 0): peers count frames where others mean seconds, and a film that silently
runs at the wrong speed costs a night.
"""

import re
from dataclasses import dataclass
from fractions import Fraction

_AMOUNT = re.compile(r"(\d+(?:\.\d*)?|\.\d+) ?(ms|s|f)", re.ASCII)
_CLOCK = re.compile(r"(?:(\d+):)?(\d+):(\d{2}(?:\.\d*)?)", re.ASCII)
LONGEST = 24 * 3600.0  # seconds; bounds what a scene may ask for
MOMENT = 1e-9  # seconds; what is less apart is the same moment


@dataclass(frozen=True)
class Time:
    """A point in the film (or a length of it), in seconds or, if `frames`, in frames."""

    amount: float
    frames: bool = False

    def seconds(self, fps: Fraction | float) -> float:
        return self.amount / float(fps) if self.frames else self.amount


def parse_time(value: object) -> Time:
    """Read a time. Raises: ValueError that says what is allowed."""
    if isinstance(value, Time):
        return value
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        if value == 0:
            return Time(0.0)
        raise ValueError(f"a time needs a unit: write {value}s for seconds or {value}f for frames")
    text = str(value).strip()
    if match := _AMOUNT.fullmatch(text):
        amount, unit = float(match[1]), match[2]
        time = Time(amount / 1000 if unit == "ms" else amount, frames=unit == "f")
    elif match := _CLOCK.fullmatch(text):
        hours, minutes, seconds = int(match[1] or 0), int(match[2]), float(match[3])
        if seconds >= 60 or (match[1] and minutes >= 60):
            raise ValueError(f"not a time: {text!r} (minutes and seconds after a colon stay below 60)")
        time = Time(hours * 3600 + minutes * 60 + seconds)
    elif text == "0":
        time = Time(0.0)
    elif re.fullmatch(r"[\d.]+", text, re.ASCII):
        raise ValueError(f"a time needs a unit: write {text}s for seconds or {text}f for frames")
    else:
        raise ValueError(f"not a time: {text!r}; write 2.5s, 500ms, 90f or 1:02.5")
    if time.amount > (LONGEST * 240 if time.frames else LONGEST):
        raise ValueError(f"time too large: {text!r} (at most a day)")
    return time


def show_time(seconds: float) -> str:
    """Seconds as m:ss.hh, for people."""
    return f"{int(seconds // 60)}:{seconds % 60:05.2f}"
