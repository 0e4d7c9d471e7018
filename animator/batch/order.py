"""What is asked for, and how it ended. No torch."""

from dataclasses import dataclass
from pathlib import Path

from animator.errors import AnimatorError


@dataclass(frozen=True)
class Order:
    """How films are to be rendered; what is rendered is in the scenes."""

    out: Path = Path("outputs")  # where the films' folders go
    span: tuple[int, int] | None = None  # the frames that are wanted: from, up to but not including; None: all
    device: str = "auto"
    fresh: bool = False  # move an old folder aside and begin anew
    deterministic: bool = False  # the same bytes each time on CUDA, too
    strict: bool = False  # a frame that looks odd ends its film


@dataclass(frozen=True)
class Result:
    """How one scene ended: with a film, or with an error."""

    scene: str
    film: Path | None
    error: AnimatorError | None
