"""Squares that a transformer drew, made wider: it goes on with them on both sides, a column of cells at a time.

It reads from the left, so the left side is drawn as the right side of the mirrored picture. An object that the side of
its window cuts off looks like one of many to it, so of several columns the one is taken that is most like the edge of
the square.

Source: Esser et al. 2021 for the window.
"""

import torch
from torch import Tensor

from animator.models.networks.code_transformer import CodeTransformer
from animator.models.networks.vqgan.network import VQGAN

TRIES = 16  # columns of each side that one is chosen from
EDGE = 2  # columns of the square that they are compared with


@torch.no_grad()
def wider(
    transformer: CodeTransformer,
    model: VQGAN,
    square: Tensor,
    columns: int,
    text: Tensor,
    seed: int,
    temperature: float,
) -> Tensor:
    """Latents (1, D, side, columns) of a picture that has those of a square (1, D, side, side) in its middle, for the
    text's embedding (1, D)."""
    side, cell = transformer.shape.side, model.architecture.factor
    more = -(-(columns - side) // 2)
    random = torch.Generator().manual_seed(seed % 2**63)
    both = torch.cat([square, _mirrored(model, square)])
    edges = _rows(model.decode(both)[..., -EDGE * cell :])
    grid, places = model.nearest(both), torch.arange(2, device=square.device)
    for _ in range(more):
        window = grid[..., 1 - side :].repeat_interleave(TRIES, 0)
        drawn = transformer.beside(text.expand(len(window), -1), window, random, temperature)
        seen = _rows(model.decode(model.lookup(drawn))[..., -cell:]).unflatten(0, (2, TRIES))
        nearest = (seen - edges[:, None]).square().sum(-1).argmin(1)
        grid = torch.cat([grid, drawn.unflatten(0, (2, TRIES))[places, nearest, :, -1:]], -1)
    right, left = model.lookup(grid).split(1)
    return torch.cat([_mirrored(model, left)[..., :more], right[..., : columns - more]], -1)


def _mirrored(model: VQGAN, latents: Tensor) -> Tensor:
    return model.encode(model.decode(latents).flip(-1))


def _rows(pictures: Tensor) -> Tensor:
    """Each row's mean and spread, by channel (B, 6 H), of pictures (B,3,H,W)."""
    return torch.cat([pictures.mean(-1), pictures.std(-1)], 1).flatten(1)
