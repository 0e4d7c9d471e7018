"""The making of frames: the picture at the start of a frame's optimisation and after its steps, on disk.

    outputs/reef/making/000000/00000.png    frame 0 as the camera left it
    outputs/reef/making/000000/00010.png    the same after ten steps
    outputs/reef/making/000000/making.json  which frame that is, by its key, and what was lost at each step

A folder is there whole or not at all, and counts only while its key is the one that the scene asks for. What is missing
can be painted again, exactly, so nothing here has to be kept.
"""

import contextlib
import json
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from PIL import Image

from animator import files
from animator.film.folder import Folder
from animator.paint import pixels
from animator.paint.step_info import FrameBegan, Observed

NOTE = "making.json"


@dataclass(frozen=True)
class Stage:
    """A frame after some of its steps: its picture, and the loss at the last of them, None at the start."""

    frame: int
    step: int  # how many were taken
    steps: int
    picture: Path
    loss: float | None


class Recorder:
    """Watches frames being made and writes those that are wanted. Used as a context: what is not whole at its end is
    removed."""

    def __init__(self, opened: Folder, keys: Sequence[str], frames: Iterable[int], every: int) -> None:
        self.opened, self.keys, self.frames, self.every = opened, keys, frozenset(frames), every
        self.open = contextlib.ExitStack()
        self.frame, self.folder, self.stages = -1, Path(), list[dict[str, Any]]()

    def __enter__(self) -> "Recorder":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        unfinished = GeneratorExit()  # also where there was no error: a making without an end is none
        self.open.__exit__(type(unfinished), unfinished, None)

    def __call__(self, info: Observed) -> None:
        """See a frame begin, or a step of it. Raises: OutputError."""
        if info.frame not in self.frames:
            return
        if isinstance(info, FrameBegan):
            self._begin(info.frame)
            self._add(0, info, None)
            return
        taken = info.step + 1
        if taken % self.every == 0 or taken == info.steps:
            self._add(taken, info, sum(float(term) for term in info.terms.values()))

    def _begin(self, frame: int) -> None:
        path = folder_of(self.opened, frame)
        path.parent.mkdir(exist_ok=True)
        self.open = contextlib.ExitStack()
        self.frame, self.folder, self.stages = (
            frame,
            self.open.enter_context(files.atomic_folder(path, synced=False)),
            [],
        )

    def _add(self, taken: int, info: Observed, loss: float | None) -> None:
        path = self.folder / f"{taken:05d}.png"
        Image.fromarray(pixels.to_bytes(info.picture())).save(path, "PNG", compress_level=1)
        self.stages.append({"step": taken, "png": files.sha256(path), "loss": loss})
        if taken == info.steps:
            note = {"key": self.keys[self.frame], "every": self.every, "steps": info.steps, "stages": self.stages}
            (self.folder / NOTE).write_text(json.dumps(note))
            self.open.close()


def folder_of(opened: Folder, frame: int) -> Path:
    """Where the making of a frame lies."""
    return opened.path / "making" / f"{frame:06d}"


def stored(opened: Folder, frame: int, key: str, every: int) -> list[Stage]:
    """The making of a frame, every so many steps, if it is there, whole, and of the frame with this key; else none."""
    path = folder_of(opened, frame)
    try:
        note = json.loads((path / NOTE).read_bytes())
        if note["key"] != key or every % note["every"]:
            return []
        found = [stage for stage in note["stages"] if stage["step"] % every == 0 or stage["step"] == note["steps"]]
        stages = [_stage(path, frame, note, stage) for stage in found]
    except (OSError, ValueError, ArithmeticError, KeyError, TypeError, RecursionError):
        return []
    return stages if all(stages) else []


def _stage(path: Path, frame: int, note: Mapping[str, Any], stage: Mapping[str, Any]) -> Stage:
    picture = path / f"{int(stage['step']):05d}.png"
    if files.sha256(picture) != stage["png"]:
        raise ValueError(picture)
    return Stage(frame, int(stage["step"]), int(note["steps"]), picture, stage["loss"])


def sweep(opened: Folder, keys: Sequence[str]) -> None:
    """Remove what killed writers left, and makings of frames that are not the film's any more."""
    making = opened.path / "making"
    if not making.is_dir() or making.is_symlink():
        return
    files.sweep(making)
    for path in making.iterdir():
        index = int(path.name) if path.name.isascii() and path.name.isdigit() else -1
        if not (0 <= index < len(keys) and stored(opened, index, keys[index], _every(path))):
            shutil.rmtree(path, ignore_errors=True)


def _every(path: Path) -> int:
    try:
        return max(1, int(json.loads((path / NOTE).read_bytes())["every"]))
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return 1
