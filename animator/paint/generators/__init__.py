"""Generators: a picture as a dictionary of tensors that an optimiser can move.

One file, or one folder, is one generator. It exposes a `Config` and `build(config, size, device, dtype) -> Generator`,
where `size` is (width, height) in pixels and `dtype` what steps are computed in; a scene names the file. See
`animator.variants` for what holds on every axis.

A generator owns only what is frozen. Everything that a frame hands to the next is in two values that the loop
holds: the latent, and Adam's two moments. So a warm start is passing them on, and a checkpoint is saving them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

from animator import variants
from animator.scene.choices import Painter
from animator.scene.motions import Matrix

if TYPE_CHECKING:
    import torch
    from torch import Tensor

Latent = dict[str, "Tensor"]
"""The optimised leaves and nothing else; each has a leading batch dimension B (1, unless shots are batched)."""


class Moments(NamedTuple):
    """Adam's running means of the gradient and of its square; both have the latent's keys and shapes."""

    first: Latent
    second: Latent


SIDE = 64  # pixels of an encoder's pictures, where no encoder looks


class Draft(NamedTuple):
    """A look at a picture for one optimiser step."""

    seed: int
    side: int = SIDE  # of the pictures that the encoders look at, in pixels


class Generator(Protocol):
    """What the frame loop needs to know of a picture."""

    @property
    def step_size(self) -> float:
        """Adam's step where a scene's step size is 1."""
        ...

    @property
    def betas(self) -> tuple[float, float]:
        """How long Adam's two moments remember."""
        ...

    def init(self, seed: int, text: str = "", picture: Tensor | None = None) -> Latent:
        """The picture a film starts from: soft, mid-grey, of low contrast, with something at every scale.

        `text` is what the first frame is to show, for a generator that was told to begin with a picture of it. With a
        `picture` (1,3,H,W), as near to it as this generator comes at once; the caller fits it from there.
        The same seed gives the same tensors on every device (they are drawn on the CPU). Leaves are detached
        and do not require gradients: the optimiser switches that on.
        """
        ...

    def decode(self, latent: Latent, draft: Draft | None = None) -> Tensor:
        """The picture, (B, 3, H, W) in [0, 1], differentiable in every leaf, row 0 at the top.

        `draft=None`: the frame as it is written, at the canvas size and in float32. Else a look for one optimiser
        step, in whatever precision the generator was built for. A generator whose picture exists at every size may
        then answer with fewer pixels, on a grid shifted by a sub-pixel jitter drawn from the draft's seed, so that no
        pixel position is ever fitted twice; one with a fixed raster answers at that. Callers read the size off the
        answer. No global random state is touched.
        """
        ...

    def warp(self, latent: Latent, moments: Moments | None, matrix: Matrix, seed: int) -> tuple[Latent, Moments | None]:
        """The camera moved: new(x) = old(M x), for the picture's state and for the optimiser's at once.

        Coordinates are isotropic: origin in the frame's centre, x right, y down, the frame spans +-sqrt(w/h) in
        x and +-sqrt(h/w) in y (its area is 4), so that a similarity keeps shapes at every aspect ratio. `seed` is
        for whatever must be drawn anew. `moments=None` (a fresh optimiser) answers None. The identity changes
        nothing. Inputs are not modified; the outputs are detached, and share no memory with leaves that changed.

        Latent and moments move in one call because what a generator retires and draws anew under a camera move
        must be the same in both: two calls would decide twice, the second time on a latent already moved.

        Raises: ValueError for a matrix that is singular, not finite, or of a kind this generator cannot follow.
        """
        ...

    def project(self, latent: Latent) -> Latent:
        """The nearest latent that the generator is meant for (VQGAN: inside the codebook's range).

        Called after every optimiser step, outside of autograd. The identity where every latent is valid.
        """
        ...


def build(painter: Painter, size: tuple[int, int], device: torch.device, dtype: torch.dtype | None = None) -> Generator:
    """The generator that a scene names, with its options. Raises: ModelError."""
    built: Generator = variants.module("generators", painter.type).build(painter.config, size, device, dtype)
    return built
