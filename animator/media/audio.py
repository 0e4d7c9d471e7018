"""A song -> its samples, read by the ffmpeg that films are made with.

A file may call itself what it likes and name others: only containers of sound are opened, only as files, and what is
read has an end.
"""

import contextlib
import functools
import os
import re
import stat
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

import numpy as np

from animator.errors import SoundError
from animator.media import ffmpeg

RATE = 22_050  # samples a second, of one channel: what analyses of beats work on
COARSE = 8000  # samples a second, where only their number counts
LONGEST = 3 * 3600  # seconds
LARGEST = 4 << 30  # bytes of a file
CONTAINERS = "wav,w64,flac,ogg,mp3,aac,mov,matroska,aiff,caf"  # `mov` is m4a and mp4, `ogg` also opus, `matroska` webm
Samples = np.ndarray[Any, np.dtype[np.float32]]


def source(path: Path) -> list[str]:
    """The arguments of ffmpeg that open a song, and nothing that it may name. Raises: SoundError."""
    try:
        found = path.stat()
    except (OSError, ValueError) as error:  # the latter for a name with a zero byte
        raise SoundError(f"{path}: no such file") from error
    if not stat.S_ISREG(found.st_mode) or found.st_size > LARGEST:
        raise SoundError(f"{path}: not a file, or larger than {LARGEST >> 30} GiB")
    return ["-protocol_whitelist", "file", "-format_whitelist", CONTAINERS, "-i", f"file:{path.absolute()}"]


def decode(path: Path, check: Callable[[], None] = lambda: None) -> Samples:
    """A song's first stream of sound as one channel at RATE, about in [-1, 1]. `check` ends it by raising.

    Raises: SoundError for a file that is no song, with what ffmpeg says of it, or one that is too long.
    """
    with _raw(path, RATE, "f32le", check) as out:
        samples = np.fromfile(out, np.float32)
    if len(samples) > LONGEST * RATE:
        raise SoundError(f"{path}: longer than {LONGEST // 3600} hours")
    return np.nan_to_num(samples, nan=0.0, posinf=0.0, neginf=0.0)


def seconds(path: Path) -> float:
    """How long a song is, from its samples: headers lie, or do not say. Asked again, it answers at once.

    Raises: SoundError, as `decode` does.
    """
    try:
        found = path.stat()
    except (OSError, ValueError) as error:
        raise SoundError(f"{path}: no such file") from error
    return _seconds(path, found.st_size, found.st_mtime_ns)


@functools.lru_cache
def _seconds(path: Path, size: int, changed: int) -> float:
    with _raw(path, COARSE, "s16le") as out:
        length = out.seek(0, os.SEEK_END) / 2 / COARSE
    if length > LONGEST:
        raise SoundError(f"{path}: longer than {LONGEST // 3600} hours")
    return length


def codec(path: Path) -> str:
    """How the first stream of sound is coded, as ffmpeg calls it; empty where it does not say. Raises: SoundError."""
    arguments = ["-hide_banner", "-nostdin", *source(path)]
    with tempfile.TemporaryFile() as described:
        streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": described}
        with (
            ffmpeg.process(arguments, **streams) as running,
            ffmpeg.Deadline(running),
        ):
            ffmpeg.wait(running)
        described.seek(0)
        found = re.search(rb"Stream #0:\d+.*: Audio: ([a-z0-9_]+)", described.read(1 << 20))
    return found[1].decode() if found else ""


@contextlib.contextmanager
def _raw(path: Path, rate: int, kind: str, check: Callable[[], None] = lambda: None) -> Iterator[IO[bytes]]:
    """A song's samples as a file, of one channel. Raises: SoundError where there are none."""
    arguments = [
        *ffmpeg.QUIET,
        *source(path),
        *("-map", "0:a:0", "-vn", "-sn", "-dn", "-t", str(LONGEST + 1)),
        *("-ac", "1", "-ar", str(rate), "-f", kind, "pipe:1"),
    ]
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as complaints:
        streams = {"stdin": subprocess.DEVNULL, "stdout": out, "stderr": complaints}
        with ffmpeg.process(arguments, **streams) as running, ffmpeg.Deadline(running, ffmpeg.LONGEST):
            ffmpeg.wait(running, check)
        complaints.seek(0)
        if not out.seek(0, os.SEEK_END):
            raise SoundError(f"{path}: not a song that can be read: {ffmpeg.complaint(complaints.read())}")
        out.seek(0)
        yield out
