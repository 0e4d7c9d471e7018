"""A number that changes over time, in every way a scene may write it.

    1.02                                          a number
    {0s: 1, 4s: 1.2, ease: smooth}                keyframes
    [{at: 0s, value: 1, ease: hold}, ...]         keyframes, each with the easing towards the next
    "0:(1.0), 30:(1.02*sin(t))"                   keyframes by frame number, as Deforum and Disco write them
    {every: 1b, values: [1.2, 1]}                 values in turn, at times by rule
    "1 + 0.1*sin(t)"                              an expression of t, in seconds, or of the film's song

In the Deforum form `t` is the frame number and a key that holds an expression is evaluated anew for every frame until
the next key; plain numbers are joined by straight lines. Before the first key and after the last, values stay.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BeforeValidator, ValidationError

from animator.errors import unknown
from animator.scene import easings, foreign
from animator.scene.clock import Clock, Rule
from animator.scene.expressions import Expression
from animator.scene.problems import explain, invalid, show
from animator.scene.times import Time, parse_time

_DEFORUM = re.compile(r"^\s*\d+\s*:\s*\(", re.ASCII)


class CurveError(ValueError):
    """What is wrong with a curve, and where inside it: `path` and `at_key` are those of a `Flaw`, from the curve on."""

    def __init__(self, message: str, path: Sequence[Any] = (), at_key: bool = False) -> None:
        super().__init__(message)
        self.path, self.at_key = tuple(path), at_key


@dataclass(frozen=True)
class Keyframe:
    """A value at a time, and how to go on from there."""

    at: Time
    value: float | Expression
    ease: str = "linear"  # from here to the next keyframe


@dataclass(frozen=True)
class Curve:
    """Keyframes in the order written, a single expression, or a rule with the keyframes whose values take turns at its
    times. `source` is what the scene said, for messages."""

    keyframes: tuple[Keyframe, ...]
    source: Any
    expression: Expression | None = None
    rule: Rule | None = None

    @property
    def by_frame(self) -> bool:
        """Whether it is written as Deforum writes curves."""
        return isinstance(self.source, str) and _DEFORUM.match(self.source) is not None

    @property
    def stays(self) -> bool:
        """Whether it is one number all the time."""
        return len(self.keyframes) == 1 and not isinstance(self.keyframes[0].value, Expression)


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
    if isinstance(value, Mapping) and "every" in value:
        return _parse_rule(value)
    if isinstance(value, Mapping) and value:
        return _parse_map(value)
    if isinstance(value, list) and value:
        return Curve(tuple(_parse_entry(entry, place) for place, entry in enumerate(value)), value)
    raise CurveError(
        f"expected a number, keyframes such as {{0s: 1, 4s: 1.2}}, or an expression of t; got {show(value)}"
    )


def _number(value: Any, path: Sequence[Any] = ()) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise CurveError(f"expected a number, got {show(value)}", path)
    if not -1e12 < value < 1e12:  # also refuses infinities and NaN
        raise CurveError(f"number out of range: {show(value)}", path)
    return float(value)


def _parse_expression(text: str) -> Curve:
    try:
        return Curve((), text, Expression(text))
    except ValueError as error:
        raise CurveError(foreign.number_with_unit(text) or str(error)) from error


def _parse_map(value: Mapping[Any, Any]) -> Curve:
    ease = _parse_ease(value["ease"], ("ease",)) if "ease" in value else "linear"
    keyframes = []
    for key, number in value.items():
        if key == "ease":
            continue
        try:
            at = parse_time(key)
        except ValueError as error:
            raise CurveError(str(error), (key,), at_key=True) from error
        keyframes.append(Keyframe(at, _number(number, (key,)), ease))
    if not keyframes:
        raise CurveError("no keyframes here; write a time and a value, such as {0s: 1, 4s: 1.2}")
    return Curve(tuple(keyframes), dict(value))


def _parse_rule(value: Mapping[Any, Any]) -> Curve:
    """`{every: 1b, values: [1, 2], ease: hold}`."""
    for key in value:
        if key not in ("every", "values", "ease"):
            raise CurveError(unknown("option", key, ("every", "values", "ease")), (key,), at_key=True)
    values = value.get("values")
    if not isinstance(values, list) or not values:
        raise CurveError(
            "values in turn are needed, such as values: [1.2, 1]", ("values",) if "values" in value else ()
        )
    ease = _parse_ease(value.get("ease", "hold"), ("ease",))
    keyframes = (Keyframe(Time(0.0), _number(number, ("values", place)), ease) for place, number in enumerate(values))
    try:
        rule = Rule.model_validate(value["every"])
    except ValidationError as error:
        flaw = explain(error, Rule, ("every",))[0]
        raise CurveError(flaw.message, flaw.path, flaw.at_key) from error
    return Curve(tuple(keyframes), dict(value), rule=rule)


def _parse_entry(entry: Any, place: int) -> Keyframe:
    if not isinstance(entry, Mapping):
        raise CurveError(f"expected {{at: time, value: number}}, got {show(entry)}", (place,))
    for key in entry:
        if key not in ("at", "value", "ease"):
            raise CurveError(unknown("option", key, ("at", "value", "ease")), (place, key), at_key=True)
    for key in ("at", "value"):
        if key not in entry:
            raise CurveError(f"a keyframe needs {key!r}", (place,))
    try:
        at = parse_time(entry["at"])
    except ValueError as error:
        raise CurveError(str(error), (place, "at")) from error
    ease = _parse_ease(entry.get("ease", "linear"), (place, "ease"))
    return Keyframe(at, _number(entry["value"], (place, "value")), ease)


def _parse_ease(value: Any, path: Sequence[Any]) -> str:
    try:
        return easings.parse(value)
    except ValueError as error:
        raise CurveError(str(error), path) from error


def _parse_deforum(text: str) -> Curve:
    """`frame: (expression), ...`; commas inside parentheses belong to the expression."""
    if len(text) > 20_000:
        raise CurveError(f"too long: {len(text)} characters, at most 20000")
    keyframes = []
    for part in _split(text):
        frame, colon, body = part.partition(":")
        body = body.strip()
        if not (colon and frame.isascii() and frame.strip().isdigit() and len(frame) < 12):
            raise CurveError(f"expected frame: (value), got {show(part.strip())}")
        if not (body.startswith("(") and body.endswith(")")):
            raise CurveError(f"the value of frame {frame.strip()} belongs in parentheses, got {show(body)}")
        try:
            value: float | Expression = float(body[1:-1])
        except ValueError:
            value = _deforum_expression(body[1:-1])
        if isinstance(value, float):
            _number(value)
        keyframes.append(Keyframe(Time(float(frame), "f"), value))
    return Curve(tuple(keyframes), text)


def _deforum_expression(text: str) -> Expression:
    try:
        return Expression(text, ("t", "max_f", "fps"))  # frame number, number of frames, frames per second
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


def resolve(curve: Curve, clock: Clock) -> Callable[[float], float]:
    """The curve as a function of seconds. Raises: CurveError here for keyframes out of order, and ValueError for times
    and names that the film's music does not have; ValueError from the function when an expression has no value then."""
    if curve.expression is not None:
        return curve.expression.bind(clock)
    keyframes = curve.keyframes
    if curve.rule is not None:
        times = clock.turns(curve.rule)
        keyframes = tuple(keyframes[place % len(keyframes)] for place in range(len(times)))
    else:
        times, keyframes = _in_order(curve, clock)

    functions = [_function(keyframe.value, clock) for keyframe in keyframes]
    values = [function(t) for function, t in zip(functions, times, strict=True)]
    slopes = easings.monotone_slopes(times, values)

    def by_keyframes(t: float) -> float:
        place = bisect_right(times, t) - 1
        if place < 0:
            return values[0]
        if isinstance(keyframes[place].value, Expression):
            return functions[place](t)
        if place == len(times) - 1:
            return values[-1]
        span = times[place + 1] - times[place]
        share, ease = (t - times[place]) / span, keyframes[place].ease
        if ease == "smooth":
            ends = values[place], values[place + 1]
            return easings.hermite(share, *ends, slopes[place] * span, slopes[place + 1] * span)
        return values[place] + (values[place + 1] - values[place]) * easings.ease(ease, share)

    return by_keyframes


