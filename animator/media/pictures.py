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
            upright = ImageOps.exif_transpose(image).convert("RGB")
            return ImageOps.fit(upright, size, Image.Resampling.LANCZOS)
    except UNREADABLE as error:
        raise ModelError(f"{path}: cannot be read as a picture: {error}") from error


def problem(path: Path) -> str:
    """What keeps a file from being read as a picture; empty where nothing does."""
    if not path.is_file():
        return f"{path}: no such file"
    try:
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
