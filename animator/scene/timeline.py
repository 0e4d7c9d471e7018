"""Scene -> one FrameSpec per frame: plain numbers and strings, everything that the frame needs.

The first frame has the identity matrix and its own number of steps, so the frame loop needs no `if`. All curves
are evaluated here, for every frame, so a bad frame 900 is found before the night and not in it.
"""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

from pydantic import ValidationError

from animator import variants
from animator.scene.curves import Curve, CurveError, Film, resolve
from animator.scene.frame_spec import Aim, CutoutsAt, FrameSpec, PromptAt
from animator.scene.motions import IDENTITY, Matrix, compose
from animator.scene.problems import Flaw, FlawsError, explain
from animator.scene.prompts import Asked, Prompt, PromptTrack
from animator.scene.scene import Cutouts, Scene
from animator.seeds import derive

SUBSTEP = 1 / 96  # seconds; how finely a camera whose rates change is followed between two frames
MOST_STEPS = 100_000
BOUNDS: dict[tuple[str, ...], tuple[float, float]] = {  # of curves, wherever they are evaluated
    ("optimize", "steps"): (0, MOST_STEPS),
    ("optimize", "steps_per_second"): (0, 240 * MOST_STEPS),
    ("optimize", "first_steps"): (0, MOST_STEPS),
    ("optimize", "step_size"): (0, 1000),
    **{("guide", "cutouts", name): (0, 1) for name in Cutouts.model_fields},
    ("guide", "cutouts", "count"): (1, 4096),
    ("guide", "cutouts", "smallest"): (0.01, 1),
    ("guide", "cutouts", "largest"): (0.01, 1),
    ("guide", "cutouts", "power"): (0.01, 100),
    ("guide", "cutouts", "turn"): (0, 180),
}
WEIGHTS = (-1e6, 1e6)  # of prompts and losses


def frames(scene: Scene) -> list[FrameSpec]:
    """The film, frame by frame. Raises: FlawsError with everything that has no value or is out of bounds."""
    plan = _Plan(scene)
    prompts = plan.prompts()
    optimize = scene.optimize
    per_frame = plan.values(("optimize", "steps"), optimize.steps)
    if optimize.steps_per_second is not None:
        per_frame = _spread(plan.values(("optimize", "steps_per_second"), optimize.steps_per_second), plan.film.fps)
    first = plan.values(("optimize", "first_steps"), optimize.first_steps)
    sizes = plan.values(("optimize", "step_size"), optimize.step_size)
    losses = {
        name: plan.values(("losses", name, "weight"), term.weight, WEIGHTS) for name, term in scene.losses.items()
    }
    cutouts = {
        name: plan.values(("guide", "cutouts", name), getattr(scene.guide.cutouts, name))
        for name in Cutouts.model_fields
    }
    matrices = plan.matrices()
    painters = plan.generators()
    plan.raise_flaws()
    return [
        FrameSpec(
            index=index,
            time=time,
            seed=derive(scene.seed, index),
            steps=round(per_frame[index] if index else first[0]),
            adapt=optimize.adapt,
            step_size=sizes[index],
            anneal=1.0 if index else optimize.anneal,
            first_noise=None if index else optimize.first_noise,
            prompts=prompts[index],
            matrix=matrices[index],
            losses=tuple((name, weights[index]) for name, weights in losses.items() if weights[index]),
            cutouts=CutoutsAt(**{name: values[index] for name, values in cutouts.items()}),
            generator=painters[index],
        )
        for index, time in enumerate(plan.times)
    ]


def _spread(rates: list[float], fps: float) -> list[float]:
    """Whole steps for each frame whose sum keeps up with a rate per second."""
    owed, spread = 0.0, []
    for rate in rates:
        owed += rate / fps
        spread.append(float(int(owed + 1e-9)))
        owed -= spread[-1]
    return spread


