"""Finishes: named styles, and the unnamed variation of light, grain, blur and warp that every picture gets."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter

from animator.training.world import lines
from animator.training.world.canvas import Rng, fractal, glow, noise, ramp, to_floats, to_image
from animator.training.world.lines import edges, grey, soft, warp

Style = Callable[[Rng, Image.Image], Image.Image]


def watercolour(rng: Rng, image: Image.Image) -> Image.Image:
    """Washes on paper: pale, mottled, with darker rims."""
    image = warp(rng, image, 0.011, 9)
    n = image.width
    values = soft(image, n / 110)
    rim = np.clip(edges(image, n / 32) / 90, 0, 1)[..., None]
    wash = (fractal(rng, n, 4) * 0.12 + noise(rng, n, 60) * 0.03)[..., None]
    paper = np.asarray((250, 247, 238), np.float32)
    share = np.clip(rng.uniform(0.14, 0.32) + wash, 0, 0.6)
    return to_image((values * (1 - share) + paper * share) * (1 - 0.28 * rim))


def oil(rng: Rng, image: Image.Image) -> Image.Image:
    """Short strokes of the picture's colours along a field of directions."""
    n = image.width
    out = image.copy()
    draw = ImageDraw.Draw(out)
    field = noise(rng, n, 3) * 0.9 + rng.uniform(0, 3.14)
    pixels, length, width = (
        np.asarray(image),
        n * rng.uniform(0.03, 0.06),
        round(n * rng.uniform(0.022, 0.042)),
    )
    spots = rng.integers(0, n, (430, 2))
    shades = rng.normal(1.0, 0.09, 430)[:, None]
    colours = np.clip(pixels[spots[:, 1], spots[:, 0]] * shades, 0, 255).astype(int).tolist()
    turns = field[spots[:, 1], spots[:, 0]]
    ends = np.stack([np.cos(turns), np.sin(turns)], -1) * length
    starts = (spots - ends).tolist()
    for start, end, rgb in zip(starts, (spots + ends).tolist(), colours, strict=True):
        draw.line((*start, *end), fill=tuple(rgb), width=width)
    return out


def pointillism(rng: Rng, image: Image.Image) -> Image.Image:
    """Dots of the picture's colours on a pale ground."""
    n = image.width
    out = Image.blend(image, Image.new("RGB", (n, n), (244, 238, 224)), 0.3)
    draw, r = ImageDraw.Draw(out), n * rng.uniform(0.016, 0.024)
    spots = rng.integers(0, n, (620, 2))
    colours = np.clip(np.asarray(image)[spots[:, 1], spots[:, 0]] + rng.normal(0, 16, (620, 3)), 0, 255).astype(int)
    for (x, y), rgb in zip(spots.tolist(), colours.tolist(), strict=True):
        draw.ellipse((x - r, y - r, x + r, y + r), fill=tuple(rgb))
    return out


def pixel_art(rng: Rng, image: Image.Image) -> Image.Image:
    """Large square pixels of few colours."""
    cells = int(rng.choice((18, 21, 24, 28, 32)))
    small = image.resize((cells, cells), Image.Resampling.BOX)
    small = (
        small.quantize(int(rng.integers(8, 20)), method=Image.Quantize.FASTOCTREE).convert("RGB")
        if (rng.random() < 0.5)
        else small
    )
    return small.resize(image.size, Image.Resampling.NEAREST)


