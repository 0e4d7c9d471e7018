"""What looks odd about a frame, against the frames before it: what nobody would notice before the morning.

A picture is compared with those that the same prompts made: where prompts, generator or steps change, or the camera is
to move faster, what is seen may change as well, and the comparison begins anew. Thresholds were measured:
`python -m bench.checks`.
"""

import statistics
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from animator.film.folder import Folder
from animator.scene.frame_spec import FrameSpec

Pixels = np.ndarray[Any, np.dtype[np.uint8]]

KEPT = 24  # looks that a frame is compared with, at most
ENOUGH = 6  # looks without which nothing is said about changes
SETTLED = 0.5  # seconds after a change in which pictures may still follow it
CALM = 2.0  # seconds after it from when on colours should stay about as they are
SIDE = 64  # pixels of the small pictures whose difference says how much has changed
FINE = 96  # pixels, about, of the smaller side of those whose edges say how blurred they are

BLACK, BRIGHT = 6, 0.005  # of 255; share of pixels that may be brighter in a black picture
FLAT = 2.5  # of 255: how much light and colours vary
BLOWN = 0.5  # share of pixels that are white
JUMP, JUMP_LEAST = 3.0, 10.0  # times the median change, and of 255
STAIN = 30.0  # of 255: how far a mean colour goes from one frame to the next
BLURRED, NOISY = 0.45, 2.2  # times the median of edges, and of sharpness
MORE, STILL = 1.5, 0.01  # times as much is something new; coordinates of a move that nobody sees
DRIFT = 55.0  # of 255: how far a mean colour goes while the same is asked for


@dataclass(frozen=True)
class Look:
    """A picture in a few numbers, of 255 each: the mean of each colour, how light and colours vary, the mean step from
    a pixel to its neighbour, and how much such steps differ in a smaller copy; the share of white pixels; whether it is
    black; and a small copy."""

    colour: tuple[float, float, float]
    spread: float
    sharpness: float
    edges: float
    white: float
    black: bool
    small: Pixels = field(repr=False, compare=False)


def look(pixels: Pixels) -> Look:
    """A picture (H,W,3) as the checks see it."""
    light = pixels.mean(2, dtype=np.float32)
    small = np.asarray(Image.fromarray(pixels).resize((SIDE, SIDE), Image.Resampling.BOX))
    red, green, blue = (float(value) for value in small.mean((0, 1)))
    spread = max(float(light.std()), *(float(value) for value in small.std((0, 1))))
    sharpness = sum(float(np.abs(np.diff(light, axis=axis)).mean()) for axis in (0, 1)) / 2
    # Soft pictures are mostly gradients, which stay when they are blurred, and at full size the steps of a gradient
    # differ by what was rounded.
    fine = np.asarray(Image.fromarray(light).reduce(max(1, round(min(light.shape) / FINE))))
    edges = sum(float(np.abs(np.diff(fine, 2, axis=axis)).mean()) for axis in (0, 1)) / 2
    white, black = float((light > 250).mean()), float((light >= BLACK).mean()) < BRIGHT
    return Look((red, green, blue), spread, sharpness, edges, white, black, small)


def difference(one: Look, other: Look) -> float:
    """How much two pictures differ in the mean, of 255."""
    return float(np.abs(one.small.astype(np.int16) - other.small).mean())


def _apart(one: Look, other: Look) -> float:
    """How far the mean colours of two pictures are from each other, of 255."""
    return max(abs(a - b) for a, b in zip(one.colour, other.colour, strict=True))


def alone(seen: Look) -> list[str]:
    """What is odd about a picture, whatever was before."""
    if seen.black:
        return ["black"]
    if seen.white > BLOWN:
        return ["blown out"]
    return ["flat"] if seen.spread < FLAT else []


