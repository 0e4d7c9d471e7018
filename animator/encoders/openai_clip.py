"""CLIPs in OpenAI's own layout: the shipped pocket models, and any safetensors file with the same keys.

Source: Radford et al. 2021; the network is `clip.model.CLIP` of the package openai-clip.
"""

from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from pydantic import BaseModel, ConfigDict, Field
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from animator.encoders import Encoder
from animator.errors import ModelError


class Config(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    weights: str = Field(description="path of a safetensors file")


def build(config: Config, device: torch.device) -> Encoder:
    """Raises: ModelError when the file is not such a model."""
    from animator.models.clip_package import MEAN, STD, build_clip

    try:
        state = load_file(config.weights)
    except (SafetensorError, OSError) as error:
        raise ModelError(f"{config.weights}: not a safetensors file that can be read: {error}") from error
    clip = build_clip(state).to(device)
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
