"""A packed layer is a linear layer: same answers, same gradients, wherever rows come from."""

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from animator.models.networks.cpu import packed
from animator.models.networks.torch_internals import FakeTensorMode

TOLERANCE = {torch.float32: 1e-5, torch.bfloat16: 2e-2}


def drawn(*shape: int, dtype: torch.dtype = torch.float32) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(sum(shape))).to(dtype)


@pytest.mark.parametrize("dtype", packed.KINDS, ids=str)
@pytest.mark.parametrize("biased", [True, False])
@pytest.mark.parametrize(("rows", "width"), [((7, 48), 96), ((2, 5, 64), 33), ((3, 2, 5, 16), 1)])
def test_it_is_a_linear_layer(rows: tuple[int, ...], width: int, biased: bool, dtype: torch.dtype) -> None:
    given, weight = drawn(*rows, dtype=dtype), drawn(width, rows[-1], dtype=dtype)
    bias = drawn(width, dtype=dtype) if biased else None
    ours, plain = given.clone().requires_grad_(), given.clone().requires_grad_()
    answer, wanted = packed.linear(weight, bias)(ours), F.linear(plain, weight, bias)
    assert answer.shape == wanted.shape
    assert answer.dtype == dtype
    slope = drawn(*wanted.shape, dtype=dtype)
    answer.backward(slope)
    wanted.backward(slope)
    assert ours.grad is not None
    assert plain.grad is not None
    for one, other in ((answer, wanted), (ours.grad, plain.grad)):
        assert (one - other).abs().max() <= TOLERANCE[dtype] * other.abs().max()


def test_rows_may_lie_anywhere() -> None:
    weight, rows = drawn(24, 16), drawn(16, 6, 4).permute(2, 1, 0)[:, ::2]
    torch.testing.assert_close(packed.linear(weight, None)(rows), F.linear(rows, weight))


def test_shapes_are_known_without_content() -> None:
    layer = packed.linear(drawn(24, 16), drawn(24))
    with FakeTensorMode(allow_non_fake_inputs=True):
        rows = torch.empty(5, 3, 16, requires_grad=True)
        answer = layer(rows)
        answer.sum().backward()
    assert answer.shape == (5, 3, 24)
    assert rows.grad is not None
    assert rows.grad.shape == rows.shape


def test_what_others_read_is_left_alone() -> None:
    """A MultiheadAttention reads the weight of its own last layer, which derives from a linear one."""
    module = nn.Sequential(nn.Linear(8, 8), nn.MultiheadAttention(8, 2), nn.Sequential(nn.Linear(8, 4, bias=False)))
    module.requires_grad_(False)
    rows = drawn(3, 8)
    wanted = module[2](module[0](rows))
    packed.replace(module)
    torch.testing.assert_close(module[2](module[0](rows)), wanted)
    assert not any(type(part) is nn.Linear for part in module.modules())
    module[1](rows, rows, rows)
