"""Pictures whose forms are gone while their colours stay: warped, blended, blurred, or with their parts mixed up.

A CLIP that learns that these are not what their captions say judges forms, where others are content with colours.
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor


def spoil(images: Tensor, random: torch.Generator) -> Tensor:
    """Float (N,3,S,S) in [0,1], each spoilt in one of four ways: half of them are warped."""
    ways = (warp, warp, warp, blend, blur, shuffle)
    parts = images.tensor_split(len(ways))
    return torch.cat([way(part, random) for way, part in zip(ways, parts, strict=True) if len(part)])


def warp(images: Tensor, random: torch.Generator, least: float = 0.05, most: float = 0.14) -> Tensor:
    """Moved about as if painted on rubber, by `least` to `most` of the side (standard deviation) along either axis."""
    count, side = len(images), images.shape[-1]
    strength = least + (most - least) * torch.rand((count, 1, 1, 1), generator=random, device=images.device)
    moves = torch.zeros((count, 2, side, side), device=images.device)
    for cells in (5, 9):
        coarse = torch.randn((count, 2, cells, cells), generator=random, device=images.device)
        moves += F.interpolate(coarse, size=(side, side), mode="bicubic", align_corners=True) * math.sqrt(0.5)
    still = F.affine_grid(torch.eye(2, 3, device=images.device).expand(count, 2, 3), [count, 3, side, side], False)
    places = still + 2 * strength.squeeze(3)[..., None] * moves.permute(0, 2, 3, 1)
    return F.grid_sample(images, places, padding_mode="reflection", align_corners=False)


def blend(images: Tensor, random: torch.Generator) -> Tensor:
    """Each with the next one shining through."""
    share = 0.35 + 0.3 * torch.rand((len(images), 1, 1, 1), generator=random, device=images.device)
    return torch.lerp(images, images.roll(1, 0), share)


def blur(images: Tensor, random: torch.Generator) -> Tensor:
    """So soft that forms run into each other: all of them by the same, from an eighth to a fourteenth of the pixels."""
    side = images.shape[-1]
    cells = side // int(torch.randint(8, 15, (1,), generator=random, device=random.device))
    small = F.adaptive_avg_pool2d(images, max(2, cells))
    return F.interpolate(small, size=(side, side), mode="bicubic", align_corners=False).clamp(0, 1)


def shuffle(images: Tensor, random: torch.Generator) -> Tensor:
    """Cut into sixteen parts that lie in another order, with soft seams."""
    side, cells = images.shape[-1], 4
    parts = F.unfold(images, side // cells, stride=side // cells)  # (N, 3 * part * part, 16)
    order = torch.randperm(cells * cells, generator=random, device=images.device)
    mixed = F.fold(parts[:, :, order], (side, side), side // cells, stride=side // cells)
    return F.avg_pool2d(F.pad(mixed, (2, 2, 2, 2), mode="reflect"), 5, 1)
