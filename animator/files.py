"""The one way this program writes a file: under another name in the same folder, synced, then renamed.

So a name that people and resume look at holds a whole file or none, whenever the power goes. Leftovers of a killed
writer begin with TEMPORARY, which no film, frame or model does, and are swept by whoever holds the folder's lock.
"""

import contextlib
import errno
import hashlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from animator.errors import FullError, OutputError

TEMPORARY = ".writing-"
FULL = (errno.ENOSPC, errno.EDQUOT)
NEXT = {  # what helps against what a file system refuses
    **dict.fromkeys(FULL, "make room and run the same command"),
    **dict.fromkeys((errno.EACCES, errno.EPERM, errno.EROFS), "see who may write there, or choose another folder"),
}


def refused(error: OSError, place: str) -> OutputError:
    """What the file system refused at a place, as an error of ours that says what next."""
    hint = NEXT.get(error.errno or 0, "")
    kind = FullError if error.errno in FULL else OutputError
    return kind(f"{place}: {error.strerror or error}{f'; {hint}' if hint else ''}")


@contextlib.contextmanager
def atomic(path: Path) -> Iterator[Path]:
    """A temporary path to write to; on leaving without an error it becomes `path`, else it is removed.

    Raises: OutputError for anything the file system refuses.
    """
    temporary = path.with_name(f"{TEMPORARY}{os.getpid()}-{path.name}")
    try:
        temporary.touch()
        mode = temporary.stat().st_mode  # as the umask has it, whatever a library makes of it
        yield temporary
        temporary.chmod(mode)
        sync(temporary)
        os.replace(temporary, path)
        sync(path.parent)
    except OSError as error:
        raise refused(error, f"{path}: cannot be written") from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


@contextlib.contextmanager
def atomic_folder(path: Path, synced: bool = True) -> Iterator[Path]:
    """The same for a folder: an empty one to fill, which then takes the place of the one at `path`, if there is one.
    Not `synced`, it is whole after a kill, but maybe not after a power cut; for files whose hashes are looked at.

    Raises: OutputError for anything the file system refuses.
    """
    temporary, aside = (path.with_name(f"{TEMPORARY}{os.getpid()}-{what}{path.name}") for what in ("", "old-"))
    try:
        temporary.mkdir()
        yield temporary
        for part in (*temporary.iterdir(), temporary) if synced else ():
            sync(part)
        if path.exists():
            os.replace(path, aside)
        os.replace(temporary, path)
        sync(path.parent)
    except OSError as error:
        raise refused(error, f"{path}: cannot be written") from error
    finally:
        for part in (temporary, aside):
            shutil.rmtree(part, ignore_errors=True)


def write(path: Path, content: bytes) -> None:
    """Write a whole file. Raises: OutputError."""
    with atomic(path) as temporary:
        temporary.write_bytes(content)


def sync(path: Path) -> None:
    """Make a file's content, or a folder's entries, survive a power cut."""
    windows = os.name == "nt"
    if windows and path.is_dir():
        return  # which Windows neither allows nor needs
    descriptor = os.open(path, os.O_RDWR if windows else os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sweep(folder: Path) -> None:
    """Remove what killed writers left."""
    for path in (*folder.glob(f"{TEMPORARY}*"), *folder.glob("[0-9]*.tmp-[0-9]*")):  # the latter are a 0.1's frames
        if path.is_symlink() or path.is_file():
            path.unlink(missing_ok=True)
        elif path.name.startswith(TEMPORARY):
            shutil.rmtree(path, ignore_errors=True)


def used(folder: Path) -> int:
    """Bytes of all files in a folder, at any depth, a file of several names once; what goes away meanwhile does not
    count."""
    sizes = dict[tuple[int, int], int]()
    for place, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):
                found = os.lstat(os.path.join(place, name))
                sizes[found.st_dev, found.st_ino] = found.st_size
    return sum(sizes.values())


def sha256(path: Path) -> str:
    """The hash of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sha256_of_folder(path: Path) -> str:
    """The hash of the names and bytes of the files in a folder."""
    listed = "".join(f"{part.name} {sha256(part)}\n" for part in sorted(path.iterdir()))
    return hashlib.sha256(listed.encode()).hexdigest()
