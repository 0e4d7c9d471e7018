"""Two colours in a pattern, one that fades into another, or one alone."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from animator.training.world.canvas import Floats, Rng, mix, noise, ramp, textured, to_image, wobble
from animator.training.world.spec import Picture
from animator.training.world.words import RGB


def coordinates(rng: Rng, n: int) -> tuple[Floats, Floats]:
    """x and y of each pixel from the middle, in sides, a little warped now and then."""
    along = (np.arange(n, dtype=np.float32) + 0.5) / n - 0.5
    x, y = np.meshgrid(along, along)
    if rng.random() < 0.3:
        x = x + noise(rng, n, 3) * 0.012
        y = y + noise(rng, n, 3) * 0.012
    return x.astype(np.float32), y.astype(np.float32)


def turned(x: Floats, y: Floats, angle: float) -> tuple[Floats, Floats]:
    """The coordinates turned by an angle."""
    return x * math.cos(angle) + y * math.sin(angle), y * math.cos(angle) - x * math.sin(angle)


def triangle_wave(t: Floats) -> Floats:
    """A wave of straight flanks in -1..1 and period 1."""
    return np.asarray(4 * np.abs(t - np.floor(t + 0.5)) - 1, np.float32)


def bands(rng: Rng, picture: Picture, x: Floats, y: Floats) -> NDArray[Any]:
    """Stripes, zigzags and waves: above 0 where the first colour is."""
    count, phase = rng.uniform(2.0, 6.5), rng.uniform(0, 1)
    angle = {"horizontal": 0.0, "vertical": math.pi / 2}.get(picture.way, math.pi / 4 * rng.choice((1, 3)))
    angle += rng.normal(0, 0.05)
    if picture.pattern != "stripes":
        angle = rng.choice((0.0, math.pi / 2)) + rng.normal(0, 0.08)
    u, v = turned(x, y, angle)
    bend, many = rng.uniform(0.35, 0.8) / count, rng.uniform(1.5, 4)
    if picture.pattern == "zigzag":
        v = v + bend * 0.8 * triangle_wave(u * many)
    if picture.pattern == "waves":
        v = v + bend * 0.7 * np.sin(u * many * math.tau)
    return np.asarray(np.sin((v * count + phase) * math.tau) + rng.uniform(-0.25, 0.25))


def round_fields(rng: Rng, picture: Picture, x: Floats, y: Floats) -> NDArray[Any]:
    """Spirals, targets and rays about a point near the middle."""
    x, y = x - rng.normal(0, 0.05), y - rng.normal(0, 0.05)
    radius, angle = np.hypot(x, y), np.arctan2(y, x)
    if picture.pattern == "target":
        return np.asarray(np.sin((radius * rng.uniform(3.5, 7) + rng.uniform(0, 1)) * math.tau))
    if picture.pattern == "rays":
        return np.asarray(np.sin(angle * int(rng.integers(5, 13)) + rng.uniform(0, 6)))
    turns, arms = rng.uniform(2.6, 5.5), 2 if rng.random() < 0.25 else 1
    sign = rng.choice((-1, 1))
    twist = radius if rng.random() < 0.75 else np.log(radius + 0.05) * 0.3
    return np.asarray(
        np.sin(twist * turns * math.tau + sign * arms * angle + rng.uniform(0, 6)) + rng.uniform(-0.2, 0.2)
    )


def tiles(rng: Rng, picture: Picture, x: Floats, y: Floats) -> NDArray[Any]:
    """Checkerboards, dots, grids, bricks, triangles, scales and diamonds."""
    name, count = picture.pattern, rng.uniform(2.5, 6.5)
    turn = {"diamonds": math.pi / 4, "bricks": 0.0, "scales": 0.0, "triangles": 0.0}.get(name, 0.0)
    u, v = turned(x, y, turn + rng.normal(0, 0.06))
    u, v = u * count + rng.uniform(0, 1), v * count + rng.uniform(0, 1)
    if name == "diamonds":
        u, v = turned(x * rng.uniform(1.1, 1.5), y, turn)
        u, v = u * count, v * count
    if name in ("checkerboard", "diamonds"):
        return np.asarray(np.sin(u * math.pi) * np.sin(v * math.pi))
    if name == "dots":
        shift = 0.5 * (np.floor(v) % 2) if rng.random() < 0.5 else 0
        return np.asarray(rng.uniform(0.26, 0.42) - np.hypot((u + shift) % 1 - 0.5, v % 1 - 0.5))
    if name == "grid":
        line = rng.uniform(0.07, 0.17)
        return np.asarray(line - np.minimum(np.abs(u % 1 - 0.5), np.abs(v % 1 - 0.5)))
    if name == "bricks":
        shift, line = 0.5 * (np.floor(v * 1.4) % 2), rng.uniform(0.04, 0.08)
        across = np.abs((u * 0.7 + shift) % 1 - 0.5)
        return np.asarray(np.minimum(0.5 - line - across, 0.5 - line * 1.6 - np.abs((v * 1.4) % 1 - 0.5)))
    if name == "scales":
        row = np.floor(v * 1.6)
        far = np.hypot((u + 0.5 * (row % 2)) % 1 - 0.5, ((v * 1.6) % 1) * 0.62)
        return np.asarray(rng.uniform(0.4, 0.46) - far)
    return np.asarray((1 - 2 * np.abs((u + 0.5 * (np.floor(v) % 2)) % 1 - 0.5)) - (1 - v % 1))


def paint_pattern(rng: Rng, picture: Picture, n: int) -> Image.Image:
    """A pattern of two colours, (n, n)."""
    x, y = coordinates(rng, n)
    if picture.pattern in ("stripes", "zigzag", "waves"):
        field = bands(rng, picture, x, y)
    elif picture.pattern in ("spiral", "target", "rays"):
        field = round_fields(rng, picture, x, y)
    else:
        field = tiles(rng, picture, x, y)
    image = textured(rng, n, wobble(rng, picture.back))
    mask = Image.fromarray((field > 0).astype(np.uint8) * 255)
    image.paste(textured(rng, n, wobble(rng, picture.colour)), (0, 0), mask)
    return image


def paint_plain(rng: Rng, picture: Picture, n: int) -> Image.Image:
    """One colour, two halves, or a gradient: the first colour on top or on the left."""
    rgb = wobble(rng, picture.colour)
    if picture.pattern == "plain":
        return textured(rng, n, rgb)
    other = wobble(rng, picture.back)
    turn = rng.normal(0, 0.12) + (math.pi / 2 if picture.way == "across" else 0.0)
    edge = rng.uniform(0.42, 0.58)
    stops: tuple[tuple[float, RGB], ...]
    if picture.pattern == "halves":
        stops = ((0.0, rgb), (edge - 0.004, rgb), (edge + 0.004, other), (1.0, other))
    else:
        stops = ((rng.uniform(0.0, 0.2), rgb), (edge, mix(rgb, other, 0.5)), (rng.uniform(0.8, 1.0), other))
    grain = noise(rng, n, 32)[..., None] * rng.uniform(0, 8)
    return to_image(ramp(n, stops, turn) + grain)
