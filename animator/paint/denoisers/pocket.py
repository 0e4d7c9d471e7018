"""Denoisers of this program's own architecture: the shipped one, and those that people train.

Source: `animator.models.networks.denoiser`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import Field

from animator.paint.denoisers import Denoiser
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
    return _Pocket(network, network.shape.side, network.shape.clip)


@dataclass(frozen=True)
class _Pocket:
    network: Any
    size: int
    reads: str

    def denoise(self, noisy: Tensor, level: float, texts: Tensor | None) -> Tensor:
        import torch

        with torch.no_grad():
            read = noisy.new_zeros(len(noisy), self.network.shape.condition) if texts is None else texts
            clean: Tensor = self.network(noisy, noisy.new_full((len(noisy),), level), read)
        return clean
