"""Which failures may pass when a film is tried once more, and which will not.

| failure | more tries |
|---|---|
| a child was killed, or fell silent | 2 |
| a card was lost | 2, each in a new process |
| memory ran out, with cutouts in as many pieces as there are | 1, in a new process |
| ffmpeg was killed | 1 |
| a scene, a model, a disk, a permission, a fault of this program | none |

A loss that is not a number, and memory that runs out, are met before this: by another seed, and by cutouts in pieces.
Whatever is tried goes on from the last frame that is there. After MANY more frames, earlier failures are forgotten.
"""

from collections import Counter

from animator.errors import AnimatorError, ChildError, DeviceError, FullError, MovieError, RanOutError

MORE = {ChildError: 2, DeviceError: 2, RanOutError: 1, MovieError: 1}
WAITS = (1.0, 10.0)  # seconds before each try
MANY = 50  # frames


class Tries:
    """What failed so far of one film or shot."""

    def __init__(self) -> None:
        self.failed: Counter[type[AnimatorError]] = Counter()
        self.frames = 0  # since the last failure

    def went_on(self) -> None:
        """A frame was done."""
        self.frames += 1

    @property
    def count(self) -> int:
        """How often it was tried again."""
        return self.failed.total()

    def again(self, error: AnimatorError) -> float | None:
        """In how many seconds to try again after a failure; None if there is no use in it."""
        if self.frames >= MANY:
            self.failed.clear()
        self.frames = 0
        kind = next((kind for kind in MORE if isinstance(error, kind)), None)
        if kind is None or isinstance(error, FullError) or self.failed[kind] >= MORE[kind]:
            return None
        self.failed[kind] += 1
        return WAITS[min(self.count, len(WAITS)) - 1]
