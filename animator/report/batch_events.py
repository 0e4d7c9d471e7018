"""What happens to a batch of films as a whole, as records; `events` has them all.

They come in this order: SceneWrong for each scene that is, Estimated for each other, BatchBegan, then TaskBegan, Beat
and TaskEnded between the events of films, with Retrying after a failure that may pass, SceneQueued and PutFirst as
people ask, BatchEnding if it ends early, BatchDone.
"""

from dataclasses import dataclass, field
from pathlib import Path

from animator.errors import AnimatorError


@dataclass(frozen=True)
class BatchBegan:
    """Films are about to be rendered, by their names, so many at a time; what is known of them is in `folder`."""

    scenes: tuple[str, ...]
    folder: Path
    slots: int


@dataclass(frozen=True)
class SceneWrong:
    """What is wrong with a scene was seen before the first film; it is read again when its turn comes."""

    scene: str
    error: AnimatorError


@dataclass(frozen=True)
class Estimated:
    """What a film will take, from a few steps that were tried: of `frames`, `missing` are to be rendered, within about
    so many seconds; `disk` and `memory` are in bytes, and None where nobody can say."""

    scene: str
    frames: int
    missing: int
    seconds: float
    disk: int | None = None
    memory: int | None = None


@dataclass(frozen=True)
class SceneQueued:
    """A scene came in while others are rendered."""

    scene: str
    priority: int


@dataclass(frozen=True)
class PutFirst:
    """A film comes before all others that wait."""

    scene: str


@dataclass(frozen=True)
class TaskBegan:
    """A child works at a film, or at the shot that begins with a frame, on a device."""

    scene: str
    shot: int | None
    device: str


@dataclass(frozen=True)
class TaskEnded:
    """A child is done with a film or a shot, however that ended; see `TaskBegan`."""

    scene: str
    shot: int | None


@dataclass(frozen=True)
class Beat:
    """A film that is rendered elsewhere is alive: which step of which frame."""

    scene: str
    frame: int
    step: int
    steps: int
    terms: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Retrying:
    """Something failed that may go well another time: it goes on from the last frame in so many seconds."""

    scene: str
    reason: str
    tries: int
    seconds: float


@dataclass(frozen=True)
class BatchEnding:
    """No film is begun any more, and those that are rendered are left after a step."""

    reason: str


@dataclass(frozen=True)
class BatchDone:
    """How many films are there, how many failed, and how many are left for another time."""

    done: int
    failed: int
    left: int
    seconds: float
