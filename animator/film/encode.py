"""Frames -> an MP4 that plays everywhere, counted after encoding, under its name only when whole.

ffmpeg is a process of ours: raw frames on its stdin, a list of arguments, `file:` names. Its exit code alone proves
nothing about the number of frames, and neither does a finished file, so the film is decoded once more.
"""

import contextlib
import re
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from pathlib import Path

from PIL import Image

from animator import files
from animator.errors import MovieError
from animator.film.keys import canonical
from animator.film.soundtrack import Soundtrack
from animator.media import audio, ffmpeg
from animator.scene.scene import Output

PACKET = 0.15  # seconds; AAC comes in packets of 1024 samples, and codecs resample
_COLOURS = (
    "scale=out_color_matrix=bt709:out_range=tv,format=yuv420p,"
    "setparams=colorspace=bt709:color_primaries=bt709:color_trc=bt709:range=tv"
)


def encode(
    frames: Sequence[Path],
    path: Path,
    size: tuple[int, int],
    fps: Fraction,
    output: Output,
    sound: Soundtrack | None = None,
    check: Callable[[], None] = lambda: None,
) -> None:
    """Write PNG frames as a film. `check` is called now and then, and ends it by raising.

    Raises: MovieError, SoundError, or what `check` raises, and then there is no file at `path`, or the old one.
    """
    encode_pictures(_raw(frames, size), len(frames), path, size, fps, output, sound, check)


def encode_pictures(
    pictures: Iterator[bytes],
    count: int,
    path: Path,
    size: tuple[int, int],
    fps: Fraction,
    output: Output,
    sound: Soundtrack | None = None,
    check: Callable[[], None] = lambda: None,
) -> None:
    """The same for so many pictures, each as the bytes of its RGB pixels."""
    width, height = size
    rate = f"{fps.numerator}/{fps.denominator}"
    with files.atomic(path) as temporary:
        arguments = [
            *(*ffmpeg.QUIET, "-y"),
            *("-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{width}x{height}", "-r", rate, "-i", "-"),
            *(sound.inputs if sound else []),
            *("-vf", _COLOURS, "-c:v", "libx264", "-crf", str(output.crf), "-preset", output.preset),
            *("-threads", str(output.threads), "-fflags", "+bitexact", "-movflags", "+faststart"),
            *(sound.outputs if sound else []),
            *("-f", "mp4", f"file:{temporary.absolute()}"),
        ]
        _feed(arguments, pictures, check)
        _verify(temporary, count, size, fps, check)
        _verify_sound(temporary, sound)


def note_path(film: Path) -> Path:
    """Beside a film: what it was made from."""
    return film.with_suffix(".made-from.json")


def is_made_from(film: Path, source: str) -> bool:
    """Whether a film is there that was made from just this, and was not touched since."""
    note = note_path(film)
    return film.is_file() and note.is_file() and note.read_bytes() == _note(film, source).encode()


def note_source(film: Path, source: str) -> None:
    """Note down what a film was made from, so that it need not be made again."""
    files.write(note_path(film), _note(film, source).encode())


def _note(film: Path, source: str) -> str:
    return canonical({"made_from": source, "sha256": files.sha256(film)})


def _raw(frames: Sequence[Path], size: tuple[int, int]) -> Iterator[bytes]:
    for path in frames:
        try:
            with Image.open(path, formats=["PNG"]) as image:
                if image.size != size or image.mode != "RGB":
                    raise MovieError(f"{path}: is {image.size} {image.mode}, the film is {size} RGB")
                yield image.tobytes()
        except (OSError, SyntaxError, ValueError) as error:
            raise MovieError(f"{path}: not a whole picture: {error}") from error


def _feed(arguments: list[str], chunks: Iterator[bytes], check: Callable[[], None]) -> None:
    """Run ffmpeg over the frames. Its complaints go to a file: a full pipe would block it."""
    streams = {"stdin": subprocess.PIPE, "stdout": subprocess.DEVNULL}
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
            raise MovieError(f"ffmpeg ended with {process.returncode}: {said}")


def _verify(path: Path, count: int, size: tuple[int, int], fps: Fraction, check: Callable[[], None]) -> None:
    """Decode the film and compare it with what was asked for."""
    arguments = [
        *("-hide_banner", "-nostdin", "-nostats", "-progress", "pipe:1"),
        *("-protocol_whitelist", "file,pipe", "-i", f"file:{path.absolute()}", "-map", "0:v:0", "-f", "null", "-"),
    ]
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        streams = {"stdin": subprocess.DEVNULL, "stdout": out, "stderr": err}
        with ffmpeg.process(arguments, **streams) as decoder, ffmpeg.Deadline(decoder, ffmpeg.LONGEST):
            ffmpeg.wait(decoder, check)
        out.seek(0)
        err.seek(0)
        progress, described = (file.read().decode("utf-8", "replace") for file in (out, err))
    counted = [int(number) for number in re.findall(r"^frame=\s*(\d+)", progress, re.MULTILINE)]
    stream = next((line for line in described.splitlines() if "Video: h264" in line), "")
    wanted = {
        f"{count} frames": bool(counted) and counted[-1] == count,
        "h264, yuv420p, bt709": re.search(r"yuv420p\(tv, bt709", stream) is not None,
        f"{size[0]}x{size[1]}": f" {size[0]}x{size[1]}" in stream,
        "no errors": decoder.returncode == 0,
    }
    missing = [what for what, holds in wanted.items() if not holds]
    if missing:
        raise MovieError(
            f"the encoded film is not the one asked for: expected {', '.join(missing)} at {fps} fps; "
            f"decoded {counted[-1] if counted else 0} frames; {stream.strip() or 'no h264 stream'}"
        )


def _verify_sound(path: Path, sound: Soundtrack | None) -> None:
    """Its sound is as long as its pictures, to within a packet."""
    if sound is None:
        return
    found = audio.seconds(path)
    if abs(found - sound.seconds) > PACKET:
        raise MovieError(f"the encoded film has {found:.3f} s of sound in place of {sound.seconds:.3f} s")
