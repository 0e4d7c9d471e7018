"""A grid of options: the same scene rendered with each, side by side on one sheet."""

import dataclasses
import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from animator import files
from animator.batch import shot
from animator.batch.job import Job, Watch
from animator.batch.order import Order
from animator.errors import Problem, SceneError
from animator.film import labels
from animator.film.labels import Labelled
from animator.report import events
from animator.scene.document import Document, read

WIDTH = 256  # pixels of a picture


@dataclass(frozen=True)
class Cell:
    """One choice: each option with its value."""

    values: tuple[tuple[str, Any], ...]

    @property
    def changes(self) -> tuple[str, ...]:
        """As `--set` takes them."""
        return tuple(f"{option}={json.dumps(value)}" for option, value in self.values)

    @property
    def lines(self) -> tuple[str, ...]:
        """For people: the last words of each option, and its value."""
        return tuple(f"{option.rpartition('.')[2]} {value}" for option, value in self.values)


def cells(grid: Mapping[str, Sequence[Any]]) -> Iterator[Cell]:
    """Every choice, the last option changing fastest, so that its values stand side by side."""
    for values in itertools.product(*grid.values()):
        yield Cell(tuple(zip(grid, values, strict=True)))


@dataclass(frozen=True)
class Sweep:
    """What a sweep does with a scene: each cell's first frame, or its whole film."""

    changes: tuple[str, ...] = ()  # that hold for every cell
    films: bool = False

    def __call__(self, job: Job, watch: Watch) -> Path:
        """Render every cell, inside the film's folder. Returns the path of the sheet. Raises: AnimatorError."""
        grid = job.document.scene.sweep
        if not grid:
            text = "there is no grid to sweep over; write sweep: {optimize.step_size: [0.5, 1, 2]}"
            raise SceneError([Problem(str(job.document.path), 0, 0, text)])
        documents = {cell: self._document(job, cell, place) for place, cell in enumerate(cells(grid))}
        work = shot.render if self.films else shot.first
        pictures = []
        for number, (cell, document) in enumerate(documents.items(), 1):
            watch.tell(events.CellBegan(job.name, number, len(documents), cell.lines))
            order = Order(job.order.out / job.name / "sweep", device=job.order.device)
            order.out.mkdir(parents=True, exist_ok=True)
            one = dataclasses.replace(job, document=document, order=order)
            work(one, watch)
            index = len(document.frames) - 1 if self.films else 0
            with Image.open(one.order.out / one.name / "frames" / f"{index:06d}.png", formats=["PNG"]) as picture:
                pictures.append(Labelled(picture.convert("RGB"), cell.lines))
        path = job.order.out / job.name / "sweep.png"
        across = len(list(grid.values())[-1])
        with files.atomic(path) as temporary:
            labels.sheet(pictures, across, WIDTH).save(temporary, "PNG")
        return path

    def _document(self, job: Job, cell: Cell, place: int) -> Document:
        """A cell's scene, read before anything is rendered: a value that cannot be is found at once."""
        document = read(job.document.path, (*self.changes, *cell.changes))
        scene = document.scene.model_copy(update={"name": f"cell-{place:03d}", "timelapse": None})
        return dataclasses.replace(document, scene=scene, lapse=None)
