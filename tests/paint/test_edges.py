"""Small pictures become large ones whose edges stay sharp."""

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from animator.paint.edges import enlarge

SIDE = 32


def disc(colour: tuple[float, float, float]) -> Tensor:
    """A soft disc on white, (1,3,SIDE,SIDE)."""
    axis = torch.linspace(-1, 1, SIDE)
    inside = torch.sigmoid(12 * (0.6 - (axis[:, None].square() + axis.square()).sqrt()))
    return 1 - inside * (1 - torch.tensor(colour).view(1, 3, 1, 1))


def between(pictures: Tensor) -> float:
    """Share of pixels that are neither as light as the ground nor as dark as the form."""
    green = pictures[:, 1]
    return float(((green > 0.25) & (green < 0.75)).float().mean())


@pytest.mark.parametrize("colour", [(0.9, 0.0, 0.0), (0.0, 0.0, 0.2)])
def test_an_edge_is_narrower_than_bicubic_makes_it(colour: tuple[float, float, float]) -> None:
    small = disc(colour)
    plain = F.interpolate(small, scale_factor=2, mode="bicubic", align_corners=False)
    large = enlarge(small)
    assert large.shape == (1, 3, 2 * SIDE, 2 * SIDE)
    assert between(large) < 0.5 * between(plain)
    assert float((F.avg_pool2d(large, 2) - small).abs().mean()) < 0.05  # and all is where it was


def test_what_has_no_edge_stays_as_it_is() -> None:
    flat = torch.tensor([0.2, 0.5, 0.8]).view(1, 3, 1, 1).expand(2, 3, SIDE, SIDE)
    assert torch.allclose(enlarge(flat), torch.tensor([0.2, 0.5, 0.8]).view(1, 3, 1, 1), atol=1e-5)
    slope = torch.linspace(0, 1, SIDE).expand(1, 3, SIDE, SIDE)
    plain = F.interpolate(slope, scale_factor=2, mode="bicubic", align_corners=False)
    assert float((enlarge(slope) - plain)[..., 8:-8].abs().max()) < 0.02


def test_no_new_colours_come_up_and_a_mirrored_picture_is_mirrored() -> None:
    noisy = torch.rand(1, 3, SIDE, SIDE, generator=torch.Generator().manual_seed(0))
    large = enlarge(noisy)
    assert 0 <= float(large.min()) <= float(large.max()) <= 1
    assert torch.allclose(enlarge(noisy.flip(-1)), large.flip(-1), atol=1e-4)
