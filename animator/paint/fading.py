"""A picture that fades out over others, while the camera carries it on."""

import numpy as np
import torch
from torch import Tensor

from animator.paint.resample import reach, resample
from animator.scene.motions import Matrix


class Fading:
    """Begins with the bytes of a picture's RGB pixels; `size` is (width, height)."""

    def __init__(self, picture: bytes, size: tuple[int, int]) -> None:
        self.size = size
        self.going = self._plane(picture)

    def over(self, coming: bytes, matrix: Matrix, share: float) -> bytes:
        """Move the picture as the camera moved, by a `matrix` from new to old, and mix it with one that is coming,
        which has a `share` from 0 to 1."""
        self.going = resample(self.going, matrix, reach(self.size))
        mixed = torch.lerp(self.going, self._plane(coming), share).round().clamp(0, 255).byte()
        return mixed[0].permute(1, 2, 0).contiguous().numpy().tobytes()

    def _plane(self, picture: bytes) -> Tensor:
        """Numbers (1,3,H,W) from 0 to 255."""
        width, height = self.size
        pixels = np.frombuffer(picture, np.uint8).reshape(height, width, 3)
        return torch.from_numpy(pixels.astype(np.float32)).permute(2, 0, 1)[None]
