"""Sea, lake, river, beach and ice."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from animator.training.world import grounds
from animator.training.world.canvas import Rng, lit, mix, noise, textured, to_floats, to_image, wobble
from animator.training.world.site import Site, wavy
from animator.training.world.words import RGB


def reflect(site: Site, rgb: RGB, share: float) -> None:
    """Water below the horizon: the picture above, upside down, in the water's colour with ripples."""
    rng, n = site.rng, site.n
    edge = round(site.horizon * n)
    values = to_floats(site.image)
    deep = n - edge
    above = values[max(0, edge - deep) : edge][::-1]
    if above.shape[0] < deep:
        above = np.concatenate([above, np.repeat(above[-1:], deep - above.shape[0], 0)])
    ripple = noise(rng, n, 26, 4)[:deep] * (0.35 + np.linspace(0, 1, deep, dtype=np.float32))[:, None]
    shift = (np.arange(n)[None] + (ripple * n * 0.02).astype(np.int64)).clip(0, n - 1)
    mirrored = above[np.arange(deep)[:, None], shift]
    water = np.asarray(rgb, np.float32) * (1.12 - 0.3 * np.linspace(0, 1, deep, dtype=np.float32))[:, None, None]
    mixed = water * (1 - share) + mirrored * share + (ripple * rng.uniform(4, 14))[..., None]
    values[edge:] = mixed
    site.image.paste(to_image(values), (0, 0))


def mirroring(site: Site) -> float:
    """How much a water mirrors the sky: little where it has a colour of its own."""
    return site.rng.uniform(0.1, 0.25) if site.tint else site.rng.uniform(0.35, 0.65)


def sea(site: Site) -> None:
    """Water up to the horizon, with a swell or crests."""
    rng = site.rng
    water = site.colour((24, 88, 150), (30, 110, 160), (20, 70, 120), (38, 130, 170))
    reflect(site, water, mirroring(site))
    pen, crest = site.pen(), mix(water, (255, 255, 255), 0.35)
    pen.light = (1.0, 1.0, 1.0)
    if rng.random() < 0.6:
        for x, depth, size in rng.random((int(rng.integers(8, 34)), 3)).tolist():
            y = site.horizon + 0.02 + (1 - site.horizon) * depth
            wide = (0.02 + 0.1 * depth) * (0.5 + size)
            pen.line(
                ((x - wide, y), (x - wide * 0.3, y - 0.012 * depth), (x + wide, y)),
                0.008 + 0.01 * depth,
                crest,
            )


def lake(site: Site) -> None:
    """Still water between a far and a near bank."""
    rng = site.rng
    bank = lit(wobble(rng, (78, 130, 62), 14), site.light)
    far = site.horizon
    site.horizon = far + 0.05
    if rng.random() < 0.85:
        site.below(wavy(rng, site.n, far, 0.02, 4), bank)
    water = site.colour((50, 116, 172), (64, 136, 180), (40, 96, 140))
    reflect(site, water, mirroring(site) + (0.0 if site.tint else 0.15))
    corner = 1 if rng.random() < 0.5 else -1
    slope = np.linspace(-1, 1, site.n, dtype=np.float32) * corner
    line = wavy(rng, site.n, rng.uniform(0.88, 0.94), 0.012, 4) + 0.06 * slope
    site.below(line.astype(np.float32), mix(bank, (0, 0, 0), 0.15))


def beach(site: Site) -> None:
    """Sand before the sea, with foam between."""
    rng = site.rng
    tint, site.tint = site.tint, ""
    sea(site)
    site.tint = tint
    edge = rng.uniform(0.66, 0.78) + rng.choice((-1, 1)) * 0.08 * np.linspace(-1, 1, site.n)
    line = (edge + 0.012 * wavy(rng, site.n, 0.0, 1.0, 4)).astype(np.float32)
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
        top = [
            (x - w * 0.5, y - tall * rng.uniform(0.4, 0.9)),
            (x + rng.normal(0, 0.2) * w, y - tall),
            (x + w * 0.6, y - tall * 0.5),
        ]
        pen.poly([(x - w, y), *top, (x + w, y), (x + w * 0.7, y + 0.03), (x - w * 0.8, y + 0.03)], white)
        pen.poly([top[1], top[2], (x + w, y), (x + w * 0.1, y)], mix(white, (60, 120, 170), 0.3))


def curve(rng: Rng, count: int) -> list[float]:
    """A random walk that starts at 0 and is smooth."""
    return [
        float(v)
        for v in np.sin(np.linspace(0, rng.uniform(2.5, 5), count) + rng.uniform(0, 6)) * rng.uniform(0.06, 0.16)
    ]


def river(site: Site) -> None:
    """A winding stream in a meadow."""
    rng = site.rng
    tint, site.tint = site.tint, ""
    grounds.meadow(site)
    site.tint = tint
    water = site.colour((72, 132, 196), (90, 160, 204), (60, 120, 170))
    wet, count = mix(water, site.pixel(0.5, 0.03), 0.0 if tint else 0.4), 14
    offsets, centre = curve(rng, count), 0.5 + rng.normal(0, 0.08)
    left, right = [], []
    for k, bend in enumerate(offsets):
        t = k / (count - 1)
        y = site.horizon + (1.02 - site.horizon) * t
        wide = 0.02 + 0.26 * t**1.4
        left.append((centre + bend * (0.3 + t) - wide, y))
        right.append((centre + bend * (0.3 + t) + wide, y))
    mask = Image.new("L", (site.n, site.n), 0)
    ImageDraw.Draw(mask).polygon([(x * site.n, y * site.n) for x, y in left + right[::-1]], fill=255)
    site.image.paste(textured(rng, site.n, wet), (0, 0), mask)
