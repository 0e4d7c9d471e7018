"""A number that changes over time, in every way a scene may write it.

    1.02                                          a number
    {0s: 1, 4s: 1.2, ease: smooth}                keyframes
    [{at: 0s, value: 1, ease: hold}, ...]         keyframes, each with the easing towards the next
    "0:(1.0), 30:(1.02*sin(t))"                   keyframes by frame number, as Deforum and Disco write them
    "1 + 0.1*sin(t)"                              an expression of t, in seconds

In the Deforum form `t` is the frame number and a key that holds an expression is evaluated anew for every frame until
the next key; plain numbers are joined by straight lines. Before the first key and after the last, values stay.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from animator.clock import Time, parse_time
from animator.expressions import Expression

EASINGS: dict[str, tuple[float, float, float, float] | None] = {
    "hold": None,
    "linear": (0.0, 0.0, 1.0, 1.0),
    "ease": (0.25, 0.1, 0.25, 1.0),
    "ease-in": (0.42, 0.0, 1.0, 1.0),
    "ease-out": (0.0, 0.0, 0.58, 1.0),
    "ease-in-out": (0.42, 0.0, 0.58, 1.0),
    "smooth": None,
}
_BEZIER = re.compile(r"cubic-bezier\(([^,()]+),([^,()]+),([^,()]+),([^,()]+)\)")
_DEFORUM = re.compile(r"^\s*\d+\s*:\s*\(")


class CurveError(ValueError):
    """What is wrong with a curve, and where inside it: `path` leads from the curve's own place to the value."""

    def __init__(self, message: str, path: Sequence[str | int] = ()) -> None:
        super().__init__(message)
        self.path = tuple(path)


@dataclass(frozen=True)
class Keyframe:
    """A value at a time, and how to go on from there."""

    at: Time
    value: float | Expression
    ease: str = "linear"  # from here to the next keyframe


@dataclass(frozen=True)
class Curve:
    """Keyframes in the order written, or a single expression. `source` is what the scene said, for keys and plans."""

    keyframes: tuple[Keyframe, ...]
    source: Any
    expression: Expression | None = None


@dataclass(frozen=True)
class Film:
    """What a curve may depend on besides the time."""

    fps: float
    duration: float  # seconds
    frames: int


def constant(value: float) -> Curve:
    """A curve that stays."""
    return Curve((Keyframe(Time(0.0), float(value)),), float(value))


def parse_curve(value: Any) -> Curve:
    """Read any of the forms above. Raises: CurveError."""
    if isinstance(value, Curve):
        return value
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return Curve((Keyframe(Time(0.0), _number(value)),), value)
    if isinstance(value, str):
        return _parse_deforum(value) if _DEFORUM.match(value) else _parse_expression(value)
    if isinstance(value, Mapping) and value:
        return _parse_map(value)
    if isinstance(value, list) and value:
        return Curve(tuple(_parse_entry(entry, place) for place, entry in enumerate(value)), value)
    raise CurveError(
        f"expected a number, keyframes such as {{0s: 1, 4s: 1.2}}, or an expression of t; got {_show(value)}"
    )


def _number(value: Any, path: Sequence[str | int] = ()) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise CurveError(f"expected a number, got {_show(value)}", path)
    if not -1e12 < value < 1e12:  # also refuses infinities and NaN
        raise CurveError(f"number out of range: {_show(value)}", path)
    return float(value)


def _show(value: Any) -> str:
    text = repr(value) if not isinstance(value, bool) else str(value).lower()
    return text if len(text) <= 60 else text[:57] + "..."


def _parse_expression(text: str) -> Curve:
    try:
        return Curve((), text, Expression(text))
    except ValueError as error:
        raise CurveError(str(error)) from error


def _parse_map(value: Mapping[Any, Any]) -> Curve:
    ease = _parse_ease(value["ease"], ("ease",)) if "ease" in value else "linear"
    keyframes = []
    for key, number in value.items():
        if key == "ease":
            continue
        try:
            at = parse_time(key)
        except ValueError as error:
            raise CurveError(str(error), (key,)) from error
        keyframes.append(Keyframe(at, _number(number, (key,)), ease))
    return Curve(tuple(keyframes), dict(value))


def _parse_entry(entry: Any, place: int) -> Keyframe:
    if not isinstance(entry, Mapping):
        raise CurveError(f"expected {{at: time, value: number}}, got {_show(entry)}", (place,))
    for key in entry:
        if key not in ("at", "value", "ease"):
            raise CurveError("unknown option; options: at, value, ease", (place, key))
    for key in ("at", "value"):
        if key not in entry:
            raise CurveError(f"a keyframe needs {key!r}", (place,))
    try:
        at = parse_time(entry["at"])
    except ValueError as error:
        raise CurveError(str(error), (place, "at")) from error
    ease = _parse_ease(entry.get("ease", "linear"), (place, "ease"))
    return Keyframe(at, _number(entry["value"], (place, "value")), ease)


def _parse_ease(value: Any, path: Sequence[str | int]) -> str:
    text = str(value).replace(" ", "")
    if text in EASINGS:
        return text
    if match := _BEZIER.fullmatch(text):
        try:
            handles = [float(part) for part in match.groups()]
        except ValueError:
            handles = [-1.0]
        if all(0 <= x <= 1 for x in handles[::2]) and all(-10 <= y <= 10 for y in handles[1::2]):
            return text
        raise CurveError(f"{text}: four numbers, x1 and x2 between 0 and 1", path)
    raise CurveError(f"unknown easing {_show(value)}; easings: {', '.join(EASINGS)}, cubic-bezier(x1,y1,x2,y2)", path)


