"""The network of a SIREN: points of the plane -> colours."""

import math

import torch
from torch import Tensor

from animator.paint.generators import Latent

PIECE = 2**22  # bytes of a layer that goes through the network at a time on a CPU


def grid(width: int, height: int, aspect: float, jitter: Tensor | None = None) -> Tensor:
    """Pixel centres, (height * width, 2) as (x, y), float64, rows from the top. `jitter` (2,) is in pixels, float64."""
    across, down = (0.0, 0.0) if jitter is None else jitter
    x = ((torch.arange(width, dtype=torch.float64) + 0.5 + across) / width * 2.0 - 1.0) * math.sqrt(aspect)
    y = ((torch.arange(height, dtype=torch.float64) + 0.5 + down) / height * 2.0 - 1.0) / math.sqrt(aspect)
    return torch.stack((x.repeat(height), y.repeat_interleave(width)), 1)


def evaluate(latent: Latent, points: Tensor, dtype: torch.dtype | None = None) -> Tensor:
    """Colours in [0, 1], (B, P, 3), at points (P, 2). Pieces that stay in a CPU's cache are faster."""
    layer = latent["b1"]
    size = PIECE // (layer.numel() * (dtype or layer.dtype).itemsize)
    pieces = points.split(max(1, size)) if points.device.type == "cpu" else (points,)
    return torch.cat([network(latent, piece, dtype) for piece in pieces], 1)


def network(latent: Latent, points: Tensor, dtype: torch.dtype | None = None) -> Tensor:
    """The network itself: one matmul and one sine a layer. Points (P, 2) to colours (B, P, 3) in [0, 1].

    What is made of coordinates stays in the latent's precision, as those phases are of tens of radians; the rest is in
    `dtype`.
    """
    whole = latent["bo"].dtype
    dtype = dtype or whole
    where = points.expand(latent["b1"].shape[0], -1, -1)
    wave = torch.sin(torch.baddbmm(latent["b1"][:, None], where, latent["w1"])).to(dtype)
    phase = torch.baddbmm(latent["b2"][:, None], where, latent["v2"]).to(dtype)
    phase = torch.baddbmm(phase, wave, latent["w2"].to(dtype))
    layer = 3
    while f"w{layer}" in latent:
        bias, weight = latent[f"b{layer}"].to(dtype)[:, None], latent[f"w{layer}"].to(dtype)
        phase = torch.baddbmm(bias, torch.sin(phase), weight)
        layer += 1
    colour = torch.baddbmm(latent["bo"].to(dtype)[:, None], torch.sin(phase), latent["wo"].to(dtype))
    return colour.to(whole).sigmoid()
