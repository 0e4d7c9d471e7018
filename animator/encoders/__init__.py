"""Encoders ("perceptors" elsewhere): pictures and texts -> unit vectors in one space.

One file is one kind. It exposes a frozen pydantic `Config` and `build(config, device, dtype) -> Encoder`, where
`dtype` is what pictures are looked at in; texts are always read in float32.
"""

from typing import Protocol

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
