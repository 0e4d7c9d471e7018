"""A plane of pixels, or of a latent's cells, as the camera sees it after a move."""

import torch
import torch.nn.functional as F
from torch import Tensor

from animator.motions import IDENTITY, Matrix


def reach(size: tuple[int, int]) -> tuple[float, float]:
    """How far a frame of (width, height) goes from its centre, in the coordinates of `animator.motions`."""
    width, height = size
    return (width / height) ** 0.5, (height / width) ** 0.5


def resample(plane: Tensor, matrix: Matrix, span: tuple[float, float], mode: str = "bicubic") -> Tensor:
    """new(x) = old(M x) for a plane (B,C,H,W) that goes from -span to span in x and y; mirrored past its edges.

    The identity answers the plane itself. Raises: ValueError for a matrix that is singular or not finite.
    """
    whole = torch.tensor(matrix, dtype=torch.float64)
    if not bool(whole.isfinite().all()) or abs(float(torch.linalg.det(whole))) < 1e-12:
        raise ValueError(f"a camera matrix is finite and can be inverted, this is {matrix}")
    if matrix == IDENTITY:
        return plane
    height, width = plane.shape[-2:]
    x = ((torch.arange(width, dtype=torch.float64) + 0.5) / width * 2 - 1) * span[0]
    y = ((torch.arange(height, dtype=torch.float64) + 0.5) / height * 2 - 1) * span[1]
    points = torch.stack([x.expand(height, width), y[:, None].expand(height, width), torch.ones(height, width)], -1)
    seen = points @ whole.T
    places = seen[..., :2] / seen[..., 2:] / torch.tensor(span, dtype=torch.float64)
    places = places.to(plane.device, plane.dtype).expand(len(plane), -1, -1, -1)
    return F.grid_sample(plane, places, mode=mode, padding_mode="reflection", align_corners=False)
