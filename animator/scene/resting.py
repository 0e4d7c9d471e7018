"""How much a film changes at each frame, by what its prompts do.

Where nothing new is asked for, steps may be shorter: those that are as long at rest as during a change are what makes
pictures boil. Where only a weight changes, the forms stay: denoisers that drew new ones would make a pulse flicker.
"""

from collections.abc import Callable, Collection, Sequence

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

    def asked(index: int) -> float:
        return max((_faster(pull, index, clock) for pull in prompts), default=0.0)

    return _settling(asked, handed_over, anew, clock)


def renewals(
    prompts: Sequence[Steady | Turns], handed_over: Collection[int], anew: Collection[int], clock: Clock
) -> Column:
    """The same for what is drawn anew. Of weights, only those count that make another prompt the strongest."""

    def asked(index: int) -> float:
        fades = any(isinstance(pull, Turns) and _fades(pull, index, clock) for pull in prompts)
        return float(fades or (index > 0 and _strongest(prompts, index) != _strongest(prompts, index - 1)))

    return _settling(asked, handed_over, anew, clock)


def _settling(
    asked: Callable[[int], float], handed_over: Collection[int], anew: Collection[int], clock: Clock
) -> Column:
    found, left = list[float](), 0.0
    for index in range(clock.frames):
        if index in anew:
            found.append(1.0)
            left = 0.0
            continue
        left = max(asked(index), float(index in handed_over), left - 1 / (SETTLES * clock.fps), 0.0)
        found.append(left)
    return column(found)


def _faster(pull: Steady | Turns, index: int, clock: Clock) -> float:
    if isinstance(pull, Turns):
        return float(_fades(pull, index, clock))
    before = pull.weights[max(0, index - 1)]
    return min(1.0, abs(pull.weights[index] - before) * clock.fps)


def _fades(pull: Turns, index: int, clock: Clock) -> bool:
    return index > 0 and pull.at(index, index / clock.fps) != pull.at(index - 1, (index - 1) / clock.fps)


def _strongest(prompts: Sequence[Steady | Turns], index: int) -> int:
    """The first of the prompts that pull most at a frame."""
    weights = [pull.weights[index] if isinstance(pull, Steady) else 1.0 for pull in prompts]
    return max(range(len(weights)), key=weights.__getitem__, default=0)
