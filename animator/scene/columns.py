"""A number for each frame of a film, in little memory."""

from array import array
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Column:
    """`column[index]` is the number at a frame. One that stays is stored once."""

    numbers: "array[float]"

    def __getitem__(self, index: int) -> float:
        return self.numbers[index if len(self.numbers) > 1 else 0]


def column(values: Iterable[float]) -> Column:
    """The numbers of every frame, or one that holds for all."""
    numbers = array("d", values)
    stays = numbers and numbers.count(numbers[0]) == len(numbers)
    return Column(numbers[:1] if stays else numbers)