def changed(before: FrameSpec, spec: FrameSpec) -> bool:
    """Whether a frame is asked for something that the one before was not, so that its picture may be another."""
    return (
        spec.generator != before.generator
        or spec.home is not None
        or spec.cut
        or before.starts
        or _differ(_weights(before), _weights(spec))
        or _differ(dict(before.losses), dict(spec.losses))
        or spec.steps * spec.step_size > MORE * before.steps * before.step_size
        or _moved(spec) > MORE * _moved(before) + STILL
    )


def _weights(spec: FrameSpec) -> dict[object, float]:
    """How much each prompt weighs; one that fades is another in every frame."""
    return {(prompt.aim, prompt.towards, prompt.blend): prompt.weight for prompt in spec.prompts}


def _differ(before: Mapping[Any, float], after: Mapping[Any, float]) -> bool:
    return before.keys() != after.keys() or any(
        abs(weight - before[name]) > (MORE - 1) * abs(before[name]) for name, weight in after.items()
    )


def _moved(spec: FrameSpec) -> float:
    """How far a camera's move takes a point at the picture's edge, in the coordinates of motions."""
    (a, b, x), (c, d, y), _ = spec.matrix
    return max(abs(a - 1), abs(d - 1)) + max(abs(b), abs(c)) + max(abs(x), abs(y))


@dataclass
class Checks:
    """Looks at a film's frames in order. `quiet` is how many frames ago something was asked for that was new."""

    fps: float
    looks: deque[Look] = field(default_factory=lambda: deque(maxlen=KEPT))
    changes: deque[float] = field(default_factory=lambda: deque(maxlen=KEPT))
    settled: Look | None = None
    before: FrameSpec | None = None
    quiet: int = 0

    def compares(self, spec: FrameSpec) -> bool:
        """Whether the next frame can be told from those before."""
        if self.before is None or changed(self.before, spec):
            return False
        return self.quiet + 1 > SETTLED * self.fps and len(self.changes) >= ENOUGH

    def see(self, spec: FrameSpec, pixels: Pixels) -> list[str]:
        """What is odd about the next frame."""
        seen, compared = look(pixels), self.compares(spec)
        if self.before is None or changed(self.before, spec):
            self.quiet, self.settled = 0, None
            self.looks.clear()
            self.changes.clear()
        change = difference(self.looks[-1], seen) if self.looks else None
        found = alone(seen) or (self._compared(seen, change or 0.0) if compared else [])
        self.quiet += 1
        self.before = spec
        self.looks.append(seen)
        if change is not None:
            self.changes.append(change)
        return found

    def _compared(self, seen: Look, change: float) -> list[str]:
        found = []
        if self.settled is None and self.quiet >= CALM * self.fps:
            self.settled = seen
        stained = _apart(seen, self.looks[-1]) > STAIN
        if stained or change > max(JUMP_LEAST, JUMP * statistics.median(self.changes)):
            found.append("a jump")
        if seen.edges < BLURRED * statistics.median(each.edges for each in self.looks):
            found.append("blurred")
        if seen.sharpness > NOISY * statistics.median(each.sharpness for each in self.looks):
            found.append("noisy")
        if self.settled is not None and _apart(seen, self.settled) > DRIFT:
            found.append("colours drift")
            self.settled = seen  # which is said once, and again when they went as far once more
        return found


def going_on(folder: Folder, specs: Sequence[FrameSpec], start: int, fps: float) -> Checks:
    """Checks that have seen the frames before `start`, back to where something new was asked for, or as many as matter
    for all but how far colours have gone. A frame that cannot be read is left out."""
    first, least = start, max(0, start - 2 * KEPT)
    while first > least and not (first < start and changed(specs[first - 1], specs[first])):
        first -= 1
    checks = Checks(fps)
    for index in range(first, start):
        pixels = read(folder.frame_path(index))
        if pixels is not None:
            checks.see(specs[index], pixels)
    return checks


def read(path: Path) -> Pixels | None:
    """A frame's pixels (H,W,3); None where they cannot be read."""
    try:
        with Image.open(path, formats=["PNG"]) as image:
            return np.asarray(image.convert("RGB"))
    except (OSError, SyntaxError, ValueError):
        return None
