"""SIREN: the picture is a small network of sines from a point of the plane to a colour."""

import math
from dataclasses import dataclass

import torch
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor
from torch.autograd.function import FunctionCtx, once_differentiable

from animator.generators import Latent, Matrix, Moments

TAU = 2.0 * math.pi
REACH = 1.05
"""Absorption is fitted on a frame this much larger on each side, so that a small pan stays inside."""
FASTEST = 2.0
"""Units faster than this many times `omega_first` are being zoomed out of, and fade."""
PIECE = 4096
"""Points that go through the network at a time on a CPU."""
FIT_SIDE = 24
"""Points along each side of the grid on which absorption is fitted."""


class Config(BaseModel):
    """Options of the SIREN generator."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    layers: int = Field(4, ge=2, le=12, description="sine layers (count)")
    hidden: int = Field(128, ge=8, le=2048, description="units in each layer (count)")
    omega_first: float = Field(
        40.0, gt=0, le=2000, description="fastest first-layer unit at birth (radians per half frame side)"
    )
    omega_slow: float = Field(
        1.0, gt=0, le=2000, description="slowest first-layer unit kept under zoom (radians per half frame side)"
    )
    omega: float = Field(1.0, gt=0, le=10, description="gain of the layers after the first (1 = SIREN's own)")
    contrast: float = Field(0.5, ge=0, le=10, description="spread of the first picture before the sigmoid")
    draft: int = Field(
        128, ge=0, le=4096, description="geometric-mean side of an optimiser step's grid (pixels; 0 = the canvas)"
    )
    regrow: bool = Field(True, description="replace units that the camera left behind (yes or no)")
    tolerance: float = Field(
        0.004, ge=0, le=1, description="largest change of a second-layer phase when a unit is absorbed (radians)"
    )


@dataclass(frozen=True)
class Siren:
    """The generator: nothing in it is ever optimised. `size` is (width, height) in pixels."""

    config: Config
    size: tuple[int, int]
    device: torch.device
    step_size: float = 5e-3
    betas: tuple[float, float] = (0.9, 0.99)

    def init(self, seed: int) -> Latent:
        """See `Generator.init`. Leaves: see `initial`."""
        return {name: leaf.to(self.device) for name, leaf in initial(self.config, seed).items()}

    def decode(self, latent: Latent, draft: int | None = None) -> Tensor:
        """See `Generator.decode`. A draft has about `config.draft` pixels a side, and at most the canvas's."""
        width, height = self.size
        jitter = (0.0, 0.0)
        if draft is not None and self.config.draft > 0:
            scale = min(1.0, self.config.draft / math.sqrt(width * height))
            width, height = max(1, round(width * scale)), max(1, round(height * scale))
            drawn = torch.rand(2, generator=torch.Generator().manual_seed(draft % 2**63), dtype=torch.float64)
            jitter = (float(drawn[0]) - 0.5, float(drawn[1]) - 0.5)
        aspect = self.size[0] / self.size[1]
        like = latent["b1"]
        points = grid(width, height, aspect, jitter).to(device=like.device, dtype=like.dtype)
        colour = evaluate(latent, points)
        return colour.transpose(1, 2).unflatten(2, (height, width)).contiguous()

    def warp(
        self, latent: Latent, moments: Moments | None, matrix: Matrix, seed: int
    ) -> tuple[Latent, Moments | None]:
        """See `Generator.warp`. Affine matrices only."""
        linear, shift = split(matrix)
        latent = {name: leaf.detach() for name, leaf in latent.items()}
        if torch.equal(linear, torch.eye(2, dtype=torch.float64)) and not shift.any():
            return latent, moments
        latent = fold(latent, linear, shift)
        if moments is not None:
            moments = fold_moments(moments, linear, shift)
        if not self.config.regrow:
            return latent, moments
        return regrown(self.config, self.size[0] / self.size[1], latent, moments, seed)

    def project(self, latent: Latent) -> Latent:
        """Every latent is valid."""
        return latent