def _parse_deforum(text: str) -> Curve:
    """`frame: (expression), ...`; commas inside parentheses belong to the expression."""
    if len(text) > 20_000:
        raise CurveError(f"too long: {len(text)} characters, at most 20000")
    keyframes = []
    for part in _split(text):
        frame, colon, body = part.partition(":")
        body = body.strip()
        if not (colon and frame.strip().isdigit() and len(frame) < 12):
            raise CurveError(f"expected frame: (value), got {_show(part.strip())}")
        if not (body.startswith("(") and body.endswith(")")):
            raise CurveError(f"the value of frame {frame.strip()} belongs in parentheses, got {_show(body)}")
        try:
            value: float | Expression = float(body[1:-1])
        except ValueError:
            value = _deforum_expression(body[1:-1])
        if isinstance(value, float):
            _number(value)
        keyframes.append(Keyframe(Time(float(frame), frames=True), value))
    return Curve(tuple(keyframes), text)


def _deforum_expression(text: str) -> Expression:
    try:
        return Expression(text, {"t": "frame number", "max_f": "number of frames", "fps": "frames per second"})
    except ValueError as error:
        raise CurveError(str(error)) from error


def _split(text: str) -> list[str]:
    parts, depth, start = [], 0, 0
    for place, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        if letter == "," and depth == 0:
            parts.append(text[start:place])
            start = place + 1
    return [part for part in [*parts, text[start:]] if part.strip()]


def resolve(curve: Curve, film: Film) -> Callable[[float], float]:
    """The curve as a function of seconds. Raises: CurveError here for keyframes out of order; ValueError from the
    function when an expression has no value at that time."""
    if curve.expression is not None:
        expression = curve.expression

        def by_expression(t: float) -> float:
            return expression(t=t, f=t * film.fps, fps=film.fps, duration=film.duration, frames=float(film.frames))

        return by_expression

    times = [keyframe.at.seconds(film.fps) for keyframe in curve.keyframes]
    for place, (before, after) in enumerate(pairwise(times)):
        if after <= before:
            key = list(curve.source)[place + 1] if isinstance(curve.source, Mapping) else place + 1
            path = (key,) if isinstance(curve.source, (Mapping, list)) else ()
            raise CurveError(f"keyframes out of order: {after:g}s comes after {before:g}s", path)

    def value_at(place: int, t: float) -> float:
        value = curve.keyframes[place].value
        if isinstance(value, Expression):
            return value(t=round(t * film.fps, 6), max_f=float(film.frames), fps=film.fps)
        return value

    values = [value_at(place, t) for place, t in enumerate(times)]
    slopes = _monotone_slopes(times, values)

    def by_keyframes(t: float) -> float:
        place = bisect_right(times, t) - 1
        if place < 0:
            return values[0]
        if isinstance(curve.keyframes[place].value, Expression):
            return value_at(place, t)
        if place == len(times) - 1:
            return values[-1]
        span = times[place + 1] - times[place]
        share, ease = (t - times[place]) / span, curve.keyframes[place].ease
        if ease == "smooth":
            ends = values[place], values[place + 1]
            return _hermite(share, *ends, slopes[place] * span, slopes[place + 1] * span)
        return values[place] + (values[place + 1] - values[place]) * _ease(ease, share)

    return by_keyframes


def _ease(name: str, share: float) -> float:
    if name == "hold":
        return 0.0
    if name == "linear":
        return share
    match = _BEZIER.fullmatch(name)
    handles = tuple(float(part) for part in match.groups()) if match else EASINGS[name]
    assert handles is not None
    x1, y1, x2, y2 = handles

    def bezier(a: float, b: float, s: float) -> float:
        return 3 * (1 - s) ** 2 * s * a + 3 * (1 - s) * s * s * b + s**3

    low, high = 0.0, 1.0
    for _ in range(48):  # bisection: x is monotone in s for handles within [0, 1]; 2^-48 is below float noise here
        middle = (low + high) / 2
        low, high = (middle, high) if bezier(x1, x2, middle) < share else (low, middle)
    return bezier(y1, y2, (low + high) / 2)


def _hermite(share: float, start: float, end: float, slope_start: float, slope_end: float) -> float:
    s2, s3 = share * share, share**3
    return (
        (2 * s3 - 3 * s2 + 1) * start
        + (s3 - 2 * s2 + share) * slope_start
        + (3 * s2 - 2 * s3) * end
        + (s3 - s2) * slope_end
    )


def _monotone_slopes(times: Sequence[float], values: Sequence[float]) -> list[float]:
    """Tangents that never overshoot. Source: Fritsch & Butland 1984, as in SciPy's PchipInterpolator, with flat ends.

    Differs: SciPy's ends follow a parabola; a camera should start and stop at rest.
    """
    spans = [after - before for before, after in pairwise(times)]
    rises = [(after - before) / span for before, after, span in zip(values, values[1:], spans, strict=False)]
    slopes = [0.0] * len(values)
    for place in range(1, len(values) - 1):
        left, right = rises[place - 1], rises[place]
        if left * right > 0:
            a, b = 2 * spans[place] + spans[place - 1], spans[place] + 2 * spans[place - 1]
            slopes[place] = (a + b) / (a / left + b / right)
    return slopes
