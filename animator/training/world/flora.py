"""Flowers, trees and fire, each drawn with a few strokes in a pen's frame."""

from __future__ import annotations

import math

import numpy as np

from animator.training.world.canvas import Pen, Rng, ellipse, mix, wobble
from animator.training.world.words import RGB

BLACK, WHITE = (0, 0, 0), (255, 255, 255)


def stem(pen: Pen, rng: Rng, top: float = 0.0, leaves: bool = True) -> None:
    """A green stem from `top` down, with leaves."""
    green = wobble(rng, (46, 134, 48), 16)
    bend = rng.normal(0, 0.1)
    pen.line(((0, top), (bend, 0.5), (bend * 0.5, 1.0)), rng.uniform(0.07, 0.13), green)
    if leaves:
        for side in (-1, 1):
            y = rng.uniform(0.5, 0.8)
            pen.oval(bend + side * 0.2, y, 0.24, 0.09, mix(green, BLACK, 0.12), -side * 0.6)


def petals(pen: Pen, rng: Rng, rgb: RGB, count: int, shape: tuple[float, float, float], heart: RGB) -> None:
    """A round of petals; shape is (reach of all, width of one, size of the heart)."""
    reach, width, core = shape
    start = rng.uniform(0, 6.28)
    dark = mix(rgb, BLACK, rng.uniform(0.08, 0.3))
    for k in range(count):
        turn = start + k * math.tau / count
        middle = (core * 0.5 + reach) / 2
        x, y = middle * math.cos(turn), middle * math.sin(turn)
        pen.oval(x, y, (reach - core * 0.5) / 2, width, dark if k % 2 and count > 6 else rgb, turn)
    pen.oval(0, 0, core, core, heart)


def flower(pen: Pen, rgb: RGB, rng: Rng) -> None:
    """A flower seen from before, with a stem or filling the frame."""
    stemmed = rng.random() < 0.5
    yellow = (250, 208, 40)
    heart = wobble(rng, yellow if abs(rgb[0] - 245) + abs(rgb[1] - 210) + rgb[2] > 170 else (110, 60, 30), 10)
    if stemmed:
        stem(pen, rng)
        pen = Pen(
            pen.draw,
            pen.n,
            pen.x + 0.3 * pen.r * math.sin(pen.turn),
            pen.y - 0.3 * pen.r,
            pen.r * 0.68,
            pen.turn,
            pen.light,
        )
    count = int(rng.integers(5, 9))
    petals(pen, rng, rgb, count, (1.0, rng.uniform(1.5, 2.0) / count, rng.uniform(0.2, 0.32)), heart)


def daisy(pen: Pen, rgb: RGB, rng: Rng) -> None:
    """Many narrow petals about a yellow heart."""
    if rng.random() < 0.5:
        stem(pen, rng)
        pen = Pen(pen.draw, pen.n, pen.x, pen.y - 0.3 * pen.r, pen.r * 0.68, pen.turn, pen.light)
    heart = (250, 190, 30) if rgb[2] > 120 else (200, 120, 20)
    petals(pen, rng, rgb, int(rng.integers(11, 16)), (1.0, 0.13, 0.28), wobble(rng, heart))


def sunflower(pen: Pen, rgb: RGB, rng: Rng) -> None:
    """Pointed yellow petals about a large brown heart."""
    if rng.random() < 0.6:
        stem(pen, rng)
        pen = Pen(pen.draw, pen.n, pen.x, pen.y - 0.28 * pen.r, pen.r * 0.72, pen.turn, pen.light)
    brown = wobble(rng, (96, 56, 24))
    petals(pen, rng, rgb, int(rng.integers(14, 19)), (1.0, 0.15, 0.48), brown)
    pen.oval(0, 0, 0.3, 0.3, mix(brown, BLACK, 0.35))


