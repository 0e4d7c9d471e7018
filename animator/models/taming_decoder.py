"""Taming's decoder as a renderer needs it: frozen, with gradients for the latent alone.

The modules and their weights are the package's; the way through them is written anew. Convolutions run over
channels-last memory. A group normalisation with frozen weights has a backward pass of three sums and one line, where
torch's own, on such memory, is the costliest part of the whole decoder on a CPU.

Source: Esser et al. 2021; `taming.modules.diffusionmodules.model`.
"""

import copy
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Frozen:
    """A VQGAN's decoder, with the 1 x 1 convolution between the codes and it, computed in `dtype`."""

    def __init__(self, decoder: Any, joint: nn.Conv2d, dtype: torch.dtype) -> None:
        self.dtype = dtype
        self.decoder, self.joint = (_cast(part, dtype) for part in (decoder, joint))
        self.doubling = [_phases(level.upsample.conv, dtype) for level in decoder.up[1:]]

    def decode(self, codes: Tensor) -> Tensor:
        """Codes (B,embed_dim,h,w) -> pictures (B,3,H,W), float32, about in [-1,1]."""
        decoder, middle = self.decoder, self.decoder.mid
        codes = codes.to(dtype=self.dtype, memory_format=torch.channels_last)
        hidden = decoder.conv_in(self.joint(codes))
        hidden = _block(_attend(_block(hidden, middle.block_1), middle.attn_1), middle.block_2)
        for number, level in reversed(list(enumerate(decoder.up))):
            hidden = _through(level, hidden)
            if number:
                hidden = _double(hidden, *self.doubling[number - 1])
        pictures: Tensor = decoder.conv_out(norm_silu(hidden, decoder.norm_out))
        return pictures.float()


def _cast(part: Any, dtype: torch.dtype) -> Any:
    same = all(weight.dtype == dtype for weight in part.parameters())
    return (part if same else copy.deepcopy(part)).to(dtype=dtype, memory_format=torch.channels_last)


def _through(level: Any, hidden: Tensor) -> Tensor:
    for number, block in enumerate(level.block):
        hidden = _block(hidden, block)
        if len(level.attn):
            hidden = _attend(hidden, level.attn[number])
    return hidden


def _block(hidden: Tensor, block: Any) -> Tensor:
    middle = block.conv1(norm_silu(hidden, block.norm1))
    inner: Tensor = block.conv2(norm_silu(middle, block.norm2))
    if block.in_channels != block.out_channels:
        hidden = block.conv_shortcut(hidden) if block.use_conv_shortcut else block.nin_shortcut(hidden)
    return hidden + inner


def _attend(hidden: Tensor, part: Any) -> Tensor:
    normal = part.norm(hidden)
    query, key, value = (way(normal).flatten(2).mT for way in (part.q, part.k, part.v))  # (B,cells,channels)
    seen = F.scaled_dot_product_attention(query[:, None], key[:, None], value[:, None])[:, 0]
    attended: Tensor = part.proj_out(seen.mT.unflatten(2, hidden.shape[2:]))
    return hidden + attended


def _phases(convolution: nn.Conv2d, dtype: torch.dtype) -> tuple[Tensor, Tensor]:
    """What `_double` needs of a 3 x 3 convolution: 2 x 2 kernels, of even and odd rows and columns, and biases."""
    weight = convolution.weight.detach().float()
    for axis in (2, 3):
        low, middle, high = weight.unbind(axis)
        even, odd = torch.stack((low, middle + high), axis), torch.stack((low + middle, high), axis)
        weight = torch.cat((even, odd))
    assert convolution.bias is not None
    joined = weight.to(dtype=dtype, memory_format=torch.channels_last)
    return joined, convolution.bias.detach().to(dtype).repeat(4)


def _double(hidden: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """Each cell repeated as 2 x 2, then a 3 x 3 convolution: of its nine products five are of equal cells, so that four
    kernels of 2 x 2, one for each place in a cell, give the same with less than half the work."""
    height, width = hidden.shape[2:]
    parts = F.conv2d(hidden, weight, bias, padding=1).permute(0, 2, 3, 1).unflatten(3, (2, 2, -1))
    rows = []
    for row in (0, 1):
        cells = [parts[:, row : row + height, column : column + width, column, row] for column in (0, 1)]
        rows.append(torch.stack(cells, 3).flatten(2, 3))
    return torch.stack(rows, 2).flatten(1, 2).permute(0, 3, 1, 2)


def norm_silu(hidden: Tensor, norm: nn.GroupNorm) -> Tensor:
    """silu(group normalisation), (B,C,H,W); no gradient for the normalisation's own weights."""
    answer: Tensor = _NormSilu.apply(hidden, norm.weight, norm.bias, norm.num_groups, norm.eps)
    return answer


class _NormSilu(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, hidden: Tensor, weight: Tensor, bias: Tensor, groups: int, eps: float) -> Tensor:
        count, channels, height, width = hidden.shape
        normal, mean, scale = torch.native_group_norm(
            hidden, weight, bias, count, channels, height * width, groups, eps
        )
        ctx.save_for_backward(hidden, normal, mean, scale, weight)
        return F.silu(normal)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        hidden, normal, mean, scale, weight = ctx.saved_tensors
        inner: Tensor = torch.ops.aten.silu_backward(gradients[0], normal)
        count, channels, height, width = hidden.shape
        groups = mean.shape[1]

        def by_group(sums: Tensor) -> Tensor:
            shares: Tensor = sums * weight.float()
            return shares.view(count, groups, -1).sum(-1)

        def by_channel(values: Tensor) -> Tensor:
            spread = values.repeat_interleave(channels // groups, 1)
            return spread[:, :, None, None]

        mean, scale = mean.float(), scale.float()
        plain = by_group(inner.sum((2, 3), dtype=torch.float32))
        along = by_group((inner * hidden).sum((2, 3), dtype=torch.float32))
        size = height * width * channels // groups
        slope = -scale.pow(3) * (along - mean * plain) / size
        offset = -slope * mean - scale * plain / size
        factor = by_channel(scale) * weight.float()[None, :, None, None]
        moved = torch.addcmul(by_channel(offset).to(hidden.dtype), inner, factor.to(hidden.dtype))
        moved.addcmul_(hidden, by_channel(slope).to(hidden.dtype))
        return moved, None, None, None, None
