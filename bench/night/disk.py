"""The file system below a folder as a process uses it: each call is counted, one may fail, and all can be recorded.

`Disk.install` puts it between Python and the file system for the rest of a process. ffmpeg is another process: what it
writes is seen when the film is synced.
"""

import builtins
import contextlib
import io
import mmap
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

WRITES = frozenset("wax+")


@dataclass(frozen=True)
class Call:
    """What was asked: create, write, sync, rename, link, remove or folder; `content` is what a file was given, at
    `offset`, or all that it held when it was synced."""

    what: str
    path: str
    other: str = ""
    content: bytes = b""
    offset: int = 0


@dataclass
class Disk:
    """Below `root`, the `fail_at`-th call ends with `number` as its errno; before a write does, half of it is written
    where `short`. Whoever forked this process sees in `count` how many calls there were."""

    root: Path
    fail_at: int = 0
    number: int = 0
    short: bool = False
    records: list[Call] | None = None
    counted: mmap.mmap = field(default_factory=lambda: mmap.mmap(-1, 8))
    lock: Any = field(default_factory=threading.RLock)

    @property
    def count(self) -> int:
        return int.from_bytes(self.counted[:], "little")

    @property
    def failed(self) -> bool:
        return 0 < self.fail_at <= self.count

    def asked(self, call: Call) -> None:
        """Count a call. Raises: OSError for the one that is to fail."""
        with self.lock:
            self.counted[:] = (self.count + 1).to_bytes(8, "little")
            if self.count == self.fail_at:
                raise OSError(self.number, os.strerror(self.number), call.path)
            if self.records is not None:
                self.records.append(call)

    def below(self, path: Any) -> str:
        """The whole path of what lies below the root, else nothing."""
        if isinstance(path, int):
            with contextlib.suppress(OSError):
                path = os.readlink(f"/proc/self/fd/{path}")
        if not isinstance(path, (str, os.PathLike)):
            return ""
        whole = os.path.abspath(os.fspath(path))
        return whole if whole.startswith(f"{self.root}/") or whole == str(self.root) else ""

    def install(self) -> None:
        """From here on, in this process, calls come by."""
        builtins.open = io.open = self._open(io.open)
        os.open = self._os_open(os.open)
        os.fsync = self._fsync(os.fsync)  # type: ignore[assignment]
        for name in ("replace", "rename", "link"):
            setattr(os, name, self._two(getattr(os, name), "link" if name == "link" else "rename"))
        for name in ("unlink", "remove"):
            setattr(os, name, self._one(getattr(os, name), "remove"))
        os.mkdir = self._one(os.mkdir, "folder")

    def _open(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def opened(file: Any, mode: str = "r", buffering: int = -1, *rest: Any, **named: Any) -> Any:
            path = "" if isinstance(file, int) else self.below(file)
            if not path or not WRITES & set(mode):
                return real(file, mode, buffering, *rest, **named)
            new = not os.path.exists(path)
            if new or "w" in mode:
                self.asked(Call("create", path))
            raw = _Raw(self, path, mode.replace("b", "").replace("t", ""))
            buffered = io.BufferedRandom(raw) if "+" in mode else io.BufferedWriter(raw)
            if "b" in mode:
                return buffered
            return io.TextIOWrapper(buffered, *(rest or (named.pop("encoding", None) or "utf-8",)), **named)

        return opened

    def _os_open(self, real: Callable[..., int]) -> Callable[..., int]:
        def opened(path: Any, flags: int, *rest: Any, **named: Any) -> int:
            whole = self.below(path)
            if whole and flags & os.O_CREAT and not os.path.exists(whole):
                self.asked(Call("create", whole))
            return real(path, flags, *rest, **named)

        return opened

    def _fsync(self, real: Callable[[int], None]) -> Callable[[int], None]:
        def fsync(descriptor: int) -> None:
            path = self.below(descriptor)
            if path:
                content = Path(path).read_bytes() if self.records is not None and os.path.isfile(path) else b""
                self.asked(Call("sync", path, content=content))
            real(descriptor)

        return fsync

    def _two(self, real: Callable[..., None], what: str) -> Callable[..., None]:
        def moved(old: Any, new: Any, **named: Any) -> None:
            if not named and self.below(new):
                self.asked(Call(what, self.below(old), self.below(new)))
            real(old, new, **named)

        return moved

    def _one(self, real: Callable[..., None], what: str) -> Callable[..., None]:
        def done(path: Any, *rest: Any, **named: Any) -> None:
            whole = self.below(path) if "dir_fd" not in named else ""
            if whole and os.path.lexists(whole) == (what == "remove"):
                self.asked(Call(what, whole))
            real(path, *rest, **named)

        return done


class _Raw(io.FileIO):
    """A file whose writes come by."""

    def __init__(self, disk: Disk, path: str, mode: str) -> None:
        super().__init__(path, mode)
        self.disk, self.path = disk, path

    def write(self, content: Any) -> int:
        """As a file does; only half of it where the disk is to be short now."""
        data, disk = bytes(content), self.disk
        offset = os.fstat(self.fileno()).st_size if "a" in self.mode else self.tell()
        if disk.short and disk.count + 2 == disk.fail_at and len(data) > 1:  # and the other half fails
            data = data[: len(data) // 2]
        disk.asked(Call("write", self.path, content=data, offset=offset))
        return super().write(data)
