"""The frames of one film: those that are missing are painted, each shot from its last good frame on."""

import contextlib
import functools
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from animator.batch.job import Job, Watch
from animator.batch.replay import Replay
from animator.batch.works import Works, fitted
from animator.errors import DivergedError, RenderError, ran_out
from animator.film import borrow, checks, folder, glance, keys, making, progress, retried, states, writer
from animator.film.folder import Folder
from animator.media import ffmpeg
from animator.paint import allocator
from animator.paint.animate import animate
from animator.paint.step_info import Observed
from animator.report import events
from animator.scene import frame_spec

BEYOND = 1 << 30  # more frames than any film has


@dataclass(frozen=True)
class Painted:
    """A film's folder with its frames, and the keys of all that it has."""

    opened: Folder
    keys: list[str]


@dataclass(frozen=True)
class _Gap:
    """What is missing of a shot: the frames from where a state was found, up to `stop`."""

    shot: range
    found: states.Found
    stop: int


@contextlib.contextmanager
def painted(job: Job, frames: range, watch: Watch) -> Iterator[Painted]:
    """A film's folder, locked, with these frames, and those of their shots that come before. Raises: AnimatorError."""
    document = job.document
    job.demand()
    ffmpeg.demand()
    for warning in document.warnings:
        watch.tell(events.Warned(job.name, warning))
    base = keys.base_of(document, job.deterministic)
    wanted, shots = keys.keys_of(base, document), frame_spec.shots(document.frames)
    with folder.locked(job.folder, job.order.fresh) as opened:
        watch.tell(events.SceneOpened(job.name, document, opened.path))
        if not job.order.fresh and not folder.journal(opened):
            borrowed = borrow.borrow(opened, wanted)
            if borrowed.count:
                watch.tell(events.FramesBorrowed(job.name, borrowed.count, borrowed.source))
        borrow.gather(opened, wanted, shots)
        lines = folder.journal(opened)
        there = {shot: folder.kept(opened, wanted, shot, lines) for shot in shots}
        needed = [shot for shot in shots if shot.start < frames.stop and frames.start < shot.stop]
        missing = [shot for shot in needed if there[shot] < min(shot.stop, frames.stop)]
        changed = folder.changes(opened, base, document, there[missing[0]]) if missing else ()
        folder.begin(opened, base, document.text, len(document.frames))
        making.sweep(opened, wanted)
        if job.order.strict:
            _demand_even(opened, there)
        if missing:
            ends = {shot: min(shot.stop, frames.stop) for shot in missing}
            gaps = [_gap(job, opened, wanted, shot, there[shot], ends[shot], lines) for shot in missing]
            kept = sum(there[shot] - shot.start for shot in shots)
            if kept or changed:
                watch.tell(events.FramesKept(job.name, kept, len(document.frames), gaps[0].found.next, changed))
            _fill(job, opened, wanted, gaps, watch)
        yield Painted(opened, wanted)


def _demand_even(opened: Folder, there: dict[range, int]) -> None:
    """Raises: RenderError for a frame that is there and looks odd."""
    lines = progress.read(opened)
    for shot, end in there.items():
        for frame in range(shot.start, end):
            if frame in lines and lines[frame]["odd"]:
                raise _odd(opened, frame, lines[frame]["odd"])


def _gap(
    job: Job, opened: Folder, wanted: list[str], shot: range, kept: int, stop: int, lines: dict[int, dict[str, Any]]
) -> _Gap:
    return _Gap(shot, states.newest(opened, wanted, range(shot.start, kept), job.device, lines), stop)


def _fill(job: Job, opened: Folder, wanted: list[str], gaps: Sequence[_Gap], watch: Watch) -> None:
    """Paint the frames that are missing, and those before whose states were not kept."""
    specs = job.document.frames
    damaged = tuple(frame for gap in gaps for frame in gap.found.damaged)
    if damaged:
        watch.tell(events.StatesDamaged(job.name, damaged))
    ends = (BEYOND if gap.shot.stop == len(specs) else gap.shot.stop for gap in gaps)
    folder.forget(opened, *(range(gap.found.next, end) for gap, end in zip(gaps, ends, strict=True)))
    works = fitted(job, (spec for gap in gaps for spec in specs[gap.found.next : gap.stop]), watch)
    watch.tell(events.FilmBegan(job.name, gaps[0].found.next, gaps[-1].stop))
    for gap in gaps:
        works = _fill_one(job, opened, wanted, gap, works, watch)


def _fill_one(job: Job, opened: Folder, wanted: list[str], gap: _Gap, works: Works, watch: Watch) -> Works:
    """Paint one shot's, in as little memory as is needed, and a frame whose loss is no number once with another seed.
    Returns the works that did it."""
    while True:
        try:
            _advance(job, opened, wanted, gap, works, watch)
            return works
        except DivergedError as error:
            if error.frame in retried.read(opened, wanted):
                raise RenderError(f"{error}; it was tried with another seed, too") from error
            retried.note(opened, wanted, error.frame)
            watch.tell(events.PaintedOtherwise(job.name, error.frame, str(error)))
        except (MemoryError, RuntimeError) as error:
            most = max(spec.cutouts.count for spec in job.document.frames)
            if not ran_out(error) or works.guide.pieces >= most:
                raise
            allocator.give_back_at_once()
            works = works.in_pieces(2 * works.guide.pieces)
            watch.tell(events.CutoutsInPieces(job.name, works.guide.pieces))
        lines = folder.journal(opened)
        kept = folder.kept(opened, wanted, gap.shot, lines)
        gap = _gap(job, opened, wanted, gap.shot, kept, gap.stop, lines)


def _advance(job: Job, opened: Folder, wanted: list[str], gap: _Gap, works: Works, watch: Watch) -> None:
    """Paint the frames that follow on a state, and commit each while the next one is on its way."""
    scene, frames = job.document.scene, job.document.frames
    specs = retried.applied(frames[gap.found.next : gap.stop], retried.read(opened, wanted))
    state = gap.found.state or works.start(job.document)
    with _observer(job, opened, wanted, watch) as observe, writer.behind() as later:
        first = Replay(job, opened, wanted, watch).first_latent
        film = animate(works.generators, works.guide, specs, state, scene.optimize.warm_moments, observe, first)
        begin = gap.shot.start if job.part else 0
        look, began = glance.Glance(opened, frames, begin), time.monotonic()
        seen = checks.going_on(opened, frames, gap.found.next, float(scene.fps))
        for frame in film:
            seconds, began = time.monotonic() - began, time.monotonic()
            packed = writer.pack(frame, wanted[frame.spec.index])
            done = events.FrameDone(job.name, frame.spec.index, frame.steps, seconds, frame.losses)
            odd: list[str] = []
            commit = functools.partial(_commit, opened, packed, done, scene.output.states_every, look, seen, odd)
            later(commit, functools.partial(_tell, job, opened, done, odd, watch))
            watch.stop.check()
        later(functools.partial(glance.draw, opened, frames, range(begin, gap.stop)), lambda: None)


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


def _odd(opened: Folder, frame: int, odd: Sequence[str]) -> RenderError:
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
