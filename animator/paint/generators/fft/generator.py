"""The generator itself: see the package's docstring."""

from dataclasses import dataclass

import torch
from torch import Tensor

from animator.paint.generators import Draft, Latent, Moments
from animator.paint.generators.fft import Config
from animator.paint.resample import reach, resample
from animator.scene.motions import IDENTITY, Matrix

COLOURS = ((0.26, 0.09, 0.02), (0.27, 0.0, -0.05), (0.27, -0.09, 0.03))  # RGB by grey, blue-yellow and green-magenta


@dataclass(frozen=True)
class Fft:
    """The generator. Its one leaf is `spectrum` (1, 3, H, W // 2 + 1, 2): colours, rows, columns, (real, imaginary)."""

    size: tuple[int, int]
    loudness: Tensor  # (H, W // 2 + 1)
    colours: Tensor  # (3, 3)
    contrast: float
    step_size: float = 0.1
    betas: tuple[float, float] = (0.9, 0.99)

    def init(self, seed: int, text: str = "", picture: Tensor | None = None) -> Latent:
        """See `Generator.init`. Noise whose loudness falls as the prior says; of a picture, its spectrum."""
        if picture is not None:
            return {"spectrum": self._spectrum(torch.logit(picture, eps=0.01))}
        random = torch.Generator().manual_seed(seed % 2**63)
        spectrum = torch.randn(1, 3, *self.loudness.shape, 2, generator=random)
        spectrum[:, :, 0, 0] = 0.0  # the mean: grey
        spectrum = spectrum.to(self.loudness.device)
        return {"spectrum": spectrum * self.contrast / self._plane(spectrum).std()}

    def decode(self, latent: Latent, draft: Draft | None = None) -> Tensor:
        """See `Generator.decode`. The raster is fixed: a draft is the frame."""
        return self._plane(latent["spectrum"]).sigmoid()

    def warp(self, latent: Latent, moments: Moments | None, matrix: Matrix, seed: int) -> tuple[Latent, Moments | None]:
        """See `Generator.warp`. What comes into view is the picture mirrored at its edge.

        The mean gradient moves as the gradient of the pixels. The mean square stays: it belongs to a frequency, not to
        a place.
        """
        if matrix == IDENTITY:
            return {name: leaf.detach() for name, leaf in latent.items()}, moments
        span = reach(self.size)
        latent = {"spectrum": self._spectrum(resample(self._plane(latent["spectrum"].detach()), matrix, span))}
        if moments is None:
            return latent, None
        pixels = resample(self._pixel_gradient(moments.first["spectrum"]), matrix, span)
        return latent, Moments({"spectrum": self._spectrum_gradient(pixels)}, dict(moments.second))

    def project(self, latent: Latent) -> Latent:
        """Every latent is valid."""
        return latent

    def _plane(self, spectrum: Tensor) -> Tensor:
        """(1,3,H,W), before the sigmoid."""
        width, height = self.size
        loud = torch.view_as_complex(spectrum.contiguous()) * self.loudness
        plane = torch.fft.irfft2(loud, s=(height, width), norm="ortho")
        return torch.einsum("rc,bchw->brhw", self.colours, plane)

    def _spectrum(self, plane: Tensor) -> Tensor:
        """What `_plane` makes that plane of."""
        plane = torch.einsum("cr,brhw->bchw", torch.linalg.inv(self.colours), plane)
        return torch.view_as_real(torch.fft.rfft2(plane, norm="ortho") / self.loudness)

    def _spectrum_gradient(self, pixels: Tensor) -> Tensor:
        """The gradient of the spectrum, where that of the plane is `pixels`. A column that stands for its mirror image,
        too, counts twice."""
        pixels = torch.einsum("rc,brhw->bchw", self.colours, pixels)
        return torch.view_as_real(torch.fft.rfft2(pixels, norm="ortho") * self.loudness * self._counts())

    def _pixel_gradient(self, spectrum: Tensor) -> Tensor:
        """The inverse of `_spectrum_gradient`."""
        width, height = self.size
        quiet = torch.view_as_complex(spectrum.contiguous()) / (self.loudness * self._counts())
        pixels = torch.fft.irfft2(quiet, s=(height, width), norm="ortho")
        return torch.einsum("cr,bchw->brhw", torch.linalg.inv(self.colours), pixels)

    def _counts(self) -> Tensor:
        counts = torch.full_like(self.loudness[:1], 2.0)
        counts[:, 0] = 1.0
        if self.size[0] % 2 == 0:
            counts[:, -1] = 1.0
        return counts


def make(config: Config, size: tuple[int, int], device: torch.device) -> Fft:
    """The generator for one canvas, (width, height) in pixels."""
    width, height = size
    rows, columns = torch.fft.fftfreq(height)[:, None], torch.fft.rfftfreq(width)[None, :]
    frequency = (rows.square() + columns.square()).sqrt().clamp(min=1.0 / max(width, height))
    loudness = frequency.pow(-config.decay)
    loudness = loudness / loudness.square().mean().sqrt()
    colours = torch.tensor(COLOURS)
    colours = colours / colours.norm(dim=0).max()
    return Fft(size, loudness.to(device), colours.to(device), config.contrast)
