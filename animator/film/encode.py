"""Pictures -> a film, counted after encoding, under its name only when whole.

ffmpeg is a process of ours: raw frames on its stdin, a list of arguments, `file:` names. Its exit code alone proves
nothing about the number of frames, and neither does a finished file, so the film is decoded once more.
"""

import contextlib
import errno
import os
import re
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from PIL import Image

from animator import files
from animator.errors import FullError, MovieError
from animator.film import embedded
from animator.film.codecs import Coding
from animator.film.embedded import Embedded
from animator.film.keys import canonical
from animator.film.soundtrack import Soundtrack
from animator.media import audio, ffmpeg

PACKET = 0.15  # seconds; AAC comes in packets of 1024 samples, and codecs resample
NAMES = "%06d.png"  # of a folder's pictures


@dataclass(frozen=True)
class Reel:
    """Pictures on their way into a film: the bytes of their RGB pixels, one after another, and how many come."""

    pictures: Iterable[bytes]
    count: int
    size: tuple[int, int]
    fps: Fraction


def reel(frames: Sequence[Path], size: tuple[int, int], fps: Fraction) -> Reel:
    """PNG frames as a reel. One that is not whole, or of another size, raises MovieError when its turn comes."""
    return Reel(_raw(frames, size), len(frames), size, fps)


def encode(
    reel: Reel,
    path: Path,
    coding: Coding,
    sound: Soundtrack | None = None,
    check: Callable[[], None] = lambda: None,
    carries: Embedded | None = None,
) -> None:
    """Write a reel as a film, or as a folder of pictures. `check` is called now and then, and ends it by raising. What
    the film `carries` is in its container, where that has a place for it.

    Raises: MovieError, SoundError, or what `check` raises, and then there is no film at `path`, or the old one.
    """
    width, height = reel.size
    rate = f"{reel.fps.numerator}/{reel.fps.denominator}"
    sound = sound if coding.sound is not None else None
    with contextlib.ExitStack() as opened:
        note = opened.enter_context(_noted(carries if coding.container in embedded.CONTAINERS else None))
        temporary = opened.enter_context((files.atomic_folder if coding.folder else files.atomic)(path))
        target = f"file:{NAMES}" if coding.folder else f"file:{temporary.absolute()}"
        arguments = [
            *(*ffmpeg.QUIET, "-y"),
            *("-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{width}x{height}", "-r", rate, "-i", "-"),
            *(sound.inputs if sound else []),
            *(["-f", "ffmetadata", "-i", f"file:{note}", "-map_metadata", str(2 if sound else 1)] if note else []),
            *(*coding.video, "-fflags", "+bitexact"),
            *(sound.outputs(coding.sound or (), coding.copied) if sound else []),
            *("-f", coding.container, target),
        ]
        _feed(arguments, temporary if coding.folder else None, reel.pictures, check)
        _verify(temporary, coding, reel, check)
        _verify_sound(temporary, sound)


@contextlib.contextmanager
def _noted(carries: Embedded | None) -> Iterator[Path | None]:
    """A file with what a film carries, for as long as ffmpeg reads it."""
    if carries is None:
        yield None
        return
    with tempfile.TemporaryDirectory() as place:
        note = Path(place) / "scene.txt"
        note.write_bytes(embedded.metadata(carries))
        yield note


def note_path(film: Path) -> Path:
    """Beside a film: what it was made from."""
    return film.with_name(f"{film.name}.made-from.json")


def is_made_from(film: Path, source: str) -> bool:
    """Whether a film is there that was made from just this, and was not touched since."""
    note = note_path(film)
    return film.exists() and note.is_file() and note.read_bytes() == _note(film, source).encode()


def note_source(film: Path, source: str) -> None:
    """Note down what a film was made from, so that it need not be made again."""
    files.write(note_path(film), _note(film, source).encode())


def _note(film: Path, source: str) -> str:
    digest = files.sha256_of_folder(film) if film.is_dir() else files.sha256(film)
    return canonical({"made_from": source, "sha256": digest})


