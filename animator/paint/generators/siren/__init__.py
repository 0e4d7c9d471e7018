"""SIREN: the picture is a small network of sines from a point of the plane to a colour.

The camera is folded into the first layer and into the second layer's view of the coordinates (`v2`): no pixel is
resampled. A zoom slows every unit down; slow ones are rewritten as a mix of others, and drawn anew, fast and silent.
Tried: 3% a frame, 5 steps, 96 x 96, one seed, tolerance 0.004, softness 0, towards a world as `bench.zoom` has.
Fine power kept since frame 20, and the worst warp in 1/255:

    omega_first 40: nothing regrown 0.00, 0.0; slow units drawn anew, not absorbed 0.07, 65; then 10 steps of refit
      0.20, 26; absorbed into 1, x, y alone 0.03, 0.7; into the other units too 0.10, 0.05 (all: after 200 frames)
    omega_first 40, 80, 120, 160, absorbed: 0.21, 0.39, 0.65, 0.90 (after 120 frames; so are the next)
    omega_first 120, omega_slow 1, 2: loss 0.224, 0.209. At 2, betas .9 .99, .9 .999, .8 .95: 0.209, 0.218, 0.205
    absorption fitted on a 24 x 24 lattice, where fast units alias, and on scattered points: 1.36, 0.03 of 255

Source: Sitzmann et al., "Implicit Neural Representations with Periodic Activation Functions" (2020).
Differs: log-uniform frequencies, as a zoom has no favourite scale; omega is inside the weights; `v2`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from animator.variants import Options

if TYPE_CHECKING:
    import torch

    from animator.paint.generators import Generator


class Config(Options):
    """Options of the SIREN generator."""

    layers: int = Field(4, ge=2, le=64, description="sine layers (count)")
    hidden: int = Field(128, ge=8, le=2048, description="units in each layer (count)")
    omega_first: float = Field(100.0, gt=0, le=2000, description="fastest unit born in a zoom (radians per half side)")
    omega_start: float = Field(25.0, gt=0, le=2000, description="the same of the first picture (radians per half side)")
    omega_slow: float = Field(2.0, gt=0, le=2000, description="slowest unit kept in a zoom (radians per half side)")
    omega: float = Field(1.0, gt=0, le=10, description="gain of the layers after the first (1 = SIREN's own)")
    contrast: float = Field(0.5, gt=0, le=10, description="spread of the first picture before the sigmoid (1)")
    softness: float = Field(0.5, ge=0, le=2, description="first picture: n times the frequency is n^-softness as loud")
    draft: int | None = Field(
        None,
        ge=0,
        le=4096,
        description="mean side of a step's picture (pixels; 0 = the canvas; default: as encoders need)",
    )
    regrow: bool = Field(True, description="replace units that the camera left behind")
    tolerance: float = Field(0.002, ge=0, le=1, description="most that absorbing a unit moves a phase (radians)")

    @property
    def any_size(self) -> bool:
        """A latent is a picture at every size."""
        return True


def build(config: Config, size: tuple[int, int], device: torch.device, dtype: torch.dtype | None = None) -> Generator:
    """The generator for one canvas, (width, height) in pixels; drafts are in `dtype`, float32 by default."""
    import torch

    from animator.paint.generators.siren.generator import Siren

    return Siren(config, size, device, dtype or torch.float32)
