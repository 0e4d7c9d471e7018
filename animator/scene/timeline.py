"""Scene -> its frames: a FrameSpec each, plain numbers and strings, everything that the frame needs.

What changes over time is stored once, as columns of numbers, and a FrameSpec is made of them when it is asked for: a
film of many hours takes little memory. All curves are evaluated here, for every frame, so a bad frame 900 is found
before the night. A first frame, behind a hard cut too, has the identity matrix and its own number of steps.
"""

import dataclasses
import math
from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, overload

from animator.scene import loops, renewing, resting
from animator.scene.clock import Clock
from animator.scene.columns import Column, column
from animator.scene.curves import Curve, CurveError, resolve
from animator.scene.denoising import BOUNDS as BOUNDS_OF
from animator.scene.denoising import Denoising
from animator.scene.frame_spec import CutoutsAt, FrameSpec, Home
from animator.scene.motions import IDENTITY
from animator.scene.moves import Moves, moves
from animator.scene.music import SILENT, Music
from animator.scene.problems import Flaw, FlawsError
from animator.scene.prompts import Prompt, PromptTrack
from animator.scene.pulls import Steady, Turns, aim, turns
from animator.scene.renewing import Renewals
from animator.scene.scene import Cutouts, Scene
from animator.scene.times import MOMENT
from animator.seeds import derive

MOST_STEPS = 100_000
MOST_VALUES = 20_000_000  # of a film: its frames times its prompts and the curves that change
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


@dataclass(frozen=True)
class Timeline(Sequence[FrameSpec]):
    """A film's frames, or some of them in a row: those whose numbers are in `window`."""

    window: range
    fps: float
    seed: int
    adapt: bool
    anneal: float
    first_noise: float
    first_steps: Column
    steps: Column
    sizes: Column
    prompts: tuple[Steady | Turns, ...]
    moves: Moves
    losses: Mapping[str, Column]
    denoisers: Mapping[str, Denoising]
    renewals: Renewals
    cutouts: Mapping[str, Column]
    painters: tuple[float, ...]  # seconds from which each generator paints
    homes: Mapping[int, Home]  # of those frames that lead back to the first one
    cuts: Mapping[int, int]  # the first frame behind each cut, and over how many frames the one before it fades out

    def __len__(self) -> int:
        return len(self.window)

    @overload
    def __getitem__(self, place: int) -> FrameSpec: ...

    @overload
    def __getitem__(self, place: slice) -> "Timeline": ...

    def __getitem__(self, place: int | slice) -> "FrameSpec | Timeline":
        if isinstance(place, slice):
            return dataclasses.replace(self, window=self.window[place])
        return self._frame(self.window[place])

    def _frame(self, index: int) -> FrameSpec:
        time, cut = index / self.fps, index in self.cuts
        starts = cut or index == 0
        prompts = tuple(at for pull in self.prompts if (at := pull.at(index, time)).weight)
        coming = None if index in self.homes else self.renewals.coming(index, self.seed, prompts)
        return FrameSpec(
            index=index,
            time=time,
            seed=derive(self.seed, index),
            steps=round((self.first_steps if starts else self.steps)[index]),
            adapt=self.adapt,
            step_size=self.sizes[index],
            anneal=self.anneal if starts else 1.0,
            first_noise=self.first_noise if starts else None,
            prompts=prompts,
            matrix=IDENTITY if cut else self.moves[index],
            denoisers=tuple(one for each in self.denoisers.values() if (one := each.at(index, starts, coming))),
            losses=tuple((name, weights[index]) for name, weights in self.losses.items() if weights[index]),
            cutouts=CutoutsAt(**{name: values[index] for name, values in self.cutouts.items()}),
            generator=max(bisect_right(self.painters, time + MOMENT) - 1, 0),
            home=self.homes.get(index),
            cut=cut,
            dissolve=self.cuts.get(index, 0),
        )


