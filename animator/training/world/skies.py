"""Skies and what hangs in them."""

from __future__ import annotations

import numpy as np
from PIL import Image

from animator.training.world.canvas import Floats, Rng, fractal, line_noise, mix, ramp, to_image, wobble
from animator.training.world.spec import Picture
from animator.training.world.words import RGB

# Colours from the top down to the horizon; one of the rows is drawn.
PALETTES: dict[str, tuple[tuple[RGB, ...], ...]] = {
    "clear": (
        ((40, 110, 220), (150, 205, 245)),
        ((70, 150, 235), (190, 225, 250)),
        ((20, 90, 200), (110, 180, 240)),
        ((96, 170, 240), (215, 236, 250)),
        ((52, 128, 228), (74, 150, 236)),
    ),
    "cloudy": (
        ((120, 160, 205), (200, 215, 228)),
        ((150, 175, 200), (215, 222, 228)),
        ((90, 145, 210), (190, 215, 235)),
    ),
    "stormy": (
        ((44, 50, 60), (110, 116, 124)),
        ((70, 76, 84), (140, 145, 148)),
        ((36, 44, 60), (86, 100, 112)),
        ((58, 56, 66), (124, 122, 118)),
    ),
    "sunset": (
        ((70, 40, 110), (220, 80, 70), (255, 170, 60)),
        ((180, 60, 60), (245, 120, 40), (255, 200, 90)),
        ((40, 40, 100), (190, 70, 110), (255, 140, 70)),
        ((120, 30, 40), (230, 70, 30), (255, 160, 40)),
        ((60, 60, 130), (230, 120, 110), (255, 190, 110)),
        ((235, 110, 40), (255, 170, 70), (255, 210, 110)),
    ),
    "dawn": (
        ((130, 170, 220), (245, 200, 190), (255, 225, 170)),
        ((160, 150, 205), (250, 180, 180), (255, 220, 170)),
        ((120, 160, 210), (255, 215, 180), (255, 240, 200)),
        ((200, 170, 210), (255, 190, 190), (255, 228, 190)),
    ),
    "night": (
        ((4, 6, 22), (18, 28, 66)),
        ((8, 8, 14), (24, 26, 40)),
        ((6, 14, 46), (34, 52, 110)),
        ((18, 8, 40), (48, 30, 84)),
        ((2, 4, 12), (10, 20, 44)),
    ),
    "misty": (
        ((176, 182, 188), (212, 214, 216)),
        ((196, 200, 202), (224, 225, 224)),
        ((150, 160, 168), (196, 200, 204)),
    ),
    "aurora": (((4, 8, 26), (14, 36, 60)), ((10, 8, 34), (20, 30, 66))),
}
# What the sky makes of the ground's colours.
LIGHTS: dict[str, tuple[float, float, float]] = {
    "clear": (1.0, 1.0, 1.0),
    "cloudy": (0.88, 0.9, 0.93),
    "stormy": (0.56, 0.6, 0.66),
    "sunset": (0.8, 0.55, 0.46),
    "dawn": (0.98, 0.86, 0.84),
    "night": (0.37, 0.43, 0.6),
    "misty": (0.82, 0.84, 0.86),
    "aurora": (0.32, 0.46, 0.52),
    "colour": (0.94, 0.94, 0.94),
}
DARK = frozenset({"night", "aurora", "stormy"})


def paint_sky(rng: Rng, picture: Picture, n: int, horizon: float) -> Image.Image:
    """The sky, (n, n); its colours reach the horizon (0..1 from the top)."""
    if picture.sky == "colour":
        rgb = wobble(rng, picture.sky_colour)
        top, low = (0.2, 0.3) if rng.random() < 0.5 else (0.0, rng.uniform(0, 0.45))
        rows: tuple[RGB, ...] = (mix(rgb, (0, 0, 0), top * rng.random()), mix(rgb, (255, 255, 255), low))
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
    return np.asarray(values * (1 - cover) + (cloud + shadow * (40 if storm else -34)) * cover, np.float32)


def curtains(rng: Rng, n: int, horizon: float) -> Floats:
    """Northern lights to be added, (n, n, 3)."""
    rows = (np.arange(n, dtype=np.float32) / n)[:, None]
    total = np.zeros((n, n, 3), np.float32)
    for _ in range(int(rng.integers(1, 4))):
        foot = horizon * rng.uniform(0.45, 0.85) + 0.09 * line_noise(rng, n, 4)[None]
        rise = (foot - rows) / (horizon * rng.uniform(0.35, 0.7))
        body = np.where(rise > 0, np.exp(-rise * 2.2), np.exp(rise * 14))
        body = body * (0.75 + 0.35 * line_noise(rng, n, 24)[None])
        green = np.asarray((60, 250, 130) if rng.random() < 0.7 else (60, 220, 200), np.float32)
        top = np.asarray((150, 40, 210), np.float32)
        share = np.clip(rise, 0, 1)[..., None]
        total += np.clip(body, 0, 1.2)[..., None] * (green * (1 - share) + top * share) * rng.uniform(0.6, 0.95)
    return total
