"""Where a film comes to show something else, and what: for those that draw it.

That is where a shot begins, where a prompt fades into another, and where a weight makes another prompt the strongest. A
weight that only pulses asks for nothing new. There is one drawing from each to the next, which the camera moves away
from. A frame knows nothing of what is later than its own prompts, so an edit changes no frame before it.
"""

from array import array
from bisect import bisect_right
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from animator.scene.clock import Clock
from animator.scene.columns import Column, column
from animator.scene.frame_spec import Coming, PromptAt
from animator.scene.motions import IDENTITY, Matrix, compose
from animator.scene.moves import Moves
from animator.scene.pulls import Steady, Turns
from animator.scene.resting import settling
from animator.seeds import derive

DRAWING = 1  # what a frame's second seed is for
FIRST_STEP = 0, 2  # a shot's drawing is the first of its first frame, and has that one's seed, see `paint.guide`
AWAY = 2.0  # how many times a drawing is enlarged where nothing of it is held any more
LOST = 1e-8  # share of a drawing's area below which it tells nothing


@dataclass(frozen=True)
class Change:
    """The frames from one change to the next, what they come to, and the camera's move from the first to each."""

    frames: range
    prompts: tuple[PromptAt, ...]
    poses: Moves
    shot: bool  # whether the first frame begins anew


@dataclass(frozen=True)
class Renewals:
    """How much is new at each frame, from 0, at rest, to 1: of all, and of what prompts ask for alone; and the
    changes, in order."""

    shares: Column = field(default_factory=lambda: column([0.0]))
    asked: Column = field(default_factory=lambda: column([0.0]))
    changes: tuple[Change, ...] = ()
    size: tuple[int, int] = (1, 1)

    def coming(self, index: int, seed: int, prompts: Sequence[PromptAt]) -> Coming | None:
        """What a frame with these prompts is on the way to, in a film of that seed, and which share of the way. None
        where there is no such thing, or the camera has left it far behind."""
        change = self._change(index)
        if change is None:
            return None
        begin = change.frames.start
        pose = change.poses[index - begin]
        if not LOST < _area(pose) < 1 / LOST:
            return None
        come = min((at.blend for at in prompts if at.towards), default=1.0)
        drawing = derive(derive(seed, begin), *FIRST_STEP) if change.shot else derive(seed, begin, DRAWING)
        return Coming(drawing, change.prompts, come, pose)

    def begin(self, index: int) -> int:
        """The frame of the change before a frame, or its own."""
        change = self._change(index)
        return change.frames.start if change else 0

    def _change(self, index: int) -> Change | None:
        place = bisect_right(self.changes, index, key=lambda change: change.frames.start) - 1
        return self.changes[place] if place >= 0 else None

    def seen(self, pose: Matrix) -> float:
        """How much the camera sees of a drawing, from 1 to 0: less as it comes closer, or looks beside it."""
        (a, b, x), (c, d, y), _ = pose
        width, height = self.size
        across, down = (width / height) ** 0.5, (height / width) ** 0.5
        corners = [(right, low) for right in (-across, across) for low in (-down, down)]
        beside = max(
            max(abs(a * right + b * low + x) / across, abs(c * right + d * low + y) / down) for right, low in corners
        )
        left: float = (AWAY - max(_area(pose) ** -0.5, beside)) / (AWAY - 1)
        return min(1.0, max(0.0, left))


def renewals(
    prompts: Sequence[Steady | Turns],
    handed_over: Collection[int],
    anew: Collection[int],
    clock: Clock,
    moves: Moves,
    size: tuple[int, int],
) -> Renewals:
    """Frames that begin `anew`, as the first one does, are 1, and settled behind themselves. Where another generator
    takes over, there is something new in the picture, but nothing else is asked for."""
    asked, begins = list[float](), dict[int, tuple[PromptAt, ...]]()
    before: tuple[Any, ...] = ()
    goals: tuple[Any, ...] = ()
    for index in range(clock.frames):
        pulls = [pull.at(index, index / clock.fps) for pull in prompts]
        strongest = max(range(len(pulls)), key=lambda place: pulls[place].weight, default=0)
        turns = [at for at, pull in zip(pulls, prompts, strict=True) if isinstance(pull, Turns)]
        now, goal = (strongest, *turns), (strongest, *(at.towards or at.aim for at in turns))
        asked.append(float(index > 0 and now != before))
        if index in anew:
            begins[index] = tuple(at for at in pulls if at.weight)
        elif goal != goals:
            loser = pulls[goals[0]] if strongest != goals[0] else None
            held = (PromptAt(at.towards or at.aim, at.weight) for at in pulls if at.weight and at is not loser)
            begins[index] = tuple(at for at in held if not at.aim.image)
        before, goals = now, goal
    shares = settling((max(one, float(index in handed_over)) for index, one in enumerate(asked)), anew, clock)
    spans = map(range, begins, [*list(begins)[1:], clock.frames])
    changes = tuple(Change(span, begins[span.start], _poses(span, moves), span.start in anew) for span in spans)
    return Renewals(shares, settling(asked, anew, clock), changes, size)


def _area(pose: Matrix) -> float:
    """Of what the camera sees, in the picture that the pose leads to, over that picture's."""
    (a, b, _), (c, d, _), _ = pose
    return abs(a * d - b * c)


def _poses(span: range, moves: Moves) -> Moves:
    pose, numbers = IDENTITY, array("d")
    for index in span[1:]:
        pose = compose(pose, moves[index])
        numbers.extend(number for row in pose for number in row)
    return Moves(numbers)
