"""The outer loop: a film is a fold over its frames.

z <- start(seed)
for each frame t:
    z <- warp(z, M(t))                                    the camera moved: move the picture's state
    z <- argmin_z  sum_i w_i(t) L_i(decode(z))            n(t) steps, warm-started
    emit decode(z)
"""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from animator.generators import Draft, Generator, Latent
from animator.guide import Guide
from animator.optimize import State, StepInfo, fresh, optimize
from animator.timeline import FrameSpec, derive

WARP, HAND_OVER = -1, -2  # where a frame's steps have their numbers, its warp and its hand-over have these
FIT_STEPS = 200  # of a generator that takes over


@dataclass(frozen=True)
class Frame:
    """A finished frame: its picture (B,3,H,W) in [0,1], and the state that the next one starts from."""

    spec: FrameSpec
    picture: Tensor
    state: State


def animate(
    generators: Sequence[Generator],
    guide: Guide,
    specs: Iterable[FrameSpec],
    state: State,
    warm_moments: bool = True,
    observe: Callable[[StepInfo], None] = lambda info: None,
) -> Iterator[Frame]:
    """The frames of `specs`, which follow on the frame that `state` was left by (or on `fresh(init(seed))`)."""
    for spec in specs:
        before, generator = generators[state.generator], generators[spec.generator]
        latent, moments = before.warp(state.latent, state.moments, spec.matrix, derive(spec.seed, WARP))
        if spec.generator != state.generator:
            latent, moments = hand_over(before, latent, generator, derive(spec.seed, HAND_OVER)), None
        warped = fresh(latent, spec.generator, state.pace)
        if warm_moments and moments is not None:
            warped = State(latent, moments, state.age, spec.generator, state.pace)
        objective = guide.objective(spec, generator, latent)
        state = optimize(generator, warped, objective, spec, observe)
        with torch.no_grad():
            picture = generator.decode(state.latent)
        yield Frame(spec, picture, state)


def hand_over(before: Generator, latent: Latent, after: Generator, seed: int) -> Latent:
    """A latent of the generator `after` whose picture is, as nearly as it can be, the one that `before` makes."""
    with torch.no_grad():
        wanted = before.decode(latent)
    leaves = {name: leaf.clone().requires_grad_(True) for name, leaf in after.init(seed, picture=wanted).items()}
    adam = torch.optim.Adam(leaves.values(), lr=after.step_size, betas=after.betas, foreach=True)
    for step in range(FIT_STEPS):
        made = after.decode(leaves, Draft(derive(seed, step)))
        target = wanted
        if made.shape != wanted.shape:
            target = F.interpolate(wanted, size=made.shape[-2:], mode="bilinear", antialias=True)
        adam.zero_grad()
        adam.param_groups[0]["lr"] = after.step_size * (1 + math.cos(math.pi * step / FIT_STEPS)) / 2
        (made - target).square().mean().backward()
        adam.step()
        with torch.no_grad():
            for name, value in after.project(leaves).items():
                if value is not leaves[name]:
                    leaves[name].copy_(value)
    return {name: leaf.detach() for name, leaf in leaves.items()}
