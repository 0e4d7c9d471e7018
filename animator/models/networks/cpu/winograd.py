"""Convolutions with frozen weights and fewer products, for a processor whose multiplications are what a step costs.

m x m answers of an r x r kernel are m^2 r^2 products of pixels and weights; in another basis (m + r - 1)^2 do, for
m = 4 and r = 3 a quarter. Going there and back are products with small matrices. It is done a strip of tiles at a
time, so that what lies between stays in the processor's cache. Rounding errors grow with m: of an answer's size, about
2e-6 in float32 and 2e-2 in bfloat16 with m = 4, 4e-7 and 6e-3 with m = 2.

Source: Lavin & Gray 2016; the points of least error are those of Barabasz et al. 2018.
"""

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from animator.models.networks.torch_internals import without_modes

POINTS = (0.0, 1.0, -1.0, 0.5, -2.0)
TILES = 128  # of a strip; fewer make thin products, more leave the cache


@dataclass(frozen=True)
class Form:
    """A convolution in the other basis, over pixels padded by one.

    `fold` x `fold` pixels are one cell, of as many times the channels; an answer's cell is `unfold` x `unfold` pixels,
    and with `unfold` = 2 the outermost are cut off.
    """

    inward: Tensor  # (n*n, n*n), of a tile of n x n cells
    weights: Tensor  # (n*n, channels, answers)
    outward: Tensor  # (m*m, n*n), to m x m cells
    fold: int = 1
    unfold: int = 1


def form(weight: Tensor, outputs: int, dtype: torch.dtype, fold: int = 1, unfold: int = 1) -> Form:
    """Of a weight (answers, channels, r, r), for tiles of m x m answers, m = `outputs`."""
    inward, kernel, outward = (torch.from_numpy(matrix) for matrix in basis(outputs, weight.shape[2]))
    kernel = kernel.to(weight)
    weights = torch.einsum("ax,by,ocxy->abco", kernel, kernel, weight).flatten(0, 1)
    inward, outward = (torch.kron(matrix, matrix).to(weight.device, dtype) for matrix in (inward, outward))
    return Form(inward, weights.to(dtype), outward, fold, unfold)


def basis(outputs: int, kernel: int) -> tuple[np.ndarray[Any, Any], ...]:
    """The three matrices of m = `outputs` and r = `kernel`: of a tile (n,n), a kernel (n,r), the answers (m,n)."""
    points = POINTS[: outputs + kernel - 2]
    count = len(points) + 1  # with infinity
    inward, weights, outward = np.zeros((count, count)), np.zeros((count, kernel)), np.zeros((outputs, count))
    for place, point in enumerate(points):
        others = [other for other in points if other != point]
        inward[place, :-1] = np.poly(others)[::-1]
        weights[place] = point ** np.arange(kernel) / np.prod(point - np.array(others))
        outward[:, place] = point ** np.arange(outputs)
    inward[-1], weights[-1, -1], outward[-1, -1] = np.poly(points)[::-1], 1, 1
    return inward, weights, outward


def convolve(pixels: Tensor, form: Form, bias: Tensor | None = None) -> Tensor:
    """(B,H,W,C) -> (B,H',W',answers), contiguous; H' and W' are times `unfold` and over `fold`."""
    answer: Tensor = convolution(pixels, form.inward, form.weights, form.outward, bias, form.fold, form.unfold)
    return answer


