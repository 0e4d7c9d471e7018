"""First pictures, (1,3,H,W) in [0,1], drawn from a seed on the CPU."""

import torch
import torch.nn.functional as F
from torch import Tensor

CLOUDS = ((2, 0.12), (5, 0.06))  # (cells across, contrast)
PERLIN = tuple((2**octave, 0.3 * 0.6**octave) for octave in range(1, 7))


def clouds(size: tuple[int, int], seed: int, octaves: tuple[tuple[int, float], ...] = CLOUDS) -> Tensor:
    """Grey with smooth spots of colour, a size and a strength for each octave."""
    (width, height), random = size, torch.Generator().manual_seed(seed % 2**63)
    picture = torch.full((1, 3, height, width), 0.5)
    for cells, contrast in octaves:
        coarse = torch.randn((1, 3, cells, cells), generator=random)
        picture += contrast * F.interpolate(coarse, size=(height, width), mode="bicubic")
    return picture.clamp(0, 1)


def gradient(size: tuple[int, int], seed: int) -> Tensor:
    """From one colour to another, in some direction."""
    (width, height), random = size, torch.Generator().manual_seed(seed % 2**63)
    one, other = torch.rand((2, 3, 1, 1), generator=random)
    angle = 2 * torch.pi * torch.rand((), generator=random)
    x, y = torch.linspace(-1, 1, width)[None, :], torch.linspace(-1, 1, height)[:, None]
    share = (1 + (angle.cos() * x + angle.sin() * y) / (angle.cos().abs() + angle.sin().abs())) / 2
    return torch.lerp(one, other, share)[None]
