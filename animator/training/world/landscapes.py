"""Landscapes: a sky, a ground under it, and things."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageChops, ImageDraw

from animator.training.world import flora, grounds, skies, things
from animator.training.world.canvas import Pen, Rng, blend, lit, mix, textured, wobble
from animator.training.world.grounds import Site
from animator.training.world.spec import Picture, Thing
from animator.training.world.words import RGB

# Range of the horizon, from the top.
HORIZONS = {"forest": (0.55, 0.72), "mountains": (0.66, 0.86), "snowy mountains": (0.66, 0.86), "city": (0.7, 0.9),
            "volcano": (0.68, 0.8), "sea": (0.42, 0.68), "lake": (0.42, 0.6), "beach": (0.4, 0.56), "river": (0.4, 0.58)}
LAMPS: RGB = (255, 216, 110)


def sea(site: Site) -> None:
    """Water up to the horizon, with a swell or crests."""
    rng = site.rng
    water = site.colour((24, 88, 150), (30, 110, 160), (20, 70, 120), (38, 130, 170))
    grounds.reflect(site, water, grounds.tint_or(site, water))
    pen, crest = site.pen(), mix(water, (255, 255, 255), 0.35)
    pen.light = (1.0, 1.0, 1.0)
    if rng.random() < 0.6:
        for x, depth, size in rng.random((int(rng.integers(8, 34)), 3)).tolist():
            y = site.horizon + 0.02 + (1 - site.horizon) * depth
            wide = (0.02 + 0.1 * depth) * (0.5 + size)
            pen.line(((x - wide, y), (x - wide * 0.3, y - 0.012 * depth), (x + wide, y)), 0.008 + 0.01 * depth, crest)


def lake(site: Site) -> None:
    """Still water between a far and a near bank."""
    rng = site.rng
    bank = lit(wobble(rng, (78, 130, 62), 14), site.light)
    far = site.horizon
    site.horizon = far + 0.05
    if rng.random() < 0.85:
        site.below(grounds.wavy(rng, site.n, far, 0.02, 4), bank)
    water = site.colour((50, 116, 172), (64, 136, 180), (40, 96, 140))
    grounds.reflect(site, water, grounds.tint_or(site, water) + (0.0 if site.tint else 0.15))
    corner = 1 if rng.random() < 0.5 else -1
    slope = np.linspace(-1, 1, site.n, dtype=np.float32) * corner
    line = grounds.wavy(rng, site.n, rng.uniform(0.88, 0.94), 0.012, 4) + 0.06 * slope
    site.below(line.astype(np.float32), mix(bank, (0, 0, 0), 0.15))


def beach(site: Site) -> None:
    """Sand before the sea, with foam between."""
    rng = site.rng
    tint, site.tint = site.tint, ""
    sea(site)
    site.tint = tint
    edge = rng.uniform(0.66, 0.78) + rng.choice((-1, 1)) * 0.08 * np.linspace(-1, 1, site.n)
    line = (edge + 0.012 * grounds.wavy(rng, site.n, 0.0, 1.0, 4)).astype(np.float32)
    site.below(line - 0.02, lit((244, 248, 250), site.light))
    site.below(line, site.colour((232, 206, 150), (240, 218, 170), (220, 190, 130)))


def ice(site: Site) -> None:
    """A cold sea with floes and bergs."""
    rng = site.rng
    tint, site.tint = site.tint, ""
    sea(site)
    site.tint = tint
    white = site.colour((214, 234, 246), (226, 240, 250), (190, 224, 242))
    pen = site.pen()
    pen.light = (1.0, 1.0, 1.0)
    for depth in sorted(rng.uniform(0.02, 0.9, int(rng.integers(4, 9))).tolist()):
        x, y, w = rng.random(), site.horizon + (1 - site.horizon) * depth, 0.08 + 0.16 * depth
        tall = w * rng.uniform(0.4, 1.5) if rng.random() < 0.6 else 0.02
        top = [(x - w * 0.5, y - tall * rng.uniform(0.4, 0.9)), (x + rng.normal(0, 0.2) * w, y - tall), (x + w * 0.6, y - tall * 0.5)]
        pen.poly([(x - w, y), *top, (x + w, y), (x + w * 0.7, y + 0.03), (x - w * 0.8, y + 0.03)], white)
        pen.poly([top[1], top[2], (x + w, y), (x + w * 0.1, y)], mix(white, (60, 120, 170), 0.3))


def city(site: Site, far: bool = False) -> None:
    """Towers before towers, with windows, lit in the dark."""
    rng = site.rng
    dark = site.sky in ("night", "aurora", "stormy") or (site.sky == "sunset" and rng.random() < 0.6)
    lower = 0.4 if far else 1.0
    wall = site.colour((110, 118, 132), (140, 134, 130), (92, 100, 120), (150, 120, 104), (84, 92, 104))
    if not far:
        site.below(grounds.wavy(rng, site.n, site.horizon, 0.002, 2), mix(wall, (0, 0, 0), 0.45))
    pen, lamp = Pen(ImageDraw.Draw(site.image), site.n, 0.0, 0.0, 1.0), wobble(rng, LAMPS)
    haze = site.image.getpixel((site.n // 2, int(site.n * site.horizon * 0.8)))
    for k in range(1 if far else int(rng.integers(2, 4))):
        foot, x = site.horizon + 0.01 + 0.1 * k * lower, -0.05 * rng.random()
        while x < 1:
            w = rng.uniform(0.07, 0.17) * (0.6 if far else 1.0)
            top = foot - site.horizon * rng.uniform(0.22, 0.7 if k == 0 else 0.5) * lower
            rgb = mix(mix(wall, haze, 0.3 if k == 0 and not far and not site.tint else 0.0), (0, 0, 0), rng.uniform(0, 0.3))
            pen.box(x, top, x + w, foot + 0.15 * (not far), rgb)
            if rng.random() < 0.2 and not far:
                pen.line(((x + w / 2, top), (x + w / 2, top - 0.07)), 0.012, rgb)
            if not far and rng.random() < 0.85:
                windows(rng, pen, (x, top, w, foot), lamp if dark else mix(rgb, (220, 235, 250), 0.45), 0.6 if dark else 0.95)
            x += w * rng.uniform(0.95, 1.25)


def windows(rng: Rng, pen: Pen, tower: tuple[float, float, float, float], rgb: RGB, share: float) -> None:
    """Rows of windows on a tower (left, top, width, foot)."""
    x, top, w, foot = tower
    across = 2 if w < 0.11 else 3
    step = rng.uniform(0.045, 0.065)
    lit_up = rng.random((16, across))
    for row in range(min(16, int((foot - top) / step))):
        for k in range(across):
            if lit_up[row, k] < share:
                left, y = x + w * (k + 0.3) / across, top + step * (row + 0.35)
                pen.box(left, y, left + w * 0.4 / across, y + step * 0.45, rgb)


PAINTERS = {"sea": sea, "lake": lake, "forest": grounds.forest, "mountains": grounds.mountains,
            "snowy mountains": grounds.snowy_mountains, "desert": grounds.desert, "city": city, "snow": grounds.snow,
            "meadow": grounds.meadow, "hills": grounds.hills, "beach": beach, "river": grounds.river,
            "flower field": grounds.flower_field, "wheat": grounds.wheat, "volcano": grounds.volcano, "ice": ice}


def paint_far(site: Site, name: str) -> None:
    """A ground behind the ground, standing on the horizon."""
    if name == "forest":
        grounds.forest(site, far=True)
    elif name == "city":
        city(site, far=True)
    elif name == "hills":
        green = site.colour((88, 140, 78), (104, 150, 96))
        site.below(grounds.wavy(site.rng, site.n, site.horizon - 0.09, 0.045, 4), green)
    elif name == "volcano":
        grounds.volcano(Site(site.rng, site.image, site.horizon - 0.06, site.light, "", site.sky))
    else:
        grounds.mountains(site, snowy=name == "snowy mountains", share=0.62)


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
        pen.poly([(k * 0.8 - 0.4, 0.42), (k * 0.8 - 0.4, -0.2), (k * 0.8 + 0.4, -0.2), (k * 0.8 + 0.4, 0.42), *left], rgb)
    pen.box(-2.5, -0.32, 2.5, -0.12, mix(rgb, (255, 255, 255), 0.15))


NATURAL: dict[str, RGB] = {"boat": (246, 244, 238), "house": (226, 206, 178), "castle": (148, 144, 142), "tree": (58, 128, 52),
                           "pines": (34, 94, 52), "palm": (52, 130, 56), "cactus": (58, 124, 62), "campfire": (250, 150, 30),
                           "bridge": (136, 118, 104), "person": (60, 70, 120), "lighthouse": (250, 250, 250)}
DRAW = {"boat": things.boat, "house": things.house, "castle": things.castle, "tree": flora.tree, "pines": flora.pine,
        "palm": flora.palm, "cactus": flora.cactus, "campfire": flora.campfire, "bridge": bridge, "person": person,
        "lighthouse": things.lighthouse}


def stand(site: Site, picture: Picture, thing: Thing) -> None:
    """Puts a thing on the ground."""
    rng = site.rng
    r = rng.uniform(0.11, 0.2) * {"person": 0.7, "castle": 1.2, "campfire": 0.85, "bridge": 0.9, "tree": 1.15}.get(thing.name, 1.0)
    rgb = wobble(rng, thing.colour or NATURAL[thing.name], 9)
    depth = {"sea": 0.2, "ice": 0.3, "beach": 0.75, "lake": 0.3}.get(picture.ground, 0.35)
    if thing.name == "boat" and picture.ground == "beach":
        depth = 0.15
    elif thing.name != "boat" and picture.ground == "lake":
        depth = 0.9
    foot = min(0.96, site.horizon + (1 - site.horizon) * depth * rng.uniform(0.75, 1.25) + r * 0.3)
    x = float(rng.uniform(0.2, 0.8))
    light = tuple(max(factor, 0.42) for factor in site.light)
    for _ in range(int(rng.integers(2, 6)) if thing.name == "pines" else 1):
        if thing.name == "campfire":
            site.image = blend(site.image, (255, 150, 50), skies_glow(site, x, foot - r, r * 2.2))
        pen = Pen(ImageDraw.Draw(site.image), site.n, x, foot - r, float(r), light=(light[0], light[1], light[2]),
                  flip=bool(rng.random() < 0.5))
        DRAW[thing.name](pen, rgb, rng)
        x, foot = (x + rng.uniform(0.15, 0.4)) % 1.0, foot + rng.normal(0, 0.015)


def skies_glow(site: Site, x: float, y: float, r: float) -> np.ndarray:
    """The light of a fire."""
    from animator.training.world.canvas import glow
    return glow(site.n, x, y, r) * (0.6 if site.sky in skies.DARK else 0.25)


def paint_landscape(rng: Rng, picture: Picture, n: int) -> Image.Image:
    """A landscape, (n, n)."""
    horizon = float(rng.uniform(*HORIZONS.get(picture.ground, (0.45, 0.72))))
    image = skies.hang(rng, skies.paint_sky(rng, picture, n, horizon), picture, horizon)
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
            stand(site, picture, thing)
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
