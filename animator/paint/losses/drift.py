"""Calm: how far the picture has moved away from the previous frame as the camera sees it now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from animator.paint.losses import Candidate, Loss
from animator.variants import Options

if TYPE_CHECKING:
    from torch import Tensor


class Config(Options):
    """No options: only its weight."""


def build(config: Config) -> Loss:
    return drift


def drift(candidate: Candidate) -> Tensor:
    """Mean squared difference to the warped previous frame; 0 at the first step of a frame."""
    return (candidate.picture - candidate.previous()).square().mean()
