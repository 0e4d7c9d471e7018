"""FFT: the picture is its own spectrum, louder where natural pictures are (1/f), in colours that vary independently.

The fastest of the generators, and the freest: nothing but the prior on the spectrum holds it. A camera move goes
through the plane of pixels, before colours are squashed into their range: a linear map there and back, in floats.

Source: Olah et al., "Feature Visualization" (2017) and the library lucid, for the parameterisation and the colours.
Differs: the camera.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from animator.variants import Options

if TYPE_CHECKING:
    import torch

    from animator.paint.generators import Generator


class Config(Options):
    """Options of the FFT generator."""

    decay: float = Field(1.8, ge=0, le=3, description="n times the frequency is n^-decay as loud: more is softer (1)")
    contrast: float = Field(0.3, gt=0, le=10, description="spread of the first picture before the sigmoid (1)")


def build(config: Config, size: tuple[int, int], device: torch.device, dtype: torch.dtype | None = None) -> Generator:
    """The generator for one canvas, (width, height) in pixels. Its few sums are float32 whatever `dtype` says."""
    from animator.paint.generators.fft.generator import make

    return make(config, size, device)
