"""Where a film comes to show something else, and what: for those that draw it.

That is where a prompt fades into another, and where a weight makes another prompt the strongest. A weight that only
pulses asks for nothing new. Every change has one drawing, which the camera moves away from. A frame knows nothing of
what is later than its own prompts, so an edit changes no frame before it.
"""

from array import array
from bisect import bisect_right
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from animator.scene.clock import Clock
from animator.scene.columns import Column
from animator.scene.frame_spec import Coming, PromptAt
from animator.scene.motions import IDENTITY, compose
from animator.scene.moves import Moves
from animator.scene.pulls import Steady, Turns
from animator.scene.resting import settling
from animator.seeds import derive

SETTLED = 0.01  # share of a change below which nothing of it is left
DRAWING = 1  # what a frame's second seed is for


@dataclass(frozen=True)
class Change:
    """The frames of a change, what they come to, and the camera's move from the first of them to each."""

    frames: range
    prompts: tuple[PromptAt, ...]
    poses: Moves


@dataclass(frozen=True)
class Renewals:
    """How much is new at each frame, from 0, at rest, to 1; and the changes, in order."""

    shares: Column
    changes: tuple[Change, ...] = ()

    def coming(self, index: int, seed: int, prompts: Sequence[PromptAt]) -> Coming | None:
        """What a frame with these prompts is on the way to, in a film of that seed; None at rest."""
        place = bisect_right(self.changes, index, key=lambda change: change.frames.start) - 1
        if place < 0 or index not in self.changes[place].frames:
            return None
        change = self.changes[place]
        begin = change.frames.start
        come = min((at.blend for at in prompts if at.towards), default=1.0)
        share = round(come * self.shares[index], 9)  # an end all at once would be a jump
        return Coming(derive(seed, begin, DRAWING), change.prompts, share, change.poses[index - begin])


def renewals(
    prompts: Sequence[Steady | Turns],
    handed_over: Collection[int],
    anew: Collection[int],
    clock: Clock,
    moves: Moves,
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
        asked.append(float(index in handed_over or (index > 0 and now != before)))
        if index and goal != goals:
            loser = pulls[goals[0]] if strongest != goals[0] else None
            held = (PromptAt(at.towards or at.aim, at.weight) for at in pulls if at.weight and at is not loser)
            begins[index] = tuple(at for at in held if not at.aim.image)
        before, goals = now, goal
    shares = settling(asked, anew, clock)
    spans = _spans(begins, shares, anew, clock.frames)
    return Renewals(shares, tuple(Change(span, begins[span.start], _poses(span, moves)) for span in spans))


def _spans(begins: Collection[int], shares: Column, anew: Collection[int], count: int) -> Iterator[range]:
    """Each change from where it begins until it has settled, or another one or a shot begins."""
    for begin in begins:
        if begin in anew:
            continue
        end = begin + 1
        while end < count and end not in begins and end not in anew and shares[end] >= SETTLED:
            end += 1
        yield range(begin, end)


def _poses(span: range, moves: Moves) -> Moves:
    pose, numbers = IDENTITY, array("d")
    for index in span[1:]:
        pose = compose(pose, moves[index])
        numbers.extend(number for row in pose for number in row)
    return Moves(numbers)
