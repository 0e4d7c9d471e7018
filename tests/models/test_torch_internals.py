"""The parts of torch that have no public name still do what they are used for: a test for each, by its name."""

import re
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from animator.models.networks import torch_internals
from animator.models.networks.torch_internals import FakeTensor, FakeTensorMode, TorchDispatchMode

onednn = pytest.mark.skipif(not torch.backends.mkldnn.is_available(), reason="torch was built without oneDNN")


def drawn(*shape: int) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(sum(shape)))


def test_fake_tensor_mode_makes_tensors_with_a_shape_and_no_content() -> None:
    weight = drawn(5, 4)
    with FakeTensorMode(allow_non_fake_inputs=True):
        huge = torch.empty(1 << 40, 4, requires_grad=True)
        made = huge @ weight.T
        made.sum().backward()
    assert made.shape == (1 << 40, 5)
    assert made.untyped_storage().nbytes() == (1 << 40) * 5 * 4
    assert huge.grad is not None
    assert huge.grad.shape == huge.shape


def test_fake_tensor_is_what_is_made_there() -> None:
    with FakeTensorMode():
        assert isinstance(torch.empty(2), FakeTensor)
    assert not isinstance(torch.empty(2), FakeTensor)


def test_torch_dispatch_mode_sees_every_operation() -> None:
    seen: list[tuple[str, bool]] = []

    class Watch(TorchDispatchMode):
        def __torch_dispatch__(self, operation: Any, types: Any, given: Any = (), named: Any = None) -> Any:
            seen.append((operation.overloadpacket.__name__, operation.is_view))
            return operation(*given, **(named or {}))

    rows = drawn(2, 3).requires_grad_(True)
    with Watch():
        made = rows.t().exp()
        made.sum().backward()
    exp = seen.index(("exp", False))
    assert ("t", True) in seen[:exp], "a view counts as one"
    assert ("mul", False) in seen[exp:], "the backward pass is seen, too"
    assert rows.grad is not None
    assert torch.equal(rows.grad, rows.detach().exp()), "and its answers are what they are without"


def test_without_modes_makes_real_tensors_while_a_step_is_tried() -> None:
    with FakeTensorMode():
        with torch_internals.without_modes():
            real = torch.arange(3) * 2
        assert isinstance(torch.empty(1), FakeTensor), "what comes after is without content again"
    assert not isinstance(real, FakeTensor)
    assert real.tolist() == [0, 2, 4]


def test_tree_leaves_finds_what_lies_in_lists_and_dictionaries() -> None:
    one, other = torch.ones(1), torch.ones(2)
    leaves = torch_internals.tree_leaves(((one, [3, {"x": other}]), {"named": None}))
    assert any(leaf is one for leaf in leaves)
    assert any(leaf is other for leaf in leaves)
    assert len(leaves) == 4


@onednn
@pytest.mark.parametrize("biased", [True, False])
def test_pack_weight_and_multiply_packed_are_a_linear_layer(biased: bool) -> None:
    rows, weight, bias = drawn(7, 48), drawn(33, 48), drawn(33) if biased else None
    made = torch_internals.multiply_packed(rows, torch_internals.pack_weight(weight), bias)
    torch.testing.assert_close(made, F.linear(rows, weight, bias), rtol=1e-4, atol=1e-4)


@onednn
def test_packs_bfloat16_says_whether_pack_weight_can() -> None:
    assert isinstance(torch_internals.packs_bfloat16(), bool)
    if torch_internals.packs_bfloat16():
        rows, weight = drawn(7, 48).bfloat16(), drawn(33, 48).bfloat16()
        made = torch_internals.multiply_packed(rows, torch_internals.pack_weight(weight), None)
        assert made.dtype == torch.bfloat16
        torch.testing.assert_close(made, F.linear(rows, weight), rtol=2e-2, atol=2e-1)


def test_has_fast_bfloat16_answers() -> None:
    assert isinstance(torch_internals.has_fast_bfloat16(), bool)


def test_has_matrix_unit_answers() -> None:
    assert isinstance(torch_internals.has_matrix_unit(), bool)


def test_storage_id_is_that_of_the_memory() -> None:
    whole = drawn(4, 6)
    number = torch_internals.storage_id(whole)
    assert torch_internals.storage_id(whole[1:, ::2].t()) == number
    assert torch_internals.storage_id(whole.clone()) != number
    with FakeTensorMode():
        fake = torch.empty(4, 6)
        assert torch_internals.storage_id(fake.view(24)) == torch_internals.storage_id(fake)
        assert torch_internals.storage_id(torch.empty(4, 6)) != torch_internals.storage_id(fake)


def test_blend_moves_each_tensor_where_it_lies() -> None:
    tensors, others = [torch.zeros(2), torch.full((3, 1), 4.0)], [torch.full((2,), 8.0), torch.zeros(3, 1)]
    places = [tensor.data_ptr() for tensor in tensors]
    torch_internals.blend(tensors, others, 0.25)
    assert [tensor.flatten().tolist() for tensor in tensors] == [[2.0, 2.0], [3.0, 3.0, 3.0]]
    assert [tensor.data_ptr() for tensor in tensors] == places
    assert others[0].tolist() == [8.0, 8.0], "the others stay"


def test_version_of_counts_changes_in_place() -> None:
    tensor = torch.zeros(2)
    before = torch_internals.version_of(tensor)
    tensor.add_(1)
    assert torch_internals.version_of(tensor) > before


def test_every_name_is_tested_here() -> None:
    """By name, so that a change in torch says which part of it changed."""
    tests = " ".join(name for name in globals() if name.startswith("test_"))
    for name in torch_internals.__all__:
        words = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()  # FakeTensor: fake_tensor
        assert words in tests, name
