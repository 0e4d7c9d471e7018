"""One film: the frames that are missing, then the MP4."""

import dataclasses
import functools
import time
from dataclasses import dataclass
from pathlib import Path

from animator.batch.stop import Stop
from animator.errors import Problem, SceneError, ran_out
from animator.film import borrow, encode, folder, keys, soundtrack, states, writer
from animator.film.folder import Folder
from animator.media import ffmpeg
from animator.paint import allocator, generators, guide, memory
from animator.paint.animate import animate
from animator.paint.device import Device, working_type
from animator.paint.generators import Generator
from animator.paint.guide import Guide
from animator.paint.optimize import fresh
from animator.paint.step_info import StepInfo
from animator.report import events
from animator.report.sinks import Sink
from animator.scene import needs
from animator.scene.document import Document
from animator.scene.frame_spec import main_text


@dataclass(frozen=True)
class Order:
    """How films are to be rendered; what is rendered is in the scenes."""

    out: Path = Path("outputs")  # where the films' folders go
    span: tuple[int, int] | None = None  # the frames that are wanted: from, up to but not including; None: all
    device: str = "auto"
    fresh: bool = False  # move an old folder aside and begin anew
    deterministic: bool = False  # the same bytes each time on CUDA, too


@dataclass(frozen=True)
class Job:
    """A film to be rendered, how, and on which device."""

    document: Document
    order: Order
    device: Device

    @property
    def name(self) -> str:
        """The film's."""
        return self.document.scene.name

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


@dataclass(frozen=True)
class Watch:
    """Who is told what happens, and who may ask for an end."""

    tell: Sink
    stop: Stop


@dataclass(frozen=True)
class Works:
    """What a film is painted with: its generators and its guide."""

    generators: list[Generator]
    guide: Guide


def render(job: Job, watch: Watch) -> Path:
    """Render what is missing of one film, then encode it. Returns the film's path. Raises: AnimatorError."""
    document = job.document
    needs.demand(job.name, document.models)
    ffmpeg.demand()
    _refuse(job)
    for warning in document.warnings:
        watch.tell(events.Warned(job.name, warning))
    base = keys.base_of(document, job.deterministic)
    wanted = keys.keys_of(base, document)
    with folder.locked(job.order.out / job.name, job.order.fresh) as opened:
        if not job.order.fresh and not folder.journal(opened):
            borrowed = borrow.borrow(opened, wanted)
            if borrowed.count:
                watch.tell(events.FramesBorrowed(job.name, borrowed.count, borrowed.source))
        kept = folder.kept(opened, wanted)
        changed = folder.changes(opened, base, document, kept)
        folder.begin(opened, base, document.text, len(document.frames))
        if kept < job.frames.stop:
            _paint(job, opened, wanted, kept, changed, watch)
        return _encode(job, opened, wanted, watch)


def _refuse(job: Job) -> None:
    """Raises: SceneError for what this film cannot be."""
    count = len(job.document.frames)
    first, last = job.order.span or (0, count)
    if not (0 <= first < last and job.frames):
        written = f"--frames {first}:{last}"
        raise SceneError([Problem(written, 0, 0, f"{job.name} has {count} frames, 0 to {count - 1}")])
    if job.deterministic:
        needs.demand_deterministic(job.document.path, job.document.scene, job.document.frames)


def works_of(document: Document, device: Device) -> Works:
    """Load what a film is painted with. Raises: ModelError."""
    dtype = working_type(document.scene.optimize.precision, device)
    painters = [generators.build(painter, document.scene.size, device, dtype) for painter in document.scene.generator]
    return Works(painters, guide.build(document, device, dtype))


def estimate(document: Document, device: Device) -> memory.Fit:
    """What a step of a film takes on this machine. Raises: ModelError while its models are not here."""
    needs.demand(document.scene.name, document.models)
    works = works_of(document, device)
    return memory.fit(works.guide, works.generators, document.frames, document.scene.size, device)


