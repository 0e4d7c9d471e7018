"""What hangs in a sky: sun, moon, stars, clouds and the like."""

from __future__ import annotations

import math

import numpy as np
from PIL import Image, ImageDraw

from animator.training.world import things
from animator.training.world.canvas import Pen, Rng, blend, clip3, glow, mix, wobble
from animator.training.world.spec import Picture, Thing
from animator.training.world.words import RGB

# Colours of things without a colour of their own: by sky where it matters.
SUNS: dict[str, RGB] = {
    "clear": (255, 236, 120),
    "sunset": (255, 120, 40),
    "dawn": (255, 226, 140),
    "misty": (250, 240, 214),
    "cloudy": (255, 240, 170),
}
# Share of the sky that a ground leaves open, so that what hangs there is seen.
SKYLINES = {"mountains": 0.55, "snowy mountains": 0.55, "volcano": 0.6, "city": 0.6, "forest": 0.74}
FROM_GROUND = frozenset({"stars", "rainbow", "lightning"})
STAR_AND_MOON: RGB = (250, 246, 220)


def hang(rng: Rng, image: Image.Image, picture: Picture, horizon: float) -> Image.Image:
    """The things in the sky, the far ones first."""
    order = ("stars", "rainbow", "sun", "moon", "crescent moon", "clouds", "lightning", "balloon", "birds")
    named = {thing.name: thing for thing in picture.things}
    side = float(rng.uniform(0.15, 0.85))
    skyline = horizon * min(SKYLINES.get(picture.ground, 1.0), 0.66 if picture.far else 1.0)
    for name in order:
        if name in named:
            image = HANGERS[name](rng, image, picture, named[name], horizon if name in FROM_GROUND else skyline, side)
            side = (side + 0.45) % 0.8 + 0.1
    return image


def hang_orb(rng: Rng, image: Image.Image, picture: Picture, thing: Thing, horizon: float, side: float) -> Image.Image:
    """The sun or the full moon, with a glow."""
    n = image.width
    sun = thing.name == "sun"
    low = sun and picture.sky in ("sunset", "dawn")
    r = rng.uniform(0.065, 0.14) if not low else rng.uniform(0.08, 0.18)
    deepest = horizon - r * rng.uniform(-0.2, 1.2)
    y = (
        rng.uniform(min(max(r, horizon * 0.55), deepest), deepest)
        if low
        else (rng.uniform(r + 0.03, max(r + 0.05, horizon * 0.6)))
    )
    x = 0.5 + (side - 0.5) * (0.6 if low else 1.0)
    natural = SUNS.get(picture.sky, (255, 214, 70)) if sun else STAR_AND_MOON
    rgb = wobble(rng, thing.colour or natural, 6)
    if picture.sky != "colour" or rng.random() < 0.5:
        image = blend(
            image,
            mix(rgb, (255, 255, 255), 0.15),
            glow(n, x, y, r * rng.uniform(1.5, 2.6)) * rng.uniform(0.3, 0.7),
        )
    pen = Pen(ImageDraw.Draw(image), n, x, y, r)
    if sun and rng.random() < 0.12 and not low:
        for k in range(10):
            a, b = k * 0.628, 0.14
            pen.poly(
                (
                    (1.1 * math.cos(a - b), 1.1 * math.sin(a - b)),
                    (1.7 * math.cos(a), 1.7 * math.sin(a)),
                    (1.1 * math.cos(a + b), 1.1 * math.sin(a + b)),
                ),
                rgb,
            )
    pen.oval(0, 0, 1, 1, rgb)
    if not sun and rng.random() < 0.6:
        for cx, cy, size in ((-0.3, -0.2, 0.24), (0.35, 0.3, 0.18), (0.2, -0.4, 0.13)):
            pen.oval(cx, cy, size, size, mix(rgb, (120, 120, 130), 0.25))
    return image


def hang_crescent(
    rng: Rng, image: Image.Image, picture: Picture, thing: Thing, horizon: float, side: float
) -> Image.Image:
    """A crescent moon."""
    n, r = image.width, rng.uniform(0.08, 0.14)
    y = rng.uniform(r + 0.03, max(r + 0.05, horizon * 0.55))
    rgb = wobble(rng, STAR_AND_MOON, 6)
    image = blend(image, rgb, glow(n, side, y, r * 1.8) * rng.uniform(0.1, 0.35))
    depth = rng.uniform(0.25, 0.6)
    arc = np.linspace(-math.pi / 2, math.pi / 2, 18).tolist()
    pen = Pen(ImageDraw.Draw(image), n, side, y, r, rng.normal(0, 0.4), flip=bool(rng.random() < 0.5))
    pen.poly(
        [(math.cos(a), math.sin(a)) for a in arc] + [(depth * math.cos(a), math.sin(a)) for a in arc[::-1]],
        rgb,
    )
    return image


