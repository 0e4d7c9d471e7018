"""Losses: what the optimiser makes small, each a number for one picture at one step.

One file is one loss. It exposes a `Config` and `build(config) -> Loss`. Weights and schedules stay outside, in the
FrameSpec, so no loss knows about time. See `animator.variants` for what holds on every axis.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from animator.paint.generators import Latent

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class View:
    """What one encoder sees of the picture, and what it should see."""

    encoder: str
    weight: float  # of this encoder among the others
    cutouts: Tensor  # (N,D), unit rows
    targets: Tensor  # (M,D), unit rows: the prompts of this frame
    pulls: Tensor  # (M,), weights of the prompts


@dataclass(frozen=True)
class Candidate:
    """A picture on its way to being a frame."""

    picture: Tensor  # (B,3,H,W) in [0,1], maybe a draft
    latent: Latent
    views: tuple[View, ...]
    previous: Callable[[], Tensor]  # the picture that the camera left, sampled as `picture` was; no gradient


Loss = Callable[[Candidate], "Tensor"]
"""Candidate -> a scalar."""
