"""What a film will take, from a few of its steps."""

import dataclasses
import io
import itertools
import statistics
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from animator.batch.job import Job, Watch
from animator.batch.works import fitted
from animator.film import folder, keys, states
from animator.film.folder import Folder
from animator.paint import pixels
from animator.paint.animate import animate
from animator.paint.step_info import Observed, StepInfo
from animator.report import events
from animator.scene import frame_spec, reduced
from animator.scene.frame_spec import FrameSpec

TRIED = 5  # steps whose time is taken; the first is left out, in which much is made once
ROOM = 1.2  # times the bytes that are expected


@dataclass(frozen=True)
class Sample:
    """What was measured of one frame: seconds of a step and of all that comes after the steps, bytes of its picture and
    of its state, bytes that a step holds in memory, and how many cutouts it had."""

    step: float
    rest: float
    picture: int
    state: int
    memory: int | None
    crops: float


def work(job: Job, watch: Watch) -> Path:
    """Tell what rendering the film will take. Returns its folder. Raises: AnimatorError."""
    job.demand()
    document = job.document
    wanted = keys.keys_of(keys.base_of(document, job.deterministic), document)
    opened = Folder(job.folder)
    lines, shots = folder.journal(opened), frame_spec.shots(document.frames)
    missing = [spec for shot in shots for spec in _missing(job, opened, wanted, shot, lines)]
    if not missing:
        watch.tell(events.Estimated(job.name, len(document.frames), 0, 0.0, 0))
        return job.folder
    sample = _tried(job, watch)
    steps = sum(spec.steps * (0.5 + 0.5 * spec.cutouts.count / sample.crops) for spec in missing)
    kept = -(-len(missing) // document.scene.output.states_every) + 2
    disk = len(missing) * sample.picture + min(kept, len(missing)) * sample.state
    seconds = steps * sample.step + len(missing) * sample.rest
    found = len(document.frames), len(missing), seconds, round(ROOM * disk), sample.memory
    watch.tell(events.Estimated(job.name, *found))
    return job.folder


def _missing(
    job: Job, opened: Folder, wanted: list[str], shot: range, lines: dict[int, dict[str, Any]]
) -> list[FrameSpec]:
    """The frames of a shot that are wanted and not there."""
    frames = range(max(shot.start, job.frames.start), min(shot.stop, job.frames.stop))
    if not frames:
        return []
    kept = folder.kept(opened, wanted, shot, lines)
    return [job.document.frames[index] for index in range(min(kept, frames.stop), frames.stop)]


def _tried(job: Job, watch: Watch) -> Sample:
    """A few steps of the film."""
    tried = reduced.moment(job.document, len(job.document.frames) // 2, job.document.scene.size, TRIED + 1)
    one, times = dataclasses.replace(job, document=tried), list[float]()
    works = fitted(one, tried.frames, watch)

    def observe(info: Observed) -> None:
        watch.stop.check()
        if isinstance(info, StepInfo):
            float(next(iter(info.terms.values())))  # a card is waited for
            times.append(time.perf_counter())

    (frame,) = animate(works.generators, works.guide, tried.frames, works.start(tried), observe=observe)
    content, packed = io.BytesIO(), states.to_bytes(frame.state, "")
    Image.fromarray(pixels.to_bytes(frame.picture)).save(content, "PNG", compress_level=4)
    rest = time.perf_counter() - times[-1]
    step = statistics.median(after - before for before, after in itertools.pairwise(times[1:]))
    return Sample(step, rest, len(content.getvalue()), len(packed), works.need, tried.frames[0].cutouts.count)
