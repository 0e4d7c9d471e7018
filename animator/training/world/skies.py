"""Skies and what hangs in them."""

from __future__ import annotations

import math

import numpy as np
from PIL import Image, ImageDraw

from animator.training.world import things
from animator.training.world.canvas import (
    Floats, Pen, Rng, blend, clip3, ellipse, fractal, glow, mix, noise, ramp, to_image, wobble,
)
from animator.training.world.spec import Picture, Thing
from animator.training.world.words import RGB

# Colours from the top down to the horizon; one of the rows is drawn.
PALETTES: dict[str, tuple[tuple[RGB, ...], ...]] = {
    "clear": (((40, 110, 220), (150, 205, 245)), ((70, 150, 235), (190, 225, 250)), ((20, 90, 200), (110, 180, 240)),
              ((96, 170, 240), (215, 236, 250)), ((52, 128, 228), (74, 150, 236))),
    "cloudy": (((120, 160, 205), (200, 215, 228)), ((150, 175, 200), (215, 222, 228)), ((90, 145, 210), (190, 215, 235))),
    "stormy": (((44, 50, 60), (110, 116, 124)), ((70, 76, 84), (140, 145, 148)), ((36, 44, 60), (86, 100, 112)),
               ((58, 56, 66), (124, 122, 118))),
    "sunset": (((70, 40, 110), (220, 80, 70), (255, 170, 60)), ((180, 60, 60), (245, 120, 40), (255, 200, 90)),
               ((40, 40, 100), (190, 70, 110), (255, 140, 70)), ((120, 30, 40), (230, 70, 30), (255, 160, 40)),
               ((60, 60, 130), (230, 120, 110), (255, 190, 110)), ((235, 110, 40), (255, 170, 70), (255, 210, 110))),
    "dawn": (((130, 170, 220), (245, 200, 190), (255, 225, 170)), ((160, 150, 205), (250, 180, 180), (255, 220, 170)),
             ((120, 160, 210), (255, 215, 180), (255, 240, 200)), ((200, 170, 210), (255, 190, 190), (255, 228, 190))),
    "night": (((4, 6, 22), (18, 28, 66)), ((8, 8, 14), (24, 26, 40)), ((6, 14, 46), (34, 52, 110)),
              ((18, 8, 40), (48, 30, 84)), ((2, 4, 12), (10, 20, 44))),
    "misty": (((176, 182, 188), (212, 214, 216)), ((196, 200, 202), (224, 225, 224)), ((150, 160, 168), (196, 200, 204))),
    "aurora": (((4, 8, 26), (14, 36, 60)), ((10, 8, 34), (20, 30, 66))),
}
# What the sky makes of the ground's colours.
LIGHTS: dict[str, tuple[float, float, float]] = {
    "clear": (1.0, 1.0, 1.0), "cloudy": (0.88, 0.9, 0.93), "stormy": (0.56, 0.6, 0.66), "sunset": (0.8, 0.55, 0.46),
    "dawn": (0.98, 0.86, 0.84), "night": (0.27, 0.33, 0.5), "misty": (0.82, 0.84, 0.86), "aurora": (0.27, 0.4, 0.48),
    "colour": (0.94, 0.94, 0.94),
}
DARK = frozenset({"night", "aurora", "stormy"})
# Colours of things without a colour of their own: by sky where it matters.
SUNS: dict[str, RGB] = {"clear": (255, 236, 120), "sunset": (255, 120, 40), "dawn": (255, 226, 140),
                        "misty": (250, 240, 214), "cloudy": (255, 240, 170)}
STAR_AND_MOON: RGB = (250, 246, 220)


def paint_sky(rng: Rng, picture: Picture, n: int, horizon: float) -> Image.Image:
    """The sky, (n, n); its colours reach the horizon (0..1 from the top)."""
    if picture.sky == "colour":
        rgb = wobble(rng, picture.sky_colour)
        top, low = (0.2, 0.3) if rng.random() < 0.5 else (0.0, rng.uniform(0, 0.45))
        rows = (mix(rgb, (0, 0, 0), top * rng.random()), mix(rgb, (255, 255, 255), low))
    else:
        table = PALETTES[picture.sky]
        rows = tuple(wobble(rng, row, 7) for row in table[int(rng.integers(len(table)))])
    places = np.linspace(0, max(0.3, horizon), len(rows)).tolist()
    values = ramp(n, list(zip(places, rows, strict=True)), rng.normal(0, 0.06))
    if picture.sky in ("cloudy", "stormy"):
        values = overcast(rng, values, picture.sky == "stormy")
    elif picture.sky in ("sunset", "dawn") and rng.random() < 0.6:
        streaks = np.clip(fractal(rng, n, 3, 2.5) * 0.6 - rng.uniform(-0.1, 0.4), 0, 0.6)[..., None]
        tone = (90, 50, 90) if rng.random() < 0.4 and picture.sky == "sunset" else (255, 190, 150)
        values = values * (1 - streaks) + np.asarray(tone, np.float32) * streaks
    elif rng.random() < 0.5:
        values = values + (fractal(rng, n, 3) * rng.uniform(2, 9))[..., None]
    if picture.sky == "aurora":
        values = values + curtains(rng, n, horizon)
    return to_image(values)