def tulip(pen: Pen, rgb: RGB, rng: Rng) -> None:
    """A cup of three petals on a stem with long leaves."""
    stem(pen, rng, leaves=False)
    green = wobble(rng, (50, 140, 56), 14)
    for side in (-1, 1):
        pen.poly(((0, 1), (side * 0.5, 0.1), (side * 0.22, 0.8)), green)
    w = rng.uniform(0.42, 0.55)
    pen.poly(
        (
            (-w, -0.9),
            (-w * 0.5, -0.6),
            (0, -1),
            (w * 0.5, -0.6),
            (w, -0.9),
            (w * 0.95, -0.3),
            (w * 0.5, 0.1),
            (-w * 0.5, 0.1),
            (-w * 0.95, -0.3),
        ),
        rgb,
    )
    pen.oval(0, -0.38, w * 0.5, 0.48, mix(rgb, BLACK, 0.14))


def rose(pen: Pen, rgb: RGB, rng: Rng) -> None:
    """Whorled petals on a stem."""
    stem(pen, rng)
    dark, turn = mix(rgb, BLACK, 0.3), rng.uniform(0, 6.28)
    for k, size in enumerate((0.56, 0.47, 0.38, 0.29, 0.19, 0.1)):
        x, y = 0.1 * math.cos(turn + 2.2 * k), -0.4 + 0.1 * math.sin(turn + 2.2 * k)
        pen.oval(x, y, size * 1.05, size * 0.97, dark if k % 2 else rgb, k)


def crown_colour(rgb: RGB, rng: Rng) -> RGB:
    """A tree's colour, wobbled."""
    return wobble(rng, rgb, 8)


def tree(pen: Pen, rgb: RGB, rng: Rng) -> None:
    """A trunk and a round crown."""
    trunk = wobble(rng, (96, 62, 36))
    w = rng.uniform(0.08, 0.14)
    pen.poly(((-w * 1.5, 1), (-w, -0.1), (w, -0.1), (w * 1.5, 1)), trunk)
    pen.line(((0, 0.3), (0.3, -0.1)), 0.07, trunk)
    dark = mix(rgb, BLACK, 0.2)
    bumps = [
        (-0.42, -0.15, 0.38),
        (0.42, -0.12, 0.38),
        (0, -0.1, 0.45),
        (-0.2, -0.52, 0.42),
        (0.24, -0.5, 0.4),
    ]
    for x, y, size in bumps:
        pen.oval(x, y + 0.05, size, size * 0.93, dark)
    for x, y, size in bumps:
        pen.oval(x - 0.04, y - 0.04, size * 0.8, size * 0.74, crown_colour(rgb, rng))


def pine(pen: Pen, rgb: RGB, rng: Rng) -> None:
    """Three tiers on a short trunk."""
    pen.box(-0.08, 0.6, 0.08, 1.0, wobble(rng, (90, 58, 34)))
    w = rng.uniform(0.5, 0.66)
    for tier, (top, foot) in enumerate(((-0.05, 0.72), (-0.5, 0.28), (-1.0, -0.18))):
        wide = w * (1 - 0.22 * tier)
        pen.poly(((0, top), (wide, foot), (-wide, foot)), mix(rgb, BLACK, 0.22 - 0.1 * tier))


def palm(pen: Pen, rgb: RGB, rng: Rng) -> None:
    """A bent trunk and a tuft of fronds."""
    lean = rng.normal(0, 0.22)
    pen.line(((0, 1), (lean * 0.3, 0.3), (lean, -0.45)), 0.13, wobble(rng, (128, 92, 56)))
    for turn in (-2.9, -2.3, -1.4, -0.7, -0.1, 0.35, 2.8):
        x, y = math.cos(turn), math.sin(turn)
        pen.poly(
            (
                (lean, -0.45),
                (lean + 0.45 * x, -0.45 + 0.5 * y - 0.14),
                (lean + 0.85 * x, -0.3 + 0.55 * y + 0.1),
                (lean + 0.4 * x, -0.45 + 0.5 * y + 0.07),
            ),
            rgb,
        )


def cactus(pen: Pen, rgb: RGB, rng: Rng) -> None:
    """A column with two arms."""
    for points, width in (
        (((0, 1), (0, -0.85)), 0.32),
        (((0, 0.35), (0.5, 0.3), (0.5, -0.3)), 0.22),
        (((0, 0.1), (-0.5, 0.05), (-0.5, -0.5)), 0.22),
    ):
        pen.line(points, width, rgb)
        tip_x, tip_y = points[-1]
        pen.oval(tip_x, tip_y, width / 2, width / 2, rgb)
    pen.line(((-0.06, 0.95), (-0.06, -0.8)), 0.05, mix(rgb, WHITE, 0.25))


