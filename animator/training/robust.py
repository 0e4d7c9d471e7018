"""What makes a small CLIP's gradients paint forms, not noise: pictures that vary, drown in noise, and are attacked.

Source: Madry et al. 2018 (projected gradient descent); Santurkar et al. 2019 and Ganz & Elad 2023 (gradients of robust
classifiers and CLIPs agree with what people see); Kaur et al. 2019 (so do those of networks trained in strong noise).
"""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor


def vary(images: Tensor, random: torch.Generator) -> Tensor:
    """Float (B,3,S,S) in [0,1] as a guide would meet it: cropped, turned, tinted, blurred.

    What captions speak of survives: no flips (left stays left), turns of at most 12 degrees, hues nearly kept.
    """
    count, _, size, _ = images.shape

    def uniform(low: float, high: float, *shape: int) -> Tensor:
        return low + (high - low) * torch.rand(shape, generator=random, device=images.device)

    scale, turn = uniform(0.7, 1.1, count), uniform(-0.2, 0.2, count) * (uniform(0, 1, count) < 0.5)
    room = (1 - scale).abs() + 0.03
    cosine, sine = scale * turn.cos(), scale * turn.sin()
    offset_x, offset_y = uniform(-1, 1, count) * room, uniform(-1, 1, count) * room
    rows = torch.stack([cosine, -sine, offset_x, sine, cosine, offset_y], 1).view(count, 2, 3)
    grid = F.affine_grid(rows, [count, 3, size, size], align_corners=False)
    images = F.grid_sample(images, grid, padding_mode="reflection", align_corners=False)

    contrast, brightness = uniform(0.75, 1.2, count, 1, 1, 1), uniform(-0.1, 0.1, count, 1, 1, 1)
    tint, gray = uniform(-0.05, 0.05, count, 3, 1, 1), images.mean((1, 2, 3), keepdim=True)
    images = (images - gray) * contrast + gray + brightness + tint
    soft = F.avg_pool2d(F.pad(images, (1, 1, 1, 1), mode="replicate"), 3, 1)
    images = torch.lerp(images, soft, uniform(-0.3, 1, count, 1, 1, 1).clamp(min=0))
    return images.clamp(0, 1)


def noise(images: Tensor, loudest: float, random: torch.Generator) -> Tensor:
    """Noise for pictures (B,3,S,S), of every loudness up to `loudest` (standard deviation), fine and coarse."""
    count, _, size, _ = images.shape
    loudness = loudest * torch.rand((2, count, 1, 1, 1), generator=random, device=images.device).pow(1.5)
    fine = torch.randn(images.shape, generator=random, device=images.device)
    coarse = torch.randn(count, 3, size // 4, size // 4, generator=random, device=images.device)
    ripple = F.interpolate(coarse, size=(size, size), mode="bilinear")
    return loudness[0] * fine + 0.3 * loudness[1] * ripple


def attack(
    images: Tensor,
    loss: Callable[[Tensor], Tensor],
    radius: Tensor,
    steps: int,
    random: torch.Generator,
) -> Tensor:
    """Pictures within L2 distance `radius` (B,1,1,1) of `images` that raise the loss, by steepest ascent."""

    def length(tensor: Tensor) -> Tensor:
        norms: Tensor = torch.linalg.vector_norm(tensor.flatten(1), dim=1)
        return norms.clamp(min=1e-8).view(-1, 1, 1, 1)

    shift = torch.randn(images.shape, generator=random, device=images.device)
    shift = shift / length(shift) * radius * 0.3
    step = 1.6 * radius / steps
    for _ in range(steps):
        shift.requires_grad_(True)
        (gradient,) = torch.autograd.grad(loss((images + shift).clamp(0, 1)), shift)
        shift = shift.detach() + step * gradient / length(gradient)
        shift = shift * (radius / length(shift)).clamp(max=1)
    return (images + shift).clamp(0, 1).detach()
