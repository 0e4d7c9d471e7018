"""Text on pictures: captions below them, and sheets of many with their names. No torch."""

import contextlib
import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFont

PAPER, INK, FAINT = "#101418", "#f2f0ea", "#b6c2cc"
GAP = 6  # pixels between the pictures of a sheet
WIDE = (  # fonts with letters beyond Latin, as systems name them
    "NotoSansCJK-Regular.ttc",
    "NotoSansCJKjp-Regular.otf",
    "Arial Unicode.ttf",
    "msgothic.ttc",
    "DejaVuSans.ttf",
)
Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


@functools.lru_cache
def font(size: int, latin: bool = True) -> Font:
    """The font that texts are drawn in; where there are letters beyond Latin, one of the system's that has more."""
    if not latin:
        for name in WIDE:
            with contextlib.suppress(OSError):
                return ImageFont.truetype(name, size)
    return ImageFont.load_default(size)


def line(height: int) -> int:
    """Pixels of a line of text below a picture of that height, even."""
    return 2 * max(8, round(height / 30))


def write(pen: ImageDraw.ImageDraw, place: tuple[float, float], text: str, height: int, width: int, ink: str) -> None:
    """Write one line, as much of it as fits into `width` pixels, in a line of that height."""
    chosen = font(max(8, round(height * 0.68)), all(ord(letter) < 0x250 for letter in text))
    while text and pen.textlength(text, font=chosen) > width:
        text = f"{text[:-2].rstrip()}…" if len(text) > 2 else ""
    pen.text(place, text, fill=ink, font=chosen)


def captioned(picture: Image.Image, lines: Sequence[str]) -> Image.Image:
    """A picture with lines of text below it. It is as wide as before, and higher by the lines."""
    tall = line(picture.height)
    whole = Image.new("RGB", (picture.width, picture.height + tall * len(lines)), PAPER)
    whole.paste(picture, (0, 0))
    pen = ImageDraw.Draw(whole)
    for row, text in enumerate(lines):
        place = (tall // 4, picture.height + row * tall + tall // 10)
        write(pen, place, text, tall, picture.width - tall // 2, FAINT if row == 0 and len(lines) > 1 else INK)
    return whole


@dataclass(frozen=True)
class Labelled:
    """A picture of a sheet, with the lines below it."""

    picture: Image.Image
    lines: tuple[str, ...]


def sheet(pictures: Sequence[Labelled], columns: int, width: int) -> Image.Image:
    """Pictures in rows, each `width` pixels wide, with their labels; all are of one shape."""
    first = pictures[0].picture
    side = (width, max(1, round(first.height * width / first.width)))
    cells = [captioned(each.picture.resize(side, Image.Resampling.LANCZOS), each.lines) for each in pictures]
    tall = max(cell.height for cell in cells)
    rows = math.ceil(len(cells) / columns)
    across = min(columns, len(cells))
    whole = Image.new("RGB", (across * (width + GAP) + GAP, rows * (tall + GAP) + GAP), PAPER)
    for place, cell in enumerate(cells):
        row, column = divmod(place, columns)
        whole.paste(cell, (GAP + column * (width + GAP), GAP + row * (tall + GAP)))
    return whole
