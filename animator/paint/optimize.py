"""The inner loop: one frame, from the latent that the camera left to the one that is shown."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from animator.errors import DivergedError
from animator.paint import adaptive_steps
from animator.paint.adaptive_steps import START, Pace
from animator.paint.generators import Generator, Latent, Moments
from animator.paint.guide import Objective
from animator.paint.step_info import FrameBegan, Observed, StepInfo
from animator.scene.frame_spec import FrameSpec, left

LAST = 8  # steps whose losses are what a frame ended with: a single one's depends on its cutouts


@dataclass(frozen=True)
class State:
    """All that one frame hands to the next: a latent, Adam's moments, how many steps those have seen, which of the
    scene's generators they belong to, and the pace of a film that spreads its own steps."""

    latent: Latent
    moments: Moments
    age: int
    generator: int = 0
    pace: Pace = START


@dataclass(frozen=True)
class Outcome:
    """The state that a frame ended with, its losses by name at the last step, and how many steps it took."""

    state: State
    losses: dict[str, float]
    steps: int


def fresh(latent: Latent, generator: int = 0, pace: Pace = START) -> State:
    """A state whose optimiser has seen nothing."""
    zeros = {name: torch.zeros_like(leaf) for name, leaf in latent.items()}
    return State(latent, Moments(zeros, {name: leaf.clone() for name, leaf in zeros.items()}), 0, generator, pace)


def optimize(
    generator: Generator, state: State, objective: Objective, spec: FrameSpec, observe: Callable[[Observed], None]
) -> Outcome:
    """`spec.steps` steps of Adam, or as many as the pace says. Raises: DivergedError for a loss that is no number."""
    steps = adaptive_steps.count(spec, state.pace)
    observe(FrameBegan(spec.index, steps, lambda: _picture(generator, state.latent)))
    if steps == 0:
        return Outcome(state, {}, 0)
    latent, adam = begin(generator, state)
    totals: list[Tensor] = []
    for step in range(steps):
        terms = objective(latent, step)
        total = torch.stack(list(terms.values())).sum()
        descend(generator, latent, adam, step_size(spec, step), total)
        named = {name: term.detach() for name, term in terms.items()}
        observe(StepInfo(spec.index, step, steps, named, lambda: _picture(generator, latent)))
        totals.append(total.detach())
    # read once a frame, so that the device is not waited for at every step; a NaN does not go away in between
    *values, ended = torch.stack([*terms.values(), torch.stack(totals[-LAST:]).mean()]).tolist()
    losses = dict(zip(terms, values, strict=True))
    _check(losses, spec.index, steps)
    moments = Moments(
        {name: adam.state[leaf]["exp_avg"] for name, leaf in latent.items()},
        {name: adam.state[leaf]["exp_avg_sq"] for name, leaf in latent.items()},
    )
    latent = {name: leaf.detach() for name, leaf in latent.items()}
    pace = adaptive_steps.after(spec, state.pace, steps, ended)
    return Outcome(State(latent, moments, state.age + steps, state.generator, pace), losses, steps)


def begin(generator: Generator, state: State) -> tuple[Latent, torch.optim.Adam]:
    """Leaves that can be optimised, copied from a state, and the optimiser that goes on where that state's ended."""
    latent = {name: leaf.clone().requires_grad_(True) for name, leaf in state.latent.items()}
    adam = torch.optim.Adam(latent.values(), lr=0.0, betas=generator.betas, foreach=True)
    for name, leaf in latent.items():
        adam.state[leaf] = {
            "step": torch.tensor(float(state.age)),
            "exp_avg": state.moments.first[name].clone(),
            "exp_avg_sq": state.moments.second[name].clone(),
        }
    return latent, adam


def descend(generator: Generator, latent: Latent, adam: torch.optim.Adam, size: float, total: Tensor) -> None:
    """One step: down the gradient of `total`, `size` times the generator's own step size, to a valid latent."""
    adam.zero_grad()
    adam.param_groups[0]["lr"] = generator.step_size * size
    total.backward()
    adam.step()
    with torch.no_grad():
        for name, value in generator.project(latent).items():
            if value is not latent[name]:
                latent[name].copy_(value)


@torch.no_grad()
def _picture(generator: Generator, latent: Latent) -> Tensor:
    return generator.decode(latent)


def step_size(spec: FrameSpec, step: int) -> float:
    """In units of the generator's own: from `anneal` times the frame's size down to it."""
    return spec.step_size * (1 + (spec.anneal - 1) * left(spec, step))


def _check(losses: dict[str, float], frame: int, steps: int) -> None:
    for name, loss in losses.items():
        if not math.isfinite(loss):
            text = f"frame {frame}: the loss {name!r} is {loss} after {steps} steps; try a smaller optimize.step_size"
            raise DivergedError(text, frame)
