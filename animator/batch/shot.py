"""One film: the frames that are missing, then what is made of them."""

import contextlib
import functools
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from animator.batch import finish
from animator.batch import timelapse as lapses
from animator.batch.job import Job, Watch
from animator.batch.replay import Replay
from animator.batch.works import Works, fitted
from animator.errors import AnimatorError, OutputError, RenderError, StoppedError, command, ran_out
from animator.film import borrow, checks, folder, glance, keys, making, progress, states, writer
from animator.film.folder import Folder
from animator.media import ffmpeg
from animator.paint import allocator
from animator.paint.animate import animate
from animator.paint.step_info import Observed
from animator.report import events


def render(job: Job, watch: Watch) -> Path:
    """Render what is missing of one film, then encode it, and show how it was made if the scene asks for that. Returns
    the film's path. Raises: AnimatorError; a Ctrl-C leaves a film of the frames so far."""
    painted = False
    try:
        with _painted(job, job.frames.stop, watch) as made:
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
    with _painted(job, job.frames.stop, watch) as made:
        return made.opened


def first(job: Job, watch: Watch) -> Path:
    """Paint the first frame. Returns its path. Raises: AnimatorError."""
    with _painted(job, 1, watch) as made:
        return made.opened.frame_path(0)


def timelapse(job: Job, watch: Watch) -> Path:
    """Show how frames are made: paint what is missing up to the last of them, and no further. Returns the timelapse's
    path. Raises: AnimatorError."""
    lapse = job.document.lapse
    assert lapse is not None
    with _painted(job, lapse.frames[-1] + 1, watch) as made:
        return lapses.film(job, made.opened, made.keys, watch)


def encode(job: Job, watch: Watch) -> Path:
    """Encode a film whose frames are there. Returns its path. Raises: AnimatorError."""
    job.demand()
    wanted = keys.keys_of(keys.base_of(job.document, job.deterministic), job.document)
    with folder.locked(job.order.out / job.name) as opened:
        kept, count = folder.kept(opened, wanted), job.frames.stop
        if kept < count:
            rest = f"{command(f'render {job.document.path}')} renders the rest"
            raise OutputError(f"{opened.path}: {kept} of {count} frames are there as the scene wants them; {rest}")
        return finish.film(job, opened, wanted, watch)


@dataclass(frozen=True)
class _Painted:
    """A film's folder with its frames, and the keys of all that it has."""

    opened: Folder
    keys: list[str]


@contextlib.contextmanager
def _painted(job: Job, stop: int, watch: Watch) -> Iterator[_Painted]:
    """A film's folder, locked, with the frames up to `stop`. Raises: AnimatorError."""
    document = job.document
    job.demand()
    ffmpeg.demand()
    for warning in document.warnings:
        watch.tell(events.Warned(job.name, warning))
    base = keys.base_of(document, job.deterministic)
    wanted = keys.keys_of(base, document)
    with folder.locked(job.order.out / job.name, job.order.fresh) as opened:
        watch.tell(events.SceneOpened(job.name, document, opened.path))
        if not job.order.fresh and not folder.journal(opened):
            borrowed = borrow.borrow(opened, wanted)
            if borrowed.count:
                watch.tell(events.FramesBorrowed(job.name, borrowed.count, borrowed.source))
        kept = folder.kept(opened, wanted)
        changed = folder.changes(opened, base, document, kept)
        folder.begin(opened, base, document.text, len(document.frames))
        making.sweep(opened, wanted)
        if job.order.strict:
            for frame, line in sorted(progress.read(opened).items()):
                if frame < kept and line["odd"]:
                    raise _odd(opened, frame, line["odd"])
        if kept < stop:
            _paint(job, opened, wanted, range(kept, stop), changed, watch)
        yield _Painted(opened, wanted)