def tiles(
    rng: Rng, image: Image.Image, cells: int, jitter: float, rim: tuple[int, int, int] | None, split: bool
) -> Image.Image:
    """Jittered quadrangles (or triangles, where split) of the picture's mean colours, with rims or without."""
    n = image.width
    small = np.asarray(image.resize((cells * 2, cells * 2), Image.Resampling.BOX)).astype(int)
    grid = np.stack(np.meshgrid(np.arange(cells + 1), np.arange(cells + 1)), -1) * (n / cells)
    inner = rng.uniform(-jitter, jitter, grid.shape) * n / cells
    inner[0, :, 1] = inner[-1, :, 1] = inner[:, 0, 0] = inner[:, -1, 0] = 0
    corners = (grid + inner).tolist()
    shades = rng.normal(0, 7, (cells, cells)).astype(int)
    out = Image.new("RGB", (n, n))
    draw = ImageDraw.Draw(out)
    for j in range(cells):
        for i in range(cells):
            a, b, c, d = (tuple(corners[j + q][i + p]) for p, q in ((0, 0), (1, 0), (1, 1), (0, 1)))
            patch = small[2 * j : 2 * j + 2, 2 * i : 2 * i + 2]
            if split:
                one, two = (patch[0, 1] + shades[j, i]).tolist(), (patch[1, 0] - shades[j, i]).tolist()
                draw.polygon((a, b, c), fill=tuple(np.clip(one, 0, 255).tolist()))
                draw.polygon((a, c, d), fill=tuple(np.clip(two, 0, 255).tolist()))
                continue
            rgb = tuple(np.clip(patch.mean((0, 1)) + shades[j, i], 0, 255).astype(int).tolist())
            draw.polygon((a, b, c, d), fill=rgb)
            if rim:
                draw.line((a, b, c, d, a), fill=rim, width=max(1, n // 90))
    return out


def mosaic(rng: Rng, image: Image.Image) -> Image.Image:
    """Small tiles with grout."""
    rim = (232, 226, 214) if rng.random() < 0.6 else (60, 56, 52)
    return tiles(rng, image, int(rng.integers(14, 19)), 0.22, rim, False)


def stained_glass(rng: Rng, image: Image.Image) -> Image.Image:
    """Large panes with lead between, glowing."""
    panes = tiles(rng, image, int(rng.integers(9, 13)), 0.4, (16, 14, 16), False)
    return ImageEnhance.Color(panes).enhance(1.35)


def low_poly(rng: Rng, image: Image.Image) -> Image.Image:
    """Triangles without rims."""
    return tiles(rng, image, int(rng.integers(10, 15)), 0.36, None, True)


def cartoon(rng: Rng, image: Image.Image) -> Image.Image:
    """Flat colours with dark outlines."""
    n = image.width
    flat = image.filter(ImageFilter.MedianFilter(3))
    bold = ImageEnhance.Color(flat).enhance(rng.uniform(1.1, 1.4))
    values = np.round(to_floats(bold) / 32) * 32
    line = np.clip((edges(flat, n / 60) - 16) / 26, 0, 1)[..., None]
    return to_image(values * (1 - line) + np.asarray((16, 14, 20), np.float32) * line)


def black_and_white(rng: Rng, image: Image.Image) -> Image.Image:
    """A grey photograph with grain."""
    n = image.width
    lum = (grey(to_floats(image)) - 128) * rng.uniform(0.95, 1.3) + 128 + rng.normal(0, rng.uniform(2, 9), (n, n))
    return to_image(np.repeat(lum[..., None], 3, -1).astype(np.float32))


def neon(rng: Rng, image: Image.Image) -> Image.Image:
    """Glowing contours on black."""
    n = image.width
    values = to_floats(image)
    peak = values.max(-1, keepdims=True)
    bright = values * (245 / np.maximum(peak, 60))
    line = np.clip((edges(image, n / 46) - 10) / 40, 0, 1)[..., None] * (peak > 45)
    tube = to_image(bright * line)
    halo = soft(tube, n / 26) * 1.3 + soft(tube, n / 60)
    return to_image(np.asarray((6, 5, 10), np.float32) + values * rng.uniform(0.0, 0.25) + halo + bright * line * 0.8)


def pastel(rng: Rng, image: Image.Image) -> Image.Image:
    """Pale and chalky."""
    n = image.width
    values = soft(image, n / 128)
    share = rng.uniform(0.32, 0.5)
    return to_image(values * (1 - share) + 252 * share + (noise(rng, n, 60) * 7 + noise(rng, n, 5) * 3)[..., None])


def blurry(rng: Rng, image: Image.Image) -> Image.Image:
    """Out of focus."""
    return image.filter(ImageFilter.GaussianBlur(image.width * rng.uniform(0.026, 0.05)))


def photo(rng: Rng, image: Image.Image) -> Image.Image:
    """A soft lens, a light from one side, a vignette and grain."""
    n = image.width
    values = soft(image, n / rng.uniform(90, 200))
    light = ramp(n, ((0.0, (255, 255, 255)), (1.0, (196, 196, 196))), rng.uniform(0, 6.28))[..., :1] / 236
    frame = (0.62 + 0.42 * glow(n, 0.5, 0.5, 0.75))[..., None]
    grain = rng.standard_normal((n, n, 1), np.float32) * rng.uniform(4, 12)
    return to_image(values * light * frame + grain)


STYLES: dict[str, Style] = {
    "watercolour": watercolour,
    "oil": oil,
    "pencil": lines.pencil,
    "ink": lines.ink,
    "crayon": lines.crayon,
    "pixel art": pixel_art,
    "mosaic": mosaic,
    "stained glass": stained_glass,
    "low poly": low_poly,
    "cartoon": cartoon,
    "woodcut": lines.woodcut,
    "black and white": black_and_white,
    "neon": neon,
    "pastel": pastel,
    "blurry": blurry,
    "photo": photo,
    "pointillism": pointillism,
}


def loosen(rng: Rng, image: Image.Image) -> Image.Image:
    """What any hand or lens may do, before the style."""
    if rng.random() < 0.28:
        image = warp(rng, image, rng.uniform(0.004, 0.014), int(rng.integers(3, 10)))
    if rng.random() < 0.3:
        image = image.filter(ImageFilter.BoxBlur(image.width * rng.uniform(0.004, 0.013)))
    return image


def vary(rng: Rng, image: Image.Image) -> Image.Image:
    """Unnamed light, mottle, grain, contrast and saturation, after the style."""
    n = image.width
    values = to_floats(image)
    if rng.random() < 0.4:
        values = (values - 128) * rng.uniform(0.82, 1.12) + 128 + rng.uniform(-12, 12)
    if rng.random() < 0.25:
        lum = grey(values)[..., None]
        values = lum + (values - lum) * rng.uniform(0.8, 1.2)
    if rng.random() < 0.25:
        values = (
            values
            * (1 + (glow(n, rng.random(), rng.random(), rng.uniform(0.4, 0.9)) - 0.5) * rng.uniform(0.1, 0.35))[
                ..., None
            ]
        )
    if rng.random() < 0.22:
        values = values + (fractal(rng, n, int(rng.integers(3, 16))) * rng.uniform(3, 10))[..., None]
    if rng.random() < 0.25:
        values = values + rng.standard_normal((n, n, 3), np.float32) * rng.uniform(2, 14)
    return to_image(values)


def finish(rng: Rng, image: Image.Image, style: str, size: int) -> Image.Image:
    """The picture in its style, reduced to its size."""
    image = loosen(rng, image)
    if style in STYLES:
        image = STYLES[style](rng, image)
    return vary(rng, image.resize((size, size), Image.Resampling.BOX))
