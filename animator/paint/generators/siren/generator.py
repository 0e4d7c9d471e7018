"""The generator itself: see the package's docstring."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from animator.paint.generators import Draft, Latent, Moments
from animator.paint.generators.siren import Config
from animator.paint.generators.siren.camera import absorbed, faded, fold, fold_moments, reseeded, rested, slowest, split
from animator.paint.generators.siren.network import evaluate, grid
from animator.scene.motions import Matrix

DRAFT = 1.5  # pixels of a draft for each pixel of an encoder, along a side


@dataclass(frozen=True)
class Siren:
    """The generator: nothing in it is ever optimised. `size` is (width, height) in pixels."""

    config: Config
    size: tuple[int, int]
    device: torch.device
    dtype: torch.dtype = torch.float32  # of drafts
    step_size: float = 5e-3
    betas: tuple[float, float] = (0.9, 0.99)

    def init(self, seed: int, text: str = "", picture: Tensor | None = None) -> Latent:
        """See `Generator.init`. Leaves: see `initial`."""
        return {name: leaf.to(self.device) for name, leaf in initial(self.config, seed).items()}

    def decode(self, latent: Latent, draft: Draft | None = None) -> Tensor:
        """See `Generator.decode`. A draft has as many pixels as the encoders need, and at most the canvas's: what a
        step costs does not depend on the size of the film."""
        width, height = self.size
        jitter = None
        if draft is not None and self.config.draft != 0:
            side = DRAFT * draft.side if self.config.draft is None else self.config.draft
            scale = min(1.0, side / math.sqrt(width * height))
            width, height = max(1, round(width * scale)), max(1, round(height * scale))
            drawn = torch.Generator().manual_seed(draft.seed % 2**63)
            jitter = torch.rand(2, generator=drawn, dtype=torch.float64) - 0.5
        aspect = self.size[0] / self.size[1]
        like = latent["b1"]
        points = grid(width, height, aspect, jitter).to(device=like.device, dtype=like.dtype)
        colour = evaluate(latent, points, None if draft is None else self.dtype)
        return colour.transpose(1, 2).reshape(-1, 3, height, width)

    def warp(self, latent: Latent, moments: Moments | None, matrix: Matrix, seed: int) -> tuple[Latent, Moments | None]:
        """See `Generator.warp`. Affine matrices only."""
        linear, shift = split(matrix)
        latent = {name: leaf.detach() for name, leaf in latent.items()}
        if torch.equal(linear, torch.eye(2, dtype=torch.float64)) and not shift.any():
            return latent, moments
        moved = fold(latent, linear, shift)
        if moments is not None:
            moments = fold_moments(moments, linear, shift)
        if not self.config.regrow:
            return moved, moments
        moved, slow = absorbed(self.config, self.size[0] / self.size[1], moved)
        moved, fast = faded(self.config, latent, moved)
        if not bool((slow | fast).any()):
            return moved, moments
        moved = reseeded(self.config, moved, slow, fast, seed)
        return moved, None if moments is None else rested(moments, slow | fast)

    def project(self, latent: Latent) -> Latent:
        """Every latent is valid."""
        return latent


def initial(config: Config, seed: int) -> Latent:
    """Fresh leaves on the CPU, float32, drawn from `seed` alone.

    `w1` (1, 2, hidden), in radians per unit, and `b1` (1, hidden): first layer. `v2` (1, 2, hidden): the second
    layer's view of the raw coordinates. `w2` .. `wN` (1, hidden, hidden), `b2` .. `bN`; `wo` (1, hidden, 3), `bo`.
    """
    generator, hidden = torch.Generator().manual_seed(seed % 2**63), config.hidden

    def uniform(*shape: int) -> Tensor:
        return torch.rand(1, *shape, generator=generator) * 2.0 - 1.0

    slow, fast = math.log(slowest(config)), math.log(config.omega_start)
    speed, angle = (slow + (fast - slow) * (uniform(hidden) + 1.0) / 2.0).exp(), math.pi * uniform(hidden)
    latent = {"w1": torch.stack((speed * angle.cos(), speed * angle.sin()), 1), "b1": math.pi * uniform(hidden)}
    latent["v2"] = torch.zeros(1, 2, hidden)
    bound = config.omega * math.sqrt(6.0 / hidden)
    for layer in range(2, config.layers + 1):
        latent[f"w{layer}"] = bound * uniform(hidden, hidden)
        latent[f"b{layer}"] = math.pi * uniform(hidden)
    latent["w2"] *= (speed / math.exp(fast)).pow(-config.softness)[:, :, None]
    latent["w2"] *= bound / math.sqrt(3.0) / latent["w2"].std()
    latent["wo"], latent["bo"] = 0.05 * uniform(hidden, 3), torch.zeros(1, 3)  # small: the sigmoid must not saturate
    shown = torch.logit(evaluate(latent, grid(32, 32, 1.0).float()))
    latent["wo"] *= config.contrast / shown.std()
    latent["bo"] = -shown.mean(1) * config.contrast / shown.std()
    return latent
