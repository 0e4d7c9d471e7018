"""CLIPs of OpenAI's architecture: the shipped pocket models, OpenAI's nine, and any file that `clip_file` reads.

Source: Radford et al. 2021; the network is `clip.model.CLIP` of the package openai-clip.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor

from animator.encoders import Encoder


class Config(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    weights: str = Field(description="path of a safetensors file, or of OpenAI's .pt")


def build(config: Config, device: torch.device, dtype: torch.dtype = torch.float32) -> Encoder:
    """Raises: ModelError when the file is not such a model."""
    from animator.models import clip_file
    from animator.models.clip_package import build_clip

    return encoder_of(build_clip(clip_file.read(Path(config.weights))), device, dtype)


def encoder_of(clip: Any, device: torch.device, dtype: torch.dtype = torch.float32) -> Encoder:
    """The encoder of a frozen `clip.model.CLIP`, which is used up."""
    from animator.models.clip_package import MEAN, STD, text_tower
    from animator.models.clip_towers import frozen

    visual, texts = clip.visual.to(device), text_tower(clip).to(device)
    mean, std = (torch.tensor(values, device=device).view(1, 3, 1, 1) for values in (MEAN, STD))
    return _Clip(texts, frozen(visual, dtype), mean, std, int(visual.input_resolution))


@dataclass(frozen=True)
class _Clip:
    texts: Any  # clip.model.CLIP without its picture tower, frozen
    tower: Callable[[Tensor], Tensor]
    mean: Tensor
    std: Tensor
    input_size: int

    def encode_image(self, pictures: Tensor) -> Tensor:
        features: Tensor = self.tower((pictures - self.mean) / self.std)
        return F.normalize(features.float(), dim=-1)

    def encode_text(self, texts: list[str]) -> Tensor:
        from animator.models.clip_package import tokenize

        tokens = tokenize(texts, self.texts.context_length).to(self.mean.device)
        with torch.no_grad():
            return F.normalize(self.texts.encode_text(tokens).float(), dim=-1)