@torch.library.custom_op("animator::winograd", mutates_args=())  # one operation to whoever counts and measures
def convolution(
    pixels: Tensor, inward: Tensor, weights: Tensor, outward: Tensor, bias: Tensor | None, fold: int, unfold: int
) -> Tensor:
    """`convolve`, with the form's parts."""
    tile, step, down, across = layout(pixels.shape, inward.shape, outward.shape, fold)
    answers = weights.shape[2] // unfold**2
    answer = pixels.new_empty(len(pixels), down, step, unfold, across, step, unfold, answers)
    strip = max(1, TILES // across)
    for picture, drawn in zip(pixels, answer, strict=True):
        for first in range(0, down, strip):
            place = drawn[first : first + strip]
            height, width = (count * step + tile - step for count in (len(place), across))
            cells = _cells(picture, first * step, height, width, fold)
            line, cell, _ = cells.stride()
            tiles = cells.as_strided(
                (tile, tile, len(place), across, cells.shape[2]), (line, cell, step * line, step * cell, 1)
            )
            left = torch.mm(inward, tiles.reshape(tile * tile, -1))
            products = torch.bmm(left.view(tile * tile, len(place) * across, -1), weights)
            cells = torch.mm(outward, products.flatten(1))
            cells = cells.view(step, step, len(place), across, unfold, unfold, answers).permute(2, 0, 4, 3, 1, 5, 6)
            place.copy_(cells) if bias is None else torch.add(cells, bias, out=place)
    whole = answer.view(len(pixels), down * step * unfold, across * step * unfold, answers)
    height, width = (edge * unfold // fold for edge in pixels.shape[1:3])
    inside: Tensor = whole[:, unfold - 1 :, unfold - 1 :][:, :height, :width].contiguous()
    return inside


@convolution.register_fake
def _(
    pixels: Tensor, inward: Tensor, weights: Tensor, outward: Tensor, bias: Tensor | None, fold: int, unfold: int
) -> Tensor:
    height, width = (edge * unfold // fold for edge in pixels.shape[1:3])
    return pixels.new_empty(len(pixels), height, width, weights.shape[2] // unfold**2)


def layout(pixels: Sequence[int], inward: Sequence[int], outward: Sequence[int], fold: int) -> tuple[int, ...]:
    """n, m, and how many tiles are below each other and side by side; of shapes."""
    tile, step = (round(matrix[0] ** 0.5) for matrix in (inward, outward))
    down, across = (-(-((edge + 2) // fold - tile + step) // step) for edge in pixels[1:3])
    return tile, step, down, across


def _cells(picture: Tensor, first: int, count: int, across: int, fold: int) -> Tensor:
    """`count` lines of `across` cells, from line `first` on, of a picture (H,W,C) with a border of zeros."""
    height, width = picture.shape[:2]
    top, bottom = first * fold - 1, (first + count) * fold - 1
    inside = picture[max(top, 0) : min(bottom, height)]
    lines: Tensor = F.pad(inside, (0, 0, 1, across * fold - width - 1, max(-top, 0), max(bottom - height, 0)))
    if fold > 1:
        lines = lines.unflatten(1, (across, fold)).unflatten(0, (count, fold)).transpose(1, 2).flatten(2)
    return lines


class Convolution(nn.Module):
    """A frozen 3 x 3 convolution with padding, or, `doubling`, one that follows on repeating each pixel as 2 x 2."""

    def __init__(self, given: nn.Conv2d, outputs: int, dtype: torch.dtype, doubling: bool = False) -> None:
        super().__init__()
        assert given.bias is not None
        weight, self.outputs, self.scale = given.weight.detach().float(), outputs, 2 if doubling else 1
        self.weight, self.bias = places(weight) if doubling else weight, given.bias.detach().to(dtype)
        self.forth = form(self.weight, outputs, dtype, unfold=self.scale)

    @functools.cached_property
    def back(self) -> Form:
        """Of the gradient, which is a convolution with the kernel turned by half. Made when a gradient is first asked
        for: of float32 frames it seldom is."""
        with without_modes():  # it stays, and so must be real while a step is tried with shapes alone
            turned = self.weight.transpose(0, 1).flip(2, 3)
            return form(turned, self.outputs, self.bias.dtype, fold=self.scale)

    def forward(self, hidden: Tensor) -> Tensor:
        """(B,C,H,W) -> (B,answers,H,W), or twice as high and wide; in channels-last memory."""
        answer: Tensor = _Convolve.apply(hidden, self)
        return answer


class _Convolve(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, hidden: Tensor, convolution: Convolution) -> Tensor:
        ctx.convolution = convolution
        return convolve(_channels_last(hidden), convolution.forth, convolution.bias).permute(0, 3, 1, 2)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        return convolve(_channels_last(gradients[0]), ctx.convolution.back).permute(0, 3, 1, 2), None


def _channels_last(hidden: Tensor) -> Tensor:
    return hidden.permute(0, 2, 3, 1).contiguous()


def places(weight: Tensor) -> Tensor:
    """3 x 3 kernels (answers, channels, 3, 3) over repeated pixels -> 2 x 2 kernels (4 answers, channels, 2, 2) over
    the pixels, one for each place in a doubled pixel: five of the nine products are of equal pixels.

    Odd places come before even ones, as the first two pixels of a padded picture are the border's odd one and the
    first even one.
    """
    rows = _pair(weight, 2)
    return torch.stack([kernel for row in rows for kernel in _pair(row, 3)]).flatten(0, 1)


def _pair(weight: Tensor, axis: int) -> tuple[Tensor, Tensor]:
    low, middle, high = weight.unbind(axis)
    even, odd = torch.stack((low, middle + high), axis), torch.stack((low + middle, high), axis)
    return odd, even
