"""Denoisers of this program's own architecture: the shipped one, and those that people train.

Source: `animator.models.networks.denoiser`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import Field

from animator.paint.denoisers import Denoiser, Steps
from animator.variants import Options

if TYPE_CHECKING:
    import torch
    from torch import Tensor


class Config(Options):
    """Where the model is."""

    weights: str = Field(description="path of a safetensors file")


def build(config: Config, device: torch.device) -> Denoiser:
    """Raises: ModelError when the file is not such a model."""
    from animator.models.networks import denoiser

    network = denoiser.load(Path(config.weights)).to(device)
    return _Pocket(network, network.shape.side, denoiser.CELL, denoiser.SPREAD, Steps(24, 8, 5), network.shape.clip)


@dataclass
class _Pocket:
    network: Any
    size: int
    cell: int
    spread: float
    steps: Steps
    reads: str
    draws: bool = False

    def encode(self, pictures: Tensor) -> Tensor:
        return 2 * pictures - 1

    def denoise(self, noisy: Tensor, level: float, texts: Tensor, guidance: float, seed: int) -> Tensor:
        import torch

        with torch.no_grad():
            clean: Tensor = self.network.guided(noisy, level, texts, guidance).clamp(-1, 1)
        return clean

    def decode(self, clean: Tensor) -> Tensor:
        return (clean + 1) / 2
