"""Geometric shapes on a background."""

from __future__ import annotations

import math

import numpy as np
from PIL import Image, ImageDraw

from animator.training.world import looks
from animator.training.world.canvas import Pen, Points, Rng, around, ellipse, mix, ramp, textured, to_image, wobble
from animator.training.world.spec import Mark, Picture

# Widest turn either way, radians; shapes that a turn would rename stay almost upright.
TURNS = {
    "square": 0.2,
    "rectangle": 0.25,
    "triangle": 0.3,
    "star": 0.6,
    "heart": 0.3,
    "cross": 0.18,
    "diamond": 0.12,
    "hexagon": 3.1,
    "pentagon": 0.6,
    "crescent": 0.7,
    "oval": 3.1,
    "arrow": 3.1,
    "cloud": 0.1,
    "drop": 0.3,
    "halfcircle": 0.3,
    "bolt": 0.25,
}


def outline_of(rng: Rng, shape: str) -> Points:
    """The points of a shape of radius 1 about (0, 0)."""
    if shape == "star":
        inner, tips = rng.uniform(0.38, 0.5), 6 if rng.random() < 0.08 else 5
        outer, dents = around(tips), around(tips, inner, -math.pi / 2 + math.pi / tips)
        return [point for pair in zip(outer, dents, strict=True) for point in pair]
    if shape == "heart":
        t = np.linspace(0, math.tau, 40, endpoint=False)
        x = 16 * np.sin(t) ** 3
        y = -(13 * np.cos(t) - 5 * np.cos(2 * t) - 2 * np.cos(3 * t) - np.cos(4 * t))
        return list(zip((x / 16.5).tolist(), (y / 16.5).tolist(), strict=True))
    if shape == "cross":
        w = rng.uniform(0.24, 0.36)
        return [
            (-w, -1),
            (w, -1),
            (w, -w),
            (1, -w),
            (1, w),
            (w, w),
            (w, 1),
            (-w, 1),
            (-w, w),
            (-1, w),
            (-1, -w),
            (-w, -w),
        ]
    if shape == "arrow":
        w, neck = rng.uniform(0.18, 0.3), rng.uniform(-0.05, 0.25)
        return [(-1, -w), (neck, -w), (neck, -0.75), (1, 0), (neck, 0.75), (neck, w), (-1, w)]
    if shape == "crescent":
        depth = rng.uniform(0.3, 0.6)
        side = 1 if rng.random() < 0.5 else -1
        arc = np.linspace(-math.pi / 2, math.pi / 2, 20)
        outer = [(side * math.cos(a), math.sin(a)) for a in arc]
        return outer + [(side * depth * math.cos(a), math.sin(a)) for a in arc[::-1]]
    if shape == "drop":
        t = np.linspace(0, math.tau, 36, endpoint=False)
        return [(0.75 * math.sin(a) * math.sin(a / 2) ** 1.5, -math.cos(a)) for a in t.tolist()]
    if shape == "halfcircle":
        return [(math.cos(a), 0.5 - math.sin(a)) for a in np.linspace(0, math.pi, 24).tolist()]
    if shape == "bolt":
        return [(0.25, -1), (-0.55, 0.12), (-0.08, 0.12), (-0.3, 1), (0.55, -0.22), (0.06, -0.22), (0.6, -1)]
    if shape == "rectangle":
        ratio = rng.uniform(0.35, 0.6)
        return (
            [(-1, -ratio), (1, -ratio), (1, ratio), (-1, ratio)]
            if rng.random() < 0.6
            else [(-ratio, -1), (ratio, -1), (ratio, 1), (-ratio, 1)]
        )
    if shape == "oval":
        return ellipse(0, 0, 1, rng.uniform(0.5, 0.7))
    if shape == "diamond":
        w = rng.uniform(0.6, 0.95)
        return [(0, -1), (w, 0), (0, 1), (-w, 0)]
    if shape == "square":
        return [(-0.86, -0.86), (0.86, -0.86), (0.86, 0.86), (-0.86, 0.86)]
    sides = {"triangle": 3, "pentagon": 5, "hexagon": 6}.get(shape)
    return around(sides) if sides else ellipse(0, 0, 0.95, 0.95)


def draw_mask(rng: Rng, n: int, mark: Mark, x: float, y: float, r: float, form: Points | None = None) -> Image.Image:
    """Where a mark is: an "L" mask; x, y, r in sides."""
    mask = Image.new("L", (n, n), 0)
    draw = ImageDraw.Draw(mask)
    limit = TURNS.get(mark.shape, 0.0)
    pen = Pen(draw, n, x, y, r, float(rng.uniform(-limit, limit)) if rng.random() < 0.6 else 0.0)
    if mark.shape == "arrow":
        pen.turn = math.pi / 2 * int(rng.integers(0, 4)) + float(rng.normal(0, 0.15))
    if mark.shape == "hexagon":
        pen.turn = math.pi / 6 * int(rng.integers(0, 2)) + float(rng.normal(0, 0.08))
    if mark.shape == "cloud":
        for px, py, size in ((-0.55, 0.15, 0.42), (0.0, -0.2, 0.55), (0.55, 0.1, 0.45), (0.0, 0.2, 0.5)):
            draw.polygon(pen.at(ellipse(px, py, size, size * 0.95)), fill=255)
        draw.polygon(pen.at(((-0.6, 0.2), (0.6, 0.2), (0.6, 0.55), (-0.6, 0.56))), fill=255)
        return mask
    points = form or outline_of(rng, mark.shape)
    squash, lean = rng.normal(1, 0.045), rng.normal(0, 0.03)
    points = [(px * squash + py * lean, py / squash) for px, py in points]
    pixels = pen.at(points)
    if mark.outline:
        width = max(2, round(n * r * rng.uniform(0.13, 0.26)))
        draw.line([*pixels, pixels[0], pixels[1]], fill=255, width=width, joint="curve")
        return mask
    draw.polygon(pixels, fill=255)
    if mark.shape == "ring":
        hole = rng.uniform(0.5, 0.74)
        draw.polygon(pen.at([(px * hole, py * hole) for px, py in points]), fill=0)
    return mask


