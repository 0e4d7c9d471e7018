"""Buildings, animals and small things, each drawn with a few strokes in a pen's frame."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw

from animator.training.world import flora, looks
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


def butterfly(pen: Pen, rgb: RGB, rng: Rng) -> None:
    """Four wings about a body."""
    dark = mix(rgb, BLACK, 0.35) if sum(rgb) > 150 else mix(rgb, WHITE, 0.4)
    for side in (-1, 1):
        pen.oval(side * 0.5, -0.32, 0.52, 0.4, rgb, -side * 0.6)
        pen.oval(side * 0.4, 0.42, 0.4, 0.32, rgb, side * 0.7)
        pen.oval(side * 0.56, -0.36, 0.2, 0.15, dark, -side * 0.6)
        pen.line(((0, -0.4), (side * 0.25, -0.85)), 0.04, (30, 24, 22))
    pen.oval(0, 0, 0.09, 0.55, (36, 28, 26))


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


def planet(pen: Pen, rgb: RGB, rng: Rng) -> None:
    """A ball with a ring."""
    pen.turn += float(rng.uniform(-0.5, 0.5))
    ring = mix(rgb, WHITE, 0.5) if sum(rgb) < 520 else mix(rgb, (120, 80, 40), 0.5)
    pen.line([p for p in ellipse(0, 0, 1.05, 0.3)][14:] + [(1.05, 0)], 0.1, ring)
    pen.oval(0, 0, 0.62, 0.62, rgb)
    pen.oval(0.1, 0.1, 0.5, 0.5, mix(rgb, BLACK, 0.14))
    pen.line(ellipse(0, 0, 1.05, 0.3)[:15], 0.1, ring)


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


def cup(pen: Pen, rgb: RGB, rng: Rng) -> None:
    """A mug with a handle."""
    dark = mix(rgb, BLACK, 0.25) if sum(rgb) > 120 else mix(rgb, WHITE, 0.3)
    pen.line([(0.5 + 0.34 * math.cos(a), 0.1 + 0.36 * math.sin(a)) for a in np.linspace(-1.5, 1.5, 12).tolist()], 0.14, rgb)
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
    "flower": flora.flower, "daisy": flora.daisy, "tulip": flora.tulip, "sunflower": flora.sunflower,
    "rose": flora.rose, "tree": flora.tree, "pine": flora.pine, "leaf": flora.leaf, "fire": flora.fire,
    "candle": candle, "eye": eye, "fish": fish, "face": face, "house": house, "mushroom": flora.mushroom,
    "butterfly": butterfly, "apple": flora.apple, "balloon": balloon, "umbrella": umbrella, "cat": cat, "bird": bird,
    "planet": planet, "snowman": snowman, "boat": boat, "cup": cup, "rocket": rocket, "key": key, "lamp": lamp,
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
    pen = Pen(draw, n, x + rng.normal(0, 0.025), y + rng.normal(0, 0.025), float(r), float(rng.normal(0, 0.07)),
              flip=bool(rng.random() < 0.5))
    PAINTERS[thing.name](pen, wobble(rng, thing.colour), rng)
    return image
