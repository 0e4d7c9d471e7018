"""What is to be rendered, how, and who watches."""

from dataclasses import dataclass, field
from pathlib import Path

from animator.batch.order import Order
from animator.batch.stop import Stop
from animator.errors import Problem, SceneError
from animator.film import folder
from animator.paint.device import Device
from animator.paint.shelf import Shelf
from animator.report.sinks import Sink
from animator.scene import needs
from animator.scene.document import Document


@dataclass(frozen=True)
class Job:
    """A film to be rendered, how, and on which device."""

    document: Document
    order: Order
    device: Device
    shelf: Shelf = field(default_factory=Shelf, compare=False)  # networks that this film shares with others
    part: range | None = None  # one shot alone, in a folder of its own

    @property
    def name(self) -> str:
        """The film's."""
        return self.document.scene.name

    @property
    def folder(self) -> Path:
        """The film's, or that of the one shot."""
        film = self.order.out / self.name
        return film if self.part is None else folder.of_shot(film, self.part.start)

    @property
    def deterministic(self) -> bool:
        """Whether frames are computed in another way than usual: a CPU's are the same bytes each time anyhow."""
        return self.order.deterministic and self.device.type == "cuda"

    @property
    def frames(self) -> range:
        """The frames that the film is made of."""
        count = len(self.document.frames)
        first, last = self.order.span or (0, count)
        return range(first, min(last, count))

    def demand(self) -> None:
        """Raises: SceneError for what this film cannot be, ModelError for models that are not here."""
        document = self.document
        needs.demand(self.name, document.models)
        count = len(document.frames)
        first, last = self.order.span or (0, count)
        if not (0 <= first < last and self.frames):
            written = f"--frames {first}:{last}"
            raise SceneError([Problem(written, 0, 0, f"{self.name} has {count} frames, 0 to {count - 1}")])
        if self.deterministic:
            needs.demand_deterministic(document.path, document.scene, document.frames)


@dataclass(frozen=True)
class Watch:
    """Who is told what happens, and who may ask for an end."""

    tell: Sink
    stop: Stop
