"""Towers with windows."""

from __future__ import annotations

from PIL import ImageDraw

from animator.training.world.canvas import Pen, Rng, mix, wobble
from animator.training.world.site import Site, wavy
from animator.training.world.words import RGB

LAMPS: RGB = (255, 216, 110)


def city(site: Site, far: bool = False) -> None:
    """Towers before towers, with windows, lit in the dark."""
    rng = site.rng
    dark = site.sky in ("night", "aurora", "stormy") or (site.sky == "sunset" and rng.random() < 0.6)
    lower = 0.4 if far else 1.0
    wall = site.colour((110, 118, 132), (140, 134, 130), (92, 100, 120), (150, 120, 104), (84, 92, 104))
    if not far:
        site.below(wavy(rng, site.n, site.horizon, 0.002, 2), mix(wall, (0, 0, 0), 0.45))
    pen, lamp = Pen(ImageDraw.Draw(site.image), site.n, 0.0, 0.0, 1.0), wobble(rng, LAMPS)
    haze = site.pixel(0.5, site.horizon * 0.8)
    for k in range(1 if far else int(rng.integers(2, 4))):
        foot, x = site.horizon + 0.01 + 0.1 * k * lower, -0.05 * rng.random()
        while x < 1:
            w = rng.uniform(0.07, 0.17) * (0.6 if far else 1.0)
            top = foot - site.horizon * rng.uniform(0.22, 0.7 if k == 0 else 0.5) * lower
            rgb = mix(
                mix(wall, haze, 0.3 if k == 0 and not far and not site.tint else 0.0),
                (0, 0, 0),
                rng.uniform(0, 0.3),
            )
            pen.box(x, top, x + w, foot + 0.15 * (not far), rgb)
            if rng.random() < 0.2 and not far:
                pen.line(((x + w / 2, top), (x + w / 2, top - 0.07)), 0.012, rgb)
            if not far and rng.random() < 0.85:
                windows(
                    rng,
                    pen,
                    (x, top, w, foot),
                    lamp if dark else mix(rgb, (220, 235, 250), 0.45),
                    0.6 if dark else 0.95,
                )
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
