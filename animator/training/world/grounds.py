"""Grounds: each painter fills what lies below the horizon, or stands on it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from animator.training.world import flora
from animator.training.world.canvas import (
    Floats, Pen, Rng, fractal, lit, mix, noise, textured, to_floats, to_image, wobble,
)
from animator.training.world.words import RGB

BLACK, WHITE = (0, 0, 0), (255, 255, 255)


@dataclass
class Site:
    """Where a ground is painted: the image so far, the horizon (0..1 from the top), the light and a tint."""

    rng: Rng
    image: Image.Image
    horizon: float
    light: tuple[float, float, float]
    tint: str = ""
    sky: str = ""

    @property
    def n(self) -> int:
        """Side in pixels."""
        return self.image.width

    def colour(self, *natural: RGB) -> RGB:
        """The tint, or one of the natural colours, wobbled and lit; tints keep more of themselves in the dark."""
        if self.tint:
            soft = tuple(0.45 + 0.55 * factor for factor in self.light)
            return lit(wobble(self.rng, self.tint), (soft[0], soft[1], soft[2]))
        return lit(wobble(self.rng, natural[int(self.rng.integers(len(natural)))], 8), self.light)

    def pen(self, x: float = 0.0, y: float = 0.0, r: float = 1.0) -> Pen:
        """A pen in sides from the upper left corner, or about a point."""
        return Pen(ImageDraw.Draw(self.image), self.n, x, y, r, light=self.light)

    def below(self, heights: Floats, rgb: RGB, strength: float = 0.8) -> None:
        """Fills what lies under a line of heights (n values, 0..1 from the top) with a texture."""
        mask = Image.new("L", (self.n, self.n), 0)
        n = self.n
        line = [(x, float(heights[x]) * n) for x in range(0, n, 2)]
        ImageDraw.Draw(mask).polygon([(-1, line[0][1]), *line, (n + 1, line[-1][1]), (n + 1, n), (-1, n)], fill=255)
        self.image.paste(textured(self.rng, n, rgb, strength), (0, 0), mask)


def wavy(rng: Rng, n: int, base: float, height: float, bumps: int) -> Floats:
    """A soft skyline: n heights about `base`."""
    return base + height * noise(rng, n, 2, max(2, bumps))[0]


def jagged(rng: Rng, n: int, base: float, height: float, peaks: int) -> tuple[Floats, Floats]:
    """A skyline of peaks, and per column how far it faces left (-1..1): n values each."""
    x = np.linspace(0, 1, n, dtype=np.float32)
    tops = (np.arange(peaks) + rng.uniform(0.2, 0.8, peaks)) / peaks
    highs = height * rng.uniform(0.55, 1.0, peaks)
    widths = rng.uniform(0.75, 1.25, peaks) * 1.25 / peaks
    each = highs[:, None] * np.clip(1 - np.abs(x[None] - tops[:, None]) / widths[:, None], 0, 1)
    rise = each.max(0)
    owner = each.argmax(0)
    rough = np.abs(noise(rng, n, 2, 14)[0]) * height * 0.06 * (rise > 0)
    return (base - rise - rough).astype(np.float32), np.sign(tops[owner] - x).astype(np.float32)


def mountains(site: Site, snowy: bool = False, share: float = 1.0) -> None:
    """One to three ranges, the near one darker, with a sunny and a shady side."""
    rng, n = site.rng, site.n
    base = site.horizon + 0.04
    height = base * rng.uniform(0.45, 0.75) * share
    rock = site.colour((104, 100, 110), (120, 104, 92), (86, 96, 116), (92, 104, 96), (70, 74, 92))
    haze = site.image.getpixel((n // 2, max(0, int(n * site.horizon) - 2)))
    ranges = int(rng.integers(1, 4)) if share == 1.0 else 1
    rows = (np.arange(n, dtype=np.float32) / n)[:, None]
    values = to_floats(site.image)
    side = rng.choice((-1, 1))
    for k in range(ranges):
        line, facing = jagged(rng, n, base, height * (1 - 0.25 * k), int(rng.integers(1, 4)) + k)
        rgb = mix(rock, haze, (0.0 if site.tint else 0.4) * (ranges - 1 - k) / max(1, ranges - 1))
        ragged = noise(rng, n, 12) * 0.02
        shade = 1 + 0.17 * side * np.sign(facing[None] + noise(rng, n, 10) * 0.25)
        colours = np.asarray(rgb, np.float32) * shade[..., None]
        if snowy or (not site.tint and rng.random() < 0.18):
            depth = (0.55 if snowy else 0.22) * height
            cap = rows + ragged < (base - height * 0.75) + depth
            white = lit((244, 247, 252), tuple(0.3 + 0.7 * f for f in site.light))  # type: ignore[arg-type]
            snow = np.asarray(white, np.float32) * (1 + (shade - 1) * 0.55)[..., None]
            colours = np.where(cap[..., None], snow, colours)
        inside = (rows > line[None])[..., None]
        values = np.where(inside, colours, values)
    site.image.paste(to_image(values), (0, 0))
    if share == 1.0:
        low = wavy(rng, n, base + rng.uniform(0.0, 0.08), 0.01, 4)
        foot = (236, 240, 246) if snowy else ((86, 118, 66), (110, 104, 84), (70, 92, 70))[int(rng.integers(3))]
        site.below(low, mix(rock, BLACK, 0.25) if site.tint else site.colour(foot))


def snowy_mountains(site: Site) -> None:
    """Mountains under snow."""
    mountains(site, snowy=True)


def volcano(site: Site) -> None:
    """A cone with a glowing crater, lava and smoke."""
    rng = site.rng
    x, top, foot = 0.5 + rng.normal(0, 0.08), site.horizon - rng.uniform(0.34, 0.48), site.horizon + 0.12
    rock = site.colour((84, 66, 60), (66, 58, 62), (96, 74, 62))
    site.below(wavy(rng, site.n, site.horizon + 0.06, 0.012, 3), mix(rock, BLACK, 0.3))
    pen = Pen(ImageDraw.Draw(site.image), site.n, x, 0.0, 1.0)
    for k in range(int(rng.integers(2, 6))):
        grey = int(rng.uniform(60, 150))
        pen.oval(rng.normal(0, 0.05) + 0.03 * k, top - 0.05 - 0.07 * k, 0.06 + 0.022 * k, 0.05 + 0.015 * k, (grey, grey, grey + 4))
    mouth, wide = rng.uniform(0.06, 0.1), rng.uniform(0.36, 0.5)
    pen.poly(((-mouth, top), (mouth, top), (wide * 0.5, top + (foot - top) * 0.55), (wide, foot), (-wide, foot),
              (-wide * 0.5, top + (foot - top) * 0.55)), rock)
    pen.poly(((0.02, top), (mouth, top), (wide * 0.5, top + (foot - top) * 0.55), (wide, foot), (0.1, foot)), mix(rock, BLACK, 0.28))
    lava = wobble(rng, (250, 92, 20))
    pen.oval(0, top, mouth, 0.025, (255, 190, 60))
    for k in range(int(rng.integers(1, 4))):
        dx = (k - 1) * 0.1
        pen.line(((dx * 0.3, top), (dx + 0.02, top + 0.13), (dx * 1.8, top + rng.uniform(0.22, 0.4))), rng.uniform(0.02, 0.05), lava)
    if rng.random() < 0.6:
        flora.fire(Pen(pen.draw, site.n, x, top - 0.08, 0.11), (255, 160, 40), rng)


def desert(site: Site) -> None:
    """Dunes, each with a sunny and a shady side."""
    rng, n = site.rng, site.n
    sand = site.colour((226, 182, 112), (214, 160, 92), (238, 204, 142), (206, 140, 84))
    side = rng.choice((-1, 1))
    for k in range(int(rng.integers(2, 5))):
        line, facing = jagged(rng, n, site.horizon + 0.04 + 0.15 * k, 0.11 + 0.05 * k, int(rng.integers(1, 4)))
        smooth = np.convolve(np.pad(line, 6, mode="edge"), np.ones(13) / 13, mode="valid").astype(np.float32)
        site.below(smooth, mix(sand, WHITE, max(0.0, 0.14 - 0.05 * k)), 0.6)
        shaded = np.where(facing * side > 0, smooth + 0.01, 2).astype(np.float32)
        rows = (np.arange(n, dtype=np.float32) / n)[:, None]
        share = ((rows > shaded[None]) * np.clip(1 - (rows - shaded[None]) * 3.5, 0, 1) * 90).astype(np.uint8)
        site.image.paste(mix(sand, (90, 50, 40), 0.7), (0, 0), Image.fromarray(share))


def hills(site: Site) -> None:
    """Two to four soft ranges."""
    rng = site.rng
    green = site.colour((88, 152, 66), (112, 166, 70), (70, 130, 62), (134, 160, 72))
    count = int(rng.integers(2, 5))
    for k in range(count):
        line = wavy(rng, site.n, site.horizon + 0.02 + k * 0.13, 0.045 + 0.02 * k, int(rng.integers(3, 6)))
        site.below(line, mix(green, WHITE if k == 0 else BLACK, abs(0.2 - 0.13 * k)))


def meadow(site: Site, natural: tuple[RGB, ...] = ((92, 164, 60), (120, 180, 70), (76, 144, 58), (104, 190, 64))) -> None:
    """Grass up to the horizon, often with blades."""
    rng = site.rng
    green = site.colour(*natural)
    site.below(wavy(rng, site.n, site.horizon, 0.012, 4), green)
    pen = site.pen()
    pen.light = (1.0, 1.0, 1.0)
    if rng.random() < 0.65:
        for x, y, lean in rng.random((int(rng.integers(30, 90)), 3)).tolist():
            y = site.horizon + 0.03 + (1 - site.horizon) * y
            tall = 0.03 + 0.06 * (y - site.horizon)
            pen.line(((x, y), (x + (lean - 0.5) * 0.04, y - tall)), 0.012, mix(green, BLACK if lean < 0.5 else WHITE, 0.24))


def wheat(site: Site) -> None:
    """A golden field with ears."""
    meadow(site, ((226, 184, 76), (212, 166, 62), (236, 200, 104)))


def flower_field(site: Site) -> None:
    """Grass with rows of blossoms, larger towards the front."""
    rng = site.rng
    tint, site.tint = site.tint, ""
    meadow(site)
    table = ("red", "yellow", "pink", "white", "purple", "blue", "orange")
    names = [tint] if tint else [table[int(k)] for k in rng.integers(0, 7, int(rng.integers(1, 4)))]
    pen, light = site.pen(), tuple(0.35 + 0.65 * f for f in site.light)
    pen.light = (light[0], light[1], light[2])
    for x, depth, which in sorted(rng.random((int(rng.integers(60, 120)), 3)).tolist(), key=lambda row: row[1]):
        y = site.horizon + 0.02 + (1 - site.horizon) * depth ** 1.2
        size = 0.008 + 0.034 * depth
        rgb = wobble(rng, names[int(which * len(names))], 6)
        pen.oval(x, y, size, size * 0.85, rgb)
        if depth > 0.35:
            pen.oval(x, y, size * 0.35, size * 0.3, (250, 220, 80) if rgb[2] > 90 or rgb[1] < 150 else (120, 70, 30))


def snow(site: Site) -> None:
    """A white field with blue shadows."""
    rng = site.rng
    white = site.colour((240, 244, 250), (232, 240, 250), (246, 246, 248))
    for k in range(int(rng.integers(1, 4))):
        line = wavy(rng, site.n, site.horizon + 0.16 * k, 0.02 + 0.015 * k, 3)
        site.below(line, mix(white, (150, 175, 215), 0.10 * (k % 2)), 0.5)
    pen = site.pen()
    if rng.random() < 0.3:
        for x, y, size in rng.random((50, 3)).tolist():
            pen.oval(x, y, 0.006 + 0.006 * size, 0.006 + 0.006 * size, WHITE)


def forest(site: Site, far: bool = False) -> None:
    """Rows of firs or round crowns, the near ones larger and darker."""
    rng = site.rng
    green = site.colour((36, 92, 46), (52, 112, 52), (28, 76, 48), (66, 124, 54))
    if not far:
        site.below(wavy(rng, site.n, site.horizon + 0.03, 0.01, 3), mix(green, BLACK, 0.3))
    firs, rows = rng.random() < 0.55, 1 if far else int(rng.integers(2, 4))
    for k in range(rows):
        near = (k + 1) / rows
        size = 0.09 if far else 0.1 + 0.2 * near * rng.uniform(0.8, 1.1)
        foot = site.horizon + (0.02 if far else 0.02 + 0.3 * near * near)
        rgb = mix(green, (140, 160, 170) if not site.tint else WHITE, 0.22 * (1 - near)) if k < rows - 1 else green
        x = -size * rng.random()
        while x < 1 + size * 0.5:
            pen = Pen(ImageDraw.Draw(site.image), site.n, x, foot - size * 0.8, size * rng.uniform(0.8, 1.2))
            tone = mix(rgb, BLACK if rng.random() < 0.6 else WHITE, rng.uniform(0, 0.16))
            if firs:
                flora.pine(pen, tone, rng)
            else:
                pen.box(-0.1, 0.2, 0.1, 1.1, mix(lit((96, 66, 44), site.light), BLACK, 0.1))
                pen.oval(0, -0.25, 0.6, 0.7, tone)
                pen.oval(-0.1, -0.38, 0.36, 0.4, mix(tone, WHITE, 0.1))
            x += size * rng.uniform(0.6, 1.0)


def reflect(site: Site, rgb: RGB, share: float) -> None:
    """Water below the horizon: the picture above, upside down, in the water's colour with ripples."""
    rng, n = site.rng, site.n
    edge = round(site.horizon * n)
    values = to_floats(site.image)
    deep = n - edge
    above = values[max(0, edge - deep):edge][::-1]
    if above.shape[0] < deep:
        above = np.concatenate([above, np.repeat(above[-1:], deep - above.shape[0], 0)])
    ripple = noise(rng, n, 26, 4)[:deep] * (0.35 + np.linspace(0, 1, deep, dtype=np.float32))[:, None]
    shift = (np.arange(n)[None] + (ripple * n * 0.02).astype(np.int64)).clip(0, n - 1)
    mirrored = above[np.arange(deep)[:, None], shift]
    water = np.asarray(rgb, np.float32) * (1.12 - 0.3 * np.linspace(0, 1, deep, dtype=np.float32))[:, None, None]
    mixed = water * (1 - share) + mirrored * share + (ripple * rng.uniform(4, 14))[..., None]
    values[edge:] = mixed
    site.image.paste(to_image(values), (0, 0))


