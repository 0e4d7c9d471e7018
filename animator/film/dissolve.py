"""Soft cuts: the last picture before one fades out over the shot behind it, while the camera carries it on.

Frames are not touched: shots are painted by themselves, and mixed while the film is made of them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from animator.film.encode import Reel
from animator.paint.resample import reach, resample
from animator.scene.frame_spec import FrameSpec


def dissolved(reel: Reel, specs: Sequence[FrameSpec]) -> Reel:
    """A reel of these frames, mixed where one has a `dissolve`. What begins before the first of them is not seen."""
    if not any(spec.dissolve for spec in specs):
        return reel
    return replace(reel, pictures=_pictures(reel, specs))


def _pictures(reel: Reel, specs: Sequence[FrameSpec]) -> Iterator[bytes]:
    width, height = reel.size
    before, going, gone, whole = b"", torch.empty(0), 0, 0
    for picture, spec in zip(reel.pictures, specs, strict=True):
        if spec.cut:
            going, gone, whole = _plane(before, width, height), 0, spec.dissolve if before else 0
        if gone < whole:
            gone += 1
            going = resample(going, spec.matrix, reach(reel.size))
            before = _mixed(going, picture, gone / (whole + 1))
        else:
            before = picture
        yield before


def _plane(picture: bytes, width: int, height: int) -> Tensor:
    """A picture as numbers (1,3,H,W) from 0 to 255."""
    if not picture:
        return torch.empty(0)
    pixels = np.frombuffer(picture, np.uint8).reshape(height, width, 3)
    return torch.from_numpy(pixels.astype(np.float32)).permute(2, 0, 1)[None]


def _mixed(going: Tensor, coming: bytes, share: float) -> bytes:
    new = _plane(coming, going.shape[-1], going.shape[-2])
    mixed = torch.lerp(going, new, share).round().clamp(0, 255).byte()
    return mixed[0].permute(1, 2, 0).contiguous().numpy().tobytes()
