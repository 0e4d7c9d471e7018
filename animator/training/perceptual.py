"""How unlike two pictures look: the distance between what a frozen network sees in them.

Source: Zhang et al., "The Unreasonable Effectiveness of Deep Features as a Perceptual Metric" (2018).
"""

import pickle
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import Tensor

from animator.errors import ModelError
from animator.models.networks.clip.package import MEAN, STD, build_clip

VGG16 = ((0, 2), (5, 7), (10, 12, 14), (17, 19, 21), (24, 26, 28))  # its convolutions, by torchvision's numbers


class ClipDistance:
    """By what the stages of a CLIP's ResNet image tower see, each position's channels at unit length.

    Called with pictures (B,3,H,W) in [-1,1], the real ones and the made ones; answers a scalar, 0 when they are equal.
    Differs: no learnt weights for the channels.
    """

    def __init__(self, weights: Path, device: torch.device) -> None:
        self.tower: Any = build_clip(load_file(weights)).visual.to(device)
        self.mean, self.std = (torch.tensor(values, device=device).view(1, 3, 1, 1) for values in (MEAN, STD))

    def __call__(self, real: Tensor, made: Tensor) -> Tensor:
        with torch.no_grad():
            wanted = self._stages(real)
        apart = [(a - b).square().sum(1).mean() for a, b in zip(wanted, self._stages(made), strict=True)]
        return torch.stack(apart).mean()

    def _stages(self, pictures: Tensor) -> list[Tensor]:
        tower = self.tower
        x = ((pictures + 1) / 2 - self.mean) / self.std
        for number in (1, 2, 3):
            x = F.relu(getattr(tower, f"bn{number}")(getattr(tower, f"conv{number}")(x)))
        seen = [x]
        x = tower.avgpool(x)
        for number in (1, 2, 3):
            x = getattr(tower, f"layer{number}")(x)
            seen.append(x)
        return [F.normalize(stage, dim=1) for stage in seen]


class LpipsDistance:
    """LPIPS as published, for whoever has its two files. Called like a `ClipDistance`.

    They are VGG16's weights as torchvision keeps them (`features.0.weight`, ...) and the learnt weights of the channels
    (`lin0.model.1.weight`, ...).

    Raises: ModelError for files that are not these.
    """

    def __init__(self, vgg: Path, channels: Path, device: torch.device) -> None:
        try:
            with torch.no_grad():
                weights = torch.load(vgg, map_location=device, weights_only=True)
                learnt = torch.load(channels, map_location=device, weights_only=True)
            self.blocks = [
                [(weights[f"features.{n}.weight"], weights[f"features.{n}.bias"]) for n in block] for block in VGG16
            ]
            self.channels = [learnt[f"lin{n}.model.1.weight"] for n in range(len(VGG16))]
        except (OSError, KeyError, RuntimeError, pickle.UnpicklingError) as error:
            raise ModelError(f"{vgg}, {channels}: not the files of LPIPS: {error}") from error
        self.shift = torch.tensor((-0.030, -0.088, -0.188), device=device).view(1, 3, 1, 1)
        self.scale = torch.tensor((0.458, 0.448, 0.450), device=device).view(1, 3, 1, 1)

    def __call__(self, real: Tensor, made: Tensor) -> Tensor:
        with torch.no_grad():
            wanted = self._stages(real)
        apart = [
            F.conv2d((a - b).square(), channels).mean()
            for a, b, channels in zip(wanted, self._stages(made), self.channels, strict=True)
        ]
        return torch.stack(apart).sum()

    def _stages(self, pictures: Tensor) -> list[Tensor]:
        x, seen = (pictures - self.shift) / self.scale, []
        for number, block in enumerate(self.blocks):
            x = F.max_pool2d(x, 2) if number else x
            for weight, bias in block:
                x = F.relu(F.conv2d(x, weight, bias, padding=1))
            seen.append(F.normalize(x, dim=1))
        return seen
