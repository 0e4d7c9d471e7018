"""CLIPs of OpenAI's architecture: the shipped pocket models, OpenAI's nine, and any file that `clip_file` reads.

Source: Radford et al. 2021; the network is `clip.model.CLIP` of the package openai-clip.
"""

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


def build(config: Config, device: torch.device) -> Encoder:
    """Raises: ModelError when the file is not such a model."""
    from animator.models import clip_file
    from animator.models.clip_package import MEAN, STD, build_clip

    clip = build_clip(clip_file.read(Path(config.weights))).to(device)
    mean, std = (torch.tensor(values, device=device).view(1, 3, 1, 1) for values in (MEAN, STD))
    return _Clip(clip, mean, std, int(clip.visual.input_resolution))


@dataclass(frozen=True)
class _Clip:
    clip: Any  # clip.model.CLIP, frozen
    mean: Tensor
    std: Tensor
    input_size: int

    def encode_image(self, pictures: Tensor) -> Tensor:
        features: Tensor = self.clip.encode_image((pictures - self.mean) / self.std)
        return F.normalize(features.float(), dim=-1)

    def encode_text(self, texts: list[str]) -> Tensor:
        from animator.models.clip_package import tokenize

        tokens = tokenize(texts, self.clip.context_length).to(self.mean.device)
        with torch.no_grad():
            return F.normalize(self.clip.encode_text(tokens).float(), dim=-1)
