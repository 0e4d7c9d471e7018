"""Pictures between files and tensors."""

from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from animator.paint.generators import Generator, Latent


def from_image(image: Image.Image) -> Tensor:
    """An RGB picture as (1,3,H,W) in [0,1]."""
    return torch.from_numpy(np.array(image).transpose(2, 0, 1))[None] / 255


def to_bytes(picture: Tensor) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """(1,3,H,W) in [0,1] -> (H,W,3) uint8. The only place where a picture becomes 8 bits."""
    array: np.ndarray[Any, np.dtype[np.uint8]] = (
        picture[0].permute(1, 2, 0).mul(255).round().to(torch.uint8).cpu().numpy()
    )
    return array


@torch.no_grad()
def draw(generator: Generator, latent: Latent) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """The picture of a latent as (H,W,3) uint8."""
    return to_bytes(generator.decode(latent))
