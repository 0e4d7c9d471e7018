"""Calm: how far the picture has moved away from the previous frame as the camera sees it now."""

from pydantic import BaseModel, ConfigDict
from torch import Tensor

from animator.losses import Candidate, Loss


class Config(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


def build(config: Config) -> Loss:
    return drift


def drift(candidate: Candidate) -> Tensor:
    """Mean squared difference to the warped previous frame; 0 at the first step of a frame."""
    return (candidate.picture - candidate.previous()).square().mean()
