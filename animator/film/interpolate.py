"""Pictures between pictures, by ffmpeg's `minterpolate`, which follows what moves.

Source: https://ffmpeg.org/ffmpeg-filters.html#minterpolate
"""

import contextlib
import itertools
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from animator.errors import MovieError
from animator.film.encode import Reel
from animator.media import ffmpeg

CUT = 10  # percent by which pictures differ where one follows on another in a cut: between those, nothing is made up
MARGIN = 3  # pictures after the last one, which the filter asks for before it answers


def interpolated(reel: Reel, factor: int, check: Callable[[], None] = lambda: None, loop: bool = False) -> Reel:
    """A reel with `factor` pictures for each of this one's, which plays as long. Its own are among them, as they were
    but for rounding. After the last one it stands still; in a loop, it goes on to the first one.

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
        *("-vf", f"minterpolate=fps={rates[1]}:mi_mode=mci:mc_mode=aobmc:vsbmc=1:scd=fdiff:scd_threshold={CUT}"),
        *(*raw, "-frames:v", str(reel.count * factor), "-"),
    ]
    failed: list[BaseException] = []

    def feed() -> None:
        assert running.stdin is not None
        try:
            with contextlib.suppress(BrokenPipeError):  # it has all that it needs
                for picture in _and_more(reel.pictures, loop):
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
            made += 1
            yield picture
        feeder.join(ffmpeg.STALL)
        if failed:
            raise failed[0]
        if made < reel.count * factor:
            complaints.seek(0)
            said = ffmpeg.complaint(complaints.read())
            raise MovieError(f"ffmpeg made {made} of {reel.count * factor} pictures between frames: {said}")


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
