"""The outer loop: a film is a fold over its frames.

z <- start(seed)
for each frame t:
    z <- warp(z, M(t))                                    the camera moved: move the picture's state
    z <- argmin_z  sum_i w_i(t) L_i(decode(z))            n(t) steps, warm-started
    emit decode(z)
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from animator.generators import Generator
from animator.guide import Guide
from animator.optimize import State, StepInfo, fresh, optimize
from animator.timeline import FrameSpec, derive

WARP = -1  # where a frame's steps have their numbers, its warp has this one


@dataclass(frozen=True)
class Frame:
    """A finished frame: its picture (B,3,H,W) in [0,1], and the state that the next one starts from."""

    spec: FrameSpec
    picture: Tensor
    state: State


def animate(
    generator: Generator,
    guide: Guide,
    specs: Iterable[FrameSpec],
    state: State,
    warm_moments: bool = True,
    observe: Callable[[StepInfo], None] = lambda info: None,
) -> Iterator[Frame]:
    """The frames of `specs`, which follow on the frame that `state` was left by (or on `fresh(init(seed))`)."""
    for spec in specs:
        latent, moments = generator.warp(state.latent, state.moments, spec.matrix, derive(spec.seed, WARP))
        warped = State(latent, moments, state.age) if warm_moments and moments else fresh(latent)
        objective = guide.objective(spec, generator, latent)
        state = optimize(generator, warped, objective, spec, observe)
        with torch.no_grad():
            picture = generator.decode(state.latent)
        yield Frame(spec, picture, state)
