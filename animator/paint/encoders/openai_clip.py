"""CLIPs of OpenAI's architecture: the shipped pocket models, OpenAI's nine, and any file that `clip_file` reads.

Source: Radford et al. 2021; the network is `clip.model.CLIP` of the package openai-clip.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import Field

from animator.paint.encoders import Encoder, unit_rows
from animator.variants import Options

if TYPE_CHECKING:
    import torch
    from torch import Tensor


class Config(Options):
    """Where the model is."""

    weights: str = Field(description="path of a safetensors file, or of OpenAI's .pt")


def build(config: Config, device: torch.device, dtype: torch.dtype | None = None) -> Encoder:
    """Raises: ModelError when the file is not such a model."""
    from animator.models.networks.clip import clip_file
    from animator.models.networks.clip.package import build_clip

    return encoder_of(build_clip(clip_file.read(Path(config.weights))), device, dtype)


def encoder_of(clip: Any, device: torch.device, dtype: torch.dtype | None = None) -> Encoder:
    """The encoder of a frozen `clip.model.CLIP`, which is changed and must not be used any more."""
    import torch

    from animator.models.networks.clip.package import MEAN, STD, text_tower
    from animator.models.networks.clip.towers import frozen

    visual, texts = clip.visual.to(device), text_tower(clip).to(device)
    mean, std = (torch.tensor(values, device=device).view(1, 3, 1, 1) for values in (MEAN, STD))
    return _Clip(texts, frozen(visual, dtype or torch.float32), mean, std, int(visual.input_resolution))


@dataclass(frozen=True)
class _Clip:
    texts: Any  # clip.model.CLIP without its picture tower, frozen
    tower: Callable[[Tensor], Tensor]
    mean: Tensor
    std: Tensor
    input_size: int

    def encode_image(self, pictures: Tensor) -> Tensor:
        return unit_rows(self.tower((pictures - self.mean) / self.std))

    def encode_text(self, texts: list[str]) -> Tensor:
        from animator.models.networks.clip.package import tokenize

        tokens = tokenize(texts, self.texts.context_length).to(self.mean.device)
        return unit_rows(self.texts.encode_text(tokens)).detach()