def frames(scene: Scene, music: Music = SILENT) -> Timeline:
    """The film, frame by frame. Raises: FlawsError with everything that has no value or is out of bounds; MusicError
    where a file of the music cannot be read."""
    plan, optimize = _Plan(scene, music), scene.optimize
    plan.bound()
    prompts = tuple(plan.pull(place, prompt) for place, prompt in enumerate(scene.prompts))
    steps = plan.values(("optimize", "steps"), optimize.steps)
    if optimize.steps_per_second is not None:
        rates = plan.values(("optimize", "steps_per_second"), optimize.steps_per_second)
        steps = column(_spread(rates, plan.clock))
    cuts = _cuts(prompts, plan.clock)
    moved, lead = plan.moves(), loops.lead_of(plan.clock.fps, plan.clock.frames) if scene.loop else 0
    if lead and cuts:
        text = "a film with cuts has no need of it: it may begin anew with one; take out `loop`, or `cut`"
        plan.flaws.append(Flaw(("loop",), text))
    if lead and not plan.flaws:
        plan.flaws += [*loops.astray(moved, plan.clock.frames, scene.size), *loops.late(prompts, plan.clock, lead)]
        prompts = tuple(pull.led_back(plan.clock, lead) for pull in prompts)
    painters = plan.painters()
    sizes = plan.values(("optimize", "step_size"), optimize.step_size)
    renewals = Renewals()
    if (optimize.resting < 1 or scene.guide.denoisers) and not plan.flaws:
        handed_over = {math.ceil((start - MOMENT) * plan.clock.fps) for start in painters[1:]}
        changes = resting.changes(prompts, handed_over, {0, *cuts}, plan.clock)
        sizes = column(sizes[n] * resting.share(changes[n], optimize.resting) for n in range(plan.clock.frames))
        if scene.guide.denoisers:
            renewals = renewing.renewals(prompts, handed_over, {0, *cuts}, plan.clock, moved, scene.size)
    timeline = Timeline(
        window=range(plan.clock.frames),
        fps=plan.clock.fps,
        seed=scene.seed,
        adapt=optimize.adapt,
        anneal=optimize.anneal,
        first_noise=optimize.first_noise,
        first_steps=plan.values(("optimize", "first_steps"), optimize.first_steps),
        steps=steps,
        sizes=sizes,
        prompts=prompts,
        losses={
            name: plan.values(("losses", name, "weight"), term.weight, WEIGHTS) for name, term in scene.losses.items()
        },
        denoisers=plan.denoisers(renewals),
        renewals=renewals,
        cutouts={
            name: plan.values(("guide", "cutouts", name), getattr(scene.guide.cutouts, name))
            for name in Cutouts.model_fields
        },
        moves=moved,
        painters=painters,
        homes=loops.homes(moved, plan.clock.frames, lead),
        cuts=cuts,
    )
    if plan.flaws:
        raise FlawsError(plan.flaws)
    return timeline


def _cuts(prompts: Sequence[Steady | Turns], clock: Clock) -> dict[int, int]:
    """The first frame behind each cut, and the frames of its dissolve, which ends with the shot at the latest."""
    found = dict[int, int]()
    for time, long in (cut for pull in prompts if isinstance(pull, Turns) for cut in pull.cuts):
        index = math.ceil((time - MOMENT) * clock.fps)
        if 0 < index < clock.frames:
            found[index] = max(found.get(index, 0), round(long * clock.fps))
    ends = pairwise([*sorted(found), clock.frames])
    return {index: min(found[index], end - index) for index, end in ends}


def curves_of(scene: Scene) -> Iterator[tuple[tuple[Any, ...], Curve]]:
    """Every curve of a scene, with its path."""
    for place, prompt in enumerate(scene.prompts):
        if isinstance(prompt, Prompt):
            yield ("prompts", place, "weight"), prompt.weight
    for name, term in scene.losses.items():
        yield ("losses", name, "weight"), term.weight
    for name, rate in scene.motion.rates.items():
        yield ("motion", name), rate
    records = [(("optimize",), scene.optimize), (("guide", "cutouts"), scene.guide.cutouts)]
    records += [(("guide", "denoisers", name), term) for name, term in scene.guide.denoisers.items()]
    for path, record in records:
        yield from (((*path, name), value) for name, value in record if isinstance(value, Curve))


def unbound(scene: Scene, music: Music) -> list[Flaw]:
    """What is wrong with the times and names of curves, whatever their values are."""
    plan = _Plan(scene, music)
    for path, curve in curves_of(scene):
        plan.function(path, curve)
    return plan.flaws


