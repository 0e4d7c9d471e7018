"""Pictures between pictures, by ffmpeg's `minterpolate`, which follows what moves.

Where much of a picture changes at once, as in a fade, nothing moves that could be followed, and squares would be seen:
there, the pictures between are mixed of both. Across a cut, the nearer one is repeated.

Source: https://ffmpeg.org/ffmpeg-filters.html#minterpolate
"""

import contextlib
import itertools
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

import numpy as np

from animator.errors import MovieError
from animator.film.encode import Reel
from animator.media import ffmpeg

FADE, CUT = 10.0, 50.0  # of 255: from which mean difference on neighbours are mixed, or one is repeated
STRIDE = 7  # of the numbers of a picture, one of so many is looked at for that
MARGIN = 3  # pictures after the last one, which the filter asks for before it answers


def interpolated(reel: Reel, factor: int, check: Callable[[], None] = lambda: None, loop: bool = False) -> Reel:
    """A reel with `factor` pictures for each of this one's, which plays as long. Its own are among them, as they were.
    After the last one it stands still; in a loop, it goes on to the first one.

    Raises: MovieError, while its pictures are read.
    """
    if factor == 1:
        return reel
    pictures = _pictures(reel, factor, check, loop)
    return replace(reel, pictures=pictures, count=reel.count * factor, fps=reel.fps * factor)


def _pictures(reel: Reel, factor: int, check: Callable[[], None], loop: bool) -> Iterator[bytes]:
    width, height = reel.size
    raw = ("-f", "rawvideo", "-pix_fmt", "rgb24")
    rates = [f"{rate.numerator}/{rate.denominator}" for rate in (reel.fps, reel.fps * factor)]
    arguments = [
        *ffmpeg.QUIET,
        *(*raw, "-s", f"{width}x{height}", "-r", rates[0], "-i", "-"),
        *("-vf", f"minterpolate=fps={rates[1]}:mi_mode=mci:mc_mode=aobmc:vsbmc=1:scd=none"),
        *(*raw, "-frames:v", str(reel.count * factor), "-"),
    ]
    failed: list[BaseException] = []
    fed: dict[int, bytes] = {}  # pictures that went into the filter and are still needed, by their numbers

    def feed() -> None:
        assert running.stdin is not None
        try:
            with contextlib.suppress(BrokenPipeError):  # it has all that it needs
                for number, picture in enumerate(_and_more(reel.pictures, loop)):
                    fed[number] = picture
                    running.stdin.write(picture)
                running.stdin.close()
        except BaseException as error:
            failed.append(error)
            running.kill()

    streams = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with tempfile.TemporaryFile() as complaints, ffmpeg.process(arguments, **streams, stderr=complaints) as running:
        assert running.stdout is not None
        feeder, made = threading.Thread(target=feed, daemon=True), 0
        feeder.start()
        while len(picture := _read(running, width * height * 3)) == width * height * 3:
            check()
            number, part = divmod(made, factor)
            yield _between(fed[number], fed[number + 1], part / factor, picture)
            fed.pop(number - 1, None)
            made += 1
        feeder.join(ffmpeg.STALL)
        if failed:
            raise failed[0]
        if made < reel.count * factor:
            complaints.seek(0)
            said = ffmpeg.complaint(complaints.read())
            raise MovieError(f"ffmpeg made {made} of {reel.count * factor} pictures between frames: {said}")


def _between(before: bytes, after: bytes, share: float, followed: bytes) -> bytes:
    """A picture so far on the way between two; `followed` is the filter's."""
    if share == 0:
        return before
    one, other = (np.frombuffer(picture, np.uint8) for picture in (before, after))
    off = float(np.abs(one[::STRIDE].astype(np.int16) - other[::STRIDE]).mean())
    if off > CUT:
        return before if share < 0.5 else after
    if off > FADE:
        return (one + share * (other.astype(np.float32) - one) + 0.5).astype(np.uint8).tobytes()
    return followed


def _read(running: "subprocess.Popen[bytes]", count: int) -> bytes:
    assert running.stdout is not None
    with ffmpeg.Deadline(running):
        return running.stdout.read(count)


def _and_more(pictures: Iterable[bytes], loop: bool) -> Iterator[bytes]:
    """Some pictures more, because the filter needs what comes after a picture to answer it: those of a loop's start, or
    the last one again."""
    starts, last = list[bytes](), b""
    for last in pictures:
        if len(starts) < MARGIN:
            starts.append(last)
        yield last
    if last:
        yield from itertools.islice(itertools.cycle(starts if loop else [last]), MARGIN)
