"""Shapes of what changes over time, for expressions: each takes functions of seconds and answers another one.

What has to be followed from moment to moment, as `env` has, is followed in steps of STEP, or of MOST steps where a film
is that long; all others are exact.
"""

import math
from array import array
from bisect import bisect_right
from collections.abc import Callable, Sequence

from animator.seeds import derive

STEP = 0.01  # seconds
MOST = 1_000_000  # steps
BEYOND = 10.0  # seconds after a film's end, which `ahead` may look at; so a longer film changes nothing before
Function = Callable[[float], float]
Hits = Sequence[tuple[float, float]]  # times in seconds, ascending, and heights in 0..1


def pulse(hits: Hits, length: float) -> Function:
    """1 (or a hit's height) when it happens, and 0 after `length` seconds, along a parabola."""
    times = [time for time, _ in hits]

    def at(t: float) -> float:
        best, place = 0.0, bisect_right(times, t + 1e-9) - 1
        while place >= 0 and (age := max(0.0, t - times[place])) < length:
            most = (1 - age / length) ** 2  # and less for all that happened before
            if most <= best:
                break
            best = max(best, hits[place][1] * most)
            place -= 1
        return best

    return at


def ahead(function: Function, seconds: float) -> Function:
    """What comes so much later."""
    return lambda t: function(t + seconds)


def hold(function: Function, begin: Function) -> Function:
    """What there was at the beginning of each stretch; `begin` tells it for a time."""
    return lambda t: function(begin(t))


def env(function: Function, duration: float, attack: float, release: float) -> Function:
    """Follows, up as fast as `attack` says and down as `release`: the seconds in which two thirds of a way are gone."""
    values, step = _values(function, duration)
    return _joined(follow(values, 1 / step, attack, release), step)


def follow(values: Sequence[float], per_second: float, attack: float, release: float) -> "array[float]":
    """`env` of values that are so many a second."""
    up, down = (1 - math.exp(-1 / (per_second * max(time, 1e-6))) for time in (attack, release))
    value, found = values[0] if values else 0.0, array("d")
    for wanted in values:
        value += (wanted - value) * (up if wanted > value else down)
        found.append(value)
    return found


def slide(function: Function, duration: float, up: float, down: float) -> Function:
    """Follows, by at most `up` a second upwards and `down` a second downwards."""
    values, step = _values(function, duration)
    found = array("d", values[:1])
    for wanted in values[1:]:
        found.append(min(max(wanted, found[-1] - down * step), found[-1] + up * step))
    return _joined(found, step)


def smooth(function: Function, duration: float, seconds: float) -> Function:
    """The mean over so many seconds about each time, so that it is not late."""
    values, step = _values(function, duration + min(seconds, duration))
    half = max(1, round(min(seconds, 2 * duration) / step / 2))
    sums = array("d", [0.0])
    for value in values:
        sums.append(sums[-1] + value)
    spans = ((max(0, place - half), min(len(values), place + half + 1)) for place in range(len(values)))
    return _joined(array("d", ((sums[last] - sums[first]) / (last - first) for first, last in spans)), step)


def noise(value: float, seed: float = 0.0) -> float:
    """A smooth line through random heights in -1..1, one at each whole number."""
    whole = math.floor(value)
    share = value - whole
    low, high = (derive(int(seed), whole + end) / 2**62 - 1 for end in (0, 1))
    return low + (high - low) * share * share * (3 - 2 * share)


def stretches(begins: Sequence[float]) -> Function:
    """The beginning of the stretch that a time is in; before the first, the time itself."""

    def begin(t: float) -> float:
        place = bisect_right(begins, t + 1e-9) - 1
        return begins[place] if place >= 0 else t

    return begin


def _values(function: Function, duration: float) -> tuple["array[float]", float]:
    """A function's values from 0 s to a film's end and BEYOND, and the seconds between two."""
    step = max(STEP, duration / MOST)
    return array("d", (function(place * step) for place in range(math.ceil((duration + BEYOND) / step)))), step


def _joined(values: "array[float]", step: float) -> Function:
    """Values from 0 s on, joined by straight lines."""

    def at(t: float) -> float:
        place = min(max(t / step, 0.0), len(values) - 1.000001)
        before = int(place)
        return values[before] + (values[before + 1] - values[before]) * (place - before)

    return at
