"""The picture towers of OpenAI's CLIPs as a renderer needs them: frozen, with gradients for pixels alone.

The ResNets are the package's own, their batch normalisation folded into the convolutions. The forward pass of the
vision transformer is written anew: of its last block only the class token's row is read, so only that is computed; and
on a CPU, attention over a few dozen tokens is two plain products, whose backward pass is faster than the fused one's.

Source: Radford et al. 2021; `clip.model` of the package openai-clip.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from animator.models.networks.cpu import packed

Tower = Callable[[Tensor], Tensor]
"""Normalised pictures (N,3,S,S) -> embeddings (N,D), of any length."""

GELU = 1.702  # of OpenAI's quick GELU, x * sigmoid(1.702 x)
SHORT = 256  # tokens; longer sequences go to the fused attention on every device


def frozen(visual: Any, dtype: torch.dtype) -> Tower:
    """The tower of a CLIP's `visual`, computed in `dtype`. The module itself is changed: do not use it any more."""
    if hasattr(visual, "transformer"):
        return _vision_transformer(visual, dtype)
    return _resnet(visual, dtype)


def _resnet(visual: Any, dtype: torch.dtype) -> Tower:
    _fold(visual)
    tower = visual.to(dtype=dtype, memory_format=torch.channels_last)

    def look(pictures: Tensor) -> Tensor:
        embeddings: Tensor = tower(pictures.to(dtype=dtype, memory_format=torch.channels_last))
        return embeddings

    return look


def _fold(module: Any) -> None:
    """Join each batch normalisation with the convolution before it, all the way down."""
    for name, part in list(module.named_children()):
        _fold(part)
        number = name.removeprefix("bn") if name.startswith("bn") else ""
        convolution = f"conv{number}" if number else "0" if isinstance(part, nn.BatchNorm2d) else ""
        if convolution:
            setattr(module, convolution, fuse_conv_bn_eval(getattr(module, convolution), part))
            setattr(module, name, nn.Identity())


class _Affine(NamedTuple):
    weight: Tensor
    bias: Tensor


class _Block(NamedTuple):
    norm_1: _Affine
    attention: tuple[nn.Module, ...]  # queries, keys and values as one, or queries, and keys and values
    out: nn.Module
    norm_2: _Affine
    widen: nn.Module
    narrow: nn.Module


@dataclass(frozen=True)
class _VisionTransformer:
    patch: int
    heads: int
    dtype: torch.dtype
    embed: nn.Module  # 3 * patch * patch -> width
    first: Tensor  # (1, width): the class token in its place
    places: Tensor  # (patches, width)
    norm_before: _Affine
    blocks: tuple[_Block, ...]
    norm_after: _Affine
    projection: Tensor | None  # (width, D)

    def __call__(self, pictures: Tensor) -> Tensor:
        count, side = len(pictures), pictures.shape[-1] // self.patch
        pixels = side * self.patch
        cells = pictures[..., :pixels, :pixels].to(self.dtype).unflatten(3, (side, -1)).unflatten(2, (side, -1))
        tokens = self.embed(cells.permute(0, 2, 4, 1, 3, 5).flatten(3).flatten(1, 2)) + self.places
        tokens = _normal(torch.cat([self.first.expand(count, 1, -1), tokens], 1), self.norm_before)
        for block in self.blocks[:-1]:
            tokens = self._through(block, tokens, tokens.shape[1])
        seen = _normal(self._through(self.blocks[-1], tokens, 1)[:, 0], self.norm_after)
        return seen if self.projection is None else seen @ self.projection

    def _through(self, block: _Block, tokens: Tensor, wanted: int) -> Tensor:
        """The first `wanted` rows of what a block makes of all tokens (N,L,width)."""
        normal = _normal(tokens, block.norm_1)
        if wanted == tokens.shape[1]:
            (joined,) = block.attention
            query, key, value = joined(normal).chunk(3, -1)
        else:
            of_first, of_all = block.attention
            query = of_first(normal[:, :wanted].contiguous())  # or each picture's row would be a product of its own
            key, value = of_all(normal).chunk(2, -1)
        tokens = tokens[:, :wanted] + block.out(self._attend(query, key, value))
        inner = F.silu(block.widen(_normal(tokens, block.norm_2)))
        through: Tensor = tokens + block.narrow(inner)
        return through

    def _attend(self, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        query, key, value = (part.unflatten(-1, (self.heads, -1)).transpose(1, 2) for part in (query, key, value))
        if query.device.type == "cpu" and key.shape[2] <= SHORT:
            shares = (query @ key.mT).softmax(-1)  # the scale is in the queries' weights
            seen = shares @ value
        else:
            seen = F.scaled_dot_product_attention(query, key, value, scale=1.0)
        return seen.transpose(1, 2).flatten(2)


def _normal(tokens: Tensor, affine: _Affine) -> Tensor:
    return F.layer_norm(tokens, tokens.shape[-1:], *affine)


def _vision_transformer(visual: Any, dtype: torch.dtype) -> _VisionTransformer:
    def cast(tensor: Tensor) -> Tensor:
        return tensor.detach().to(dtype)

    def affine(part: Any) -> _Affine:
        return _Affine(cast(part.weight), cast(part.bias))

    def linear(weight: Tensor, bias: Tensor) -> nn.Module:
        return packed.linear(cast(weight), cast(bias))

    def block(part: Any, last: bool) -> _Block:
        # Two constants that would be passes over all tokens go into weights: attention's scale into the queries', and
        # quick GELU(x) = silu(1.702 x) / 1.702, which is one pass where the formula as written is three
        attention, mlp = part.attn, part.mlp
        width = attention.embed_dim
        scale = torch.ones_like(attention.in_proj_bias)
        scale[:width] = (width // attention.num_heads) ** -0.5
        weight, bias = attention.in_proj_weight * scale[:, None], attention.in_proj_bias * scale
        spans = (slice(width), slice(width, None)) if last else (slice(None),)
        return _Block(
            norm_1=affine(part.ln_1),
            attention=tuple(linear(weight[span], bias[span]) for span in spans),
            out=linear(attention.out_proj.weight, attention.out_proj.bias),
            norm_2=affine(part.ln_2),
            widen=linear(mlp.c_fc.weight * GELU, mlp.c_fc.bias * GELU),
            narrow=linear(mlp.c_proj.weight / GELU, mlp.c_proj.bias),
        )

    places, blocks = visual.positional_embedding, list(visual.transformer.resblocks)
    return _VisionTransformer(
        patch=visual.conv1.weight.shape[-1],
        heads=blocks[0].attn.num_heads,
        dtype=dtype,
        embed=packed.linear(cast(visual.conv1.weight.flatten(1)), None),
        first=cast((visual.class_embedding + places[0])[None]),
        places=cast(places[1:]),
        norm_before=affine(visual.ln_pre),
        blocks=tuple(block(part, part is blocks[-1]) for part in blocks),
        norm_after=affine(visual.ln_post),
        projection=None if visual.proj is None else cast(visual.proj),
    )
