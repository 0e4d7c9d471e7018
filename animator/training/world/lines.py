"""Styles made of lines: pencil, ink, crayon, woodcut."""

from __future__ import annotations

import math

import numpy as np
from PIL import Image, ImageFilter

from animator.training.world.canvas import Floats, Rng, noise, to_floats, to_image

GREY = np.asarray((0.299, 0.587, 0.114), np.float32)


def grey(values: Floats) -> Floats:
    """Luminance, (n, n)."""
    return np.asarray(values @ GREY, np.float32)


def soft(image: Image.Image, radius: float) -> Floats:
    """The image blurred, as floats."""
    return to_floats(image.filter(ImageFilter.BoxBlur(radius)))


def warp(rng: Rng, image: Image.Image, reach: float, cells: int) -> Image.Image:
    """Moves each pixel by smooth noise of `reach` sides."""
    n = image.width
    rows, columns = np.indices((n, n), np.float32)
    y = (rows + noise(rng, n, cells) * reach * n).astype(np.intp).clip(0, n - 1)
    x = (columns + noise(rng, n, cells) * reach * n).astype(np.intp).clip(0, n - 1)
    return Image.fromarray(np.asarray(image)[y, x])


def edges(image: Image.Image, radius: float) -> Floats:
    """How much each pixel differs from its surroundings in any channel, (n, n) of 0..255."""
    return np.asarray(np.abs(to_floats(image) - soft(image, radius)).max(-1), np.float32)


def hatching(rng: Rng, n: int, turn: float) -> Floats:
    """Fine strokes in a direction, (n, n) about 0."""
    rows, columns = np.indices((n, n), np.float32) / n
    across = columns * math.cos(turn) + rows * math.sin(turn) + noise(rng, n, 5) * 0.006
    return np.asarray(np.sin(across * rng.uniform(110, 170)), np.float32)


def pencil(rng: Rng, image: Image.Image) -> Image.Image:
    """Grey lines and hatching on paper."""
    n = image.width
    lum = grey(soft(image, n / 128))
    line = np.clip(edges(image, n / 50) * 4.5, 0, 190)
    dark = np.clip((170 - lum) / 170, 0, 1)
    shade = dark * (55 + 55 * hatching(rng, n, rng.uniform(0, 3.1)))
    paper = rng.uniform(228, 250) + noise(rng, n, 50) * 3
    value = np.clip(paper - line - shade, 20, 255)
    return to_image(value[..., None] * np.asarray((1.0, 0.995, 0.97), np.float32))


def ink(rng: Rng, image: Image.Image) -> Image.Image:
    """Black contours on white."""
    n = image.width
    line = np.clip((edges(image.filter(ImageFilter.BoxBlur(0.6)), n / 42) - 12) * 12, 0, 235)
    fill = np.where(grey(to_floats(image)) < 45, 150 + 80 * hatching(rng, n, 0.8), 0)
    return to_image(np.repeat((rng.uniform(238, 254) - np.maximum(line, fill))[..., None], 3, -1))


def woodcut(rng: Rng, image: Image.Image) -> Image.Image:
    """Black and white: cut lines where it is neither."""
    n = image.width
    lum = grey(soft(image, n / 100))
    low, high = np.percentile(lum, (8, 92))
    level = (lum - low) / max(30.0, high - low) - 0.5
    cut = level + 0.33 * hatching(rng, n, rng.choice((0.0, 1.57, 0.8))) * 0.8
    line = np.clip(edges(image, n / 50) - 18, 0, 40) / 40
    white = np.where((cut > 0) & (line < 0.5), 240.0, 18.0)
    return to_image(np.repeat(white[..., None], 3, -1).astype(np.float32))


def crayon(rng: Rng, image: Image.Image) -> Image.Image:
    """Strokes of wax that leave the paper bare in places."""
    n = image.width
    strokes = hatching(rng, n, rng.uniform(0, 3.1)) * 0.22 + noise(rng, n, 60) * 0.2
    bare = np.clip(strokes + rng.uniform(0.12, 0.26), 0, 0.75)[..., None]
    paper = np.asarray((250, 248, 240) if rng.random() < 0.8 else (40, 46, 44), np.float32)
    return to_image(to_floats(warp(rng, image, 0.008, 16)) * (1 - bare) + paper * bare)