def soften(image: Image.Image, radius: float) -> Image.Image:
    """The image blurred."""
    return image.filter(ImageFilter.BoxBlur(radius))


def curve(rng: Rng, count: int) -> list[float]:
    """A random walk that starts at 0 and is smooth."""
    return (np.sin(np.linspace(0, rng.uniform(2.5, 5), count) + rng.uniform(0, 6)) * rng.uniform(0.06, 0.16)).tolist()


def river(site: Site) -> None:
    """A winding stream in a meadow."""
    rng = site.rng
    tint, site.tint = site.tint, ""
    meadow(site)
    site.tint = tint
    water = site.colour((72, 132, 196), (90, 160, 204), (60, 120, 170))
    wet, count = mix(water, site.image.getpixel((site.n // 2, 4)), 0.0 if tint else 0.4), 14
    offsets, centre = curve(rng, count), 0.5 + rng.normal(0, 0.08)
    left, right = [], []
    for k, bend in enumerate(offsets):
        t = k / (count - 1)
        y = site.horizon + (1.02 - site.horizon) * t
        wide = 0.02 + 0.26 * t ** 1.4
        left.append((centre + bend * (0.3 + t) - wide, y))
        right.append((centre + bend * (0.3 + t) + wide, y))
    mask = Image.new("L", (site.n, site.n), 0)
    ImageDraw.Draw(mask).polygon([(x * site.n, y * site.n) for x, y in left + right[::-1]], fill=255)
    site.image.paste(textured(rng, site.n, wet), (0, 0), mask)


def clouds_of(rng: Rng, n: int) -> Floats:
    """Mottles for foam and ice."""
    return fractal(rng, n, 8, 2.0)


def tint_or(site: Site, water: RGB) -> float:
    """How much a water mirrors the sky: little where it has a colour of its own."""
    return site.rng.uniform(0.1, 0.25) if site.tint else site.rng.uniform(0.35, 0.65)


__all__ = ["Site", "clouds_of", "desert", "flower_field", "forest", "hills", "math", "meadow", "mountains", "reflect",
           "river", "snow", "snowy_mountains", "soften", "tint_or", "volcano", "wavy", "wheat"]
