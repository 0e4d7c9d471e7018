"""`python -m bench.zoom`: does a SIREN survive an endless zoom?

300 frames of zoom 1.02, 380-fold in all, with 5 optimiser steps a frame. Three figures:

- detail: the power in the upper half of the picture's spectrum over the last 20 frames, over that around
  frame 30. Printed beside it: the same of the picture that was asked for.
- change: the most that one warp, with no optimiser steps, changes any channel of any pixel, in steps of 1/255.
  The picture after each of the 300 warps, re-seeded units and all, is held against the old function at M x.
- moments: the loss with the moments that were moved along, over the loss with fresh ones at every frame.

What is asked for is an argument of `main`. The one here is a world without end, fractal noise with the same
detail at every scale, in squared error at random points: it leaves no freedom in where anything is, so a picture
that lags behind the camera, or has lost its fine detail, shows at once. Guidance by a CLIP asks for less.
"""

import copy
import math
import sys
from collections.abc import Callable
from dataclasses import dataclass, field

import torch
from torch import Tensor

from animator.paint import process
from animator.paint.generators.siren import Config
from animator.paint.generators.siren.generator import Siren
from animator.paint.generators.siren.network import evaluate, grid
from animator.paint.guide import Objective
from animator.paint.optimize import State, fresh, optimize
from animator.paint.step_info import Observed, StepInfo
from animator.scene.frame_spec import FrameSpec
from animator.scene.motions import IDENTITY, Matrix
from animator.seeds import derive
from bench import verdict

SIDE, ZOOM, FRAMES, STEPS, FIRST_STEPS = 128, 1.02, 300, 5, 200
EVERY = 5  # frames between two looks at the spectrum
POINTS = 2048
"""Random points in one optimiser step of the stand-in objective."""
ANNEAL_FIRST = 3.0
"""The first frame's first step over its last."""

Want = Callable[[Siren, Tensor, FrameSpec], Objective]
"""(generator, camera, frame) -> what this frame minimises. The camera (3, 3) maps the frame to frame 0's view."""


@dataclass(frozen=True)
class World:
    """Fractal noise with no end in either direction: lattices of ever smaller cells, random colours (64, 3, N, N)."""

    corners: Tensor

    def __call__(self, points: Tensor, camera: Tensor) -> Tensor:
        """Colours in [0, 1], (P, 3), at points (P, 2) of the frame. An octave fades in and out with its size there."""
        place = points.double() @ camera[:2, :2].T + camera[:2, 2]
        level = -0.5 * math.log2(abs(float(torch.linalg.det(camera[:2, :2]))))
        total = torch.zeros(len(points), 3)
        for octave in range(math.floor(level) - 1, math.floor(level) + 8):
            fineness = octave - level  # cells per unit of the frame, log2
            gain = max(0.0, min(1.0, fineness + 1, 7 - fineness)) * 2.0 ** (-0.35 * max(0.0, fineness))
            total += gain * self.lattice(octave, place * 2.0**octave + 7.3 * octave)
        return torch.sigmoid(0.9 * total)

    def lattice(self, octave: int, place: Tensor) -> Tensor:
        """One octave, (P, 3): smooth interpolation between the cell's four corners."""
        corners, cells = self.corners[octave % 64], self.corners.shape[-1]
        low = place.floor()
        part = (place - low).float()
        part = part * part * (3 - 2 * part)
        near, far = low.long() % cells, (low.long() + 1) % cells
        top = torch.lerp(corners[:, near[:, 1], near[:, 0]], corners[:, near[:, 1], far[:, 0]], part[:, 0])
        bottom = torch.lerp(corners[:, far[:, 1], near[:, 0]], corners[:, far[:, 1], far[:, 0]], part[:, 0])
        return torch.lerp(top, bottom, part[:, 1]).T


WORLD = World(torch.randn(64, 3, 64, 64, generator=torch.Generator().manual_seed(5)))


def world(generator: Siren, camera: Tensor, spec: FrameSpec) -> Objective:
    """The stand-in: look like the world where the camera is, in 100 times the squared error at random points."""
    aspect = generator.size[0] / generator.size[1]
    reach = torch.tensor((math.sqrt(aspect), math.sqrt(1 / aspect)), dtype=torch.float64)

    def terms(latent: dict[str, Tensor], step: int) -> dict[str, Tensor]:
        drawn = torch.Generator().manual_seed(derive(spec.seed, step))
        points = (torch.rand(POINTS, 2, generator=drawn, dtype=torch.float64) * 2 - 1) * reach
        return {"world": 100 * (evaluate(latent, points.float())[0] - WORLD(points, camera)).square().mean()}

    return terms