def _function(value: float | Expression, clock: Clock) -> Callable[[float], float]:
    """The value of a keyframe; an expression of the Deforum form counts frames."""
    if isinstance(value, float):
        return lambda t: value
    frames = float(clock.frames)
    return value.function(
        {"t": lambda t: round(t * clock.fps, 6), "max_f": lambda t: frames, "fps": lambda t: clock.fps}
    )


def _in_order(curve: Curve, clock: Clock) -> tuple[list[float], tuple[Keyframe, ...]]:
    """The times of its keyframes, in seconds, which go up. Of two at one time, because the song says so, the later one
    counts."""
    times, found, before = list[float](), list[Keyframe](), 0.0
    for place, keyframe in enumerate(curve.keyframes):
        try:
            before = clock.point(keyframe.at, before)
        except ValueError as error:
            raise _at(curve, place, str(error)) from error
        if times and before == times[-1] and keyframe.at.musical:
            found[-1] = keyframe
            continue
        if times and before <= times[-1]:
            raise _at(curve, place, f"keyframes out of order: {before:g}s comes after {times[-1]:g}s")
        times.append(before)
        found.append(keyframe)
    return times, tuple(found)


def _at(curve: Curve, place: int, message: str) -> CurveError:
    """What is wrong with the time of a keyframe."""
    path: tuple[Any, ...] = ()
    if isinstance(curve.source, Mapping):
        path = ([key for key in curve.source if key != "ease"][place],)
    elif isinstance(curve.source, list):
        path = (place, "at")
    return CurveError(message, path, at_key=isinstance(curve.source, Mapping))


def _curve(value: Any) -> Curve:
    try:
        return parse_curve(value)
    except CurveError as error:
        raise invalid(str(error), error.path, error.at_key) from error


AnyCurve = Annotated[Curve, BeforeValidator(_curve)]
