"""The camera's move from each frame to the next, in little memory."""

from array import array
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from pydantic import ValidationError

from animator import variants
from animator.scene.clock import Clock
from animator.scene.curves import CurveError
from animator.scene.motions import IDENTITY, Matrix, compose
from animator.scene.problems import Flaw, FlawsError, explain

SUBSTEP = 1 / 96  # seconds; how finely a camera whose rates change is followed between two frames
CELLS = 9  # numbers of a matrix


@dataclass(frozen=True)
class Moves:
    """`moves[index]` is the matrix from a frame's coordinates to those of the one before; the first frame stands still.
    Where all the others move alike, one matrix is stored."""

    numbers: "array[float]"

    def __getitem__(self, index: int) -> Matrix:
        if index == 0:
            return IDENTITY
        start = CELLS * (index - 1) if len(self.numbers) > CELLS else 0
        a, b, c, d, e, f, g, h, i = self.numbers[start : start + CELLS]
        return (a, b, c), (d, e, f), (g, h, i)

    @classmethod
    def of(cls, matrix: Matrix) -> "Moves":
        """Each frame moves by the same."""
        return cls(array("d", (number for row in matrix for number in row)))


def moves(
    kind: str,
    rates: Mapping[str, Callable[[float], float]],
    moving: Collection[str],
    clock: Clock,
    size: tuple[int, int],
) -> Moves:
    """The moves of a film by a motion, and the one after its last frame. `rates` are its options over time, of which
    those that change are `moving`.

    Between two frames whose rates differ, they are followed in substeps; where they stay the same, one step is exact.
    Raises: FlawsError for a frame at which a rate has no value, or one that the motion does not take.
    """
    motion = variants.module("motions", kind)
    substeps = max(1, round(1 / clock.fps / SUBSTEP)) if moving else 1
    length = 1 / clock.fps / substeps
    at_rest = {name: rate(0.0) for name, rate in rates.items() if name not in moving}
    numbers = array("d")
    for index in range(1, clock.frames + 1 if moving else 2):
        begin = index / clock.fps - 1 / clock.fps
        try:
            middles = (begin + (part + 0.5) * length for part in range(substeps))
            followed = [{**at_rest, **_at(middle, rates, moving)} for middle in middles]
            parts = followed if any(part != followed[0] for part in followed) else followed[:1]
            seconds = length if len(parts) > 1 else 1 / clock.fps
            whole = IDENTITY
            for part in parts:
                whole = compose(whole, motion.matrix(motion.Config(**part), seconds, size))
        except ValidationError as error:
            flaws = explain(error, motion.Config, ("motion",))
            raise FlawsError(Flaw(flaw.path, f"frame {index}: {flaw.message}") for flaw in flaws) from error
        except ValueError as error:
            path = error.path if isinstance(error, CurveError) else ()
            raise FlawsError([Flaw(("motion", *path), f"frame {index}: {error}")]) from error
        numbers.extend(number for row in whole for number in row)
    return Moves(numbers) if moving else Moves(numbers[:CELLS])


def _at(time: float, rates: Mapping[str, Callable[[float], float]], moving: Collection[str]) -> dict[str, float]:
    """The rates that change at one time. Raises: CurveError for one without a value, with its name as the path."""
    found = {}
    for name in moving:
        try:
            found[name] = rates[name](time)
        except ValueError as error:
            raise CurveError(str(error), (name,)) from error
    return found
