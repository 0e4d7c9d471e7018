"""SIREN: the picture is a small network of sines from a point of the plane to a colour.

The camera is folded into the first layer and into the second layer's view of the coordinates (`v2`): no pixel is
resampled. A zoom slows every unit down; slow ones are rewritten as a mix of others, and drawn anew, fast and silent.
Tried: 3% a frame, 5 steps, 96 x 96, one seed, tolerance 0.004, softness 0, towards a world as `bench.zoom` has.
Fine power kept since frame 20, and the worst warp in 1/255:

    omega_first 40: nothing regrown 0.00, 0.0; slow units drawn anew, not absorbed 0.07, 65; then 10 steps of refit
      0.20, 26; absorbed into 1, x, y alone 0.03, 0.7; into the other units too 0.10, 0.05 (all: after 200 frames)
    omega_first 40, 80, 120, 160, absorbed: 0.21, 0.39, 0.65, 0.90 (after 120 frames; so are the next)
    omega_first 120, omega_slow 1, 2: loss 0.224, 0.209. At 2, betas .9 .99, .9 .999, .8 .95: 0.209, 0.218, 0.205
    absorption fitted on a 24 x 24 lattice, where fast units alias, and on scattered points: 1.36, 0.03 of 255

Source: Sitzmann et al., "Implicit Neural Representations with Periodic Activation Functions" (2020).
Differs: log-uniform frequencies, as a zoom has no favourite scale; omega is inside the weights; `v2`.
"""

import math
from dataclasses import dataclass

import torch
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor

from animator.generators import Draft, Latent, Matrix, Moments
from animator.generators._sines import evaluate, grid

TAU = 2.0 * math.pi
DRAFT = 1.5  # pixels of a draft for each pixel of an encoder, along a side
FASTEST = 0.7  # units faster than this many times `omega_first` are being zoomed out of, and fade over an octave
NEAR = 8.0  # absorbed units are rewritten by units up to this many times `omega_slow`
FIT_POINTS = 1024  # that absorption is fitted on
REACH = 1.05  # of the frame that they cover: past its edge, so that a small pan stays inside


