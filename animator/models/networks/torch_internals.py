"""The parts of torch that have no public name, all of them in one place.

Each has a test that fails by name when torch changes it: tests/models/test_torch_internals.py. Tested with torch 2.13.
"""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch._subclasses.fake_tensor import FakeTensor, FakeTensorMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._python_dispatch import _disable_current_modes as without_modes
from torch.utils._pytree import tree_leaves

__all__ = [
    "FakeTensor",
    "FakeTensorMode",
    "TorchDispatchMode",
    "blend",
    "has_fast_bfloat16",
    "has_matrix_unit",
    "multiply_packed",
    "pack_weight",
    "packs_bfloat16",
    "storage_id",
    "tree_leaves",
    "version_of",
    "without_modes",
]


def has_fast_bfloat16() -> bool:
    """Whether this machine's processor multiplies bfloat16 numbers in one instruction."""
    return bool(torch.cpu._is_avx512_bf16_supported())


def has_matrix_unit() -> bool:
    """Whether this machine's processor has a unit for products of matrices (AMX)."""
    return bool(torch.cpu._is_amx_tile_supported())


def packs_bfloat16() -> bool:
    """Whether oneDNN packs bfloat16 weights on this machine."""
    return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())


def pack_weight(weight: Tensor) -> Tensor:
    """A weight (N,K) in the order in which oneDNN reads it. Its shape is not to be relied on."""
    packed: Tensor = torch.ops.mkldnn._reorder_linear_weight(weight)
    return packed


def multiply_packed(rows: Tensor, packed: Tensor, bias: Tensor | None) -> Tensor:
    """`rows @ weight.T + bias` for a weight that `pack_weight` has put in order."""
    answer: Tensor = torch.ops.mkldnn._linear_pointwise(rows, packed, bias, "none", [], "")
    return answer


def storage_id(tensor: Tensor) -> int:
    """A number that tensors have in common when they share their memory."""
    number: int = tensor.untyped_storage()._cdata
    return number


def version_of(tensor: Tensor) -> int:
    """How often a tensor was changed in place."""
    return int(tensor._version)


def blend(tensors: Sequence[Tensor], others: Sequence[Tensor], share: float) -> None:
    """Move each tensor a share of the way to the other, in place, in one call."""
    torch._foreach_lerp_(list(tensors), list(others), share)
