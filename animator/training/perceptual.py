"""How unlike two pictures look: the distance between what a frozen network sees in them.

Source: Zhang et al., "The Unreasonable Effectiveness of Deep Features as a Perceptual Metric" (2018).
"""

from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import Tensor

from animator.models.clip_package import MEAN, STD, build_clip


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
