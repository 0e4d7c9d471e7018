"""One film: the works that can be done with it. Each goes on where an earlier run ended."""

import contextlib
import dataclasses
import signal
from pathlib import Path

from animator.batch import finish, frames, record
from animator.batch import timelapse as lapses
from animator.batch.job import Job, Watch
from animator.errors import AnimatorError, OutputError, Problem, SceneError, StoppedError, command
from animator.film import folder, keys
from animator.film.folder import Folder
from animator.report import events
from animator.scene import frame_spec


def render(job: Job, watch: Watch) -> Path:
    """Render what is missing of one film, then encode it, and show how it was made if the scene asks for that. Returns
    the film's path. Raises: AnimatorError; a Ctrl-C leaves a film of the frames so far."""
    painted = False
    try:
        with record.kept(job), frames.painted(job, job.frames, watch) as made:
            painted = True
            film = finish.film(job, made.opened, made.keys, watch)
            if job.document.lapse is not None and job.order.span is None:
                watch.tell(events.TimelapseDone(job.name, lapses.film(job, made.opened, made.keys, watch)))
            return film
    except StoppedError as error:
        if error.exit_code == 128 + signal.SIGINT and not painted:
            with contextlib.suppress(AnimatorError):  # that it was stopped is what counts
                finish.so_far(job, watch)
        raise


def paint(job: Job, watch: Watch) -> Folder:
    """Paint what is missing of a film's frames, and make no film of them. Raises: AnimatorError."""
    with frames.painted(job, job.part or job.frames, watch) as made:
        return made.opened


def part(job: Job, watch: Watch) -> Path:
    """Paint one shot, in a folder of its own, from which the film takes it. Returns that folder. Raises:
    AnimatorError."""
    return paint(job, watch).path


def one(number: int, job: Job, watch: Watch) -> Path:
    """Paint the shot with this number, counted from 0, in a folder of its own. Returns that folder. Raises:
    AnimatorError."""
    shots = frame_spec.shots(job.document.frames)
    if number >= len(shots):
        written = f"--shot {number}"
        raise SceneError([Problem(written, 0, 0, f"{job.name} has {len(shots)} shots, 0 to {len(shots) - 1}")])
    return part(dataclasses.replace(job, part=shots[number]), watch)


def first(job: Job, watch: Watch) -> Path:
    """Paint the first frame. Returns its path. Raises: AnimatorError."""
    with frames.painted(job, range(1), watch) as made:
        return made.opened.frame_path(0)


def timelapse(job: Job, watch: Watch) -> Path:
    """Show how frames are made: paint what is missing up to the last of them, and no further. Returns the timelapse's
    path. Raises: AnimatorError."""
    lapse = job.document.lapse
    assert lapse is not None
    with frames.painted(job, range(lapse.frames[0], lapse.frames[-1] + 1), watch) as made:
        return lapses.film(job, made.opened, made.keys, watch)


def encode(job: Job, watch: Watch) -> Path:
    """Encode a film whose frames are there. Returns its path. Raises: AnimatorError."""
    job.demand()
    wanted = keys.keys_of(keys.base_of(job.document, job.deterministic), job.document)
    with folder.locked(job.folder) as opened:
        kept, count = folder.kept(opened, wanted), job.frames.stop
        if kept < count:
            rest = f"{command(f'render {job.document.path}')} renders the rest"
            raise OutputError(f"{opened.path}: {kept} of {count} frames are there as the scene wants them; {rest}")
        return finish.film(job, opened, wanted, watch)
