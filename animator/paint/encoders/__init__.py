"""Encoders ("perceptors" elsewhere): pictures and texts -> unit vectors in one space.

One file is one kind. It exposes a `Config`, which is made from a `Model`, and
`build(config, device, dtype) -> Encoder`, where `dtype` is what pictures are looked at in; texts are always read in
float32. See `animator.variants` for what holds on every axis.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from animator import variants
from animator.models.store import Model

if TYPE_CHECKING:
    import torch
    from torch import Tensor


class Encoder(Protocol):
    """Frozen weights; both verbs answer rows of unit length, float32."""

    @property
    def input_size(self) -> int:
        """Side of the square pictures it looks at, in pixels."""
        ...

    def encode_image(self, pictures: Tensor) -> Tensor:
        """(N,3,S,S) in [0,1], but for added noise -> (N,D), differentiable. Mean and standard deviation live inside."""
        ...

    def encode_text(self, texts: list[str]) -> Tensor:
        """(M,D). Raises: ModelError for a text that is too long."""
        ...


def build(model: Model, device: torch.device, dtype: torch.dtype | None = None) -> Encoder:
    """The encoder of a model of the store. Raises: ModelError when it is not here, or damaged."""
    variant = variants.module("encoders", model.variant)
    built: Encoder = variant.build(variant.Config(**model.options), device, dtype)
    return built


def unit_rows(features: Tensor) -> Tensor:
    """Rows of unit length, float32."""
    from torch.nn.functional import normalize

    return normalize(features.float(), dim=-1)
