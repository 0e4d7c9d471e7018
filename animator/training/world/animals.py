"""Faces and animals, each drawn with a few strokes in a pen's frame."""

from __future__ import annotations

import math

import numpy as np

from animator.training.world.canvas import Pen, Rng, mix, wobble
from animator.training.world.words import RGB

BLACK, WHITE = (14, 14, 16), (250, 250, 248)


def eye(pen: Pen, rgb: RGB, rng: Rng) -> None:
    """An almond with iris and pupil."""
    top = [(x, -0.62 * math.cos(x * math.pi / 2) ** 0.8) for x in np.linspace(-1, 1, 17).tolist()]
    rim = top + [(-x, -y * 0.9) for x, y in top]
    pen.poly([(x * 1.06, y * 1.14) for x, y in rim], wobble(rng, (50, 34, 30)))
    pen.poly(rim, WHITE)
    pen.oval(0, 0, 0.5, 0.5, mix(rgb, BLACK, 0.3))
    pen.oval(0, 0, 0.43, 0.43, rgb)
    pen.oval(0, 0, 0.2, 0.2, BLACK)
    pen.oval(-0.14, -0.15, 0.09, 0.09, WHITE)


def fish(pen: Pen, rgb: RGB, rng: Rng) -> None:
    """A body, a tail, fins and an eye."""
    dark = mix(rgb, BLACK, 0.25) if sum(rgb) > 120 else mix(rgb, WHITE, 0.3)
    pen.poly(((0.45, 0), (1.0, -0.5), (0.88, 0), (1.0, 0.5)), dark)
    pen.poly(((-0.2, -0.35), (0.15, -0.72), (0.3, -0.25)), dark)
    pen.oval(-0.2, 0, 0.78, rng.uniform(0.4, 0.52), rgb)
    pen.poly(((-0.05, 0.05), (0.25, 0.3), (0.2, -0.05)), dark)
    pen.oval(-0.6, -0.1, 0.12, 0.12, WHITE)
    pen.oval(-0.62, -0.1, 0.06, 0.06, BLACK)


def face(pen: Pen, rgb: RGB, rng: Rng) -> None:
    """A round smiling face."""
    pen.oval(0, 0, 1, 1, mix(rgb, BLACK, 0.35) if rng.random() < 0.5 else rgb)
    pen.oval(0, 0, 0.94, 0.94, rgb)
    for side in (-1, 1):
        pen.oval(side * 0.35, -0.28, 0.12, 0.18, BLACK)
    smile = [(0.6 * math.cos(a), 0.08 + 0.55 * math.sin(a)) for a in np.linspace(0.25, math.pi - 0.25, 14).tolist()]
    pen.line(smile, 0.11, BLACK)


def butterfly(pen: Pen, rgb: RGB, rng: Rng) -> None:
    """Four wings about a body."""
    dark = mix(rgb, BLACK, 0.35) if sum(rgb) > 150 else mix(rgb, WHITE, 0.4)
    for side in (-1, 1):
        pen.oval(side * 0.5, -0.32, 0.52, 0.4, rgb, -side * 0.6)
        pen.oval(side * 0.4, 0.42, 0.4, 0.32, rgb, side * 0.7)
        pen.oval(side * 0.56, -0.36, 0.2, 0.15, dark, -side * 0.6)
        pen.line(((0, -0.4), (side * 0.25, -0.85)), 0.04, (30, 24, 22))
    pen.oval(0, 0, 0.09, 0.55, (36, 28, 26))


def cat(pen: Pen, rgb: RGB, rng: Rng) -> None:
    """A cat's face."""
    for side in (-1, 1):
        pen.poly(((side * 0.85, -0.95), (side * 0.2, -0.55), (side * 0.85, 0.0)), rgb)
        pen.poly(((side * 0.72, -0.72), (side * 0.42, -0.5), (side * 0.72, -0.2)), (232, 150, 160))
    pen.oval(0, 0.12, 0.9, 0.76, rgb)
    pale = sum(rgb) > 500
    for side in (-1, 1):
        pen.oval(side * 0.38, -0.02, 0.17, 0.17, wobble(rng, (110, 190, 70)))
        pen.oval(side * 0.38, -0.02, 0.06, 0.15, BLACK)
        for dy in (-0.04, 0.12):
            pen.line(((side * 0.3, 0.36), (side * 1.05, 0.3 + dy * 2)), 0.03, BLACK if pale else WHITE)
    pen.poly(((-0.12, 0.26), (0.12, 0.26), (0, 0.4)), (226, 120, 130))


def bird(pen: Pen, rgb: RGB, rng: Rng) -> None:
    """A bird from the side."""
    dark = mix(rgb, BLACK, 0.28) if sum(rgb) > 150 else mix(rgb, WHITE, 0.35)
    pen.poly(((0.3, 0.05), (1.0, -0.2), (0.98, 0.25)), dark)
    pen.oval(-0.02, 0.15, 0.62, 0.42, rgb, -0.15)
    pen.oval(-0.5, -0.25, 0.3, 0.3, rgb)
    pen.poly(((-0.76, -0.34), (-1.05, -0.18), (-0.74, -0.12)), (240, 150, 30))
    pen.oval(0.1, 0.1, 0.4, 0.22, dark, 0.3)
    pen.oval(-0.56, -0.3, 0.07, 0.07, WHITE if sum(rgb) < 200 else BLACK)
    for x in (-0.05, 0.15):
        pen.line(((x, 0.5), (x, 0.9)), 0.05, (200, 120, 40))


def snowman(pen: Pen, rgb: RGB, rng: Rng) -> None:
    """Three balls, a hat and a carrot."""
    for y, size in ((0.6, 0.42), (0.02, 0.32), (-0.42, 0.24)):
        pen.oval(0, y, size, size, mix(rgb, (120, 140, 180), 0.25))
        pen.oval(-0.03, y - 0.03, size * 0.92, size * 0.92, rgb)
    pen.box(-0.3, -0.66, 0.3, -0.58, BLACK)
    pen.box(-0.18, -1.0, 0.18, -0.6, BLACK)
    pen.poly(((0, -0.44), (0.3, -0.38), (0, -0.34)), (240, 130, 30))
    for x, y in ((-0.1, -0.48), (0.1, -0.48), (0, 0.0), (0, 0.2)):
        pen.oval(x, y, 0.04, 0.04, BLACK)