def hang_stars(
    rng: Rng, image: Image.Image, picture: Picture, thing: Thing, horizon: float, side: float
) -> Image.Image:
    """Points and small stars."""
    n, draw = image.width, ImageDraw.Draw(image)
    big = rng.random() < 0.35
    count = int(rng.integers(14, 30)) if big else int(rng.integers(28, 90))
    spots = rng.random((count, 3)).tolist()
    for x, y, size in spots:
        rgb = mix(STAR_AND_MOON, (150, 170, 230), size * 0.5)
        pen = Pen(draw, n, x, y * horizon * 0.97, (0.012 + 0.022 * size) if big else (0.005 + 0.007 * size))
        if big and size > 0.3:
            pen.poly(
                (
                    (0, -1.3),
                    (0.28, -0.28),
                    (1.3, 0),
                    (0.28, 0.28),
                    (0, 1.3),
                    (-0.28, 0.28),
                    (-1.3, 0),
                    (-0.28, -0.28),
                ),
                rgb,
            )
        else:
            pen.box(-1, -1, 1, 1, rgb)
    return image


def hang_clouds(
    rng: Rng, image: Image.Image, picture: Picture, thing: Thing, horizon: float, side: float
) -> Image.Image:
    """A few heaped clouds."""
    n = image.width
    pale: dict[str, RGB] = {"sunset": (250, 170, 140), "night": (70, 78, 104), "dawn": (255, 232, 224)}
    rgb = pale.get(picture.sky, (250, 251, 253))
    draw = ImageDraw.Draw(image)
    for k in range(int(rng.integers(2, 5))):
        pen = Pen(draw, n, (side + k * 0.37) % 1.0, rng.uniform(0.1, 0.75) * horizon, rng.uniform(0.1, 0.2))
        flat = rng.uniform(0.3, 0.55)
        shape = [(rng.uniform(-0.8, 0.8), rng.uniform(-0.5, 0.2), rng.uniform(0.35, 0.6)) for _ in range(5)]
        for colour, lift in ((mix(rgb, (110, 120, 150), 0.22), 0.08), (rgb, 0.0)):
            for x, y, size in shape:
                pen.oval(x, (y + lift) * flat * 1.6, size, size * flat * 1.4, colour)
    return image


def hang_rainbow(
    rng: Rng, image: Image.Image, picture: Picture, thing: Thing, horizon: float, side: float
) -> Image.Image:
    """Bands of colour on an arc."""
    n = image.width
    layer = image.copy()
    pen = Pen(ImageDraw.Draw(layer), n, 0.5 + rng.normal(0, 0.12), horizon, 1.0)
    r, width = horizon * rng.uniform(0.6, 0.92), rng.uniform(0.018, 0.034)
    for k, rgb in enumerate(
        ((228, 44, 44), (246, 140, 40), (250, 226, 60), (70, 190, 80), (60, 110, 230), (140, 60, 190))
    ):
        arc = np.linspace(math.pi, math.tau, 28).tolist()
        radius = max(0.05, r - k * width)
        pen.line([(radius * 0.95 * math.cos(a), radius * math.sin(a)) for a in arc], width * 1.2, clip3(rgb))
    return Image.blend(image, layer, rng.uniform(0.65, 0.95))


def hang_lightning(
    rng: Rng, image: Image.Image, picture: Picture, thing: Thing, horizon: float, side: float
) -> Image.Image:
    """A forked bolt."""
    n = image.width
    xs = side + np.cumsum(rng.normal(0, 0.045, 8))
    points = list(zip(xs.tolist(), np.linspace(0, horizon, 8).tolist(), strict=True))
    x, y = points[4]
    image = blend(image, (210, 215, 255), glow(n, side, horizon * 0.5, 0.3) * 0.35)
    pen = Pen(ImageDraw.Draw(image), n, 0.0, 0.0, 1.0)
    pen.line(points, rng.uniform(0.016, 0.03), (255, 252, 225))
    pen.line(((x, y), (x + 0.09, y + 0.09), (x + 0.1, y + 0.2)), 0.014, (250, 248, 225))
    return image


def hang_balloon(
    rng: Rng, image: Image.Image, picture: Picture, thing: Thing, horizon: float, side: float
) -> Image.Image:
    """A hot air balloon."""
    r = rng.uniform(0.11, 0.2)
    pen = Pen(ImageDraw.Draw(image), image.width, side, rng.uniform(r + 0.02, max(r + 0.04, horizon - r)), r)
    things.airship(pen, wobble(rng, thing.colour), rng)
    return image


def hang_birds(
    rng: Rng, image: Image.Image, picture: Picture, thing: Thing, horizon: float, side: float
) -> Image.Image:
    """A flock of wings."""
    draw, dark = ImageDraw.Draw(image), picture.sky in ("night", "aurora")
    for _ in range(int(rng.integers(3, 8))):
        pen = Pen(
            draw,
            image.width,
            float(np.clip(side + rng.normal(0, 0.17), 0.05, 0.95)),
            rng.uniform(0.1, 0.8) * horizon,
            rng.uniform(0.035, 0.075),
            rng.normal(0, 0.2),
        )
        pen.line(
            ((-1, -0.35), (-0.5, -0.55), (0, 0.05), (0.5, -0.55), (1, -0.35)),
            0.24,
            (200, 205, 215) if dark else (30, 30, 38),
        )
    return image


HANGERS = {
    "stars": hang_stars,
    "rainbow": hang_rainbow,
    "sun": hang_orb,
    "moon": hang_orb,
    "crescent moon": hang_crescent,
    "clouds": hang_clouds,
    "lightning": hang_lightning,
    "balloon": hang_balloon,
    "birds": hang_birds,
}