def build(config: Config, size: tuple[int, int], device: torch.device) -> Siren:
    """The generator for one canvas, (width, height) in pixels."""
    return Siren(config, size, device)


def initial(config: Config, seed: int) -> Latent:
    """Fresh leaves on the CPU, float32, drawn from `seed` alone.

    `w1` (1, 2, hidden), in radians per unit, and `b1` (1, hidden): first layer. `v2` (1, 2, hidden): the second
    layer's view of the raw coordinates. `w2` .. `wN` (1, hidden, hidden), `b2` .. `bN`; `wo` (1, hidden, 3), `bo`.
    """
    generator = torch.Generator().manual_seed(seed % 2**63)
    hidden = config.hidden

    def uniform(*shape: int) -> Tensor:
        return torch.rand(1, *shape, generator=generator) * 2.0 - 1.0

    slow, fast = math.log(min(config.omega_slow, config.omega_first)), math.log(config.omega_first)
    speed = torch.exp(slow + (fast - slow) * torch.rand(1, hidden, generator=generator))
    angle = math.pi * uniform(hidden)
    latent = {"w1": torch.stack((speed * angle.cos(), speed * angle.sin()), 1), "b1": math.pi * uniform(hidden)}
    latent["v2"] = torch.zeros(1, 2, hidden)
    bound = config.omega * math.sqrt(6.0 / hidden)
    for layer in range(2, config.layers + 1):
        latent[f"w{layer}"] = bound * uniform(hidden, hidden)
        latent[f"b{layer}"] = math.pi * uniform(hidden)
    latent["wo"] = config.contrast * math.sqrt(6.0 / hidden) * uniform(hidden, 3)
    latent["bo"] = torch.zeros(1, 3)
    return latent


def grid(width: int, height: int, aspect: float, jitter: tuple[float, float] = (0.0, 0.0)) -> Tensor:
    """Pixel centres, (height * width, 2) as (x, y), float64, rows from the top. `jitter` is in pixels."""
    reach_x, reach_y = math.sqrt(aspect), math.sqrt(1.0 / aspect)
    x = ((torch.arange(width, dtype=torch.float64) + 0.5 + jitter[0]) / width * 2.0 - 1.0) * reach_x
    y = ((torch.arange(height, dtype=torch.float64) + 0.5 + jitter[1]) / height * 2.0 - 1.0) * reach_y
    return torch.stack((x.repeat(height), y.repeat_interleave(width)), 1)


def evaluate(latent: Latent, points: Tensor) -> Tensor:
    """Colours in [0, 1], (B, P, 3), at points (P, 2) of the plane.

    On a CPU the points go through in pieces that stay in its cache: a third faster, for the same result.
    """
    pieces = points.split(PIECE) if points.device.type == "cpu" else (points,)
    return torch.cat([network(latent, piece) for piece in pieces], 1)


def network(latent: Latent, points: Tensor) -> Tensor:
    """The network itself: one matmul and one sine a layer. Points (P, 2) to colours (B, P, 3) in [0, 1]."""
    where = points.expand(latent["b1"].shape[0], -1, -1)
    wave = sine(torch.baddbmm(latent["b1"][:, None], where, latent["w1"]))
    phase = torch.baddbmm(torch.baddbmm(latent["b2"][:, None], where, latent["v2"]), wave, latent["w2"])
    layer = 3
    while f"w{layer}" in latent:
        phase = torch.baddbmm(latent[f"b{layer}"][:, None], sine(phase), latent[f"w{layer}"])
        layer += 1
    return torch.baddbmm(latent["bo"][:, None], sine(phase), latent["wo"]).sigmoid()


class Sine(torch.autograd.Function):
    """A sine whose derivative takes one buffer less than torch's own, which is bound by memory."""

    @staticmethod
    def forward(ctx: FunctionCtx, phase: Tensor) -> Tensor:
        ctx.save_for_backward(phase)
        return phase.sin()

    @staticmethod
    @once_differentiable
    def backward(ctx: FunctionCtx, above: Tensor) -> Tensor:
        (phase,) = ctx.saved_tensors
        return phase.cos().mul_(above)


