"""How much a film changes at each frame, by what its prompts do: where nothing new is asked for, steps may be shorter.

Steps that are as long at rest as during a change are what makes pictures boil.
"""

from collections.abc import Collection, Iterable, Sequence

from animator.scene.clock import Clock
from animator.scene.columns import Column, column
from animator.scene.pulls import Steady, Turns

SETTLES = 1.5  # seconds after a change in which a film comes to rest again


def changes(
    prompts: Sequence[Steady | Turns], handed_over: Collection[int], anew: Collection[int], clock: Clock
) -> Column:
    """For each frame from 0, at rest, to 1: while a prompt fades into another, while a weight changes by a whole one a
    second, where another generator takes over, and behind these for a while. Frames that begin `anew`, as the first
    one does, are 1, and settled behind themselves."""
    asked = (max((_change(pull, index, clock) for pull in prompts), default=0.0) for index in range(clock.frames))
    return settling((max(one, float(index in handed_over)) for index, one in enumerate(asked)), anew, clock)


def share(change: float, rest: float) -> float:
    """Of a step's size where so much changes, with a share of `rest` at rest."""
    return rest + (1 - rest) * change


def settling(asked: Iterable[float], anew: Collection[int], clock: Clock) -> Column:
    """What changes at each frame, from 0 to 1, with what is left behind it until the film rests again."""
    found, left = list[float](), 0.0
    for index, one in enumerate(asked):
        if index in anew:
            found.append(1.0)
            left = 0.0
            continue
        left = max(one, left - 1 / (SETTLES * clock.fps), 0.0)
        found.append(left)
    return column(found)


def _change(pull: Steady | Turns, index: int, clock: Clock) -> float:
    if isinstance(pull, Steady):
        before = pull.weights[max(0, index - 1)]
        return min(1.0, abs(pull.weights[index] - before) * clock.fps)
    return 1.0 if index and pull.at(index, index / clock.fps) != pull.at(index - 1, (index - 1) / clock.fps) else 0.0
