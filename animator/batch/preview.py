"""A film as it can be seen in a minute: small, of fewer frames and steps, with the real camera, prompts and song."""

import dataclasses
import itertools
import math
import statistics
import time
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from animator import files
from animator.batch import shot
from animator.batch.job import Job, Watch
from animator.batch.order import Order
from animator.batch.works import works_of
from animator.film import labels
from animator.film.labels import Labelled
from animator.paint.optimize import optimize
from animator.paint.step_info import Observed, StepInfo
from animator.report import events
from animator.scene import reduced
from animator.scene.document import Document
from animator.scene.frame_spec import seen_text
from animator.scene.times import show_time

BUDGET = 36.0  # seconds that the steps may take, by default: with all else, a preview takes less than a minute
TRIED = 6  # steps whose time is taken
FIRST = 0.15  # share of all steps that the first frame gets, at most
FIRST_MOST = 80  # steps of the first frame
STEPS = (4, 12)  # of every other frame, while frames can be left out instead
LEAST_FRAMES = 8
COLUMNS, WIDTH = 4, 320  # of the sheet of moments


@dataclass(frozen=True)
class Preview:
    """What a preview is to be: how long its steps may take, in seconds; its size, by default about a quarter; and
    whether it is a sheet of single `moments`, those of the scene's timelapse, in place of a film."""

    budget: float = BUDGET
    size: tuple[int, int] | None = None
    moments: bool = False

    def __call__(self, job: Job, watch: Watch) -> Path:
        """Render it, inside the film's folder. Returns the path of what to look at. Raises: AnimatorError."""
        job.demand()
        size = self.size or reduced.size_of(job.document.scene.size)
        total = max(1, int(self.budget * rate_of(job, size)))
        if self.moments and job.document.lapse is not None:
            return _moments(job, watch, size, total, job.document.lapse.frames)
        return _film(job, watch, size, total)


@dataclass(frozen=True)
class Cut:
    """Of so many frames, one is rendered; with so many steps the first, and with so many every other."""

    every: int
    first_steps: int
    steps: int


def cut(document: Document, total: int) -> Cut:
    """What can be rendered with so many steps. Frames are left out before steps are: what one wants to see is whether
    the film goes where it should."""
    frames, count = document.frames, len(document.frames)
    shots = min(count, sum(spec.starts for spec in frames))
    first = max(1, min(frames[0].steps, FIRST_MOST, round(FIRST * total / shots)))
    if count == 1:
        return Cut(1, first, 0)
    total -= (shots - 1) * first
    usual = statistics.median(spec.steps for spec in frames[1:200])
    steps = max(1, min(STEPS[1], max(STEPS[0], round(usual))))
    every = max(1, min(math.ceil(count / (1 + max(0, total - first) // steps)), count // LEAST_FRAMES))
    others = math.ceil(count / every) - 1
    return Cut(every, first, max(1, min(steps, (total - first) // max(1, others))))


def rate_of(job: Job, size: tuple[int, int]) -> float:
    """Steps a second at that size, in powers of the square root of 2, so that it is the same tomorrow. Raises:
    ModelError."""
    tried = reduced.moment(job.document, 0, size, TRIED)
    made, times = works_of(tried, job.device, job.shelf), list[float]()
    state = made.start(tried)
    objective = made.guide.objective(tried.frames[0], made.generators[0], state.latent)

    def observe(info: Observed) -> None:
        if isinstance(info, StepInfo):
            float(next(iter(info.terms.values())))  # a card is waited for
            times.append(time.perf_counter())

    optimize(made.generators[0], state, objective, tried.frames[0], observe)
    seconds = statistics.median(after - before for before, after in itertools.pairwise(times[1:]))
    return float(2 ** (math.floor(2 * math.log2(1 / seconds)) / 2))


def _film(job: Job, watch: Watch, size: tuple[int, int], total: int) -> Path:
    chosen = cut(job.document, total)
    small = reduced.thinned(job.document, size, chosen.every, chosen.first_steps, chosen.steps)
    watch.tell(events.Reduced(job.name, size, job.document.scene.size, chosen.every, chosen.first_steps, chosen.steps))
    return shot.render(_inside(job, small), watch)


def _moments(job: Job, watch: Watch, size: tuple[int, int], total: int, indices: tuple[int, ...]) -> Path:
    """A sheet of frames that are rendered alone."""
    steps = max(1, min(job.document.frames[0].steps, total // len(indices)))
    watch.tell(events.Reduced(job.name, size, job.document.scene.size, 0, steps, 0))
    cells = []
    for index in indices:
        one = _inside(job, reduced.moment(job.document, index, size, steps))
        spec, opened = job.document.frames[index], shot.paint(one, watch)
        with Image.open(opened.frame_path(0), formats=["PNG"]) as picture:
            cells.append(Labelled(picture.convert("RGB"), (show_time(spec.time), seen_text(spec))))
    path = job.order.out / job.name / "moments.png"
    with files.atomic(path) as temporary:
        labels.sheet(cells, min(COLUMNS, len(cells)), WIDTH).save(temporary, "PNG")
    return path


def _inside(job: Job, document: Document) -> Job:
    """A job whose folder is inside the film's."""
    order = Order(job.order.out / job.name, device=job.order.device)
    order.out.mkdir(parents=True, exist_ok=True)
    return dataclasses.replace(job, document=document, order=order)
