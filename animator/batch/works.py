"""What a film is painted with: its generators and its guide, loaded and fitted into the memory there is."""

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass

from animator.batch.job import Job, Watch
from animator.paint import allocator, guide, memory
from animator.paint.animate import start
from animator.paint.device import Device, working_type
from animator.paint.generators import Generator
from animator.paint.guide import Guide
from animator.paint.optimize import State
from animator.paint.shelf import Shelf
from animator.report import events
from animator.scene import needs
from animator.scene.document import Document
from animator.scene.frame_spec import FrameSpec


@dataclass(frozen=True)
class Works:
    """A film's generators and its guide."""

    generators: list[Generator]
    guide: Guide
    need: int | None = None  # bytes of its costliest step, where that was looked at and somebody can say

    def in_pieces(self, pieces: int) -> "Works":
        """The same, with cutouts in so many pieces, which takes less memory and more time."""
        return dataclasses.replace(self, guide=dataclasses.replace(self.guide, pieces=pieces))

    def start(self, document: Document) -> State:
        """What a film's first frame starts from."""
        return start(self.generators, document.frames[0], document.scene.seed)


def works_of(document: Document, device: Device, shelf: Shelf | None = None) -> Works:
    """Load what a film is painted with, unless it is on the shelf already. Raises: ModelError."""
    shelf, dtype = shelf or Shelf(), working_type(document.scene.optimize.precision, device)
    painters = [shelf.generator(painter, document.scene.size, device, dtype) for painter in document.scene.generator]
    return Works(painters, guide.build(document, device, dtype, load=shelf.encoder))


def fitted(job: Job, specs: Iterable[FrameSpec], watch: Watch) -> Works:
    """Load what a film is painted with, so that the steps of these frames fit into memory. Raises: ModelError."""
    works = works_of(job.document, job.device, job.shelf)
    fit = memory.fit(works.guide, works.generators, specs, job.document.scene.size, job.device)
    if fit.tight:
        allocator.give_back_at_once()
    if fit.tight or fit.pieces > 1:
        watch.tell(events.MemoryTight(job.name, fit.need or 0, fit.free or 0, fit.tight, fit.pieces))
    return dataclasses.replace(works.in_pieces(fit.pieces), need=fit.need)


def estimate(document: Document, device: Device) -> memory.Fit:
    """What a step of a film takes on this machine. Raises: ModelError while its models are not here."""
    needs.demand(document.scene.name, document.models)
    works = works_of(document, device)
    return memory.fit(works.guide, works.generators, document.frames, document.scene.size, device)
