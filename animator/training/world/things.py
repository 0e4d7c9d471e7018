"""Buildings, animals and small things, each drawn with a few strokes in a pen's frame."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw

from animator.training.world import animals, flora, looks
from animator.training.world.canvas import Pen, Rng, ellipse, mix, wobble
from animator.training.world.shapes import backdrop, spots
from animator.training.world.spec import Picture
from animator.training.world.words import RGB

BLACK, WHITE = (14, 14, 16), (250, 250, 248)


def candle(pen: Pen, rgb: RGB, rng: Rng) -> None:
    """A stick of wax with a flame."""
    w = rng.uniform(0.2, 0.3)
    pen.box(-w, -0.2, w, 1.0, rgb)
    pen.box(w * 0.4, -0.2, w, 1.0, mix(rgb, BLACK, 0.2))
    pen.line(((0, -0.2), (0, -0.4)), 0.05, (40, 30, 26))
    pen.poly(flora.tongue(0, -0.28, 0.24, 0.72, 0.0), (250, 150, 30))
    pen.poly(flora.tongue(0, -0.3, 0.12, 0.4, 0.0), (255, 236, 130))


def house(pen: Pen, rgb: RGB, rng: Rng) -> None:
    """Walls, a roof, a door and windows."""
    roof = wobble(rng, (156, 52, 40) if rgb[0] < 190 or rgb[1] > 120 else (72, 62, 66), 14)
    w, eaves = rng.uniform(0.62, 0.8), rng.uniform(-0.2, 0.0)
    if rng.random() < 0.5:
        pen.box(0.3, -0.85, 0.48, eaves, mix(roof, BLACK, 0.3))
    pen.box(-w, eaves, w, 0.98, rgb)
    pen.poly(((-w - 0.16, eaves), (0, -0.95), (w + 0.16, eaves)), roof)
    pen.box(-0.14, 0.42, 0.14, 0.98, wobble(rng, (92, 58, 34)))
    dark = sum(pen.light) < 2.2
    window = Pen(pen.draw, pen.n, pen.x, pen.y, pen.r, pen.turn)
    for side in (-1, 1):
        x = side * w * 0.6
        window.box(x - 0.13, 0.16, x + 0.13, 0.44, (255, 222, 110) if dark else (150, 196, 226))


def castle(pen: Pen, rgb: RGB, rng: Rng) -> None:
    """A wall between two towers."""
    dark = mix(rgb, BLACK, 0.25)
    pen.box(-0.6, 0.1, 0.6, 1.0, rgb)
    for x in (-0.5, -0.1, 0.3):
        pen.box(x, -0.05, x + 0.2, 0.15, rgb)
    roofed = rng.random() < 0.6
    for x in (-0.7, 0.7):
        pen.box(x - 0.26, -0.4, x + 0.26, 1.0, dark)
        if roofed:
            pen.poly(((x - 0.34, -0.4), (x, -1), (x + 0.34, -0.4)), (120, 46, 50))
        else:
            for k in (-0.26, -0.06, 0.14):
                pen.box(x + k, -0.55, x + k + 0.12, -0.38, dark)
    pen.oval(0, 0.7, 0.17, 0.3, (40, 30, 28))
    pen.box(-0.17, 0.7, 0.17, 1.0, (40, 30, 28))


def boat(pen: Pen, rgb: RGB, rng: Rng) -> None:
    """A hull with sails of the colour."""
    hull = wobble(rng, (116, 66, 36) if sum(rgb) > 240 else (220, 214, 204), 12)
    pen.line(((0, 0.5), (0, -1.0)), 0.07, mix(hull, BLACK, 0.3))
    pen.poly(((0.07, -0.95), (0.07, 0.38), (0.78, 0.38)), rgb)
    pen.poly(((-0.07, -0.7), (-0.07, 0.38), (-0.6, 0.38)), mix(rgb, BLACK, 0.1))
    pen.poly(((-0.9, 0.48), (0.95, 0.48), (0.6, 0.95), (-0.62, 0.95)), hull)


def lighthouse(pen: Pen, rgb: RGB, rng: Rng) -> None:
    """A tower in red and white with a lamp."""
    pen.poly(((-0.3, 1), (-0.18, -0.55), (0.18, -0.55), (0.3, 1)), WHITE)
    red = wobble(rng, (206, 40, 36))
    for y in (-0.3, 0.2, 0.7):
        w = 0.19 + 0.08 * (y + 0.5)
        pen.poly(((-w, y), (w, y), (w + 0.02, y + 0.24), (-w - 0.02, y + 0.24)), red)
    lamp = Pen(pen.draw, pen.n, pen.x, pen.y, pen.r, pen.turn)
    lamp.box(-0.16, -0.78, 0.16, -0.55, (255, 230, 120))
    pen.poly(((-0.24, -0.78), (0, -1), (0.24, -0.78)), mix(red, BLACK, 0.3))


def balloon(pen: Pen, rgb: RGB, rng: Rng) -> None:
    """A toy balloon on a string."""
    pen.line(((0, 0.4), (0.1, 0.65), (-0.05, 1.0)), 0.04, (90, 90, 90))
    pen.oval(0, -0.25, 0.6, 0.72, rgb)
    pen.poly(((-0.1, 0.56), (0.1, 0.56), (0, 0.42)), mix(rgb, BLACK, 0.2))
    pen.oval(-0.22, -0.5, 0.1, 0.18, mix(rgb, WHITE, 0.55), 0.4)


def airship(pen: Pen, rgb: RGB, rng: Rng) -> None:
    """A hot air balloon with its basket."""
    for side in (-1, 1):
        pen.line(((side * 0.4, 0.15), (side * 0.14, 0.75)), 0.05, (70, 56, 44))
    pen.oval(0, -0.32, 0.68, 0.68, rgb)
    pen.poly(((-0.6, 0.0), (0.6, 0.0), (0.2, 0.5), (-0.2, 0.5)), rgb)
    pen.oval(0, -0.32, 0.24, 0.68, mix(rgb, WHITE, 0.45))
    pen.box(-0.17, 0.72, 0.17, 0.98, (122, 78, 42))


def umbrella(pen: Pen, rgb: RGB, rng: Rng) -> None:
    """A canopy and a hooked stick."""
    stick = wobble(rng, (80, 60, 50))
    pen.line(((0, -0.9), (0, 0.8), (0.1, 0.95), (0.24, 0.9), (0.26, 0.74)), 0.08, stick)
    arc = [(math.cos(a), 0.1 - 0.9 * math.sin(a)) for a in np.linspace(0, math.pi, 24).tolist()]
    scallops = [(x, 0.1 - 0.12 * abs(math.sin((x + 1) * math.pi * 2))) for x in np.linspace(-1, 1, 17).tolist()]
    pen.poly(arc + scallops, rgb)
    for x in (-0.45, 0.45):
        pen.line(((0, -0.8), (x, 0.0)), 0.04, mix(rgb, BLACK, 0.3))


def planet(pen: Pen, rgb: RGB, rng: Rng) -> None:
    """A ball with a ring."""
    pen.turn += float(rng.uniform(-0.5, 0.5))
    ring = mix(rgb, WHITE, 0.5) if sum(rgb) < 520 else mix(rgb, (120, 80, 40), 0.5)
    pen.line([*ellipse(0, 0, 1.05, 0.3)[14:], (1.05, 0)], 0.1, ring)
    pen.oval(0, 0, 0.62, 0.62, rgb)
    pen.oval(0.1, 0.1, 0.5, 0.5, mix(rgb, BLACK, 0.14))
    pen.line(ellipse(0, 0, 1.05, 0.3)[:15], 0.1, ring)


def cup(pen: Pen, rgb: RGB, rng: Rng) -> None:
    """A mug with a handle."""
    dark = mix(rgb, BLACK, 0.25) if sum(rgb) > 120 else mix(rgb, WHITE, 0.3)
    pen.line(
        [(0.5 + 0.34 * math.cos(a), 0.1 + 0.36 * math.sin(a)) for a in np.linspace(-1.5, 1.5, 12).tolist()],
        0.14,
        rgb,
    )
    pen.poly(((-0.65, -0.6), (0.55, -0.6), (0.45, 0.85), (-0.55, 0.85)), rgb)
    pen.oval(-0.05, -0.6, 0.6, 0.15, dark)


def rocket(pen: Pen, rgb: RGB, rng: Rng) -> None:
    """A hull with fins, a window and a flame."""
    pen.poly(flora.tongue(0, 0.6, 0.25, -0.45, 0.0), (250, 150, 30))
    fin = wobble(rng, (200, 40, 40) if rgb[1] > 90 else (60, 80, 160))
    for side in (-1, 1):
        pen.poly(((side * 0.3, 0.1), (side * 0.68, 0.7), (side * 0.25, 0.6)), fin)
    pen.poly([(0, -1), (0.25, -0.6), (0.34, -0.1), (0.28, 0.62), (-0.28, 0.62), (-0.34, -0.1), (-0.25, -0.6)], rgb)
    pen.oval(0, -0.25, 0.16, 0.16, (90, 160, 220))


def key(pen: Pen, rgb: RGB, rng: Rng) -> None:
    """A ring, a shaft and two teeth."""
    pen.turn += float(rng.uniform(-0.8, 0.8))
    pen.line([(-0.6 + 0.3 * u, 0.32 * v) for u, v in ellipse(0, 0, 1, 1)] + [(-0.3, 0)], 0.17, rgb)
    pen.line(((-0.3, 0), (1.0, 0)), 0.17, rgb)
    for x in (0.65, 0.9):
        pen.line(((x, 0), (x, 0.32)), 0.15, rgb)


def lamp(pen: Pen, rgb: RGB, rng: Rng) -> None:
    """A light bulb."""
    pen.oval(0, -0.28, 0.66, 0.66, rgb)
    pen.poly(((-0.45, 0.15), (0.45, 0.15), (0.24, 0.52), (-0.24, 0.52)), rgb)
    pen.box(-0.25, 0.52, 0.25, 0.92, (120, 120, 126))
    pen.line(((-0.2, 0.4), (-0.15, -0.2), (0, -0.05), (0.15, -0.2), (0.2, 0.4)), 0.05, mix(rgb, (150, 70, 0), 0.6))


PAINTERS: dict[str, Callable[[Pen, RGB, Rng], None]] = {
    "flower": flora.flower,
    "daisy": flora.daisy,
    "tulip": flora.tulip,
    "sunflower": flora.sunflower,
    "rose": flora.rose,
    "tree": flora.tree,
    "pine": flora.pine,
    "leaf": flora.leaf,
    "fire": flora.fire,
    "candle": candle,
    "eye": animals.eye,
    "fish": animals.fish,
    "face": animals.face,
    "house": house,
    "mushroom": flora.mushroom,
    "butterfly": animals.butterfly,
    "apple": flora.apple,
    "balloon": balloon,
    "umbrella": umbrella,
    "cat": animals.cat,
    "bird": animals.bird,
    "planet": planet,
    "snowman": animals.snowman,
    "boat": boat,
    "cup": cup,
    "rocket": rocket,
    "key": key,
    "lamp": lamp,
}


def paint_thing(rng: Rng, picture: Picture, n: int) -> Image.Image:
    """A thing alone, or a few of a kind, on a background, (n, n)."""
    image = backdrop(rng, n, picture.back)
    draw, thing = ImageDraw.Draw(image), picture.things[0]
    if picture.count > 1:
        for x, y, r in spots(rng, picture.count):
            pen = Pen(draw, n, x, y, r * 1.12, float(rng.normal(0, 0.12)))
            PAINTERS[thing.name](pen, wobble(rng, thing.colour, 6), rng)
        return image
    x, y = looks.CENTRES[picture.place]
    r = rng.uniform(0.2, 0.25) if picture.place not in ("", "centre") else rng.uniform(0.32, 0.47)
    pen = Pen(
        draw,
        n,
        x + rng.normal(0, 0.025),
        y + rng.normal(0, 0.025),
        float(r),
        float(rng.normal(0, 0.07)),
        flip=bool(rng.random() < 0.5),
    )
    PAINTERS[thing.name](pen, wobble(rng, thing.colour), rng)
    return image
