"""Mountains and volcanoes."""

from __future__ import annotations

from PIL import ImageDraw

from animator.training.world import flora
from animator.training.world.canvas import Pen, lit, mix, wobble
from animator.training.world.site import Site, wavy
from animator.training.world.words import RGB

BLACK = (0, 0, 0)


def peak(site: Site, x: float, foot: float, high: float, rgb: RGB, snow: float) -> None:
    """One mountain: a ragged outline, a shady side, and snow over its upper `snow` (a share)."""
    rng, draw, n = site.rng, ImageDraw.Draw(site.image), site.n
    wide = high * rng.uniform(0.6, 1.1)
    side = 1 if rng.random() < 0.5 else -1
    downs = (0.0, 0.16, 0.33, 0.5, 0.75, 1.0)
    ragged = rng.normal(0, 0.045, (3, len(downs))) * wide
    ragged[:, 0] = 0
    left = [(x - wide * t + a, foot - high * (1 - t)) for t, a in zip(downs, ragged[0].tolist(), strict=True)]
    right = [(x + wide * t + a, foot - high * (1 - t)) for t, a in zip(downs, ragged[1].tolist(), strict=True)]
    spur = [
        (x + 0.16 * side * wide * t + 2.4 * a, y) for t, a, (_, y) in zip(downs, ragged[2].tolist(), left, strict=True)
    ]
    shady = right if side > 0 else left

    def fill(points: list[tuple[float, float]], colour: RGB) -> None:
        draw.polygon([(px * n, py * n) for px, py in points], fill=colour)

    dark = mix(rgb, (16, 14, 40), rng.uniform(0.18, 0.38))
    fill(left + right[::-1], rgb)
    fill(shady + spur[::-1], dark)
    if snow > 0:
        bottom = 2 if snow < 0.3 else 3 if snow < 0.55 else 4
        factors = tuple(0.3 + 0.7 * factor for factor in site.light)
        white = lit((246, 248, 252), (factors[0], factors[1], factors[2]))
        (lx, y), (rx, _) = left[bottom], right[bottom]
        step = (rx - lx) / 6
        hem = [(lx + step * k, y + (0.05 if k % 2 else -0.06) * high) for k in range(1, 6)]
        fill(left[: bottom + 1] + hem + right[: bottom + 1][::-1], white)
        fill(
            [*spur[:bottom], hem[2], *(hem[3:] if side > 0 else hem[1::-1]), *shady[: bottom + 1][::-1]],
            mix(white, dark, 0.32),
        )


def mountains(site: Site, snowy: bool = False, share: float = 1.0) -> None:
    """One to three ranges, the far ones in haze, each mountain with a sunny and a shady side."""
    rng, n = site.rng, site.n
    base = site.horizon + 0.14
    rock = site.colour((104, 100, 110), (120, 104, 92), (86, 96, 116), (92, 104, 96), (74, 78, 98))
    haze = site.pixel(0.5, site.horizon - 0.02)
    ranges = int(rng.integers(1, 4)) if share == 1.0 else 1
    snow = rng.uniform(0.4, 0.8) if snowy else 0.2 if not site.tint and rng.random() < 0.2 else 0.0
    tall = base * rng.uniform(0.5, 0.8) * share
    for k in range(ranges):
        rgb = mix(rock, haze, (0.2 if site.tint else 0.45) * (ranges - 1 - k) / max(1, ranges - 1))
        count = int(rng.integers(1, 4)) + (share < 1.0) + (ranges == 1)
        for place in rng.permutation(count).tolist():
            x = (place + rng.uniform(0.25, 0.75)) / count
            peak(site, x, base, tall * (1 - 0.27 * k) * rng.uniform(0.65, 1.0), rgb, snow)
        if count * tall < 1.2:
            site.below(
                wavy(rng, n, base - 0.3 * tall * (1 - 0.25 * k), 0.05 * tall, 5),
                mix(rgb, (16, 14, 40), 0.15),
                0.4,
            )
    if share == 1.0:
        foot: RGB = (236, 240, 246) if snowy else ((86, 118, 66), (110, 104, 84), (70, 92, 70))[int(rng.integers(3))]
        ground = mix(rock, BLACK, 0.25) if site.tint else site.colour(foot)
        site.below(wavy(rng, n, site.horizon + rng.uniform(0.02, 0.1), 0.012, 4), ground)


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
        pen.oval(
            rng.normal(0, 0.05) + 0.03 * k,
            top - 0.05 - 0.07 * k,
            0.06 + 0.022 * k,
            0.05 + 0.015 * k,
            (grey, grey, grey + 4),
        )
    mouth, wide = rng.uniform(0.06, 0.1), rng.uniform(0.36, 0.5)
    pen.poly(
        (
            (-mouth, top),
            (mouth, top),
            (wide * 0.5, top + (foot - top) * 0.55),
            (wide, foot),
            (-wide, foot),
            (-wide * 0.5, top + (foot - top) * 0.55),
        ),
        rock,
    )
    pen.poly(
        ((0.02, top), (mouth, top), (wide * 0.5, top + (foot - top) * 0.55), (wide, foot), (0.1, foot)),
        mix(rock, BLACK, 0.28),
    )
    lava = wobble(rng, (250, 92, 20))
    pen.oval(0, top, mouth, 0.025, (255, 190, 60))
    for k in range(int(rng.integers(1, 4))):
        dx = (k - 1) * 0.1
        pen.line(
            ((dx * 0.3, top), (dx + 0.02, top + 0.13), (dx * 1.8, top + rng.uniform(0.22, 0.4))),
            rng.uniform(0.02, 0.05),
            lava,
        )
    if rng.random() < 0.6:
        flora.fire(Pen(pen.draw, site.n, x, top - 0.08, 0.11), (255, 160, 40), rng)
