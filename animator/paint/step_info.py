"""What an observer may see while a frame is optimised."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class FrameBegan:
    """A frame is about to be optimised, in so many steps. `picture()` is (1,3,H,W) in [0,1], as the camera left it; to
    be asked for while this is observed, and not later."""

    frame: int
    steps: int
    picture: Callable[[], Tensor]


@dataclass(frozen=True)
class StepInfo:
    """Step number `step` of `steps` of a frame. The terms of the loss are still on their device: reading one waits for
    it. `picture()` is as in `FrameBegan`, after this step; it costs what drawing a frame costs."""

    frame: int
    step: int
    steps: int
    terms: dict[str, Tensor]
    picture: Callable[[], Tensor]


Observed = FrameBegan | StepInfo
