"""Lines over time, as the points of an SVG. Numbers only: what goes into a page as text is a template's matter."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 1000.0, 100.0  # of a chart, in the units of its SVG
MOST = 500  # points of a line


@dataclass(frozen=True)
class Line:
    """A line of a chart: its name, its points as SVG has them, and its lowest, highest and last values."""

    name: str
    points: str
    low: float
    high: float
    last: float


def line(name: str, values: Sequence[float], count: int) -> Line:
    """Values from the chart's left edge on, where `count` values would fill it. Each line has a height of its own; of
    more values than can be seen, those are kept that stand for a stretch's lowest and highest."""
    known = [(place, value) for place, value in enumerate(values) if math.isfinite(value)]
    low = min((value for _, value in known), default=0.0)
    high = max((value for _, value in known), default=0.0)
    span = high - low or 1.0
    across = max(1, count - 1)
    points = " ".join(
        f"{place / across * WIDTH:.1f},{HEIGHT - 4 - (value - low) / span * (HEIGHT - 8):.1f}"
        for place, value in _thinned(known)
    )
    return Line(name, points, low, high, known[-1][1] if known else 0.0)


def _thinned(known: Sequence[tuple[int, float]]) -> list[tuple[int, float]]:
    if len(known) <= MOST:
        return list(known)
    found, stretch = [], math.ceil(2 * len(known) / MOST)
    for start in range(0, len(known), stretch):
        part = known[start : start + stretch]
        ends = {min(part, key=lambda point: point[1]), max(part, key=lambda point: point[1])}
        found += sorted(ends)
    return found
