"""One picture -> N augmented square crops, in one call ("MakeCutouts" elsewhere).

Crops are two matrix products with antialiased weights, one for rows and one for columns: any number of sizes and places
in one call, exact gradients, and deterministic on every device (interpolation's backward is not, on CUDA).
"""

import functools
from typing import Any

import kornia.augmentation as K
import torch
from torch import Tensor, nn

from animator.scene.frame_spec import CutoutsAt

AUGMENTATIONS = ("flip", "turn", "perspective", "jitter", "erase")  # of CutoutsAt, in the order of `_chain`
WIDEST = 4 / 3  # a crop of the whole picture squeezes it at most this much


def cut(picture: Tensor, size: int, options: CutoutsAt, seed: int) -> Tensor:
    """Crops (B*N,3,size,size) of a picture (B,3,H,W) in [0,1], grouped by picture; in [0,1] before noise is added.

    The same seed gives the same crops.
    """
    devices = [picture.device] if picture.device.type == "cuda" else []
    with torch.random.fork_rng(devices=devices):
        torch.manual_seed(seed)
        boxes = draw_boxes(picture.shape[-1], picture.shape[-2], options).to(picture.device)
        crops = crop(picture, boxes, size)
        crops = _augment(crops, options).clamp(0, 1)
        if options.noise > 0:
            scale = torch.rand(len(crops), 1, 1, 1, device=crops.device) * options.noise
            crops = crops + scale * torch.randn_like(crops)  # not clamped: a clamped pixel has no gradient
    return crops


def draw_boxes(width: int, height: int, options: CutoutsAt) -> Tensor:
    """(N,4): left, top, width, height in pixels. The first `whole` of them show (nearly) the whole picture."""
    count = max(1, round(options.count))
    whole = round(count * options.whole)
    short = min(width, height)
    spread = torch.rand(count - whole) ** options.power
    low, high = sorted((options.smallest, options.largest))
    side = short * (low + (high - low) * spread)
    sizes = torch.stack([side, side], 1)
    full = torch.tensor([min(width, WIDEST * short), min(height, WIDEST * short)]).expand(whole, 2)
    full = full * (1 - 0.08 * torch.rand(whole, 1))  # a little different each, so that no pixel grid is fitted
    sizes = torch.cat([full, sizes])
    room = torch.tensor([width, height]) - sizes
    return torch.cat([torch.rand(count, 2) * room, sizes], 1)


def crop(picture: Tensor, boxes: Tensor, size: int | tuple[int, int]) -> Tensor:
    """Resample each box (N,4) of each picture (B,3,H,W) to (B*N,3,S,T); `size` is S and T, or one number for both."""
    tall, wide = (size, size) if isinstance(size, int) else size
    rows = _weights(boxes[:, 1], boxes[:, 3], picture.shape[-2], tall)  # (N,S,H)
    columns = _weights(boxes[:, 0], boxes[:, 2], picture.shape[-1], wide)  # (N,T,W)
    strips = torch.einsum("nsh,bchw->bncsw", rows, picture)
    return torch.einsum("bncsw,ntw->bncst", strips, columns).flatten(0, 1)


def shrink(pictures: Tensor, size: int | tuple[int, int]) -> Tensor:
    """Whole pictures (B,3,H,W) -> (B,3,S,T), antialiased; `size` is S and T, or one number for both."""
    height, width = pictures.shape[-2:]
    return crop(pictures, torch.tensor([[0.0, 0.0, float(width), float(height)]], device=pictures.device), size)


def _weights(start: Tensor, length: Tensor, pixels: int, size: int) -> Tensor:
    """Triangle filter (N,size,pixels) as wide as the output's pixels, at least as the input's. Rows sum to 1."""
    step = (length / size)[:, None, None]
    centers = start[:, None, None] + step * (torch.arange(size, device=start.device)[None, :, None] + 0.5)
    places = torch.arange(pixels, device=start.device)[None, None, :] + 0.5
    weights = (1 - (places - centers).abs() / step.clamp(min=1)).clamp(min=0)
    return weights / weights.sum(-1, keepdim=True)


def _augment(crops: Tensor, options: CutoutsAt) -> Tensor:
    strengths = tuple(round(getattr(options, name), 4) for name in AUGMENTATIONS)
    exact = crops.is_cuda and torch.are_deterministic_algorithms_enabled()  # a CPU's are the same bytes anyhow
    chain = _chain(exact, *strengths)
    augmented: Tensor = chain(crops) if len(chain) else crops
    return augmented


@functools.lru_cache(maxsize=64)
def _chain(
    deterministic: bool, flip: float, turn: float, perspective: float, jitter: float, erase: float
) -> nn.Sequential:
    """The usual augmentations at these strengths; those at 0 are left out."""
    chain: list[Any] = []
    if flip:
        chain.append(K.RandomHorizontalFlip(p=flip))
    if turn:
        chain.append(_Turn(turn) if deterministic else K.RandomAffine(degrees=turn, padding_mode="reflection", p=1.0))
    if perspective:
        chain.append(K.RandomPerspective(perspective, p=0.7))
    if jitter:
        chain.append(K.ColorJiggle(jitter, jitter, jitter, jitter / 10, p=0.7))
    if erase:
        chain.append(K.RandomErasing(p=erase))
    return nn.Sequential(*chain)


class _Turn(nn.Module):
    """K.RandomAffine(degrees=...) where bytes are to be the same each time: CUDA's interpolation adds in any order."""

    def __init__(self, degrees: float) -> None:
        super().__init__()
        self.degrees = degrees

    def forward(self, crops: Tensor) -> Tensor:
        share = 2 * torch.rand(len(crops), device=crops.device) - 1
        return turned(crops, torch.deg2rad(self.degrees * share))


def turned(crops: Tensor, angles: Tensor) -> Tensor:
    """Crops (N,C,S,S), each turned by its angle in radians, counter-clockwise; bilinear, mirrored past the edges."""
    count, channels, side, _ = crops.shape
    line = torch.arange(side, device=crops.device) - (side - 1) / 2
    cos, sin = angles.cos()[:, None, None], angles.sin()[:, None, None]
    x, y = line[None, None, :], line[None, :, None]
    places = torch.stack([cos * x - sin * y, sin * x + cos * y]) + side / 2  # (2,N,S,S), from the outer edge
    places = places.remainder(2 * side)
    places = torch.where(places > side, 2 * side - places, places).sub(0.5).clamp(0, side - 1)
    low = places.floor().clamp(max=side - 2)
    (right, down), (left, top) = places - low, low.long()
    rows = crops.movedim(1, 3).reshape(-1, channels)
    first = torch.arange(count, device=crops.device)[:, None, None] * side * side + top * side + left
    upper = torch.lerp(rows[first], rows[first + 1], right[..., None])
    lower = torch.lerp(rows[first + side], rows[first + side + 1], right[..., None])
    return torch.lerp(upper, lower, down[..., None]).movedim(3, 1)