def overcast(rng: Rng, values: Floats, storm: bool) -> Floats:
    """Heaps of cloud over a sky."""
    n = values.shape[0]
    field = fractal(rng, n, int(rng.integers(3, 5)), rng.uniform(1.2, 2.0))
    cover = np.clip(field * 1.3 + 0.35, 0, 0.95)[..., None]
    shadow = np.clip(np.roll(field, n // 16, 0) - field, -1, 1)[..., None]
    cloud = np.asarray((62, 66, 74) if storm else (246, 247, 250), np.float32)
    return values * (1 - cover) + (cloud + shadow * (40 if storm else -34)) * cover


def curtains(rng: Rng, n: int, horizon: float) -> Floats:
    """Northern lights to be added, (n, n, 3)."""
    rows = (np.arange(n, dtype=np.float32) / n)[:, None]
    total = np.zeros((n, n, 3), np.float32)
    for _ in range(int(rng.integers(1, 4))):
        foot = horizon * rng.uniform(0.45, 0.85) + 0.09 * noise(rng, n, 2, 4)[n // 2][None, :]
        rise = (foot - rows) / (horizon * rng.uniform(0.35, 0.7))
        body = np.where(rise > 0, np.exp(-rise * 2.2), np.exp(rise * 14))
        body = body * (0.75 + 0.35 * noise(rng, n, 2, 24)[0][None, :])
        green = np.asarray((60, 250, 130) if rng.random() < 0.7 else (60, 220, 200), np.float32)
        top = np.asarray((150, 40, 210), np.float32)
        share = np.clip(rise, 0, 1)[..., None]
        total += np.clip(body, 0, 1.2)[..., None] * (green * (1 - share) + top * share) * rng.uniform(0.6, 0.95)
    return total


def hang(rng: Rng, image: Image.Image, picture: Picture, horizon: float) -> Image.Image:
    """The things in the sky, the far ones first."""
    order = ("stars", "rainbow", "sun", "moon", "crescent moon", "clouds", "lightning", "balloon", "birds")
    named = {thing.name: thing for thing in picture.things}
    side = float(rng.uniform(0.15, 0.85))
    for name in order:
        if name in named:
            image = HANGERS[name](rng, image, picture, named[name], horizon, side)
            side = (side + 0.45) % 0.8 + 0.1
    return image


def hang_orb(rng: Rng, image: Image.Image, picture: Picture, thing: Thing, horizon: float, side: float) -> Image.Image:
    """The sun or the full moon, with a glow."""
    n = image.width
    sun = thing.name == "sun"
    low = sun and picture.sky in ("sunset", "dawn")
    r = rng.uniform(0.065, 0.14) if not low else rng.uniform(0.08, 0.18)
    deepest = horizon - r * rng.uniform(-0.2, 1.2)
    y = rng.uniform(min(max(r, horizon * 0.55), deepest), deepest) if low else (
        rng.uniform(r + 0.03, max(r + 0.05, horizon * 0.6)))
    x = 0.5 + (side - 0.5) * (0.6 if low else 1.0)
    natural = SUNS.get(picture.sky, (255, 214, 70)) if sun else STAR_AND_MOON
    rgb = wobble(rng, thing.colour or natural, 6)
    if picture.sky != "colour" or rng.random() < 0.5:
        image = blend(image, mix(rgb, (255, 255, 255), 0.15), glow(n, x, y, r * rng.uniform(1.5, 2.6)) * rng.uniform(0.3, 0.7))
    pen = Pen(ImageDraw.Draw(image), n, x, y, r)
    if sun and rng.random() < 0.12 and not low:
        for k in range(10):
            a, b = k * 0.628, 0.14
            pen.poly(((1.1 * math.cos(a - b), 1.1 * math.sin(a - b)), (1.7 * math.cos(a), 1.7 * math.sin(a)),
                      (1.1 * math.cos(a + b), 1.1 * math.sin(a + b))), rgb)
    pen.oval(0, 0, 1, 1, rgb)
    if not sun and rng.random() < 0.6:
        for cx, cy, size in ((-0.3, -0.2, 0.24), (0.35, 0.3, 0.18), (0.2, -0.4, 0.13)):
            pen.oval(cx, cy, size, size, mix(rgb, (120, 120, 130), 0.25))
    return image


def hang_crescent(rng: Rng, image: Image.Image, picture: Picture, thing: Thing, horizon: float, side: float) -> Image.Image:
    """A crescent moon."""
    n, r = image.width, rng.uniform(0.08, 0.14)
    y = rng.uniform(r + 0.03, max(r + 0.05, horizon * 0.55))
    rgb = wobble(rng, STAR_AND_MOON, 6)
    image = blend(image, rgb, glow(n, side, y, r * 1.8) * rng.uniform(0.1, 0.35))
    depth = rng.uniform(0.25, 0.6)
    arc = np.linspace(-math.pi / 2, math.pi / 2, 18).tolist()
    pen = Pen(ImageDraw.Draw(image), n, side, y, r, rng.normal(0, 0.4), flip=bool(rng.random() < 0.5))
    pen.poly([(math.cos(a), math.sin(a)) for a in arc] + [(depth * math.cos(a), math.sin(a)) for a in arc[::-1]], rgb)
    return image


def hang_stars(rng: Rng, image: Image.Image, picture: Picture, thing: Thing, horizon: float, side: float) -> Image.Image:
    """Points and small stars."""
    n, draw = image.width, ImageDraw.Draw(image)
    big = rng.random() < 0.35
    count = int(rng.integers(14, 30)) if big else int(rng.integers(28, 90))
    spots = rng.random((count, 3)).tolist()
    for x, y, size in spots:
        rgb = mix(STAR_AND_MOON, (150, 170, 230), size * 0.5)
        pen = Pen(draw, n, x, y * horizon * 0.97, (0.012 + 0.022 * size) if big else (0.005 + 0.007 * size))
        if big and size > 0.3:
            pen.poly(((0, -1.3), (0.28, -0.28), (1.3, 0), (0.28, 0.28), (0, 1.3), (-0.28, 0.28), (-1.3, 0), (-0.28, -0.28)), rgb)
        else:
            pen.box(-1, -1, 1, 1, rgb)
    return image


def hang_clouds(rng: Rng, image: Image.Image, picture: Picture, thing: Thing, horizon: float, side: float) -> Image.Image:
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


def hang_rainbow(rng: Rng, image: Image.Image, picture: Picture, thing: Thing, horizon: float, side: float) -> Image.Image:
    """Bands of colour on an arc."""
    n = image.width
    layer = image.copy()
    pen = Pen(ImageDraw.Draw(layer), n, 0.5 + rng.normal(0, 0.12), horizon, 1.0)
    r, width = horizon * rng.uniform(0.6, 0.92), rng.uniform(0.018, 0.034)
    for k, rgb in enumerate(((228, 44, 44), (246, 140, 40), (250, 226, 60), (70, 190, 80), (60, 110, 230), (140, 60, 190))):
        arc = np.linspace(math.pi, math.tau, 28).tolist()
        radius = max(0.05, r - k * width)
        pen.line([(radius * 0.95 * math.cos(a), radius * math.sin(a)) for a in arc], width * 1.2, clip3(rgb))
    return Image.blend(image, layer, rng.uniform(0.65, 0.95))


def hang_lightning(rng: Rng, image: Image.Image, picture: Picture, thing: Thing, horizon: float, side: float) -> Image.Image:
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


def hang_balloon(rng: Rng, image: Image.Image, picture: Picture, thing: Thing, horizon: float, side: float) -> Image.Image:
    """A hot air balloon."""
    r = rng.uniform(0.11, 0.2)
    pen = Pen(ImageDraw.Draw(image), image.width, side, rng.uniform(r + 0.02, max(r + 0.04, horizon - r)), r)
    things.airship(pen, wobble(rng, thing.colour), rng)
    return image


def hang_birds(rng: Rng, image: Image.Image, picture: Picture, thing: Thing, horizon: float, side: float) -> Image.Image:
    """A flock of wings."""
    draw, dark = ImageDraw.Draw(image), picture.sky in ("night", "aurora")
    for _ in range(int(rng.integers(3, 8))):
        pen = Pen(draw, image.width, float(np.clip(side + rng.normal(0, 0.17), 0.05, 0.95)),
                  rng.uniform(0.1, 0.8) * horizon, rng.uniform(0.035, 0.075), rng.normal(0, 0.2))
        pen.line(((-1, -0.35), (-0.5, -0.55), (0, 0.05), (0.5, -0.55), (1, -0.35)), 0.24,
                 (200, 205, 215) if dark else (30, 30, 38))
    return image


HANGERS = {"stars": hang_stars, "rainbow": hang_rainbow, "sun": hang_orb, "moon": hang_orb, "crescent moon": hang_crescent,
           "clouds": hang_clouds, "lightning": hang_lightning, "balloon": hang_balloon, "birds": hang_birds}
__all__ = ["DARK", "LIGHTS", "ellipse", "hang", "paint_sky"]
