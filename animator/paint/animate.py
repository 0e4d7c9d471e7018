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

from animator.paint.generators import Draft, Generator, Latent
from animator.paint.guide import Guide
from animator.paint.optimize import State, begin, descend, fresh, optimize
from animator.paint.step_info import Observed
from animator.scene.frame_spec import FrameSpec
from animator.seeds import derive

WARP, HAND_OVER = -1, -2  # where a frame's steps have their numbers, its warp and its hand-over have these
FIT_STEPS = 200  # of a generator that takes over


@dataclass(frozen=True)
class Frame:
    """A finished frame: its picture (B,3,H,W) in [0,1], the state that the next one starts from, its losses by name at
    the last step, and how many steps it took."""

    spec: FrameSpec
    picture: Tensor
    state: State
    losses: dict[str, float]
    steps: int


def animate(
    generators: Sequence[Generator],
    guide: Guide,
    specs: Iterable[FrameSpec],
    state: State,
    warm_moments: bool = True,
    observe: Callable[[Observed], None] = lambda info: None,
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
        outcome = optimize(generator, warped, objective, spec, observe)
        state = outcome.state
        with torch.no_grad():
            picture = generator.decode(state.latent)
        yield Frame(spec, picture, state, outcome.losses, outcome.steps)


def hand_over(before: Generator, latent: Latent, after: Generator, seed: int) -> Latent:
    """A latent of the generator `after` whose picture is, as nearly as it can be, the one that `before` makes."""
    with torch.no_grad():
        wanted = before.decode(latent)
    leaves, adam = begin(after, fresh(after.init(seed, picture=wanted)))
    for step in range(FIT_STEPS):
        made = after.decode(leaves, Draft(derive(seed, step)))
        target = wanted
        if made.shape != wanted.shape:
            target = F.interpolate(wanted, size=made.shape[-2:], mode="bilinear", antialias=True)
        size = (1 + math.cos(math.pi * step / FIT_STEPS)) / 2
        descend(after, leaves, adam, size, (made - target).square().mean())
    return {name: leaf.detach() for name, leaf in leaves.items()}