def _paint(job: Job, opened: Folder, wanted: list[str], kept: int, changed: tuple[str, ...], watch: Watch) -> None:
    """Paint all frames up to the job's last that are not kept, and those before whose states were not."""
    document, last = job.document, job.frames.stop
    found = states.newest(opened, wanted, kept, job.device)
    start = found.count
    if kept or changed:
        watch.tell(events.FramesKept(job.name, kept, len(document.frames), start, changed))
    if found.damaged:
        watch.tell(events.StatesDamaged(job.name, found.damaged))
    folder.forget(opened, start)
    works = works_of(document, job.device)
    specs = document.frames[start:last]
    fit = memory.fit(works.guide, works.generators, specs, document.scene.size, job.device)
    if fit.tight:
        allocator.give_back_at_once()
    if fit.tight or fit.pieces > 1:
        watch.tell(events.MemoryTight(job.name, fit.need or 0, fit.free or 0, fit.tight, fit.pieces))
    works = _in_pieces(works, fit.pieces)
    watch.tell(events.FilmBegan(job.name, start, last))
    while True:
        try:
            _advance(job, opened, wanted, found, works, watch)
            return
        except (MemoryError, RuntimeError) as error:
            most = max(spec.cutouts.count for spec in document.frames)
            if not ran_out(error) or works.guide.pieces >= most:
                raise
        allocator.give_back_at_once()
        works = _in_pieces(works, 2 * works.guide.pieces)
        watch.tell(events.CutoutsInPieces(job.name, works.guide.pieces))
        found = states.newest(opened, wanted, folder.kept(opened, wanted), job.device)


def _in_pieces(works: Works, pieces: int) -> Works:
    return dataclasses.replace(works, guide=dataclasses.replace(works.guide, pieces=pieces))


def _advance(job: Job, opened: Folder, wanted: list[str], found: states.Found, works: Works, watch: Watch) -> None:
    """Paint the frames that follow on a state, and commit each while the next one is on its way."""
    state, scene = found.state, job.document.scene
    specs = job.document.frames[found.count : job.frames.stop]
    if state is None:
        state = fresh(works.generators[0].init(scene.seed, main_text(specs[0])))

    def observe(info: StepInfo) -> None:
        watch.tell(info)
        watch.stop.check()

    film = animate(works.generators, works.guide, specs, state, scene.optimize.warm_moments, observe)
    began = time.monotonic()
    with writer.behind() as later:
        for frame in film:
            seconds, began = time.monotonic() - began, time.monotonic()
            packed = writer.pack(frame, wanted[frame.spec.index])
            done = events.FrameDone(job.name, frame.spec.index, frame.steps, seconds, frame.losses)
            commit = functools.partial(writer.commit, opened, packed, scene.output.states_every)
            later(commit, functools.partial(watch.tell, done))
            watch.stop.check()


def _encode(job: Job, opened: Folder, wanted: list[str], watch: Watch) -> Path:
    """Encode, unless the film that is there was made from these very frames in this very way."""
    scene, frames = job.document.scene, job.frames
    part = f".{frames.start}-{frames.stop}" if job.order.span else ""
    film = opened.path / f"{scene.name}{part}.mp4"
    sound = soundtrack.of(scene.audio, scene.fps, frames)
    made_of = [wanted[frames[-1]], frames.start, str(scene.fps), scene.output.model_dump(mode="json")]
    source = keys.canonical([*made_of, *([sound.made_from] if sound else [])])
    if not encode.is_made_from(film, source):
        watch.tell(events.Encoding(job.name, len(frames)))
        encode.note_path(film).unlink(missing_ok=True)
        pictures = [opened.frame_path(index) for index in frames]
        encode.encode(pictures, film, scene.size, scene.fps, scene.output, sound, watch.stop.check)
        encode.note_source(film, source)
    return film