def _paint(job: Job, opened: Folder, wanted: list[str], missing: range, changed: tuple[str, ...], watch: Watch) -> None:
    """Paint the frames that are missing, and those before whose states were not kept."""
    document = job.document
    found = states.newest(opened, wanted, missing.start, job.device)
    start = found.count
    if missing.start or changed:
        watch.tell(events.FramesKept(job.name, missing.start, len(document.frames), start, changed))
    if found.damaged:
        watch.tell(events.StatesDamaged(job.name, found.damaged))
    folder.forget(opened, start)
    works = fitted(job, document.frames[start : missing.stop], watch)
    watch.tell(events.FilmBegan(job.name, start, missing.stop))
    while True:
        try:
            _advance(job, opened, wanted, found, missing.stop, works, watch)
            return
        except (MemoryError, RuntimeError) as error:
            most = max(spec.cutouts.count for spec in document.frames)
            if not ran_out(error) or works.guide.pieces >= most:
                raise
        allocator.give_back_at_once()
        works = works.in_pieces(2 * works.guide.pieces)
        watch.tell(events.CutoutsInPieces(job.name, works.guide.pieces))
        found = states.newest(opened, wanted, folder.kept(opened, wanted), job.device)


def _advance(
    job: Job, opened: Folder, wanted: list[str], found: states.Found, stop: int, works: Works, watch: Watch
) -> None:
    """Paint the frames that follow on a state, and commit each while the next one is on its way."""
    scene, specs = job.document.scene, job.document.frames[found.count : stop]
    state = found.state or works.start(job.document)
    with _observer(job, opened, wanted, watch) as observe, writer.behind() as later:
        first = Replay(job, opened, wanted, watch).first_latent
        film = animate(works.generators, works.guide, specs, state, scene.optimize.warm_moments, observe, first)
        look, began = glance.Glance(opened, job.document.frames), time.monotonic()
        seen = checks.going_on(opened, job.document.frames, found.count, float(scene.fps))
        for frame in film:
            seconds, began = time.monotonic() - began, time.monotonic()
            packed = writer.pack(frame, wanted[frame.spec.index])
            done = events.FrameDone(job.name, frame.spec.index, frame.steps, seconds, frame.losses)
            odd: list[str] = []
            commit = functools.partial(_commit, opened, packed, done, scene.output.states_every, look, seen, odd)
            later(commit, functools.partial(_tell, job, opened, done, odd, watch))
            watch.stop.check()
        later(functools.partial(glance.draw, opened, job.document.frames, stop), lambda: None)


def _commit(
    opened: Folder,
    packed: writer.Packed,
    done: events.FrameDone,
    states_every: int,
    look: glance.Glance,
    seen: checks.Checks,
    odd: list[str],
) -> None:
    """Write a frame, and then what people look at. What looks odd about it is added to `odd`."""
    writer.commit(opened, packed, states_every)
    look.at(done.frame)
    odd += seen.see(packed.spec, packed.pixels)
    progress.note(opened, done.frame, done.steps, done.seconds, done.losses, odd)


def _tell(job: Job, opened: Folder, done: events.FrameDone, odd: list[str], watch: Watch) -> None:
    """Say that a frame is there. Raises: RenderError where it looks odd and nothing may."""
    watch.tell(done)
    if odd:
        watch.tell(events.FrameOdd(job.name, done.frame, tuple(odd)))
        if job.order.strict:
            raise _odd(opened, done.frame, odd)


def _odd(opened: Folder, frame: int, odd: list[str]) -> RenderError:
    path = opened.frame_path(frame)
    rest = "look at it; without --strict the film goes on, and to paint it anew, change the scene there or delete it"
    return RenderError(f"{path}: frame {frame} looks odd ({', '.join(odd)}); {rest}")


@contextlib.contextmanager
def _observer(job: Job, opened: Folder, wanted: list[str], watch: Watch) -> Iterator[Callable[[Observed], None]]:
    """What sees every step: whoever watches, somebody who may ask for an end, and what records the making."""
    lapse = job.document.lapse
    with making.Recorder(opened, wanted, lapse.frames if lapse else (), lapse.every if lapse else 1) as record:

        def observe(info: Observed) -> None:
            watch.tell(info)
            record(info)
            watch.stop.check()

        yield observe
