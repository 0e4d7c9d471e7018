"""Landscapes: a sky, a ground under it, and things."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageChops, ImageDraw

from animator.training.world import cities, flora, grounds, heights, overhead, skies, things, waters
from animator.training.world.canvas import Pen, Rng, blend, glow, mix, textured, wobble
from animator.training.world.site import Site, wavy
from animator.training.world.spec import Picture, Thing
from animator.training.world.words import RGB

# Range of the horizon, from the top.
HORIZONS = {
    "forest": (0.55, 0.72),
    "mountains": (0.66, 0.86),
    "snowy mountains": (0.66, 0.86),
    "city": (0.7, 0.9),
    "volcano": (0.68, 0.8),
    "sea": (0.42, 0.68),
    "lake": (0.42, 0.6),
    "beach": (0.4, 0.56),
    "river": (0.4, 0.58),
}


PAINTERS = {
    "sea": waters.sea,
    "lake": waters.lake,
    "forest": grounds.forest,
    "mountains": heights.mountains,
    "snowy mountains": heights.snowy_mountains,
    "desert": grounds.desert,
    "city": cities.city,
    "snow": grounds.snow,
    "meadow": grounds.meadow,
    "hills": grounds.hills,
    "beach": waters.beach,
    "river": waters.river,
    "flower field": grounds.flower_field,
    "wheat": grounds.wheat,
    "volcano": heights.volcano,
    "ice": waters.ice,
}


def paint_far(site: Site, name: str) -> None:
    """A ground behind the ground, standing on the horizon."""
    if name == "forest":
        grounds.forest(site, far=True)
    elif name == "city":
        cities.city(site, far=True)
    elif name == "hills":
        green = site.colour((88, 140, 78), (104, 150, 96))
        site.below(wavy(site.rng, site.n, site.horizon - 0.09, 0.045, 4), green)
    elif name == "volcano":
        heights.volcano(Site(site.rng, site.image, site.horizon - 0.06, site.light, "", site.sky))
    else:
        heights.mountains(site, snowy=name == "snowy mountains", share=0.62)


def person(pen: Pen, rgb: RGB, rng: Rng) -> None:
    """A standing figure."""
    for side in (-1, 1):
        pen.line(((0, 0.25), (side * 0.2, 1.0)), 0.2, mix(rgb, (0, 0, 0), 0.4))
        pen.line(((0, -0.3), (side * 0.4, 0.25)), 0.15, rgb)
    pen.poly(((-0.26, -0.42), (0.26, -0.42), (0.2, 0.35), (-0.2, 0.35)), rgb)
    pen.oval(0, -0.7, 0.24, 0.26, (222, 176, 144))


def bridge(pen: Pen, rgb: RGB, rng: Rng) -> None:
    """A deck on arches from side to side."""
    arch = np.linspace(0, np.pi, 12)
    for k in (-2, -1, 0, 1, 2):
        left = [(k * 0.8 + 0.32 * np.cos(a), 0.42 - 0.5 * np.sin(a)) for a in arch]
        pen.poly(
            [
                (k * 0.8 - 0.4, 0.42),
                (k * 0.8 - 0.4, -0.2),
                (k * 0.8 + 0.4, -0.2),
                (k * 0.8 + 0.4, 0.42),
                *left,
            ],
            rgb,
        )
    pen.box(-2.5, -0.32, 2.5, -0.12, mix(rgb, (255, 255, 255), 0.15))


NATURAL: dict[str, RGB] = {
    "boat": (246, 244, 238),
    "house": (226, 206, 178),
    "castle": (148, 144, 142),
    "tree": (58, 128, 52),
    "pines": (34, 94, 52),
    "palm": (52, 130, 56),
    "cactus": (58, 124, 62),
    "campfire": (250, 150, 30),
    "bridge": (136, 118, 104),
    "person": (60, 70, 120),
    "lighthouse": (250, 250, 250),
}
LARGEST = 0.36  # half the height of a thing that stands close
DRAW = {
    "boat": things.boat,
    "house": things.house,
    "castle": things.castle,
    "tree": flora.tree,
    "pines": flora.pine,
    "palm": flora.palm,
    "cactus": flora.cactus,
    "campfire": flora.campfire,
    "bridge": bridge,
    "person": person,
    "lighthouse": things.lighthouse,
}


def stand(site: Site, picture: Picture, thing: Thing, close: bool = False) -> None:
    """Puts a thing on the ground; a `close` one is up to twice as large, and nearer to the middle."""
    rng = site.rng
    r = rng.uniform(0.11, 0.2) * {
        "person": 0.7,
        "castle": 1.2,
        "campfire": 0.85,
        "bridge": 0.9,
        "tree": 1.15,
    }.get(thing.name, 1.0)
    if close:
        r = min(LARGEST, r * rng.uniform(1.3, 2.2))
    rgb = wobble(rng, thing.colour or NATURAL[thing.name], 9)
    depth = {"sea": 0.2, "ice": 0.3, "beach": 0.75, "lake": 0.3}.get(picture.ground, 0.35)
    if thing.name == "boat" and picture.ground == "beach":
        depth = 0.15
    elif thing.name != "boat" and picture.ground == "lake":
        depth = 0.9
    foot = min(0.96, site.horizon + (1 - site.horizon) * depth * rng.uniform(0.75, 1.25) + r * 0.3)
    x = float(rng.uniform(0.35, 0.65) if close else rng.uniform(0.2, 0.8))
    light = tuple(max(factor, 0.42) for factor in site.light)
    for _ in range(int(rng.integers(2, 6)) if thing.name == "pines" else 1):
        if thing.name == "campfire":
            site.image = blend(site.image, (255, 150, 50), firelight(site, x, foot - r, r * 2.2))
        pen = Pen(
            ImageDraw.Draw(site.image),
            site.n,
            x,
            foot - r,
            float(r),
            light=(light[0], light[1], light[2]),
            flip=bool(rng.random() < 0.5),
        )
        DRAW[thing.name](pen, rgb, rng)
        x, foot = (x + rng.uniform(0.15, 0.4)) % 1.0, foot + rng.normal(0, 0.015)


def firelight(site: Site, x: float, y: float, r: float) -> np.ndarray:
    """The light of a fire."""
    return glow(site.n, x, y, r) * (0.6 if site.sky in skies.DARK else 0.25)


def paint_landscape(rng: Rng, picture: Picture, n: int, close: bool = False) -> Image.Image:
    """A landscape, (n, n). Its things may stand `close`."""
    horizon = float(rng.uniform(*HORIZONS.get(picture.ground, (0.45, 0.72))))
    image = overhead.hang(rng, skies.paint_sky(rng, picture, n, horizon), picture, horizon)
    above = image.copy() if picture.style == "silhouette" else None
    site = Site(rng, image, horizon, skies.LIGHTS[picture.sky], "", picture.sky)
    if picture.far:
        paint_far(site, picture.far)
    if picture.sky == "misty":
        veil(rng, site, 0.35)
    site.tint = picture.tint
    PAINTERS[picture.ground](site)
    for thing in picture.things:
        if thing.name in DRAW:
            stand(site, picture, thing, close)
    if picture.sky == "misty":
        veil(rng, site, rng.uniform(0.35, 0.6))
    if above is not None:
        darken(site, above)
    return site.image


def veil(rng: Rng, site: Site, share: float) -> None:
    """Fog over all, thickest about the horizon."""
    rows = np.arange(site.n, dtype=np.float32)[:, None] / site.n
    thick = share * (0.75 + 0.5 * np.exp(-(((rows - site.horizon) / 0.25) ** 2))) * np.ones((1, site.n), np.float32)
    site.image = blend(site.image, wobble(rng, (206, 210, 213), 6), thick)


def darken(site: Site, above: Image.Image) -> None:
    """Makes a silhouette of everything that covers the sky."""
    changed = ImageChops.difference(site.image, above).convert("L").point(lambda v: 255 if v > 3 else 0)
    changed.paste(255, (0, min(site.n, round((site.horizon + 0.05) * site.n)), site.n, site.n))
    site.image.paste(textured(site.rng, site.n, wobble(site.rng, (14, 12, 18), 4), 0.4), (0, 0), changed)
