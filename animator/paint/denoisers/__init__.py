"""Denoisers: small pictures with noise, and what they should show -> the same without noise.

One file is one kind. It exposes a `Config`, which is made from a `Model`, and `build(config, device) -> Denoiser`. See
`animator.variants` for what holds on every axis.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from animator import variants
from animator.models.store import Model

if TYPE_CHECKING:
    import torch
    from torch import Tensor


class Denoiser(Protocol):
    """Frozen weights."""

    @property
    def size(self) -> int:
        """Side of the square pictures that it knows, in pixels."""
        ...

    @property
    def reads(self) -> str:
        """The encoder whose text embeddings it learnt from."""
        ...

    def denoise(self, noisy: Tensor, level: float, texts: Tensor | None) -> Tensor:
        """Pictures (B,3,S,S) in [-1,1] from ones with noise of a standard deviation of `level`. `texts` are unit rows
        (B,D); without them, pictures of anything. No gradient."""
        ...


def build(model: Model, device: torch.device) -> Denoiser:
    """The denoiser of a model of the store. Raises: ModelError when it is not here, or damaged."""
    variant = variants.module("denoisers", "pocket")
    built: Denoiser = variant.build(variant.Config(weights=str(model.weights)), device)
    return built
