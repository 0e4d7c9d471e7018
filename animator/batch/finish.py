"""The film, from its frames."""

from collections.abc import Iterator
from pathlib import Path

from PIL import Image

from animator.batch.job import Job, Watch
from animator.batch.replay import Replay
from animator.film import codecs, embedded, encode, folder, keys, soundtrack
from animator.film.dissolve import dissolved
from animator.film.encode import Reel
from animator.film.folder import Folder
from animator.film.interpolate import interpolated
from animator.film.soundtrack import Soundtrack
from animator.paint import generators, pixels
from animator.report import events
from animator.scene import output


def film(job: Job, opened: Folder, wanted: list[str], watch: Watch) -> Path:
    """Encode, unless the film that is there was made from these very frames in this very way."""
    scene, frames = job.document.scene, job.frames
    coding = codecs.build(scene.output)
    part = f".{frames.start}-{frames.stop}" if job.order.span else ""
    path = opened.path / f"{scene.name}{part}{coding.suffix}"
    sound = soundtrack.of(scene.audio, scene.fps, frames)
    key = keys.of_film(job.document, wanted, frames)
    made_of = [key, frames.start, str(scene.fps), scene.output.model_dump(mode="json")]
    source = keys.canonical([*made_of, *([sound.made_from] if sound else [])])
    if not encode.is_made_from(path, source):
        reel = encode.reel([opened.frame_path(index) for index in frames], scene.size, scene.fps)
        if scene.output.upscale > 1:
            reel = _enlarged(job, opened, wanted, watch)
        reel = dissolved(reel, job.document.frames[frames.start : frames.stop])
        around = scene.loop and job.order.span is None
        reel = interpolated(reel, scene.output.interpolate, watch.stop.check, around)
        write(job, reel, path, source, watch, sound, key)
    return path


def write(
    job: Job, reel: Reel, path: Path, source: str, watch: Watch, sound: Soundtrack | None = None, carried: str = ""
) -> None:
    """Encode a reel as the scene wants its films, and note down what it was made from; the film carries the scene, with
    the key `carried`. Raises: AnimatorError."""
    watch.tell(events.Encoding(job.name, reel.count))
    encode.note_path(path).unlink(missing_ok=True)
    output = job.document.scene.output
    carries = None if output.strip else embedded.of(job.document, carried)
    encode.encode(reel, path, codecs.build(output), sound, watch.stop.check, carries)
    encode.note_source(path, source)


def so_far(job: Job, watch: Watch) -> Path | None:
    """A film of the frames that are there from the start on, whatever scene they were rendered from; also while another
    process renders more of them. None where there is none. Raises: AnimatorError."""
    scene, opened = job.document.scene, Folder(job.order.out / job.name)
    count = folder.whole(opened)
    if not count:
        return None
    coding = codecs.build(output.read({"preset": "veryfast"}))
    path = opened.path / f"{scene.name}.so-far{coding.suffix}"
    watch.tell(events.EncodingSoFar(job.name, count))
    sound = soundtrack.of(scene.audio, scene.fps, range(count))
    frames = [opened.frame_path(index) for index in range(count)]
    reel = encode.reel(frames, scene.size, scene.fps)
    encode.encode(dissolved(reel, job.document.frames[:count]), path, coding, sound)
    watch.tell(events.FilmSoFar(job.name, path, count, len(job.document.frames)))
    return path


def _enlarged(job: Job, opened: Folder, wanted: list[str], watch: Watch) -> Reel:
    """The film's frames, larger: drawn anew where a generator's picture exists at every size, else resampled."""
    scene = job.document.scene
    width, height = (2 * round(side * scene.output.upscale / 2) for side in scene.size)
    return Reel(_larger(job, opened, wanted, (width, height), watch), len(job.frames), (width, height), scene.fps)


def _larger(job: Job, opened: Folder, wanted: list[str], size: tuple[int, int], watch: Watch) -> Iterator[bytes]:
    replay = Replay(job, opened, wanted, watch)
    painters = [
        generators.build(painter, size, job.device) if getattr(painter.config, "any_size", False) else None
        for painter in job.document.scene.generator
    ]
    for index in job.frames:
        painter = painters[job.document.frames[index].generator]
        if painter is not None:
            yield pixels.draw(painter, replay.state_after(index).latent).tobytes()
            continue
        with Image.open(opened.frame_path(index), formats=["PNG"]) as image:
            yield image.resize(size, Image.Resampling.LANCZOS).tobytes()
