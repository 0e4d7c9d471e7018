"""Smoothness: the mean squared difference of neighbouring pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from animator.paint.losses import Candidate, Loss
from animator.variants import Options

if TYPE_CHECKING:
    from torch import Tensor


class Config(Options):
    """No options: only its weight."""


def build(config: Config) -> Loss:
    return total_variation


def total_variation(candidate: Candidate) -> Tensor:
    """Source: Rudin, Osher & Fatemi 1992, squared. Differs: multiplied by the number of pixels over 128 x 128, so that
    a smooth picture has the same value at every size, and a draft about that of its frame."""
    picture = candidate.picture
    height, width = picture.shape[-2:]
    across = (picture[..., :, 1:] - picture[..., :, :-1]).square().mean()
    down = (picture[..., 1:, :] - picture[..., :-1, :]).square().mean()
    total: Tensor = (across + down) * (width * height / 128**2)
    return total