class Config(BaseModel):
    """Options of the SIREN generator."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    layers: int = Field(4, ge=2, le=64, description="sine layers (count)")
    hidden: int = Field(128, ge=8, le=2048, description="units in each layer (count)")
    omega_first: float = Field(100.0, gt=0, le=2000, description="fastest unit born in a zoom (radians per half side)")
    omega_start: float = Field(25.0, gt=0, le=2000, description="the same of the first picture (radians per half side)")
    omega_slow: float = Field(2.0, gt=0, le=2000, description="slowest unit kept in a zoom (radians per half side)")
    omega: float = Field(1.0, gt=0, le=10, description="gain of the layers after the first (1 = SIREN's own)")
    contrast: float = Field(0.5, gt=0, le=10, description="spread of the first picture before the sigmoid (1)")
    softness: float = Field(0.5, ge=0, le=2, description="first picture: n times the frequency is n^-softness as loud")
    draft: int | None = Field(
        None,
        ge=0,
        le=4096,
        description="mean side of a step's picture (pixels; 0 = the canvas; default: as encoders need)",
    )
    regrow: bool = Field(True, description="replace units that the camera left behind (yes or no)")
    tolerance: float = Field(0.002, ge=0, le=1, description="most that absorbing a unit moves a phase (radians)")


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


def build(config: Config, size: tuple[int, int], device: torch.device, dtype: torch.dtype = torch.float32) -> Siren:
    """The generator for one canvas, (width, height) in pixels."""
    return Siren(config, size, device, dtype)


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


def slowest(config: Config) -> float:
    """Below this a unit is absorbed (radians per unit): well under what units are born with, whatever was asked."""
    return min(config.omega_slow, config.omega_first / 8.0, config.omega_start / 2.0)


def split(matrix: Matrix) -> tuple[Tensor, Tensor]:
    """The linear part (2, 2) and the shift (2,) of an affine matrix, float64.

    Raises: ValueError if the matrix is not affine, not finite or not invertible.
    """
    whole = torch.tensor(matrix, dtype=torch.float64)
    if not bool(whole.isfinite().all()):
        raise ValueError(f"a camera matrix is finite, this is {matrix}")
    if tuple(matrix[2]) != (0.0, 0.0, 1.0):
        raise ValueError(f"a SIREN follows affine cameras only, the last row of this one is {matrix[2]}")
    if abs(float(torch.linalg.det(whole))) < 1e-12:
        raise ValueError(f"this camera matrix is singular: {matrix}")
    return whole[:2, :2], whole[:2, 2]


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


def absorbed(config: Config, aspect: float, latent: Latent) -> tuple[Latent, Tensor]:
    """Units too slow to be worth their place, rewritten as a mix of the others; and which they were, (B, hidden).

    Over one frame a slow sine is nearly a mix of 1, x, y and other slow sines. The mix is a ridge regression on
    scattered points, the slowest unit first; it goes into the second layer's `b2`, `v2`, `w2`. A unit that would move
    a second-layer phase by more than `config.tolerance` at any of them stays, and is slower the next time.
    """
    gone = torch.zeros_like(latent["b1"], dtype=torch.bool)
    speed, limit = latent["w1"].double().norm(dim=1), slowest(config)
    if not bool((speed < limit).any()):
        return latent, gone
    moved = {name: leaf.clone() for name, leaf in latent.items()}
    points = scattered(FIT_POINTS, aspect).to(gone.device)
    for shot in range(gone.shape[0]):
        near = speed[shot].argsort()[: int((speed[shot] < NEAR * limit).sum())]
        phase = points @ latent["w1"][shot][:, near].double() + latent["b1"][shot][near].double()
        basis = torch.cat((torch.ones_like(points[:, :1]), points, phase.sin()), 1)
        gram = basis.T @ basis + 1e-6 * len(points) * torch.eye(basis.shape[1]).to(basis)
        heard = torch.cat((latent["b2"][shot][None], latent["v2"][shot], latent["w2"][shot][near])).double()
        left = torch.ones(len(heard), dtype=torch.bool, device=gone.device)
        for unit in range(3, 3 + int((speed[shot] < limit).sum())):
            left[unit] = False
            mix = torch.linalg.solve(gram[left][:, left], gram[left, unit])
            miss = (basis[:, left] @ mix - basis[:, unit]).abs().max()
            left[unit] = bool(miss * heard[unit].abs().max() > config.tolerance)
            if not left[unit]:
                heard[left] += mix[:, None] * heard[unit]
                heard[unit] = 0.0
        gone[shot, near] = ~left[3:]
        heard = torch.cat((wrapped(heard[:1]), heard[1:])).to(latent["w2"].dtype)
        moved["b2"][shot], moved["v2"][shot], moved["w2"][shot, near] = heard[0], heard[1:3], heard[3:]
    return moved, gone


def scattered(count: int, aspect: float) -> Tensor:
    """Points (count, 2) over the frame and a little more, float64, on no lattice that a fast sine could hide in.

    Source: Roberts, "The unreasonable effectiveness of quasirandom sequences" (2018), the R2 sequence.
    """
    steps = torch.arange(1, count + 1, dtype=torch.float64)[:, None]
    unit = (steps * torch.tensor((0.7548776662466927, 0.5698402909980532), dtype=torch.float64)) % 1.0
    return REACH * (2.0 * unit - 1.0) * torch.tensor((math.sqrt(aspect), math.sqrt(1.0 / aspect)))


def faded(config: Config, before: Latent, after: Latent) -> tuple[Latent, Tensor]:
    """Zooming out makes units faster than a frame can show: over one octave they fade, and are then given up.

    Answers the latent, and which units were given up, (B, hidden). A camera that does not zoom out changes nothing,
    and how much fades depends on how far it went, not on the frame rate. Also holds `v2` to the same limit.
    """
    limit = FASTEST * config.omega_first
    old, new = (latent["w1"].norm(dim=1) / limit for latent in (before, after))
    left, was = ((1.0 - over.clamp(min=1.0).log2()).clamp(min=0.0) for over in (new, old))
    grew = new > 1.0001 * old
    moved = dict(after)
    moved["w2"] = after["w2"] * torch.where(grew, left / was.clamp(min=1e-6), 1.0)[:, :, None]
    moved["v2"] = after["v2"] / (after["v2"].norm(dim=1, keepdim=True) / limit).clamp(min=1.0)
    return moved, grew & (left == 0)


def reseeded(config: Config, latent: Latent, slow: Tensor, fast: Tensor, seed: int) -> Latent:
    """New first-layer units that nothing listens to yet: where slow ones went, fast; where fast ones went, slow."""
    generator = torch.Generator().manual_seed(seed % 2**63)
    drawn = torch.rand(3, *slow.shape, generator=generator).to(slow.device, latent["b1"].dtype)
    octave = 2.0 ** -drawn[0]
    speed = torch.where(slow, config.omega_first * octave, slowest(config) / octave)
    angle, phase, new = TAU * drawn[1], TAU * drawn[2] - math.pi, slow | fast
    wave = torch.stack((speed * angle.cos(), speed * angle.sin()), 1)
    return {
        **latent,
        "w1": torch.where(new[:, None], wave, latent["w1"]),
        "b1": torch.where(new, phase, latent["b1"]),
        "w2": torch.where(new[:, :, None], 0.0, latent["w2"]),
    }


def rested(moments: Moments, new: Tensor) -> Moments:
    """New units: no momentum, and their layer's mean squared gradient (zeros would make Adam's steps too long)."""
    first, second = dict(moments.first), dict(moments.second)
    for name, where in (("w1", new[:, None]), ("b1", new), ("w2", new[:, :, None])):
        typical = second[name].mean(dim=tuple(range(1, second[name].dim())), keepdim=True)
        first[name] = torch.where(where, 0.0, first[name])
        second[name] = torch.where(where, typical, second[name])
    return Moments(first, second)
