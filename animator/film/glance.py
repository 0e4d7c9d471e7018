"""What can be looked at while a film is rendered: its latest frame, and a sheet of frames so far. No torch."""

import contextlib
import os
import time
from collections.abc import Callable, Sequence

from PIL import Image

from animator import files
from animator.film import labels
from animator.film.folder import Folder
from animator.film.labels import Labelled
from animator.scene.frame_spec import FrameSpec, seen_text
from animator.scene.times import show_time

CELLS, COLUMNS, WIDTH = 12, 4, 240  # of a sheet: pictures, in how many columns, each how wide in pixels
EVERY = 20.0  # seconds between sheets


class Glance:
    """Keeps `latest.png` and `sheet.png` fresh in a film's folder, while its frames are committed; `clock` answers
    seconds."""

    def __init__(
        self, opened: Folder, specs: Sequence[FrameSpec], first: int = 0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.opened, self.specs, self.first, self.clock, self.drawn = opened, specs, first, clock, -EVERY

    def at(self, index: int) -> None:
        """A frame was committed. Whoever opens the files meanwhile sees the old or the new one, whole.

        Raises: OutputError.
        """
        latest, frame = self.opened.path / "latest.png", self.opened.frame_path(index)
        temporary = latest.with_name(f"{files.TEMPORARY}{os.getpid()}-latest.png")
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        try:
            os.link(frame, temporary)
            os.replace(temporary, latest)
        except OSError:  # a file system without links
            files.write(latest, frame.read_bytes())
        if self.clock() - self.drawn >= EVERY:
            self.drawn = self.clock()
            draw(self.opened, self.specs, range(self.first, index + 1))


def draw(opened: Folder, specs: Sequence[FrameSpec], frames: range) -> None:
    """Write `sheet.png`: some of the frames in a row, from the first to the last; one that cannot be read is left out.
    Raises: OutputError."""
    shown = min(CELLS, len(frames))
    cells = []
    for place in sorted({place * (len(frames) - 1) // max(1, shown - 1) for place in range(shown)}):
        index = frames[place]
        spec = specs[index]
        with (
            contextlib.suppress(OSError, SyntaxError, ValueError),
            Image.open(opened.frame_path(index), formats=["PNG"]) as image,
        ):
            cells.append(Labelled(image.convert("RGB"), (show_time(spec.time), seen_text(spec))))
    if not cells:
        return
    with files.atomic(opened.path / "sheet.png") as temporary:
        labels.sheet(cells, COLUMNS, WIDTH).save(temporary, "PNG")
