"""Soft cuts: the last picture before one fades out over the shot behind it, while the camera carries it on.

Frames are not touched: shots are painted by themselves, and mixed while the film is made of them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from animator.film.encode import Reel
from animator.paint.fading import Fading
from animator.scene.frame_spec import FrameSpec


def dissolved(reel: Reel, specs: Sequence[FrameSpec]) -> Reel:
    """A reel of these frames, mixed where one has a `dissolve`. What begins before the first of them is not seen."""
    if not any(spec.dissolve for spec in specs):
        return reel
    return replace(reel, pictures=_pictures(reel, specs))


def _pictures(reel: Reel, specs: Sequence[FrameSpec]) -> Iterator[bytes]:
    before, gone, whole = b"", 0, 0
    fading: Fading | None = None
    for picture, spec in zip(reel.pictures, specs, strict=True):
        if spec.cut:
            fading = Fading(before, reel.size) if before and spec.dissolve else None
            gone, whole = 0, spec.dissolve
        if fading and gone < whole:
            gone += 1
            before = fading.over(picture, spec.matrix, gone / (whole + 1))
        else:
            before = picture
        yield before
