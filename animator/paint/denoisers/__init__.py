"""Denoisers: pictures with noise, and a text that says what they show -> the pictures without noise.

One file is one kind. It exposes a `Config`, which is made from a `Model`, and `build(config, device) -> Denoiser`. See
`animator.variants` for what holds on every axis.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from animator import variants
from animator.models.store import Model

if TYPE_CHECKING:
    import torch
    from torch import Tensor


@dataclass(frozen=True)
class Steps:
    """In how many steps noise is taken away: from a picture that is nothing but noise, from one that was painted
    before, and in frames behind the first."""

    first: int
    then: int
    later: int


class Denoiser(Protocol):
    """Frozen weights. No method has a gradient. One that reads texts itself is a `Reader`, too, and one that draws is a
    `Drawer`."""

    size: int  # shorter side of the pictures that it knows, in pixels
    draws: bool  # whether it is a `Drawer`
    cell: int  # sides are multiples of this
    spread: float  # standard deviation of what noise is added to: noise of that level is as loud as the picture
    steps: Steps
    reads: str  # the encoder whose embeddings of texts it learnt from; empty where it reads texts itself

    def encode(self, pictures: Tensor) -> Tensor:
        """Pictures (B,3,H,W) in [0,1] -> what noise is added to: they themselves, or their latents."""
        ...

    def denoise(self, noisy: Tensor, level: float, texts: Tensor, guidance: float, seed: int) -> Tensor:
        """What is there without noise of a standard deviation of `level`. `texts` are unit rows (B,D), and count
        `guidance` times over; 1 is as they were learnt. `seed` is for one that draws."""
        ...

    def decode(self, clean: Tensor) -> Tensor:
        """Pictures (B,3,H,W) in [0,1]."""
        ...


class Reader(Denoiser, Protocol):
    """A denoiser that reads texts itself."""

    def encode_text(self, texts: list[str]) -> Tensor:
        """Unit rows (N,D)."""
        ...


class Drawer(Denoiser, Protocol):
    """A denoiser that draws squares, cell by cell."""

    def extend(self, square: Tensor, cells: tuple[int, int], text: Tensor, seed: int) -> Tensor:
        """A square (1,D,S,S) of what `denoise` answers, with more on two sides (1,D,rows,columns), for a text (1,D).
        One of `cells`, rows and columns, is S."""
        ...


def build(model: Model, device: torch.device) -> Denoiser:
    """The denoiser of a model of the store. Raises: ModelError when it is not here, or damaged."""
    variant = variants.module("denoisers", model.variant)
    built: Denoiser = variant.build(variant.Config(weights=str(model.weights)), device)
    return built
