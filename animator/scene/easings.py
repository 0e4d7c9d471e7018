"""How a value goes from one keyframe to the next."""

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

EASINGS: dict[str, tuple[float, float, float, float] | None] = {  # handles of a cubic Bezier curve, as in CSS
    "hold": None,
    "linear": (0.0, 0.0, 1.0, 1.0),
    "ease": (0.25, 0.1, 0.25, 1.0),
    "ease-in": (0.42, 0.0, 1.0, 1.0),
    "ease-out": (0.0, 0.0, 0.58, 1.0),
    "ease-in-out": (0.42, 0.0, 0.58, 1.0),
    "smooth": None,
}
_BEZIER = re.compile(r"cubic-bezier\(([^,()]+),([^,()]+),([^,()]+),([^,()]+)\)")


def parse(value: Any) -> str:
    """The name of an easing, without spaces. Raises: ValueError for one that is not known."""
    text = str(value).replace(" ", "")
    if text in EASINGS:
        return text
    match = _BEZIER.fullmatch(text)
    if match is None:
        short = text if len(text) <= 60 else text[:57] + "..."
        raise ValueError(f"unknown easing {short!r}; easings: {', '.join(EASINGS)}, cubic-bezier(x1,y1,x2,y2)")
    try:
        handles = [float(part) for part in match.groups()]
    except ValueError:
        handles = [-1.0]
    if not (all(0 <= x <= 1 for x in handles[::2]) and all(-10 <= y <= 10 for y in handles[1::2])):
        raise ValueError(f"{text}: four numbers, x1 and x2 between 0 and 1")
    return text


def ease(name: str, share: float) -> float:
    """How far the value has come, 0 to 1, after a share of the time; not for `smooth`, which looks at neighbours."""
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


def hermite(share: float, start: float, end: float, slope_start: float, slope_end: float) -> float:
    """The cubic between two values with these slopes at its ends, in units of the way between them. Flat between two
    values that are the same, to the last bit."""
    s2, s3 = share * share, share**3
    return start + (3 * s2 - 2 * s3) * (end - start) + (s3 - 2 * s2 + share) * slope_start + (s3 - s2) * slope_end


def monotone_slopes(times: Sequence[float], values: Sequence[float]) -> list[float]:
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
