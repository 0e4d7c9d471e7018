"""Two films, frame by frame."""

import math
import re
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from animator.errors import MovieError
from animator.media import ffmpeg


@dataclass(frozen=True)
class Likeness:
    """How much two films of so many frames are alike: how many frames are equal, and the peak signal-to-noise ratio
    over all in decibels, which is infinite for equal ones. `alike` is whether they can be compared at all."""

    frames: tuple[int, int]
    equal: int
    psnr: float

    @property
    def alike(self) -> bool:
        """Whether they have as many frames, of one size."""
        return self.frames[0] == self.frames[1] and not math.isnan(self.psnr)

    def __str__(self) -> str:
        one, other = self.frames
        if not self.alike:
            return f"{one} frames and {other}, or of another size"
        if self.equal == one:
            return f"all {one} frames are equal"
        return f"{self.equal} of {one} frames are equal, PSNR {self.psnr:.1f} dB over all"


def films(one: Path, other: Path) -> Likeness:
    """Compare two films by what a decoder makes of them. Raises: MovieError."""
    first, second = _hashes(one), _hashes(other)
    equal = sum(a == b for a, b in zip(first, second, strict=False))
    same = equal == len(first) == len(second)
    psnr = math.inf if same else _psnr(one, other) if len(first) == len(second) else math.nan
    return Likeness((len(first), len(second)), equal, psnr)


def _hashes(film: Path) -> list[str]:
    """A hash of each frame's pixels."""
    said = _run(["-i", f"file:{film.absolute()}", "-map", "0:v:0", "-f", "framehash", "-hash", "md5", "-"], film)
    return [line.rpartition(",")[2].strip() for line in said.splitlines() if line and not line.startswith("#")]


def _psnr(one: Path, other: Path) -> float:
    """Over all frames, in decibels; NaN for films of different sizes."""
    inputs = ["-i", f"file:{one.absolute()}", "-i", f"file:{other.absolute()}"]
    try:
        said = _run([*inputs, "-lavfi", "[0:v][1:v]psnr", "-f", "null", "-"], one, level="info", errors=True)
    except MovieError:
        return math.nan
    found = re.findall(r"PSNR .*average:(\S+)", said)
    return float(found[-1]) if found else math.nan


def _run(arguments: list[str], film: Path, level: str = "error", errors: bool = False) -> str:
    whole = ["-hide_banner", "-nostdin", "-loglevel", level, "-protocol_whitelist", "file,pipe", *arguments]
    with tempfile.TemporaryFile() as out:
        streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        streams |= {"stderr" if errors else "stdout": out}  # type: ignore[dict-item]
        with ffmpeg.process(whole, **streams) as reader, ffmpeg.Deadline(reader, ffmpeg.LONGEST):
            ffmpeg.wait(reader)
        out.seek(0)
        said = out.read().decode("utf-8", "replace")
    if reader.returncode != 0:
        raise MovieError(f"{film}: cannot be decoded")
    return said
