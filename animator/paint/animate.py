"""The outer loop: a film is a fold over its frames.

z <- start(seed)
for each frame t:
    z <- warp(z, M(t))                                    the camera moved: move the picture's state
      or start(seed of t)                                 behind a hard cut
    z <- argmin_z  sum_i w_i(t) L_i(decode(z))            n(t) steps, warm-started
    z <- fit(z, mix of decode(z) and the first frame)     at the end of a film that repeats
    emit decode(z)
"""

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from animator.paint import fit
from animator.paint.generators import Generator, Latent
from animator.paint.guide import Guide
from animator.paint.optimize import State, fresh, optimize
from animator.paint.step_info import Observed
from animator.scene.frame_spec import FrameSpec, main_text
from animator.seeds import derive

# Where a frame's steps have their numbers, what else is drawn for it has these; see also `film.retried`.
WARP, HAND_OVER, LEAD, START = -1, -2, -3, -4


@dataclass(frozen=True)
class Frame:
    """A finished frame: its picture (B,3,H,W) in [0,1], the state that the next one starts from, its losses by name at
    the last step, and how many steps it took."""

    spec: FrameSpec
    picture: Tensor
    state: State
    losses: dict[str, float]
    steps: int


def start(generators: Sequence[Generator], spec: FrameSpec, seed: int) -> State:
    """What the first frame of a film starts from, or the first behind a hard cut."""
    return fresh(generators[spec.generator].init(seed, main_text(spec)), spec.generator)


def animate(
    generators: Sequence[Generator],
    guide: Guide,
    specs: Iterable[FrameSpec],
    state: State,
    warm_moments: bool = True,
    observe: Callable[[Observed], None] = lambda info: None,
    first: Callable[[], Latent] | None = None,
) -> Iterator[Frame]:
    """The frames of `specs`, which follow on the frame that `state` was left by (or on `start`). What was before a hard
    cut makes no difference behind it.

    `first` answers the latent of the film's first frame. It is asked where frames lead back to that, and it is not
    among those of `specs`.
    """
    homes: dict[int, Latent] = {}  # the first frame, by each generator that leads back to it
    for spec in specs:
        if spec.cut:
            state = start(generators, spec, derive(spec.seed, START))
        before, generator = generators[state.generator], generators[spec.generator]
        latent, moments = before.warp(state.latent, state.moments, spec.matrix, derive(spec.seed, WARP))
        if spec.generator != state.generator:
            latent, moments = fit.hand_over(before, latent, generator, derive(spec.seed, HAND_OVER)), None
        warped = fresh(latent, spec.generator, state.pace)
        if warm_moments and moments is not None:
            warped = State(latent, moments, state.age, spec.generator, state.pace)
        objective = guide.objective(spec, generator, latent)
        outcome = optimize(generator, warped, objective, spec, observe)
        state = outcome.state
        if spec.home is not None:
            if 0 not in homes:
                assert first is not None
                homes[0] = first()
            if spec.generator not in homes:
                homes[spec.generator] = fit.hand_over(generators[0], homes[0], generator, HAND_OVER)
            latent = fit.led_home(generator, state.latent, homes[spec.generator], spec.home, derive(spec.seed, LEAD))
            state = dataclasses.replace(state, latent=latent)
        with torch.no_grad():
            picture = generator.decode(state.latent)
        if spec.index == 0:
            homes[0] = state.latent
        yield Frame(spec, picture, state, outcome.losses, outcome.steps)
