"""A plane of pixels, or of a latent's cells, as the camera sees it after a move."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from animator.scene.motions import IDENTITY, Matrix


def reach(size: tuple[int, int]) -> tuple[float, float]:
    """How far a frame of (width, height) goes from its centre, in the coordinates of `animator.scene.motions`."""
    width, height = size
    return (width / height) ** 0.5, (height / width) ** 0.5


def resample(plane: Tensor, matrix: Matrix, span: tuple[float, float], mode: str = "cubic") -> Tensor:
    """new(x) = old(M x) for a plane (B,C,H,W) that goes from -span to span in x and y; mirrored past its edges.

    `mode` is bilinear or cubic. The identity answers the plane itself. Raises: ValueError for a matrix that is singular
    or not finite.

    Source: Keys, "Cubic Convolution Interpolation for Digital Image Processing" (1981), with his a = -0.5.
    """
    numbers = np.array(matrix)  # not a tensor: memory is foreseen with tensors that have no numbers
    if not np.isfinite(numbers).all() or abs(np.linalg.det(numbers)) < 1e-12:
        raise ValueError(f"a camera matrix is finite and can be inverted, this is {matrix}")
    if matrix == IDENTITY:
        return plane
    whole = torch.tensor(matrix, dtype=torch.float64)
    height, width = plane.shape[-2:]
    x = ((torch.arange(width, dtype=torch.float64) + 0.5) / width * 2 - 1) * span[0]
    y = ((torch.arange(height, dtype=torch.float64) + 0.5) / height * 2 - 1) * span[1]
    points = torch.stack([x.expand(height, width), y[:, None].expand(height, width), torch.ones(height, width)], -1)
    seen = points @ whole.T
    places = seen[..., :2] / seen[..., 2:] / torch.tensor(span, dtype=torch.float64)
    places = places.to(plane.device, plane.dtype).expand(len(plane), -1, -1, -1)
    if mode == "bilinear":
        return _sample(plane, places, mode)
    # torch's a is -0.75, which makes a picture sharper at every pass: after a hundred frames, ringing. Along an axis
    # the kernel is linear in a, and a = 0 is a bilinear look at places moved towards the pixels' centres.
    sides = places.new_tensor([width, height])
    pixels = ((places + 1) * sides - 1) / 2
    part = pixels - pixels.floor()
    eased = pixels.floor() + part * part * (3 - 2 * part)
    return (2 * _sample(plane, places, "bicubic") + _sample(plane, (2 * eased + 1) / sides - 1, "bilinear")) / 3


def _sample(plane: Tensor, places: Tensor, mode: str) -> Tensor:
    return F.grid_sample(plane, places, mode=mode, padding_mode="reflection", align_corners=False)
