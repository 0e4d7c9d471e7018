"""What an observer may see of an optimiser step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class StepInfo:
    """Step number `step` of `steps` of a frame. The terms of the loss are still on their device: reading one waits for
    it."""

    frame: int
    step: int
    steps: int
    terms: dict[str, Tensor]
