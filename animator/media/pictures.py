"""Pictures from files, bounded: a file may say that it is larger than any memory."""

import warnings
from pathlib import Path

from PIL import Image, ImageOps

from animator.errors import ModelError

LARGEST = 64_000_000  # pixels
FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "TIFF")
UNREADABLE = (OSError, ValueError, SyntaxError, Image.DecompressionBombError)  # what Pillow raises of a file


def read(path: Path, size: tuple[int, int]) -> Image.Image:
    """A picture, RGB, of this (width, height): as large as fits, what sticks out is cut off.

    Raises: ModelError for a file that is not a picture, or a huge one.
    """
    try:
        with _opened(path) as image:
            upright = _in_8_bits(ImageOps.exif_transpose(image)).convert("RGB")
            return ImageOps.fit(upright, size, Image.Resampling.LANCZOS)
    except UNREADABLE as error:
        raise ModelError(f"{path}: cannot be read as a picture: {error}") from error


def _in_8_bits(image: Image.Image) -> Image.Image:
    """A picture of more than 8 bits, which Pillow would cut off: 16 bits by their range, others by their values'."""
    if image.mode.startswith("I;16"):
        return image.convert("I").point(lambda value: value * (255 / 65535)).convert("L")
    if image.mode not in ("I", "F"):
        return image
    low, high = (float(edge) for edge in image.getextrema())  # type: ignore[arg-type]
    if image.mode == "I" and low >= 0 and high <= 65535:
        low, high = 0.0, 65535.0  # which is what 16 bits are read as, too
    elif low >= 0 and high <= 1:
        low, high = 0.0, 1.0
    if not high > low:
        low, high = low - 1, low + 1
    scale = 255 / (high - low)
    return image.convert("F").point(lambda value: value * scale + (-low * scale)).convert("L")


def problem(path: Path) -> str:
    """What keeps a file from being read as a picture; empty where nothing does."""
    try:
        if not path.is_file():
            return f"{path}: no such file"
        with _opened(path) as image:
            image.load()  # to its end: half a JPEG looks whole at its beginning
    except ModelError as error:
        return str(error)
    except UNREADABLE as error:
        return f"{path}: not a picture that can be read: {error}"
    return ""


def _opened(path: Path) -> Image.Image:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # our own bound is lower
        image = Image.open(path, formats=FORMATS)
    if image.width * image.height > LARGEST:
        image.close()
        raise ModelError(f"{path}: {image.width}x{image.height} is more than {LARGEST} pixels")
    return image
