"""Frames of a film side by side: `python -m bench.strip outputs/hello docs/hello.png` makes the README's picture."""

import argparse
from pathlib import Path

from PIL import Image

GAP = 4  # pixels between frames


def strip(paths: list[Path], count: int, side: int) -> Image.Image:
    """`count` of the frames, from the first to the last, each `side` pixels high."""
    chosen = [paths[place * (len(paths) - 1) // max(1, count - 1)] for place in range(count)]
    pictures = []
    for path in chosen:
        with Image.open(path) as image:
            width = round(image.width * side / image.height)
            pictures.append(image.convert("RGB").resize((width, side), Image.Resampling.LANCZOS))
    sheet = Image.new("RGB", (sum(p.width for p in pictures) + GAP * (count - 1), side), "white")
    left = 0
    for picture in pictures:
        sheet.paste(picture, (left, 0))
        left += picture.width + GAP
    return sheet


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("film", type=Path, help="a film's folder")
    parser.add_argument("picture", type=Path, help="the PNG to write")
    parser.add_argument("--frames", type=int, default=8, help="how many")
    parser.add_argument("--side", type=int, default=160, help="height in pixels")
    chosen = parser.parse_args()
    paths = sorted((chosen.film / "frames").glob("*.png"))
    strip(paths, chosen.frames, chosen.side).save(chosen.picture, optimize=True)


if __name__ == "__main__":
    main()
