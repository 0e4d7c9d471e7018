"""Frames of a film side by side: `python -m bench.strip outputs/hello docs/hello.png` makes the README's picture."""

import argparse
from pathlib import Path

from PIL import Image

GAP = 4  # pixels between frames


def spread(paths: list[Path], count: int, power: int = 1) -> list[Path]:
    """`count` of the frames, from the first to the last; with a `power` above 1, more of the first ones."""
    shares = [(place / max(1, count - 1)) ** power for place in range(count)]
    return [paths[int(share * (len(paths) - 1) + 1e-9)] for share in shares]


def around(paths: list[Path], count: int) -> list[Path]:
    """`count` frames around the seam of a loop: the last ones, and then the first ones."""
    return [*paths[-(count - count // 2) :], *paths[: count // 2]]


def strip(chosen: list[Path], side: int) -> Image.Image:
    """Frames side by side, each `side` pixels high."""
    pictures = []
    for path in chosen:
        with Image.open(path) as image:
            width = round(image.width * side / image.height)
            pictures.append(image.convert("RGB").resize((width, side), Image.Resampling.LANCZOS))
    sheet = Image.new("RGB", (sum(p.width for p in pictures) + GAP * (len(chosen) - 1), side), "white")
    left = 0
    for picture in pictures:
        sheet.paste(picture, (left, 0))
        left += picture.width + GAP
    return sheet


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("film", type=Path, help="a film's folder, or any folder of PNGs")
    parser.add_argument("picture", type=Path, help="the PNG to write")
    parser.add_argument("--frames", type=int, default=8, help="how many")
    parser.add_argument("--side", type=int, default=160, help="height in pixels")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--seam", action="store_true", help="those around the seam of a loop")
    which.add_argument("--early", action="store_true", help="more of the first frames than of the last ones")
    asked = parser.parse_args()
    frames = asked.film / "frames"
    paths = sorted((frames if frames.is_dir() else asked.film).glob("*.png"))
    chosen = around(paths, asked.frames) if asked.seam else spread(paths, asked.frames, 2 if asked.early else 1)
    strip(chosen, asked.side).save(asked.picture, optimize=True)


if __name__ == "__main__":
    main()
