"""Linear layers with frozen weights, which lie in memory in the order in which the processor's library reads them.

It would bring them into that order anew for each product, which is 3 to 12 % of what a CLIP's take on a CPU.
"""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from animator.models.networks.torch_internals import FakeTensor, multiply_packed, pack_weight, packs_bfloat16

KINDS = (torch.float32, torch.bfloat16)


def linear(weight: Tensor, bias: Tensor | None) -> nn.Module:
    """A layer `rows @ weight.T + bias` of (..., K) -> (..., N), for a weight (N,K); no gradient for these two."""
    weight, bias = weight.detach(), None if bias is None else bias.detach()
    return Linear(weight, bias) if _reads(weight) else _Plain(weight, bias)


def replace(module: nn.Module) -> None:
    """Each plain linear layer inside of a frozen module, all the way down."""
    for name, part in list(module.named_modules()):
        if type(part) is nn.Linear:  # what derives from it is read by others for its weight
            module.set_submodule(name, linear(part.weight, part.bias))


def _reads(weight: Tensor) -> bool:
    """Whether oneDNN is here and computes in the numbers of this weight."""
    if weight.device.type != "cpu" or weight.dtype not in KINDS or not torch.backends.mkldnn.is_available():
        return False
    return weight.dtype == torch.float32 or packs_bfloat16()


class _Plain(nn.Module):
    def __init__(self, weight: Tensor, bias: Tensor | None) -> None:
        super().__init__()
        self.weight, self.bias = weight, bias

    def forward(self, rows: Tensor) -> Tensor:
        return F.linear(rows, self.weight, self.bias)


class Linear(nn.Module):
    """The same weight twice: for answers, and turned for gradients."""

    def __init__(self, weight: Tensor, bias: Tensor | None) -> None:
        super().__init__()
        self.width, self.inner = weight.shape
        self.bias = bias
        self.forth, self.back = (pack_weight(side) for side in (weight, weight.T))

    def forward(self, rows: Tensor) -> Tensor:
        answer: Tensor = _Multiply.apply(rows, self)
        return answer


class _Multiply(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, rows: Tensor, layer: Linear) -> Tensor:
        ctx.layer = layer
        return _product(rows, layer.forth, layer.bias, layer.width)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        return _product(gradients[0], ctx.layer.back, None, ctx.layer.inner), None


def _product(rows: Tensor, weight: Tensor, bias: Tensor | None, width: int) -> Tensor:
    if isinstance(rows, FakeTensor):  # a weight in that order has no shape to go on
        return rows.new_empty(*rows.shape[:-1], width)
    return multiply_packed(rows, weight, bias)
