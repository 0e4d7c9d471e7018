"""Resampling: what a cubic must keep, and that a hundred passes make nothing louder."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from animator.paint.resample import reach, resample
from animator.scene.motions.affine import Config as Rates
from animator.scene.motions.affine import matrix

SIZE = (48, 32)


def places(size: tuple[int, int]) -> tuple[torch.Tensor, torch.Tensor]:
    """x and y of each pixel, as the camera's matrices have them."""
    (width, height), (right, low) = size, reach(size)
    x = ((torch.arange(width, dtype=torch.float64) + 0.5) / width * 2 - 1) * right
    y = ((torch.arange(height, dtype=torch.float64) + 0.5) / height * 2 - 1) * low
    return x.expand(height, width), y[:, None].expand(height, width)


@given(
    zoom=st.floats(1.0, 1.5), rotate=st.floats(-20, 20), pan=st.floats(-0.05, 0.05),
    weights=st.lists(st.floats(-1, 1), min_size=5, max_size=5),
)  # fmt: skip
def test_a_cubic_keeps_parabolas(zoom: float, rotate: float, pan: float, weights: list[float]) -> None:
    """Keys' kernel is exact for them along each axis; torch's own, with another a, is not."""

    def surface(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        terms = [torch.ones_like(x), x, y, x * x, y * y]
        return torch.stack([weight * term for weight, term in zip(weights, terms, strict=True)]).sum(0)

    move = matrix(Rates(zoom=zoom, rotate=rotate, pan_x=pan), 1.0, SIZE)
    x, y = places(SIZE)
    seen = torch.stack([x, y, torch.ones_like(x)], -1) @ torch.tensor(move, dtype=torch.float64).T
    moved = resample(surface(x, y)[None, None], move, reach(SIZE))[0, 0]
    edge = torch.tensor(reach(SIZE)) - 3 * 2 / 32 * reach(SIZE)[1]
    inside = (seen[..., 0].abs() < edge[0]) & (seen[..., 1].abs() < edge[1])
    assert inside.any()
    assert torch.allclose(moved[inside], surface(seen[..., 0], seen[..., 1])[inside], atol=1e-9)


@pytest.mark.slow
def test_a_hundred_passes_make_no_wave_louder() -> None:
    """There and back by half a pixel: a film's worst case, for waves of every length that a raster holds."""
    size, pixels = (64, 64), torch.arange(64, dtype=torch.float64)
    there, back = (matrix(Rates(pan_x=side / 128, pan_y=side / 128), 1.0, size) for side in (1, -1))
    for length in (2.5, 3, 4, 6, 8, 12, 20, 40):
        for across, down in ((1, 0), (0, 1), (0.7, 0.7)):
            wave = torch.sin(2 * math.pi / length * (across * pixels + down * pixels[:, None]))[None, None]
            for _ in range(50):
                wave = resample(resample(wave, there, reach(size)), back, reach(size))
            assert wave[..., 8:-8, 8:-8].abs().max() <= 1.01, (length, across, down)


def test_a_bilinear_look_stays_between_its_neighbours() -> None:
    plane = torch.rand(1, 2, 16, 24)
    moved = resample(plane, matrix(Rates(zoom=1.3, rotate=11), 1.0, (24, 16)), reach((24, 16)), "bilinear")
    assert plane.min() <= moved.min()
    assert moved.max() <= plane.max()