def put(rng: Rng, image: Image.Image, mark: Mark, mask: Image.Image) -> None:
    """Colours a mask: a texture, now and then a shadow, a darker edge or a ball's light."""
    n = image.width
    rgb = wobble(rng, mark.colour)
    roll = rng.random()
    if roll < 0.1:
        offset = max(1, n // 40)
        image.paste(mix(rgb, (0, 0, 0), 0.75), (offset, offset), mask.point(lambda v: v // 3))
    image.paste(textured(rng, n, rgb, 0.8), (0, 0), mask)


def backdrop(rng: Rng, n: int, colour: str) -> Image.Image:
    """A background of one colour, flat, textured or under a light."""
    rgb = wobble(rng, colour)
    if rng.random() < 0.12:
        return to_image(ramp(n, ((0.0, mix(rgb, (255, 255, 255), 0.18)), (1.0, mix(rgb, (0, 0, 0), 0.15)))))
    return textured(rng, n, rgb)


def spots(rng: Rng, count: int) -> list[tuple[float, float, float]]:
    """Centres and radii (sides) of `count` equal shapes that do not overlap."""
    if count == 2:
        gap, slope = rng.uniform(0.23, 0.27), rng.uniform(-0.16, 0.16)
        turn = rng.choice((0.0, math.pi / 2)) + slope
        dx, dy = gap * math.cos(turn), gap * math.sin(turn)
        r = rng.uniform(0.17, 0.225)
        return [(0.5 - dx, 0.5 - dy, r), (0.5 + dx, 0.5 + dy, r)]
    if count == 3:
        r, turn = rng.uniform(0.15, 0.19), rng.uniform(0, 6.28)
        if rng.random() < 0.35:
            return [(x, 0.5 + rng.normal(0, 0.04), r - 0.02) for x in (0.18, 0.5, 0.82)]
        return [(0.5 + 0.26 * math.cos(turn + k * 2.094), 0.5 + 0.26 * math.sin(turn + k * 2.094), r) for k in range(3)]
    across = int(rng.integers(3, 6))
    r, shift = 0.40 / across, rng.normal(0, 0.025, (across, across, 2))
    return [
        ((i + 0.5) / across + shift[i, j, 0], (j + 0.5) / across + shift[i, j, 1], r * rng.uniform(0.8, 1.05))
        for i in range(across)
        for j in range(across)
        if across == 3 or rng.random() < 0.9
    ]


def paint_pair(rng: Rng, image: Image.Image, picture: Picture) -> None:
    """Two marks in their relation."""
    first, last = picture.marks
    n = image.width
    if picture.relation in ("inside", "around"):
        inner, outer = (first, last) if picture.relation == "inside" else (last, first)
        x, y, r = 0.5 + rng.normal(0, 0.02), 0.5 + rng.normal(0, 0.02), rng.uniform(0.4, 0.47)
        put(rng, image, outer, draw_mask(rng, n, outer, x, y, r))
        put(rng, image, inner, draw_mask(rng, n, inner, x, y, r * rng.uniform(0.4, 0.55)))
        return
    sign = 1 if picture.relation in ("right", "below") else -1
    gap, drift = rng.uniform(0.23, 0.26), rng.normal(0, 0.04)
    for mark, side in ((first, sign), (last, -sign)):
        x, y = 0.5 + side * gap, 0.5 + side * drift
        if picture.relation in ("above", "below"):
            x, y = y, x
        put(rng, image, mark, draw_mask(rng, n, mark, x, y, rng.uniform(0.18, 0.235)))


def paint_shapes(rng: Rng, picture: Picture, n: int) -> Image.Image:
    """Shapes, (n, n)."""
    image = backdrop(rng, n, picture.back)
    if picture.relation:
        paint_pair(rng, image, picture)
        return image
    mark = picture.marks[0]
    if picture.count > 1:
        form = outline_of(rng, mark.shape)
        mask = Image.new("L", (n, n), 0)
        for x, y, r in spots(rng, picture.count):
            mask.paste(255, (0, 0), draw_mask(rng, n, mark, x, y, r, form))
        put(rng, image, mark, mask)
        return image
    low, high = {"small": (0.1, 0.16), "large": (0.45, 0.54)}.get(mark.size, (0.3, 0.46))
    x, y = looks.CENTRES[picture.place]
    if picture.place not in ("", "centre") and not mark.size:
        low, high = 0.2, 0.25
    spread = 0.02 if picture.place or mark.size == "large" else 0.04 if not mark.size else 0.12
    mask = draw_mask(rng, n, mark, x + rng.normal(0, spread), y + rng.normal(0, spread), rng.uniform(low, high))
    put(rng, image, mark, mask)
    return image
