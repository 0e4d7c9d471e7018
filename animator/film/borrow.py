"""Frames that are this film's, too: of a film that was renamed, or copied to be continued in another way, and of shots
that were rendered apart."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from animator import files
from animator.film import folder, progress, retried
from animator.film.folder import OLD, Folder


@dataclass(frozen=True)
class Borrowed:
    """How many frames were taken over, from the film's start on, and from which folder. None: 0."""

    count: int = 0
    source: Path = Path()


def borrow(opened: Folder, keys: list[str]) -> Borrowed:
    """Give a new film those of its first frames that a film beside it has, with their states.

    Whatever is on the disk is only ever replaced as a whole, so both films may share a file: it is linked where that
    can be done, else copied. Raises: OutputError.
    """
    beside = [Folder(path) for path in sorted(opened.path.parent.iterdir()) if path != opened.path]
    counts = [(_count(source, keys), source) for source in beside]
    count, source = max(counts, key=lambda each: each[0], default=(0, opened))
    lines = folder.journal(source) if count else {}
    for index in range(count):
        picture = folder.stored(source, index)
        if picture is None or index not in lines:  # it is being changed by another process
            count = index
            break
        _take(picture, opened.frame_path(index))
        _take(source.state_path(index), opened.state_path(index))
    if count:
        folder.write_journal(opened, {index: lines[index] for index in range(count)})
    return Borrowed(count, source.path)


def gather(opened: Folder, keys: list[str], shots: Sequence[range]) -> None:
    """Take in what was rendered of this film's shots, each in a folder of its own, and is not here yet.

    Raises: OutputError.
    """
    if not (opened.path / folder.SHOTS).is_dir():
        return
    lines, taken = folder.journal(opened), False
    for shot in shots:
        source = Folder(folder.of_shot(opened.path, shot.start))
        if source.path.is_symlink() or not source.journal_path.is_file():
            continue
        noted = folder.journal(source)
        here, there = folder.kept(opened, keys, shot, lines), folder.kept(source, keys, shot, noted)
        if there > here:
            for index in range(here, there):
                _take(source.frame_path(index), opened.frame_path(index))
                _take(source.state_path(index), opened.state_path(index))
                lines[index], taken = noted[index], True
            for frame in retried.read(source, keys):
                retried.note(opened, keys, frame)
            progress.take(source, opened, range(here, there))
    if taken:
        folder.write_journal(opened, lines)


def _count(source: Folder, keys: list[str]) -> int:
    """How many of its frames are wanted: none of a film that was moved aside, so that it would be rendered anew."""
    if OLD in source.path.name or source.path.is_symlink():
        return 0
    try:
        if keys[0].encode() in source.journal_path.read_bytes():  # which is quick to see
            return folder.kept(source, keys)
    except OSError:  # no film, or not ours to read
        pass
    return 0


def _take(source: Path, target: Path) -> None:
    if source.is_symlink() or not source.is_file():
        return  # a state that was not kept
    target.unlink(missing_ok=True)
    try:
        os.link(source, target)
    except OSError:
        files.write(target, source.read_bytes())
