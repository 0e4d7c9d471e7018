"""A film's folder: whose it is, and which of its frames count.

A stored frame counts only if its key and its bytes are the ones that the journal notes and the scene asks for.
"""

import contextlib
import json
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import filelock

from animator import files
from animator.errors import BusyError, OutputError
from animator.film.keys import canonical
from animator.scene.frame_spec import FrameSpec
from animator.version import VERSION


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
    def journal_path(self) -> Path:
        """A line for each frame that counts."""
        return self.path / "journal.jsonl"


@contextlib.contextmanager
def locked(path: Path, fresh: bool = False) -> Iterator[Folder]:
    """Lock a film's folder, making it if need be; `fresh` moves an old one aside first.

    Raises: BusyError when another renderer holds it; OutputError when it cannot be written.
    """
    try:
        if path.is_symlink():
            raise OutputError(f"{path}: is a link; films are written only to real folders")
        if fresh and path.exists():
            with _lock(path):
                path.rename(path.with_name(f"{path.name}.old-{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}"))
        for part in (path, path / "frames", path / "states"):
            part.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{path}: cannot be made: {error.strerror}") from error
    with _lock(path):
        for part in (path, path / "frames", path / "states"):
            files.sweep(part)
        yield Folder(path)


@contextlib.contextmanager
def _lock(path: Path) -> Iterator[None]:
    lock, holder = filelock.FileLock(path / ".lock"), path / ".holder"
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout as error:
        who = holder.read_text().strip() if holder.exists() else "another process"
        raise BusyError(f"{path}: in use by {who}; wait for it, or choose another folder with --out") from error
    try:
        holder.write_text(f"process {os.getpid()} on {os.uname().nodename}\n")
        yield
    finally:
        lock.release()


def begin(folder: Folder, base: dict[str, Any], scene_text: str) -> None:
    """Note down what this run renders from, and which version of the program does it."""
    files.write(folder.path / "base.json", canonical({**base, "version": VERSION}).encode())
    files.write(folder.path / "scene.yaml", scene_text.encode())


def kept(folder: Folder, keys: list[str]) -> int:
    """How many frames from the film's start on are there, whole and as this scene wants them."""
    lines = _journal(folder)
    count = 0
    for line, key in zip(lines, keys, strict=False):
        path = folder.frame_path(count)
        if line["key"] != key or not path.is_file() or files.sha256(path) != line["png"]:
            break
        count += 1
    return count


def cut_journal(folder: Folder, count: int) -> None:
    """Forget all frames from `count` on, and a torn last line."""
    lines = folder.journal_path.read_bytes().splitlines(keepends=True) if folder.journal_path.exists() else []
    if len(lines) > count:
        files.write(folder.journal_path, b"".join(lines[:count]))


def _journal(folder: Folder) -> list[dict[str, Any]]:
    """The lines up to the first that is torn or not ours."""
    entries: list[dict[str, Any]] = []
    if folder.journal_path.exists():
        for text in folder.journal_path.read_bytes().splitlines(keepends=True):
            try:
                line = json.loads(text)
                whole = text.endswith(b"\n") and {"frame", "key", "png", "spec"} <= set(line)
            except (ValueError, TypeError):
                whole = False
            if not whole or line["frame"] != len(entries):
                break
            entries.append(line)
    return entries


def changes(folder: Folder, base: dict[str, Any], specs: tuple[FrameSpec, ...], count: int) -> tuple[str, ...]:
    """Which fields keep the stored frame `count` from being the one wanted; empty when it is just not there.

    `format` alone where an earlier version made the film in a way that this one does not go on with.
    """
    lines = _journal(folder)
    if count >= len(lines) or count >= len(specs):
        return ()
    old_base = _read_json(folder.path / "base.json")
    new_base = json.loads(canonical(base))
    if old_base.get("format") != new_base.get("format"):
        return ("format",)
    changed = tuple(sorted(name for name in new_base if old_base.get(name) != new_base[name]))
    if changed:
        return changed
    old, new = lines[count]["spec"], json.loads(canonical(specs[count]))
    return tuple(sorted(name for name in {*old, *new} if old.get(name) != new.get(name)))


def _read_json(path: Path) -> dict[str, Any]:
    try:
        value: dict[str, Any] = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return value