class _Plan:
    """Evaluates curves over a scene's frames and collects what is wrong on the way."""

    def __init__(self, scene: Scene) -> None:
        self.scene, self.flaws = scene, list[Flaw]()
        count, fps = scene.frame_count, float(scene.fps)
        self.film = Film(fps, count / fps, count)
        self.times = [index / fps for index in range(count)]

    def raise_flaws(self) -> None:
        if self.flaws:
            raise FlawsError(self.flaws)

    def function(self, path: tuple[Any, ...], curve: Curve) -> Callable[[float], float]:
        try:
            return resolve(curve, self.film)
        except CurveError as error:
            self.flaws.append(Flaw((*path, *error.path), str(error), error.at_key))
        except ValueError as error:
            self.flaws.append(Flaw(path, str(error)))
        return lambda _: 1.0

    def values(self, path: tuple[Any, ...], curve: Curve, bounds: tuple[float, float] | None = None) -> list[float]:
        """The curve at every frame, within its bounds: those given, or those that BOUNDS has."""
        function, (low, high) = self.function(path, curve), bounds or BOUNDS[path]
        values = []
        for index, time in enumerate(self.times):
            try:
                value = function(time)
                if not low <= value <= high:
                    raise ValueError(f"is {value:g}, must be between {low:g} and {high:g}")
            except ValueError as error:
                self.flaws.append(Flaw(path, f"frame {index}: {error}"))
                return [low] * len(self.times)
            values.append(value)
        return values

    def prompts(self) -> list[tuple[PromptAt, ...]]:
        listed = [self._track(place, prompt) for place, prompt in enumerate(self.scene.prompts)]
        return [tuple(at for track in listed if (at := track[index]).weight) for index in range(len(self.times))]

    def _track(self, place: int, prompt: Prompt | PromptTrack) -> list[PromptAt]:
        if isinstance(prompt, Prompt):
            weights = self.values(("prompts", place, "weight"), prompt.weight, WEIGHTS)
            return [PromptAt(_aim(prompt), weight) for weight in weights]
        starts = [time.seconds(self.film.fps) for time, _ in prompt.turns]
        aims = [_aim(asked) for _, asked in prompt.turns]
        fade = prompt.fade.seconds(self.film.fps)
        for before, after in pairwise(starts):
            if after <= before:
                self.flaws.append(Flaw(("prompts", place), f"times out of order: {after:g}s comes after {before:g}s"))
            elif after - before < fade:
                text = f"a fade of {fade:g}s does not fit between {before:g}s and {after:g}s"
                self.flaws.append(Flaw(("prompts", place, "fade"), text))
        return [_cross_fade(starts, aims, fade, time) for time in self.times]

    def generators(self) -> list[int]:
        """Which generator paints each frame, by its place in the scene."""
        starts = [painter.start.seconds(self.film.fps) for painter in self.scene.generator]
        if not starts or starts[0] != 0 or starts != sorted(set(starts)):
            self.flaws.append(Flaw(("generator",), "the times of generators begin at 0s and go up"))
        return [max(sum(start <= time + 1e-9 for start in starts) - 1, 0) for time in self.times]

    def matrices(self) -> list[Matrix]:
        """The camera's move from each frame to the next, its rates followed in substeps where they change."""
        motion = variants.module("motions", self.scene.motion.type)
        curves = self.scene.motion.rates
        rates = {name: self.function(("motion", name), curve) for name, curve in curves.items()}
        moving = any(curve.expression is not None or len(curve.keyframes) > 1 for curve in curves.values())
        substeps = max(1, round(1 / self.film.fps / SUBSTEP)) if moving else 1
        length = 1 / self.film.fps / substeps
        matrices = [IDENTITY]
        for index, time in enumerate(self.times[1:], 1):
            whole = IDENTITY
            for part in range(substeps):
                middle = time - 1 / self.film.fps + (part + 0.5) * length
                try:
                    at = motion.Config(**{name: rate(middle) for name, rate in rates.items()})
                except ValidationError as error:
                    flaws = explain(error, motion.Config, ("motion",))
                    self.flaws += [Flaw(flaw.path, f"frame {index}: {flaw.message}") for flaw in flaws]
                    return []
                except ValueError as error:
                    self.flaws.append(Flaw(("motion",), f"frame {index}: {error}"))
                    return []
                whole = compose(whole, motion.matrix(at, length, self.scene.size))
            matrices.append(whole)
        return matrices


def _aim(asked: Asked) -> Aim:
    return Aim(asked.text, asked.image, asked.lang)


def _cross_fade(starts: list[float], aims: list[Aim], fade: float, time: float) -> PromptAt:
    """What holds at a time, or the arc between two while their fade lasts."""
    place = max((p for p, start in enumerate(starts) if start <= time + fade / 2 + 1e-9), default=0)
    before = max(place - 1, 0)
    share = 1.0 if place == 0 or fade <= 0 else min(1.0, (time + fade / 2 - starts[place]) / fade)
    if share >= 1.0:
        return PromptAt(aims[place], 1.0)
    if share < 1e-9:
        return PromptAt(aims[before], 1.0)
    return PromptAt(aims[before], 1.0, aims[place], round(share, 9))