def detail(picture: Tensor) -> float:
    """The power of a picture (1, 3, H, W) above half of the Nyquist frequency: of its grey, in a Hann window."""
    grey = picture[0].mean(0) - picture.mean()
    windows = [torch.hann_window(length) for length in grey.shape]
    power = torch.fft.fft2(grey * windows[0][:, None] * windows[1]).abs().square()
    down, right = (torch.fft.fftfreq(length) for length in grey.shape)
    return float(power[(down[:, None].square() + right.square()).sqrt() > 0.25].mean())


@dataclass
class Film:
    """What was measured, one number a frame."""

    state: State
    camera: Tensor
    details: dict[int, float] = field(default_factory=dict)  # fine detail shown, of every fifth frame
    asked: dict[int, float] = field(default_factory=dict)  # fine detail of what was asked for
    changes: list[float] = field(default_factory=list)  # of the picture, by the warp alone, in 1/255
    losses: list[float] = field(default_factory=list)  # of the last step


def follow(
    generator: Siren, want: Want, film: Film, frames: range, steps: int, matrix: Matrix, warm: bool = True
) -> Film:
    """`frames` more of a film, measured."""
    film = copy.deepcopy(film)
    move = torch.tensor(matrix, dtype=torch.float64)
    points = grid(*generator.size, generator.size[0] / generator.size[1])
    for index in frames:
        first = index == 0
        spec = FrameSpec(
            index=index,
            time=0.0,
            seed=derive(1, index),
            steps=FIRST_STEPS if first else steps,
            step_size=1.0,
            anneal=ANNEAL_FIRST if first else 1.0,
            matrix=IDENTITY if first else matrix,
        )
        if not first:
            latent, moments = generator.warp(film.state.latent, film.state.moments, matrix, spec.seed)
            with torch.no_grad():
                exact = evaluate(film.state.latent, (points @ move[:2, :2].T + move[:2, 2]).float())
                shown = generator.decode(latent).flatten(2).transpose(1, 2)
            film.changes.append(255 * float((exact - shown).abs().max()))
            film.state = State(latent, moments, film.state.age) if warm and moments else fresh(latent)
            film.camera = film.camera @ move
        seen: list[Observed] = []
        film.state = optimize(generator, film.state, want(generator, film.camera, spec), spec, seen.append).state
        last = [info for info in seen if isinstance(info, StepInfo)][-1]
        film.losses.append(float(torch.stack(list(last.terms.values())).sum()))
        if index % EVERY == 0:
            with torch.no_grad():
                film.details[index] = detail(generator.decode(film.state.latent))
            film.asked[index] = detail(WORLD(points, film.camera).T.reshape(1, 3, *generator.size[::-1]))
    return film


def start(generator: Siren, seed: int = 0) -> Film:
    """A film with no frames."""
    return Film(fresh(generator.init(seed)), torch.eye(3, dtype=torch.float64))


def mean(values: list[float]) -> float:
    """The arithmetic mean."""
    return sum(values) / len(values)


def main(want: Want = world) -> int:
    """Print the figures. The exit code is 0 where every bar is met."""
    process.prepare()
    generator = Siren(Config(omega_start=Config().omega_first, draft=SIDE), (SIDE, SIDE), torch.device("cpu"))
    matrix = ((1 / ZOOM, 0.0, 0.0), (0.0, 1 / ZOOM, 0.0), (0.0, 0.0, 1.0))
    early = follow(generator, want, start(generator), range(41), STEPS, matrix)
    for steps in (5, 10):
        warm, cold = (follow(generator, want, early, range(41, 61), steps, matrix, keep) for keep in (True, False))
        ratio = mean(warm.losses[-10:]) / mean(cold.losses[-10:])
        print(f"loss with warm moments over fresh ones, {steps} steps a frame: {ratio:.3f}", flush=True)
    film = follow(generator, want, early, range(41, FRAMES + 1), STEPS, matrix)
    print(f"loss at frame 30: {mean(film.losses[25:36]):.3f}, at frame 300: {mean(film.losses[-20:]):.3f}")
    then, now = ([index for index in film.details if first <= index < first + 20] for first in (20, FRAMES - 19))
    shown, asked = (
        [mean([power[index] for index in when]) for when in (then, now)] for power in (film.details, film.asked)
    )
    print(f"of the fine detail asked for: {shown[0] / asked[0]:.2f} at frame 30, {shown[1] / asked[1]:.2f} at 300")
    exact = verdict("zoom.change", max(film.changes), 1.0, lambda value, bar: value < bar)
    alive = verdict("zoom.detail", shown[1] / shown[0], 0.5)
    return 0 if exact and alive else 1


if __name__ == "__main__":
    sys.exit(main())
