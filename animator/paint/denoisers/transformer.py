"""Transformers over a VQGAN's codes, which draw a picture cell by cell, as denoisers.

How likely each code is there follows from the text and the codes before it, and from how near it is to what the noise
left of the cell: of noise alone it draws freely, and with little noise it redraws what is there.

Source: Esser et al. 2021 for the transformer; Bayes' rule for what the noise left.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import Field

from animator.models import store
from animator.paint.denoisers import Drawer, Steps
from animator.variants import Options

if TYPE_CHECKING:
    import torch
    from torch import Tensor


TEMPERATURE = 0.8  # of what is drawn: forms close more often than at 1


class Config(Options):
    """Where the model is."""

    weights: str = Field(description="path of a safetensors file; it says whose codes it draws")


def build(config: Config, device: torch.device) -> Drawer:
    """Raises: ModelError when the file is not such a model, or the VQGAN is not here."""
    from pathlib import Path

    from animator.models.networks import code_transformer
    from animator.models.networks.vqgan import checkpoint

    network = code_transformer.load(Path(config.weights)).to(device).eval()
    model = checkpoint.load(store.find(network.shape.vqgan, "vqgan").weights).to(device)
    cell = model.architecture.factor
    spread = float(model.codebook.std())
    return _Codes(network, model, network.shape.side * cell, cell, spread, network.shape.clip)


@dataclass
class _Codes:
    network: Any
    vqgan: Any
    size: int
    cell: int
    spread: float
    reads: str
    steps: Steps = Steps(1, 1, 1)  # noqa: RUF009 - it is frozen
    draws: bool = True

    def encode(self, pictures: Tensor) -> Tensor:
        import torch

        with torch.no_grad():
            latents: Tensor = self.vqgan.encode(2 * pictures - 1)
        return latents

    def denoise(self, noisy: Tensor, level: float, texts: Tensor, guidance: float, seed: int) -> Tensor:
        import torch

        rows, columns = noisy.shape[-2:]
        codes = self.vqgan.codebook
        far = torch.cdist(noisy.permute(0, 2, 3, 1).flatten(1, 2), codes.expand(len(noisy), -1, -1)).square()
        known = (far / (-2 * level**2)).unflatten(1, (rows, columns))
        drawn = self.network.draw(texts, (columns, rows), seed, TEMPERATURE, guidance=guidance, known=known)
        clean: Tensor = self.vqgan.lookup(drawn)
        return clean

    def extend(self, square: Tensor, cells: tuple[int, int], text: Tensor, seed: int) -> Tensor:
        from animator.models.networks.outpainting import Outpainter

        return Outpainter(self.network, self.vqgan, TEMPERATURE).around(square, cells, text, seed)

    def decode(self, clean: Tensor) -> Tensor:
        import torch

        with torch.no_grad():
            pictures: Tensor = self.vqgan.decode(clean)
        return ((pictures + 1) / 2).clamp(0, 1)
