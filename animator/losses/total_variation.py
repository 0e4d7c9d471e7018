"""Smoothness: the mean squared difference of neighbouring pixels, as a rate over the frame."""

from pydantic import BaseModel, ConfigDict
from torch import Tensor

from animator.losses import Candidate, Loss


class Config(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


def build(config: Config) -> Loss:
    return total_variation


def total_variation(candidate: Candidate) -> Tensor:
    """Source: Rudin, Osher & Fatemi 1992, squared. Differs: divided by the pixel's size, so that a draft of fewer
    pixels has about the value of the frame."""
    picture = candidate.picture
    height, width = picture.shape[-2:]
    across = (picture[..., :, 1:] - picture[..., :, :-1]).square().mean()
    down = (picture[..., 1:, :] - picture[..., :-1, :]).square().mean()
    return (across + down) * (float(width * height) ** 0.5 / 16)
