"""A film's folder: whose it is, and which of its frames count.

A stored frame counts only if its key and its bytes are the ones that the journal notes and the scene asks for.
"""

import contextlib
import json
import os
import platform
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import filelock

from animator import files
from animator.errors import BusyError, OutputError, escaped
from animator.film.keys import PARTS, canonical, parts_of
from animator.scene.document import Document
from animator.version import VERSION

FIELDS = {"frame": int, "key": str, "png": str, "state": str, "spec": dict}  # of a line of the journal
OLD = ".old-"  # in the name of a folder that was moved aside
MOMENTS, MOMENT = 20, 0.05  # how often, and how many seconds apart, it is asked who holds a folder
SPARE_LINES = 1000  # of the journal, that later ones have replaced and that are not worth writing it anew
SHOTS = "shots"  # in a film's folder: those of shots that were rendered apart
OURS = ("frames", "states", "beyond", "journal.jsonl", "base.json", "scene.yaml", ".lock", ".holder")


@dataclass(frozen=True)
class Folder:
    """A film's folder, locked by this process."""

    path: Path

    def frame_path(self, index: int) -> Path:
        """The picture of a frame."""
        return self.path / "frames" / f"{index:06d}.png"

    def state_path(self, index: int) -> Path:
        """What the frame after it starts from."""
        return self.path / "states" / f"{index:06d}.safetensors"

    @property
    def beyond_path(self) -> Path:
        """Frames behind the end of a film that was longer once."""
        return self.path / "beyond"

    @property
    def journal_path(self) -> Path:
        """A line for each frame that was committed; of several for one frame, the last counts."""
        return self.path / "journal.jsonl"


def of_shot(film: Path, first: int) -> Path:
    """The folder of a shot that is rendered apart, by its first frame."""
    return film / SHOTS / f"{first:06d}"


@contextlib.contextmanager
def locked(path: Path, fresh: bool = False) -> Iterator[Folder]:
    """Lock a film's folder, making it if need be; `fresh` moves an old one aside first.

    Raises: BusyError when another renderer holds it; OutputError when it cannot be written.
    """
    try:
        for part in (path, *(path / name for name in OURS)):
            if part.is_symlink():
                raise OutputError(f"{part}: is a link; films are written only to real files and folders")
        if fresh:
            aside(path)
        for part in (path, path / "frames", path / "states"):
            part.mkdir(parents=True, exist_ok=True)
        for part in (path.parent, path):
            files.sync(part)
    except OSError as error:
        raise files.refused(error, f"{path}: cannot be made") from error
    with _lock(path):
        for part in (path, path / "frames", path / "states"):
            files.sweep(part)
        yield Folder(path)


def aside(path: Path) -> None:
    """Move a film's folder out of the way, so that it begins anew. Raises: BusyError, OutputError."""
    if not path.exists():
        return
    try:
        with _lock(path):
            path.rename(path.with_name(f"{path.name}{OLD}{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}"))
    except OSError as error:
        raise files.refused(error, f"{path}: cannot be moved aside") from error


@contextlib.contextmanager
def _lock(path: Path) -> Iterator[None]:
    lock, holder = filelock.FileLock(path / ".lock"), path / ".holder"
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout as error:
        who = escaped(_holder(holder)) or "another process"
        raise BusyError(f"{path}: in use by {who}; wait for it, or choose another folder with --out") from error
    try:
        holder.write_text(f"process {os.getpid()} on {platform.node()}\n")
        yield
    finally:
        lock.release()


def _holder(note: Path) -> str:
    """Who says to hold a folder; nothing where nobody can tell. One that has just begun says so in a moment."""
    for _ in range(MOMENTS):
        with contextlib.suppress(OSError):
            if said := note.read_bytes()[:200].decode("utf-8", "replace").strip():
                return said
        time.sleep(MOMENT)
    return ""


def begin(folder: Folder, base: dict[str, Any], scene_text: str, count: int) -> None:
    """Note down what this run renders from, and which version of the program does it; put frames behind the `count`
    that the film has now out of sight, and bring back those that it has again."""
    files.write(folder.path / "base.json", canonical({**base, "version": VERSION}).encode())
    files.write(folder.path / "scene.yaml", scene_text.encode())
    mend_journal(folder)
    aside = [path for path in (folder.path / "frames").glob("*.png") if _index(path) >= count]
    back = [path for path in folder.beyond_path.glob("*.png") if 0 <= _index(path) < count]
    if aside:
        folder.beyond_path.mkdir(exist_ok=True)
    for path in aside:
        path.replace(folder.beyond_path / path.name)
    for path in back:
        if not folder.frame_path(_index(path)).exists():
            path.replace(folder.frame_path(_index(path)))


