"""What one child does at a time: estimate a film, render a shot of it, or render the film."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from animator.batch.order import Order
from animator.errors import AnimatorError, revived

Work = Literal["estimate", "shot", "film"]


@dataclass(frozen=True)
class Task:
    """A work to be done with a scene, which is read again for that. `part` are the frames of a shot."""

    scene: Path
    name: str  # the film's
    work: Work
    order: Order
    changes: tuple[str, ...] = ()  # as `--set` takes them
    part: tuple[int, int] | None = None

    def on(self, device: str) -> "Task":
        """The same on a device."""
        return dataclasses.replace(self, order=dataclasses.replace(self.order, device=device))

    def to_plain(self) -> dict[str, Any]:
        """As values for JSON."""
        order = {**dataclasses.asdict(self.order), "out": str(self.order.out)}
        return {**dataclasses.asdict(self), "scene": str(self.scene), "order": order}

    @staticmethod
    def from_plain(plain: Mapping[str, Any]) -> "Task":
        """The task that such values were made of."""
        order = plain["order"]
        span, part = (tuple(pair) if pair else None for pair in (order["span"], plain["part"]))
        made: dict[str, Any] = {**order, "out": Path(order["out"]), "span": span}
        values: dict[str, Any] = {**plain, "scene": Path(plain["scene"]), "part": part}
        return Task(**{**values, "order": Order(**made), "changes": tuple(plain["changes"])})


@dataclass(frozen=True)
class Ended:
    """How a task ended: with what came out, or with an error; and how many seconds it took."""

    film: Path | None
    error: AnimatorError | None
    seconds: float = 0.0

    def to_plain(self) -> dict[str, Any]:
        """As values for JSON."""
        error = self.error
        said = error and {"kind": type(error).__name__, "message": str(error), "exit_code": error.exit_code}
        return {"film": self.film and str(self.film), "error": said, "seconds": self.seconds}

    @staticmethod
    def from_plain(plain: Mapping[str, Any]) -> "Ended":
        """How it ended, from such values."""
        film, said = plain["film"], plain["error"]
        error = revived(said["kind"], said["message"], said["exit_code"]) if said else None
        return Ended(Path(film) if film else None, error, float(plain["seconds"]))
