"""What only a spectrum has: gradients of frequencies that must move as gradients of pixels."""

import pytest
import torch

from animator.paint.generators import Moments
from animator.paint.generators.fft import Config
from animator.paint.generators.fft.generator import make
from animator.scene.motions.affine import Config as Rates
from animator.scene.motions.affine import matrix


@pytest.mark.parametrize("size", [(16, 12), (15, 11)])
def test_the_mean_gradient_moves_as_that_of_the_pixels(size: tuple[int, int]) -> None:
    """Half a turn: the gradient of what asks for the turned picture, at the turned picture, is the turned gradient."""
    generator = make(Config(decay=1.7), size, torch.device("cpu"))
    asked = torch.randn(1, 3, size[1], size[0])

    def gradient(spectrum: torch.Tensor, asked: torch.Tensor) -> torch.Tensor:
        spectrum = spectrum.clone().requires_grad_(True)
        (generator._plane(spectrum) * asked).sum().backward()
        assert spectrum.grad is not None
        return spectrum.grad

    latent = generator.init(1)
    first = gradient(latent["spectrum"], asked)
    assert torch.allclose(generator._spectrum_gradient(asked), first, atol=1e-4)
    assert torch.allclose(generator._pixel_gradient(first), asked, atol=1e-4)
    half = matrix(Rates(rotate=180), 1.0, size)
    moments = Moments({"spectrum": first}, {"spectrum": first.square()})
    moved, carried = generator.warp(latent, moments, half, 0)
    assert carried is not None
    wanted = gradient(moved["spectrum"], asked.flip(2, 3))
    assert torch.allclose(carried.first["spectrum"], wanted, atol=1e-3 * float(wanted.abs().max()))
