"""What happens to a film, as records; `events` has them all, and says in which order they come."""

from dataclasses import dataclass, field
from pathlib import Path

from animator.errors import AnimatorError
from animator.scene.document import Document
from animator.scene.warnings import SceneWarning


@dataclass(frozen=True)
class Warned:
    """Something in a scene works, but will hardly do what was meant."""

    scene: str
    warning: SceneWarning


@dataclass(frozen=True)
class Listening:
    """A scene's song is searched for beats, which takes long; it is done once for each song."""

    scene: str
    song: Path


@dataclass(frozen=True)
class ModelsMissing:
    """A scene later in the batch needs models that are not here."""

    scene: str
    reason: str


@dataclass(frozen=True)
class FramesBorrowed:
    """A new film has its first `count` frames from the folder of another, which has the same."""

    scene: str
    count: int
    source: Path


@dataclass(frozen=True)
class FramesKept:
    """What an earlier run left: `kept` of `frames` count, and rendering goes on from `first`, which is earlier where
    states were not kept. `changed` names the fields of the scene that the next frame differs in."""

    scene: str
    kept: int
    frames: int
    first: int
    changed: tuple[str, ...] = ()


@dataclass(frozen=True)
class StatesDamaged:
    """The states of these frames are not what was written; rendering starts from an older one."""

    scene: str
    frames: tuple[int, ...]


@dataclass(frozen=True)
class MemoryTight:
    """Steps need most of the memory there is, so they go slower: what they free goes back at once (`give_back`), or
    cutouts go in pieces. Sizes are in bytes."""

    scene: str
    need: int
    free: int
    give_back: bool
    pieces: int


@dataclass(frozen=True)
class Edited:
    """A scene that is watched was saved: of its `frames`, those before `first` are as they were, which are `seconds` of
    the film; None when it was read for the first time."""

    scene: str
    frames: int
    first: int
    seconds: float | None


@dataclass(frozen=True)
class SceneOpened:
    """A film's folder is this process's now. For those who draw the film; programs are not told."""

    scene: str
    document: Document
    folder: Path


@dataclass(frozen=True)
class Reduced:
    """A preview is not the film: it is `size` in place of `full_size`, of every n-th frame, or of single moments where
    `every` is 0, with so many steps for the first frame and for each other."""

    scene: str
    size: tuple[int, int]
    full_size: tuple[int, int]
    every: int
    first_steps: int
    steps: int


@dataclass(frozen=True)
class FilmBegan:
    """Frames `first` to `stop` - 1 are about to be rendered. Not told where all of them are there."""

    scene: str
    first: int
    stop: int


@dataclass(frozen=True)
class FrameDone:
    """A frame is on the disk: its losses by name at the last step, how many steps it took, and how long."""

    scene: str
    frame: int
    steps: int
    seconds: float
    losses: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class FrameOdd:
    """A frame looks odd beside those before it; see `film.checks`."""

    scene: str
    frame: int
    odd: tuple[str, ...]


@dataclass(frozen=True)
class PaintedOtherwise:
    """A frame's loss stopped being a number, as `reason` says; it is painted with another seed."""

    scene: str
    frame: int
    reason: str


@dataclass(frozen=True)
class CutoutsInPieces:
    """Memory ran out; the film goes on with its cutouts in so many pieces, which is slower."""

    scene: str
    pieces: int


@dataclass(frozen=True)
class Encoding:
    """The film is being made from so many frames."""

    scene: str
    frames: int


@dataclass(frozen=True)
class PaintingAgain:
    """The making of so many frames was not recorded, so they are painted once more, exactly."""

    scene: str
    frames: int


@dataclass(frozen=True)
class PaintedAgain:
    """So many of those frames are painted."""

    scene: str
    done: int
    frames: int


@dataclass(frozen=True)
class CellBegan:
    """One film of a sweep begins: which of how many, counted from 1, and its choices as people read them."""

    scene: str
    number: int
    count: int
    choices: tuple[str, ...]


@dataclass(frozen=True)
class TimelapseDone:
    """The film of how frames were made is there."""

    scene: str
    film: Path


@dataclass(frozen=True)
class EncodingSoFar:
    """A film is being made of the `frames` that are there so far."""

    scene: str
    frames: int


@dataclass(frozen=True)
class FilmSoFar:
    """A film of the first `count` of `frames` is there."""

    scene: str
    film: Path
    count: int
    frames: int


@dataclass(frozen=True)
class FilmDone:
    """The film is there."""

    scene: str
    film: Path
    seconds: float


@dataclass(frozen=True)
class SceneFailed:
    """The scene ended without a film."""

    scene: str
    error: AnimatorError
    seconds: float
