"""Numpy and Pillow primitives: noise, ramps, textured layers, and a pen with its own frame."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from animator.training.world.words import RGB, RGB_OF

Floats = NDArray[np.float32]
Rng = np.random.Generator
Points = Sequence[tuple[float, float]]
DAY: tuple[float, float, float] = (1.0, 1.0, 1.0)


def wobble(rng: Rng, colour: str | RGB, amount: float = 9.0) -> RGB:
    """The colour (a word or sRGB), off by about `amount` of 255 in each channel."""
    rgb = RGB_OF[colour] if isinstance(colour, str) else colour
    r, g, b, all_three = rng.normal(0, amount, 4).tolist()
    return clip3((rgb[0] + r + all_three, rgb[1] + g + all_three, rgb[2] + b + all_three))


def clip3(values: Iterable[float]) -> RGB:
    """Three numbers as an sRGB triple."""
    r, g, b = values
    return min(255, max(0, int(r))), min(255, max(0, int(g))), min(255, max(0, int(b)))


def mix(one: RGB, other: RGB, share: float) -> RGB:
    """`one` with `share` (0..1) of `other`."""
    keep = 1 - share
    return clip3((one[0] * keep + other[0] * share, one[1] * keep + other[1] * share, one[2] * keep + other[2] * share))


def lit(rgb: RGB, light: tuple[float, float, float]) -> RGB:
    """A colour under a light (a factor per channel)."""
    return clip3((rgb[0] * light[0], rgb[1] * light[1], rgb[2] * light[2]))


def noise(rng: Rng, n: int, cells: int, wide: int = 0) -> Floats:
    """Smooth noise of standard deviation near 1: (n, n), `cells` bumps down and `wide` (or as many) across."""
    grid = rng.standard_normal((cells, wide or cells), np.float32)
    return np.asarray(Image.fromarray(grid).resize((n, n), Image.Resampling.BICUBIC), np.float32)


def line_noise(rng: Rng, n: int, cells: int) -> Floats:
    """Smooth noise along a line: n values of standard deviation near 1."""
    grid = rng.standard_normal((1, cells), np.float32)
    return np.asarray(Image.fromarray(grid).resize((n, 1), Image.Resampling.BICUBIC), np.float32).reshape(n)


def fractal(rng: Rng, n: int, cells: int, stretch: float = 1.0) -> Floats:
    """Three octaves of noise, (n, n); `stretch` > 1 draws it out sideways."""
    total = np.zeros((n, n), np.float32)
    for octave, weight in ((1, 0.6), (2, 0.3), (4, 0.18)):
        total += weight * noise(rng, n, cells * octave, max(2, int(cells * octave / stretch)))
    return total


def ramp(n: int, stops: Sequence[tuple[float, RGB]], turn: float = 0.0) -> Floats:
    """(n, n, 3) colours that run down the picture through the stops (place 0..1, sRGB); `turn` radians tilts it."""
    places, rgbs = [place for place, _ in stops], np.asarray([rgb for _, rgb in stops], np.float32)
    along = np.linspace(0, 1, n if not turn else 512, dtype=np.float32)
    table = np.stack([np.interp(along, places, rgbs[:, c]) for c in range(3)], -1).astype(np.float32)
    if not turn:
        return np.repeat(table[:, None], n, 1)
    steps = np.linspace(-256, 256, n, dtype=np.float32)
    index = (256 + steps[:, None] * math.cos(turn) + steps[None] * math.sin(turn)).astype(np.intp)
    return np.asarray(table.take(index.clip(0, 511), 0), np.float32)


def to_image(values: NDArray[Any]) -> Image.Image:
    """(n, n, 3) floats of 0..255 as an image."""
    return Image.fromarray(np.clip(values, 0, 255).astype(np.uint8))


def to_floats(image: Image.Image) -> Floats:
    """An image as (n, n, 3) floats of 0..255."""
    return np.asarray(image).astype(np.float32)


def blend(image: Image.Image, rgb: RGB, share: NDArray[Any]) -> Image.Image:
    """The image with `share` (n, n; 0..1) of a colour over it."""
    mask = Image.fromarray((np.clip(share, 0, 1) * 255).astype(np.uint8))
    image.paste(rgb, (0, 0, *image.size), mask)
    return image


def glow(n: int, x: float, y: float, radius: float) -> Floats:
    """A soft disc of light (n, n), 1 at its centre; x, y, radius in sides."""
    along = (np.arange(n, dtype=np.float32) + 0.5) / n
    across, down = np.exp(-(((along - x) / radius) ** 2)), np.exp(-(((along - y) / radius) ** 2))
    return np.asarray(down[:, None] * across[None], np.float32)


def textured(rng: Rng, n: int, rgb: RGB, strength: float = 1.0) -> Image.Image:
    """A layer of one colour with light and texture: flat, a light gradient, mottles, streaks or grain."""
    kind = int(rng.integers(0, 6))
    if kind == 0:
        return Image.new("RGB", (n, n), rgb)
    if kind == 1:
        turn, depth = rng.uniform(0, 6.28), rng.uniform(8, 34) * strength
        high, low = clip3(v + depth for v in rgb), clip3(v - depth for v in rgb)
        return to_image(ramp(n, ((0.0, high), (1.0, low)), turn))
    if kind == 2:
        field = fractal(rng, n, int(rng.integers(2, 7))) * rng.uniform(5, 17)
    elif kind == 3:
        wide = rng.random() < 0.5
        field = noise(rng, n, 48 if wide else 4, 4 if wide else 48) * rng.uniform(4, 14)
    elif kind == 4:
        field = noise(rng, n, 40) * rng.uniform(4, 14)
    else:
        field = (glow(n, rng.uniform(0.1, 0.9), rng.uniform(0.1, 0.9), rng.uniform(0.3, 0.8)) - 0.5) * rng.uniform(
            20, 55
        )
    return to_image(np.asarray(rgb, np.float32) + (field * strength)[..., None])


@dataclass
class Pen:
    """Draws in a frame of its own: (0, 0) is the middle, 1 the radius, y down; `light` colours what it draws."""

    draw: ImageDraw.ImageDraw
    n: int
    x: float = 0.5
    y: float = 0.5
    r: float = 0.5
    turn: float = 0.0
    light: tuple[float, float, float] = DAY
    flip: bool = False

    def at(self, points: Points) -> list[tuple[float, float]]:
        """Pixels of points of the frame."""
        cos, sin, side = math.cos(self.turn), math.sin(self.turn), -1 if self.flip else 1
        r, x0, y0 = self.r * self.n, self.x * self.n, self.y * self.n
        return [(x0 + r * (side * x * cos - y * sin), y0 + r * (side * x * sin + y * cos)) for x, y in points]

    def poly(self, points: Points, rgb: RGB) -> None:
        """A filled polygon."""
        self.draw.polygon(self.at(points), fill=lit(rgb, self.light))

    def oval(self, x: float, y: float, rx: float, ry: float, rgb: RGB, turn: float = 0.0) -> None:
        """A filled ellipse, turned by `turn` radians."""
        self.poly(ellipse(x, y, rx, ry, turn), rgb)

    def line(self, points: Points, width: float, rgb: RGB) -> None:
        """A line of a width in radii, one pixel at least."""
        self.draw.line(
            self.at(points),
            fill=lit(rgb, self.light),
            width=max(1, round(width * self.r * self.n)),
            joint="curve",
        )

    def box(self, x0: float, y0: float, x1: float, y1: float, rgb: RGB) -> None:
        """A filled rectangle."""
        self.poly(((x0, y0), (x1, y0), (x1, y1), (x0, y1)), rgb)


UNIT = tuple((math.cos(i * math.tau / 28), math.sin(i * math.tau / 28)) for i in range(28))


def ellipse(x: float, y: float, rx: float, ry: float, turn: float = 0.0) -> list[tuple[float, float]]:
    """Points on an ellipse."""
    cos, sin = math.cos(turn), math.sin(turn)
    return [(x + rx * u * cos - ry * v * sin, y + rx * u * sin + ry * v * cos) for u, v in UNIT]


def around(count: int, radius: float = 1.0, start: float = -math.pi / 2) -> list[tuple[float, float]]:
    """Points of a regular polygon, the first one on top."""
    return [
        (radius * math.cos(start + i * math.tau / count), radius * math.sin(start + i * math.tau / count))
        for i in range(count)
    ]