def _spread(rates: Column, clock: Clock) -> Iterator[float]:
    """Whole steps for each frame whose sum keeps up with a rate per second."""
    owed = 0.0
    for index in range(clock.frames):
        owed += rates[index] / clock.fps
        whole = float(int(owed + 1e-9))
        owed -= whole
        yield whole


class _Plan:
    """Evaluates curves over a scene's frames and collects what is wrong on the way."""

    def __init__(self, scene: Scene, music: Music) -> None:
        self.scene, self.flaws = scene, list[Flaw]()
        count, fps = scene.frame_count, float(scene.fps)
        self.clock = Clock(fps, count / fps, count, music)

    def bound(self) -> None:
        """Raises: FlawsError for a film of more numbers than anybody would wait for, before any is computed."""
        scene, count = self.scene, self.clock.frames
        changing = sum(not curve.stays for _, curve in curves_of(scene))
        if count * (len(scene.prompts) + changing) > MOST_VALUES:
            text = (
                f"{count} frames with {len(scene.prompts)} prompts and {changing} curves that change are too much: "
                f"frames times their number is at most {MOST_VALUES}"
            )
            raise FlawsError([Flaw(("duration",), text)])

    def function(self, path: tuple[Any, ...], curve: Curve) -> Callable[[float], float]:
        try:
            return resolve(curve, self.clock)
        except CurveError as error:
            self.flaws.append(Flaw((*path, *error.path), str(error), error.at_key))
        except ValueError as error:
            self.flaws.append(Flaw(path, str(error)))
        return lambda _: 1.0

    def values(self, path: tuple[Any, ...], curve: Curve, bounds: tuple[float, float] | None = None) -> Column:
        """The curve at every frame, within its bounds: those given, or those that BOUNDS has."""
        function, (low, high) = self.function(path, curve), bounds or BOUNDS[path]
        values = array("d")
        for index in range(1 if curve.stays else self.clock.frames):
            try:
                value = function(index / self.clock.fps)
                if not low <= value <= high:
                    raise ValueError(f"is {value:g}, must be between {low:g} and {high:g}")
            except ValueError as error:
                self.flaws.append(Flaw(path, f"frame {index}: {error}"))
                return column([low])
            values.append(value)
        return column(values)

    def pull(self, place: int, prompt: Prompt | PromptTrack) -> Steady | Turns:
        if isinstance(prompt, Prompt):
            weights = self.values(("prompts", place, "weight"), prompt.weight, WEIGHTS)
            return Steady(aim(prompt), weights)
        return turns(prompt, ("prompts", place), self.clock, self.flaws)

    def denoisers(self, renewals: Renewals) -> dict[str, Denoising]:
        """What each denoiser does over time."""
        found = {}
        for name, term in sorted(self.scene.guide.denoisers.items()):  # so that their order in the file changes no sum
            path = ("guide", "denoisers", name)
            columns = {
                option: self.values((*path, option), getattr(term, option), BOUNDS_OF[option]) for option in BOUNDS_OF
            }
            found[name] = Denoising(name, **columns, renewals=renewals, term=term)
        return found

    def painters(self) -> tuple[float, ...]:
        """From when each generator paints, in seconds."""
        starts = list[float]()
        for painter in self.scene.generator:
            try:
                starts.append(self.clock.point(painter.start, starts[-1] if starts else 0.0))
            except ValueError as error:
                self.flaws.append(Flaw(("generator", painter.key), str(error), at_key=True))
                return (0.0,)
        for painter, before, start in zip(self.scene.generator, (None, *starts), starts, strict=False):
            if (before is None and start != 0) or (before is not None and start <= before):
                path = ("generator", painter.key)
                self.flaws.append(Flaw(path, "the times of generators begin at 0s and go up", at_key=True))
        return tuple(starts)

    def moves(self) -> Moves:
        """The camera's move from each frame to the next."""
        curves = self.scene.motion.rates
        rates = {name: self.function(("motion", name), curve) for name, curve in curves.items()}
        moving = {name for name, curve in curves.items() if not curve.stays}
        try:
            return moves(self.scene.motion.type, rates, moving, self.clock, self.scene.size)
        except FlawsError as error:
            self.flaws += error.flaws
        return Moves.of(IDENTITY)
