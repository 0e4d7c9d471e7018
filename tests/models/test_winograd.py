"""The same answers as a plain convolution, and the same gradients, for every size of picture and tile."""

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from animator.models.networks.cpu.winograd import Convolution

ROUNDING = {  # of tiles of so many answers a side, as a share of the answer; (float32, bfloat16)
    2: (4e-6, 0.02),
    3: (1e-5, 0.05),
    4: (1e-5, 0.05),
}


def apart(one: Tensor, other: Tensor) -> float:
    one, other = one.detach().double(), other.detach().double()
    return float((one - other).norm() / other.norm())


@pytest.mark.parametrize("outputs", ROUNDING)
@pytest.mark.parametrize("doubling", [False, True])
@pytest.mark.parametrize("size", [(2, 8, 8), (1, 1, 1), (1, 7, 11), (1, 2, 30), (3, 17, 4), (1, 40, 67)])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_as_a_plain_convolution(size: tuple[int, int, int], outputs: int, doubling: bool, dtype: torch.dtype) -> None:
    torch.manual_seed(1)
    batch, height, width = size
    plain = nn.Conv2d(24, 16, 3, padding=1).requires_grad_(False)
    hidden = torch.randn(batch, 24, height, width).to(dtype).requires_grad_(True)
    wanted = plain(F.interpolate(hidden.float(), scale_factor=2) if doubling else hidden.float())
    found = Convolution(plain, outputs, dtype, doubling)(hidden)
    assert found.shape == wanted.shape
    assert found.dtype == dtype
    assert found.is_contiguous(memory_format=torch.channels_last)
    bound = ROUNDING[outputs][dtype == torch.bfloat16]
    assert apart(found, wanted) < bound
    pull = torch.randn_like(wanted)
    (wanted_gradient,) = torch.autograd.grad(wanted, hidden, pull)
    (gradient,) = torch.autograd.grad(found, hidden, pull.to(dtype))
    assert gradient.dtype == dtype
    assert apart(gradient, wanted_gradient) < bound


def test_a_gradient_that_comes_in_other_memory() -> None:
    torch.manual_seed(1)
    plain = nn.Conv2d(4, 4, 3, padding=1).requires_grad_(False)
    hidden = torch.randn(1, 4, 9, 9, requires_grad=True)
    convolution = Convolution(plain, 4, torch.float32)
    (one,) = torch.autograd.grad(convolution(hidden).sum(), hidden)  # a gradient of a single number, expanded
    (other,) = torch.autograd.grad(plain(hidden).sum(), hidden)
    assert apart(one, other) < ROUNDING[4][0]
