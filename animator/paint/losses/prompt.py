"""How far the cutouts lie from the prompts, on the sphere of embeddings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from animator.paint.losses import Candidate, Loss
from animator.variants import Options

if TYPE_CHECKING:
    from torch import Tensor


class Config(Options):
    """No options: only its weight."""


def build(config: Config) -> Loss:
    return prompt_distance


def prompt_distance(candidate: Candidate) -> Tensor:
    """Mean over cutouts, sum over prompts by weight: a negative weight rewards distance. In units of rad^2."""
    if not candidate.views:  # nothing pulls: a number to differentiate all the same
        return 0 * candidate.picture.sum()
    total = candidate.picture.new_zeros(())
    for view in candidate.views:
        distances = spherical_distance(view.cutouts[:, None], view.targets[None])  # (N,M)
        total = total + view.weight * (distances.mean(0) * view.pulls).sum()
    return total


def spherical_distance(a: Tensor, b: Tensor) -> Tensor:
    """Half the squared angle between unit vectors along the last axis.

    Source: Crowson's CLIP guidance. Differs: the chord is kept off 0 and 2, where the arcsine's slope is infinite.
    """
    chord = (a - b).square().sum(-1).clamp(1e-12, 4 - 1e-6).sqrt()
    return (chord / 2).asin().square().mul(2)