def leaf(pen: Pen, rgb: RGB, rng: Rng) -> None:
    """A pointed leaf with veins."""
    pen.turn += float(rng.uniform(-0.9, 0.9))
    w, vein = rng.uniform(0.4, 0.58), mix(rgb, BLACK if rng.random() < 0.6 else WHITE, 0.35)
    t = np.linspace(-1, 1, 16).tolist()
    right = [(w * math.cos(a * math.pi / 2) ** 0.9, a * 0.85) for a in t]
    pen.poly(right + [(-x, y) for x, y in reversed(right)], rgb)
    pen.line(((0, -0.75), (0, 1.0)), 0.06, vein)
    for y in (-0.35, 0.0, 0.35):
        for side in (-1, 1):
            pen.line(((0, y + 0.1), (side * w * 0.7, y - 0.18)), 0.04, vein)


def tongue(x: float, foot: float, wide: float, high: float, lean: float) -> list[tuple[float, float]]:
    """A flame's outline."""
    sides = (
        (0.0, 1.0, -1),
        (0.25, 1.05, -1),
        (0.5, 0.75, -1),
        (0.75, 0.35, -1),
        (1.0, 0.0, 1),
        (0.75, 0.25, 1),
        (0.5, 0.7, 1),
        (0.25, 1.0, 1),
        (0.0, 0.8, 1),
    )
    return [(x + side * wide * share + lean * up * up, foot - high * up) for up, share, side in sides]


def fire(pen: Pen, rgb: RGB, rng: Rng) -> None:
    """Flames, red without and yellow within."""
    red = wobble(rng, (226, 62, 16))
    for colour, size in ((red, 1.0), (rgb, 0.75), (wobble(rng, (255, 224, 90)), 0.42)):
        for x in (-0.34, 0.34, 0.0):
            high = (1.75 if x == 0 else 1.2) * size * rng.uniform(0.85, 1.08)
            pen.poly(tongue(x * size**0.5, 0.9, 0.46 * size, high, rng.normal(0, 0.2)), colour)


def campfire(pen: Pen, rgb: RGB, rng: Rng) -> None:
    """Flames on crossed logs."""
    for side in (-1, 1):
        pen.line(((-0.75 * side, 0.98), (0.75 * side, 0.7)), 0.2, wobble(rng, (98, 60, 32)))
    small = Pen(pen.draw, pen.n, pen.x, pen.y - pen.r * 0.1, pen.r * 0.85, pen.turn, (1.0, 1.0, 1.0))
    fire(small, rgb, rng)


def mushroom(pen: Pen, rgb: RGB, rng: Rng) -> None:
    """A spotted cap on a white stalk."""
    stalk = wobble(rng, (236, 224, 204))
    pen.poly(((-0.22, 0), (0.22, 0), (0.32, 0.95), (-0.32, 0.95)), stalk)
    arc = [(0.92 * math.cos(a), 0.08 - 0.92 * math.sin(a)) for a in np.linspace(0, math.pi, 20).tolist()]
    pen.poly(arc, rgb)
    if rng.random() < 0.8:
        for x, y, size in ((-0.45, -0.2, 0.14), (0.05, -0.5, 0.17), (0.5, -0.15, 0.12), (-0.1, -0.1, 0.1)):
            pen.poly(ellipse(x, y, size, size * 0.85), WHITE if rgb[1] < 200 else (180, 40, 40))


def apple(pen: Pen, rgb: RGB, rng: Rng) -> None:
    """Two lobes, a stalk and a leaf."""
    for side in (-1, 1):
        pen.oval(side * 0.3, 0.12, 0.56, 0.74, rgb, side * 0.12)
    pen.oval(-0.42, -0.12, 0.12, 0.2, mix(rgb, WHITE, 0.5), 0.5)
    pen.line(((0, -0.45), (0.1, -0.95)), 0.09, (92, 58, 30))
    pen.oval(0.32, -0.78, 0.26, 0.12, wobble(rng, (60, 160, 50)), -0.4)
