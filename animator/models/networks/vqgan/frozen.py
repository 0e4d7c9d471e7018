"""Taming's encoder and decoder as a renderer needs them: frozen, with gradients for what goes in alone.

The modules and their weights are the package's; the way through them is written anew. Convolutions run over
channels-last memory, on a CPU with fewer products. A group normalisation with frozen weights has a backward pass of
three sums and one line, where torch's own, on such memory, is the costliest part of the whole decoder on a CPU.

Source: Esser et al. 2021; `taming.modules.diffusionmodules.model`.
"""

import copy
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from animator.models.networks.cpu.winograd import Convolution, places

WIDE = 512  # channels, at few places of a picture: the weights in the other basis would be what takes memory


class Encoder:
    """A VQGAN's encoder, with the 1 x 1 convolution between it and the codes, in float32."""

    def __init__(self, encoder: Any, joint: nn.Conv2d) -> None:
        self.encoder, self.joint = (_cast(part, torch.float32) for part in (encoder, joint))
        for name, part in _kernels(encoder):
            if not name.endswith("downsample.conv") and name != "conv_in" and part.out_channels < WIDE:
                _replace(self.encoder, name, part, torch.float32)

    def __call__(self, pictures: Tensor) -> Tensor:
        """Pictures (B,3,H,W) in [-1,1] -> (B,embed_dim,h,w)."""
        encoder = self.encoder
        hidden = encoder.conv_in(pictures.contiguous(memory_format=torch.channels_last))
        for number, level in enumerate(encoder.down):
            hidden = _through(level, hidden)
            if number < len(encoder.down) - 1:
                hidden = level.downsample(hidden)
        codes: Tensor = self.joint(encoder.conv_out(norm_silu(_middle(encoder, hidden), encoder.norm_out)))
        return codes


class Decoder:
    """A VQGAN's decoder, with the 1 x 1 convolution between the codes and it, computed in `dtype`."""

    def __init__(self, decoder: Any, joint: nn.Conv2d, dtype: torch.dtype) -> None:
        self.dtype = dtype
        self.decoder, self.joint = (_cast(part, dtype) for part in (decoder, joint))
        for name, part in _kernels(decoder):
            if name != "conv_out":
                _replace(self.decoder, name, part, dtype, doubling=name.endswith("upsample.conv"))

    def __call__(self, codes: Tensor) -> Tensor:
        """Codes (B,embed_dim,h,w) -> pictures (B,3,H,W), float32, about in [-1,1]."""
        decoder = self.decoder
        codes = codes.to(dtype=self.dtype, memory_format=torch.channels_last)
        hidden = _middle(decoder, decoder.conv_in(self.joint(codes)))
        for number, level in reversed(list(enumerate(decoder.up))):
            hidden = _through(level, hidden)
            if number:
                hidden = level.upsample.conv(hidden)
        pictures: Tensor = decoder.conv_out(norm_silu(hidden, decoder.norm_out))
        return pictures.float()


def _cast(part: Any, dtype: torch.dtype) -> Any:
    same = (weight for weight in part.parameters() if weight.dtype == dtype)
    return copy.deepcopy(part, {id(weight): weight for weight in same}).to(
        dtype=dtype, memory_format=torch.channels_last
    )


def _kernels(module: nn.Module) -> list[tuple[str, nn.Conv2d]]:
    """The 3 x 3 convolutions, by name."""
    parts = module.named_modules()
    return [(name, part) for name, part in parts if isinstance(part, nn.Conv2d) and part.kernel_size == (3, 3)]


def _replace(module: nn.Module, name: str, part: nn.Conv2d, dtype: torch.dtype, doubling: bool = False) -> None:
    """Put one with fewer products in a convolution's place; on a GPU its own library sees to that, but for pixels that
    repeat."""
    if part.weight.device.type == "cpu":
        tiles = 3 if doubling else 2 if part.out_channels >= WIDE else 4
        module.set_submodule(name, Convolution(part, tiles, dtype, doubling))
    elif doubling:
        module.set_submodule(name, _Doubling(part, dtype))


class _Doubling(nn.Module):
    """Each pixel repeated as 2 x 2, then a 3 x 3 convolution, which is 2 x 2 kernels over the pixels."""

    def __init__(self, given: nn.Conv2d, dtype: torch.dtype) -> None:
        super().__init__()
        assert given.bias is not None
        weight = places(given.weight.detach().float()).unflatten(0, (4, -1)).transpose(0, 1).flatten(0, 1)
        self.weight = weight.to(dtype=dtype, memory_format=torch.channels_last)
        self.bias = given.bias.detach().to(dtype).repeat_interleave(4)

    def forward(self, hidden: Tensor) -> Tensor:
        doubled = F.pixel_shuffle(F.conv2d(hidden, self.weight, self.bias, padding=1), 2)
        return doubled[:, :, 1:-1, 1:-1].contiguous(memory_format=torch.channels_last)


def _middle(part: Any, hidden: Tensor) -> Tensor:
    return _block(_attend(_block(hidden, part.mid.block_1), part.mid.attn_1), part.mid.block_2)


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


def in_order(hidden: Tensor, device: str) -> Tensor:
    """What a group normalisation takes on a kind of device: CUDA's demands plain memory, a CPU's is faster as it is."""
    return hidden if device == "cpu" else hidden.contiguous()


def norm_silu(hidden: Tensor, norm: nn.GroupNorm) -> Tensor:
    """silu(group normalisation), (B,C,H,W); no gradient for the normalisation's own weights."""
    answer: Tensor = _NormSilu.apply(hidden, norm.weight, norm.bias, norm.num_groups, norm.eps)
    return answer


class _NormSilu(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, hidden: Tensor, weight: Tensor, bias: Tensor, groups: int, eps: float) -> Tensor:
        count, channels, height, width = hidden.shape
        given = in_order(hidden, hidden.device.type)
        normal, mean, scale = torch.native_group_norm(given, weight, bias, count, channels, height * width, groups, eps)
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
        plain = by_group(inner.sum((2, 3)).float())  # summed in float32 inside; the sum is rounded once
        along = by_group((inner * hidden).sum((2, 3)).float())
        size = height * width * channels // groups
        slope = -scale.pow(3) * (along - mean * plain) / size
        offset = -slope * mean - scale * plain / size
        factor = by_channel(scale) * weight.float()[None, :, None, None]
        torch.addcmul(by_channel(offset).to(hidden.dtype), inner, factor.to(hidden.dtype), out=inner)
        inner.addcmul_(hidden, by_channel(slope).to(hidden.dtype))
        return inner, None, None, None, None