def _index(path: Path) -> int:
    return int(path.stem) if path.stem.isascii() and path.stem.isdigit() else -1


def kept(
    folder: Folder, keys: list[str], within: range | None = None, lines: dict[int, dict[str, Any]] | None = None
) -> int:
    """The first frame that is not there, whole and as this scene wants it, of the whole film or `within` some frames in
    a row; behind the last of them if all are there. `lines` is the journal, for one that was read."""
    lines, within = journal(folder) if lines is None else lines, range(len(keys)) if within is None else within
    for index in within:
        path, line = stored(folder, index), lines.get(index)
        if line is None or path is None or line["key"] != keys[index] or files.sha256(path) != line["png"]:
            return index
    return within.stop


def whole(folder: Folder) -> int:
    """How many frames from the film's start on are there and whole, whatever scene they were rendered from."""
    lines = journal(folder)
    for index in range(len(lines)):
        path, line = folder.frame_path(index), lines.get(index)
        if line is None or not path.is_file() or files.sha256(path) != line["png"]:
            return index
    return len(lines)


def stored(folder: Folder, index: int) -> Path | None:
    """Where a frame's picture lies, if it is there: among the others, or behind the film's end."""
    path = folder.frame_path(index)
    return next((place for place in (path, folder.beyond_path / path.name) if place.is_file()), None)


def journal(folder: Folder) -> dict[int, dict[str, Any]]:
    """The last whole line for each frame."""
    return {line["frame"]: line for line in map(_line, _journal_lines(folder)) if line is not None}


def _journal_lines(folder: Folder) -> list[bytes]:
    return folder.journal_path.read_bytes().splitlines(keepends=True) if folder.journal_path.exists() else []


def _line(text: bytes) -> dict[str, Any] | None:
    """A line as it was written; None for one that is torn or not ours."""
    try:
        line = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not text.endswith(b"\n") or not isinstance(line, dict) or not FIELDS.items() <= _types(line).items():
        return None
    return line


def _types(line: dict[str, Any]) -> dict[str, type]:
    return {name: type(value) for name, value in line.items()}


def mend_journal(folder: Folder) -> None:
    """Drop lines that are torn, and, once they are many, those that later ones have replaced."""
    lines = _journal_lines(folder)
    whole = journal(folder)
    torn = any(_line(text) is None for text in lines)
    if torn or len(lines) > 2 * len(whole) + SPARE_LINES:
        write_journal(folder, whole)


def forget(folder: Folder, *frames: range) -> None:
    """Drop the lines of frames, some in a row each, that are about to be rendered. Those of an earlier run may have the
    same keys, and yet, on a card, not follow on the new ones."""
    whole = journal(folder)
    gone = {index for index in whole if any(index in some for some in frames)}
    if gone:
        write_journal(folder, {index: line for index, line in whole.items() if index not in gone})


def write_journal(folder: Folder, lines: dict[int, dict[str, Any]]) -> None:
    """Write a journal of these lines, by frame, in place of the one that is there."""
    text = "".join(json.dumps(lines[index]) + "\n" for index in sorted(lines))
    files.write(folder.journal_path, text.encode())


def changes(folder: Folder, base: dict[str, Any], document: Document, count: int) -> tuple[str, ...]:
    """Which fields keep the stored frame `count` from being the one wanted; empty when it is just not there.

    `format` alone where an earlier version made the film in a way that this one does not go on with.
    """
    lines, old_base, new_base = journal(folder), _read_json(folder.path / "base.json"), json.loads(canonical(base))
    if old_base and old_base.get("format") != new_base.get("format"):
        return ("format",)
    if count not in lines or count >= len(document.frames):
        return ()
    whole = {*old_base, *new_base} - {"version", *PARTS}
    changed = [name for name in whole if _differ(name, old_base, new_base)]
    if not changed:
        spec = document.frames[count]
        old, new = lines[count]["spec"], json.loads(canonical(spec))
        changed = [name for name in {*old, *new} if _differ(name, old, new)]
        parts = json.loads(canonical(parts_of(base, spec, document.encoders)))
        changed += [name for name in PARTS if not _holds(parts.get(name, []), old_base.get(name))]
    return tuple(sorted(set(changed)))


def _holds(parts: Any, noted: Any) -> bool:
    """Whether what a frame uses of a part was there before: what has a name under it, and what has none anywhere."""
    if isinstance(parts, dict):
        return isinstance(noted, dict) and all(noted.get(name) == part for name, part in parts.items())
    there = noted.values() if isinstance(noted, dict) else noted
    return all(part in there for part in parts) if isinstance(noted, (dict, list)) else not parts


def _differ(name: str, old: dict[str, Any], new: dict[str, Any]) -> bool:
    return bool(old.get(name) != new.get(name))


def _read_json(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
