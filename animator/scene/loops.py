"""Films that repeat without a seam: over their last second they are led back to their first frame."""

import math
from collections.abc import Iterable, Iterator, Mapping

from animator.scene.clock import Clock
from animator.scene.frame_spec import Home
from animator.scene.motions import IDENTITY, Matrix, compose
from animator.scene.moves import Moves
from animator.scene.problems import Flaw
from animator.scene.pulls import Steady, Turns
from animator.scene.times import MOMENT

LEAD = 1.0  # seconds in which a film is led back; at most half of the film
MOST = 0.9  # of the way to the first frame that the last one goes
OFF = 1.0  # pixels by which a corner of the picture may miss its place
RETURNS = 'zoom: "exp(0.1*sin(2*pi*t/duration))" with pan_x: "0.1*sin(2*pi*t/duration)"'


def lead_of(fps: float, count: int) -> int:
    """How many of a film's last frames lead back to its first one."""
    return max(1, min(round(LEAD * fps), count // 2)) if count > 1 else 0


def homes(moves: Moves, count: int, lead: int) -> Mapping[int, Home]:
    """Where the last frames of a film see its first one, by their numbers.

    The share of what is left of the way that a frame goes rises up to `MOST`: the steps of every frame lead away from
    the first one again, and where nothing of them was left, the film would seem to freeze before it repeats.
    """
    if not lead:
        return {}
    pose, found = IDENTITY, dict[int, Home]()
    for index in range(count):
        pose = compose(pose, moves[index])
        if (place := index - (count - lead)) >= 0:
            found[index] = Home(round(MOST * (place + 1) / lead, 9), pose)
    return found


def astray(moves: Moves, count: int, size: tuple[int, int]) -> Iterator[Flaw]:
    """What keeps a camera from coming back: where it is one move after the last frame."""
    pose = IDENTITY
    for index in range(count + 1):
        pose = compose(pose, moves[index])
    off = _pixels(pose, size)
    if off > OFF:
        text = (
            f"the camera does not come back: after the last frame, {_said(pose, size)}, which puts a corner {off:.1f} "
            f"pixels off, of {OFF:g} at most; a loop needs whole turns, or moves that undo each other, "
            f"such as {RETURNS}; a pan counts in the picture as it is zoomed then"
        )
        yield Flaw(("loop",), text)


def late(prompts: Iterable[Steady | Turns], clock: Clock, lead: int) -> Iterator[Flaw]:
    """Prompts whose times a person wrote, and which come when the film is on its way back already."""
    begin = clock.duration - lead / clock.fps
    for track in (pull for pull in prompts if isinstance(pull, Turns) and pull.written):
        for aim, start, fade in zip(track.aims, track.begins, track.fades, strict=True):
            time = start + fade / 2
            if begin - MOMENT <= time < clock.duration - MOMENT:
                text = f"from {begin:g}s on the film goes back to its start, and {str(aim)!r} comes at {time:g}s"
                yield Flaw(("loop",), f"{text}; write an earlier time, or a longer duration")


def _pixels(pose: Matrix, size: tuple[int, int]) -> float:
    """How far the corners of the picture are off their places, at most."""
    width, height = size
    wide, high = math.sqrt(width / height), math.sqrt(height / width)
    most = 0.0
    for x, y in ((wide, high), (wide, -high), (-wide, high), (-wide, -high)):
        u, v, w = (row[0] * x + row[1] * y + row[2] for row in pose)
        most = max(most, math.hypot(u / w - x, v / w - y))
    return most * width / (2 * wide)


def _said(pose: Matrix, size: tuple[int, int]) -> str:
    """A pose that is not the identity, in words."""
    (a, b, x), (c, d, y), _ = pose
    wide, high = 2 * math.sqrt(size[0] / size[1]), 2 * math.sqrt(size[1] / size[0])
    scale, turned = math.sqrt(abs(a * d - b * c)), math.degrees(math.atan2(c, a))
    parts = [
        f"it is {1 / scale:.4g} times as close" if abs(scale - 1) > 1e-4 else "",
        f"it is turned by {turned:.3g} degrees" if abs(turned) > 0.01 else "",
        f"it is {x / wide:+.3g} frame widths aside" if abs(x) > 1e-4 else "",
        f"it is {y / high:+.3g} frame heights down" if abs(y) > 1e-4 else "",
    ]
    return " and ".join(filter(None, parts)) or "it is elsewhere"
