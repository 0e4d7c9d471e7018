"""Grounds: each painter fills what lies below the horizon, or stands on it."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from animator.training.world import flora
from animator.training.world.canvas import Pen, line_noise, lit, mix, wobble
from animator.training.world.site import Site, wavy
from animator.training.world.words import RGB

BLACK, WHITE = (0, 0, 0), (255, 255, 255)


def desert(site: Site) -> None:
    """Dunes, each with a sunny and a shady side."""
    rng, n = site.rng, site.n
    sand = site.colour((226, 182, 112), (214, 160, 92), (238, 204, 142), (206, 140, 84))
    shade, side = mix(sand, (80, 44, 40), rng.uniform(0.2, 0.4)), rng.choice((-1, 1))
    count = int(rng.integers(2, 5))
    for k in range(count):
        near = k / count
        base = site.horizon + 0.02 + (1 - site.horizon) * 0.9 * near
        x0, wide, high = rng.uniform(0.15, 0.85), rng.uniform(0.35, 0.7), rng.uniform(0.05, 0.12) * (1 + near)
        x = np.linspace(0, 1, n, dtype=np.float32)
        flank = np.where((x - x0) * side > 0, 0.7, 1.3) * wide
        crest = base + 0.03 - high * np.exp(-(np.abs((x - x0) / flank) ** 1.35)) + 0.008 * line_noise(rng, n, 4)
        site.below(crest.astype(np.float32), mix(sand, WHITE, 0.16 * (1 - near)), 0.6)
        foot, peak = base + high * 1.1, base + 0.03 - high
        bend = x0 + side * rng.uniform(0.02, 0.12)
        reach = x0 + side * flank.min() * 1.5
        lee = [(a, float(crest[min(n - 1, max(0, round(a * n)))])) for a in np.linspace(x0, reach, 10).tolist()]
        mask = Image.new("L", (n, n), 0)
        ImageDraw.Draw(mask).polygon(
            [(a * n, y * n) for a, y in [*lee, (bend + side * 0.18, foot), (bend, (foot + peak) / 2)]],
            fill=210,
        )
        site.image.paste(shade, (0, 0), mask)


def hills(site: Site) -> None:
    """Two to four soft ranges."""
    rng = site.rng
    green = site.colour((88, 152, 66), (112, 166, 70), (70, 130, 62), (134, 160, 72))
    count = int(rng.integers(2, 5))
    for k in range(count):
        line = wavy(rng, site.n, site.horizon + 0.02 + k * 0.13, 0.045 + 0.02 * k, int(rng.integers(3, 6)))
        site.below(line, mix(green, WHITE if k == 0 else BLACK, abs(0.2 - 0.13 * k)))


def meadow(
    site: Site, natural: tuple[RGB, ...] = ((92, 164, 60), (120, 180, 70), (76, 144, 58), (104, 190, 64))
) -> None:
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
            pen.line(
                ((x, y), (x + (lean - 0.5) * 0.04, y - tall)),
                0.012,
                mix(green, BLACK if lean < 0.5 else WHITE, 0.24),
            )


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
        y = site.horizon + 0.02 + (1 - site.horizon) * depth**1.2
        size = 0.008 + 0.034 * depth
        rgb = wobble(rng, names[int(which * len(names))], 6)
        pen.oval(x, y, size, size * 0.85, rgb)
        if depth > 0.35:
            pen.oval(
                x,
                y,
                size * 0.35,
                size * 0.3,
                (250, 220, 80) if rgb[2] > 90 or rgb[1] < 150 else (120, 70, 30),
            )


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
