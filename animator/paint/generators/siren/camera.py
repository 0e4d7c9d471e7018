"""What a camera move does to a SIREN: exact for what stays in view, and what leaves it is grown anew."""

import math

import torch
from torch import Tensor

from animator.paint.generators import Latent, Moments
from animator.paint.generators.siren import Config
from animator.scene.motions import Matrix

TAU = 2.0 * math.pi
FASTEST = 0.7  # units faster than this many times `omega_first` are being zoomed out of, and fade over an octave
NEAR = 8.0  # absorbed units are rewritten by units up to this many times `omega_slow`
FIT_POINTS = 1024  # that absorption is fitted on
CONSTANT, PLACE, UNITS = 0, slice(1, 3), slice(3, None)  # what absorption mixes: 1; x and y; the units near by
REACH = 1.05  # of the frame that they cover: past its edge, so that a small pan stays inside


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
        near = speed[shot].argsort()[: int((speed[shot] < NEAR * limit).sum())]  # the slowest first
        phase = points @ latent["w1"][shot][:, near].double() + latent["b1"][shot][near].double()
        # What the second layer hears: columns of the basis are signals, rows of `heard` how loud each is to it.
        basis = torch.cat((torch.ones_like(points[:, :1]), points, phase.sin()), 1)
        heard = torch.cat((latent["b2"][shot][None], latent["v2"][shot], latent["w2"][shot][near])).double()
        gram = basis.T @ basis + 1e-6 * len(points) * torch.eye(basis.shape[1]).to(basis)
        left = torch.ones(len(heard), dtype=torch.bool, device=gone.device)
        for unit in range(UNITS.start, UNITS.start + int((speed[shot] < limit).sum())):
            left[unit] = False
            mix = torch.linalg.solve(gram[left][:, left], gram[left, unit])
            miss = (basis[:, left] @ mix - basis[:, unit]).abs().max()
            left[unit] = bool(miss * heard[unit].abs().max() > config.tolerance)
            if not left[unit]:
                heard[left] += mix[:, None] * heard[unit]
                heard[unit] = 0.0
        gone[shot, near] = ~left[UNITS]
        moved["b2"][shot] = wrapped(heard[CONSTANT]).to(latent["w2"].dtype)
        moved["v2"][shot] = heard[PLACE].to(latent["w2"].dtype)
        moved["w2"][shot, near] = heard[UNITS].to(latent["w2"].dtype)
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