def sine(phase: Tensor) -> Tensor:
    """`torch.sin`, once differentiable."""
    return Sine.apply(phase)


def split(matrix: Matrix) -> tuple[Tensor, Tensor]:
    """The linear part (2, 2) and the shift (2,) of an affine matrix, float64.

    Raises: ValueError if the matrix is not affine, not finite or not invertible.
    """
    whole = torch.tensor(matrix, dtype=torch.float64)
    if whole.shape != (3, 3) or not bool(whole.isfinite().all()):
        raise ValueError(f"a camera matrix is 3x3 and finite, this is {matrix}")
    if tuple(matrix[2]) != (0.0, 0.0, 1.0):
        raise ValueError(f"a SIREN follows affine cameras only, the last row of this one is {matrix[2]}")
    linear, shift = whole[:2, :2], whole[:2, 2]
    if abs(float(torch.linalg.det(linear))) < 1e-12:
        raise ValueError(f"this camera matrix is singular: {matrix}")
    return linear, shift


def wrapped(phase: Tensor) -> Tensor:
    """The same angle in [-pi, pi]."""
    return phase - TAU * torch.round(phase / TAU)


def fold(latent: Latent, linear: Tensor, shift: Tensor) -> Latent:
    """The same picture seen through x -> linear x + shift, exactly: only four leaves change, no pixel is read."""
    moved = dict(latent)
    for weight, bias in (("w1", "b1"), ("v2", "b2")):
        old = latent[weight].double()
        across, by = linear.to(old.device), shift.to(old.device)
        moved[weight] = torch.einsum("ji,bjh->bih", across, old).to(latent[weight].dtype)
        moved[bias] = wrapped(latent[bias].double() + torch.einsum("j,bjh->bh", by, old)).to(latent[bias].dtype)
    return moved


def fold_moments(moments: Moments, linear: Tensor, shift: Tensor) -> Moments:
    """Adam's moments in the folded leaves' coordinates.

    With w' = A'w and b' = b + t.w, a gradient moves by the inverse transpose: dw' = A^-1 (dw - t db), db' = db.
    Second moments move as variances of independent entries do.
    """
    first, second = dict(moments.first), dict(moments.second)
    for weight, bias in (("w1", "b1"), ("v2", "b2")):
        mean, spread = moments.first[weight].double(), moments.second[weight].double()
        back, by = torch.linalg.inv(linear).to(mean.device), shift.to(mean.device)[None, :, None]
        mean = mean - by * moments.first[bias].double()[:, None]
        spread = spread + by.square() * moments.second[bias].double()[:, None]
        first[weight] = torch.einsum("ij,bjh->bih", back, mean).to(first[weight].dtype)
        second[weight] = torch.einsum("ij,bjh->bih", back.square(), spread).to(second[weight].dtype)
    return Moments(first, second)


def regrown(
    config: Config, aspect: float, latent: Latent, moments: Moments | None, seed: int
) -> tuple[Latent, Moments | None]:
    """The same picture with the units that the camera left behind absorbed or faded, and drawn anew."""
    latent, slow = absorbed(config, aspect, latent)
    latent, fast = faded(config, latent)
    if not bool((slow | fast).any()):
        return latent, moments
    latent = reseeded(config, latent, slow, fast, seed)
    return latent, None if moments is None else rested(moments, slow | fast)


