"""Pictures from files, bounded: a file may say that it is larger than any memory."""

import warnings
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageOps
from torch import Tensor

from animator.errors import ModelError

LARGEST = 64_000_000  # pixels
FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "TIFF")


def read(path: Path, size: tuple[int, int]) -> Tensor:
    """A picture (1,3,H,W) in [0,1] of this (width, height): as large as fits, what sticks out is cut off.

    Raises: ModelError for a file that is not a picture, or a huge one.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # our own bound is lower
            image = Image.open(path, formats=FORMATS)
        with image:
            if image.width * image.height > LARGEST:
                raise ModelError(f"{path}: {image.width}x{image.height} is more than {LARGEST} pixels")
            upright = ImageOps.exif_transpose(image).convert("RGB")
            fitted = ImageOps.fit(upright, size, Image.Resampling.LANCZOS)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise ModelError(f"{path}: cannot be read as a picture: {error}") from error
    return torch.from_numpy(np.array(fitted).transpose(2, 0, 1))[None] / 255