def _raw(frames: Sequence[Path], size: tuple[int, int]) -> Iterator[bytes]:
    for path in frames:
        try:
            with Image.open(path, formats=["PNG"]) as image:
                if image.size != size or image.mode != "RGB":
                    raise MovieError(f"{path}: is {image.size} {image.mode}, the film is {size} RGB")
                yield image.tobytes()
        except (OSError, SyntaxError, ValueError) as error:
            raise MovieError(f"{path}: not a whole picture: {error}") from error


def _feed(arguments: list[str], folder: Path | None, chunks: Iterable[bytes], check: Callable[[], None]) -> None:
    """Run ffmpeg over the pictures. Its complaints go to a file: a full pipe would block it."""
    streams = {"stdin": subprocess.PIPE, "stdout": subprocess.DEVNULL, "cwd": folder}
    with tempfile.TemporaryFile() as complaints, ffmpeg.process(arguments, **streams, stderr=complaints) as process:
        assert process.stdin is not None
        with contextlib.suppress(BrokenPipeError):  # it ended early: its exit code and its complaints say why
            for chunk in chunks:
                check()
                with ffmpeg.Deadline(process):
                    process.stdin.write(chunk)
            with ffmpeg.Deadline(process):
                process.stdin.close()
        with ffmpeg.Deadline(process):
            ffmpeg.wait(process, check)
        if process.returncode != 0:
            complaints.seek(0)
            said = ffmpeg.complaint(complaints.read())
            full = os.strerror(errno.ENOSPC) in said
            raise (FullError if full else MovieError)(f"ffmpeg ended with {process.returncode}: {said}")


def _verify(path: Path, coding: Coding, reel: Reel, check: Callable[[], None]) -> None:
    """Decode the film and compare it with what was asked for."""
    source = ["-start_number", "0", "-i", f"file:{NAMES}"] if coding.folder else ["-i", f"file:{path.absolute()}"]
    arguments = [
        *("-hide_banner", "-nostdin", "-nostats", "-progress", "pipe:1"),
        *("-protocol_whitelist", "file,pipe", *source, "-map", "0:v:0", "-fps_mode", "passthrough"),
        *("-f", "null", "-"),
    ]
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        streams = {"stdin": subprocess.DEVNULL, "stdout": out, "stderr": err, "cwd": path if coding.folder else None}
        with ffmpeg.process(arguments, **streams) as decoder, ffmpeg.Deadline(decoder, ffmpeg.LONGEST):
            ffmpeg.wait(decoder, check)
        out.seek(0)
        err.seek(0)
        progress, described = (file.read().decode("utf-8", "replace") for file in (out, err))
    counted = [int(number) for number in re.findall(r"^frame=\s*(\d+)", progress, re.MULTILINE)]
    stream = next((line for line in described.splitlines() if "Stream #0:" in line and "Video: " in line), "")
    wanted = {
        f"{reel.count} frames": bool(counted) and counted[-1] == reel.count,
        coding.stream: re.search(f"Video: {coding.stream}", stream) is not None,
        f"{reel.size[0]}x{reel.size[1]}": f" {reel.size[0]}x{reel.size[1]}" in stream,
        "no errors": decoder.returncode == 0,
    }
    missing = [what for what, holds in wanted.items() if not holds]
    if missing:
        raise MovieError(
            f"the encoded film is not the one asked for: expected {', '.join(missing)} at {reel.fps} fps; "
            f"decoded {counted[-1] if counted else 0} frames; {stream.strip() or 'no pictures'}"
        )


def _verify_sound(path: Path, sound: Soundtrack | None) -> None:
    """Its sound is as long as its pictures, to within a packet."""
    if sound is None:
        return
    found = audio.seconds(path)
    if abs(found - sound.seconds) > PACKET:
        raise MovieError(f"the encoded film has {found:.3f} s of sound in place of {sound.seconds:.3f} s")