def absorbed(config: Config, aspect: float, latent: Latent) -> tuple[Latent, Tensor]:
    """Units too slow to be worth their place, rewritten as a mix of the others; and which they were, (B, hidden).

    Over one frame a slow sine is nearly a mix of 1, x, y and the units that stay. The mix is a ridge regression on
    a coarse grid; it goes into the second layer's `w2`, `v2`, `b2`. A unit is absorbed only if no second-layer phase
    moves by more than `config.tolerance` anywhere on the grid; otherwise it stays, and is slower the next time.
    """
    gone = torch.zeros_like(latent["b1"], dtype=torch.bool)
    speed = latent["w1"].double().norm(dim=1)
    points = (REACH * grid(FIT_SIDE, FIT_SIDE, aspect)).to(gone.device)
    moved = {name: leaf.clone() for name, leaf in latent.items()}
    for shot in range(gone.shape[0]):
        slow = (speed[shot] < config.omega_slow).nonzero()[:, 0]
        if not len(slow):
            continue
        stay = (speed[shot] >= config.omega_slow).nonzero()[:, 0]
        wave = torch.sin(points @ latent["w1"][shot].double() + latent["b1"][shot].double())
        basis = torch.cat((torch.ones_like(points[:, :1]), points, wave[:, stay]), 1)
        normal = basis.T @ basis
        normal.diagonal().add_(1e-6 * len(points))
        mix = torch.linalg.solve(normal, basis.T @ wave[:, slow])
        miss = (basis @ mix - wave[:, slow]).abs().amax(0)
        out = latent["w2"][shot].double()
        fits = miss * out[slow].abs().amax(1) <= config.tolerance
        slow, mix = slow[fits], mix[:, fits] @ out[slow[fits]]
        gone[shot, slow] = True
        moved["b2"][shot] = wrapped(latent["b2"][shot].double() + mix[0]).to(moved["b2"].dtype)
        moved["v2"][shot] += mix[1:3].to(moved["v2"].dtype)
        moved["w2"][shot, stay] += mix[3:].to(moved["w2"].dtype)
        moved["w2"][shot, slow] = 0.0
    return moved, gone


def faded(config: Config, latent: Latent) -> tuple[Latent, Tensor]:
    """Zooming out makes units faster than a frame can show: they fade over one octave, then are given up.

    Also holds `v2` to the same limit. Answers the latent and which units were given up, (B, hidden).
    """
    speed = latent["w1"].norm(dim=1)
    over = speed / (FASTEST * config.omega_first)
    moved = dict(latent)
    moved["w2"] = latent["w2"] * torch.where(over > 1.0, 0.9, 1.0)[:, :, None]
    steep = latent["v2"].norm(dim=1, keepdim=True) / config.omega_first
    moved["v2"] = latent["v2"] / steep.clamp(min=1.0)
    return moved, over > 2.0


def reseeded(config: Config, latent: Latent, slow: Tensor, fast: Tensor, seed: int) -> Latent:
    """New first-layer units that nothing listens to yet: where slow ones went, fast; where fast ones went, slow."""
    shape = latent["b1"].shape
    generator = torch.Generator().manual_seed(seed % 2**63)
    drawn = torch.rand(3, *shape, generator=generator).to(slow.device, latent["b1"].dtype)
    octave = 2.0 ** -drawn[0]
    speed = torch.where(slow, config.omega_first * octave, config.omega_slow / octave)
    angle, phase = TAU * drawn[1], TAU * drawn[2] - math.pi
    new = slow | fast
    moved = dict(latent)
    direction = torch.stack((speed * angle.cos(), speed * angle.sin()), 1)
    moved["w1"] = torch.where(new[:, None], direction, latent["w1"])
    moved["b1"] = torch.where(new, phase, latent["b1"])
    moved["w2"] = torch.where(new[:, :, None], 0.0, latent["w2"])
    return moved


def rested(moments: Moments, new: Tensor) -> Moments:
    """Moments in which new units have no momentum, and the mean squared gradient of their layer.

    Zero squared gradients would make Adam's first steps of a new unit many times too long.
    """
    first, second = dict(moments.first), dict(moments.second)
    for name, where in (("w1", new[:, None]), ("b1", new), ("w2", new[:, :, None])):
        typical = second[name].mean(dim=tuple(range(1, second[name].dim())), keepdim=True)
        first[name] = torch.where(where, 0.0, first[name])
        second[name] = torch.where(where, typical, second[name])
    return Moments(first, second)
