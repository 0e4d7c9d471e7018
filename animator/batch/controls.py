"""A batch's own folder, through which it is watched and told what to do, from any terminal or machine that sees it.

outputs/_batch/journal.jsonl       what happened, a line an event; `status` reads it
outputs/_batch/report.html         the same for people
outputs/_batch/queue/reef.yaml     a scene that is to be rendered, too; put there by hand, or by `add`
outputs/_batch/queue/reef.cancel   leave this film for another time; `reef.first`: before all others
"""

import contextlib
import json
import os
import platform
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import filelock

from animator import files
from animator.errors import BusyError, OutputError, command, escaped

NAME = "_batch"  # which no film can have
WHO = ".holder"
OLD = 10  # journals that are kept
SETTLED = 1.0  # seconds that a scene's file must not have changed for: it may be on its way
MOMENT = 0.5  # seconds to wait for a lock, which `status` takes just to see whether a batch has it


@dataclass(frozen=True)
class Controls:
    """The folder of a batch that runs."""

    folder: Path

    @property
    def queue(self) -> Path:
        """Where people put scenes and wishes."""
        return self.folder / "queue"

    @property
    def journal(self) -> Path:
        """What happened."""
        return self.folder / "journal.jsonl"

    @property
    def logs(self) -> Path:
        """What children said."""
        return self.folder / "children"

    def taken(self) -> Iterator[tuple[str, str, Path | None]]:
        """What people ask for, each once: `add`, `cancel` or `first`, the film's name, and the scene that is new."""
        try:
            found = sorted(self.queue.iterdir())
        except OSError:
            return
        for path in found:
            with contextlib.suppress(OSError):
                if path.name.startswith(".") or path.is_symlink() or not path.is_file():
                    continue
                if path.suffix in (".cancel", ".first"):
                    path.unlink()
                    yield path.suffix.removeprefix("."), path.stem, None
                elif path.suffix in (".yaml", ".yml") and time.time() - path.stat().st_mtime >= SETTLED:
                    scene = self.folder / "scenes" / path.name
                    scene.parent.mkdir(exist_ok=True)
                    os.replace(path, scene)
                    yield "add", path.stem, scene


@contextlib.contextmanager
def opened(out: Path) -> Iterator[Controls]:
    """A batch's folder, locked, with a new journal. Raises: BusyError while another batch has it, OutputError."""
    controls = Controls(out / NAME)
    try:
        for part in (controls.folder, controls.queue, controls.logs):
            if part.is_symlink():
                raise OutputError(f"{part}: is a link; a batch is kept only in real folders")
            part.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise files.refused(error, f"{controls.folder}: cannot be made") from error
    lock, holder = filelock.FileLock(controls.folder / ".lock"), controls.folder / WHO
    try:
        lock.acquire(timeout=MOMENT)
    except filelock.Timeout as error:
        add = f"`{command(f'add SCENE --out {out}')}` puts a scene into its queue"
        who = _who(holder)
        raise BusyError(f"{out}: a batch is rendered there by {who}; {add}, or choose another --out") from error
    try:
        files.write(holder, json.dumps({"process": os.getpid(), "on": platform.node()}).encode())
        files.sweep(controls.folder)
        _rotate(controls)
        yield controls
    finally:
        lock.release()


def running(out: Path) -> bool:
    """Whether a batch is being rendered there, as far as this machine can tell."""
    path = out / NAME / ".lock"
    if not path.exists():
        return False
    lock = filelock.FileLock(path)
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout:
        return True
    except OSError:
        return False
    lock.release()
    return False


def ask(out: Path, name: str, content: bytes = b"") -> Path:
    """Put a wish into the queue of the batch that is rendered there. Raises: OutputError where there is none."""
    path = out / NAME / "queue" / name
    if not running(out):
        raise OutputError(f"{out}: no batch is rendered there; `{command('batch SCENES')}` begins one")
    files.write(path, content)
    return path


def _who(holder: Path) -> str:
    try:
        found = json.loads(holder.read_bytes())
        return escaped(f"process {found['process']} on {found['on']}")
    except (OSError, ValueError, KeyError, TypeError):
        return "another process"


def _rotate(controls: Controls) -> None:
    """Put the last batch's journal aside, and forget the oldest ones."""
    old = controls.folder / "old"
    if controls.journal.exists():
        old.mkdir(exist_ok=True)
        stamp = time.strftime("%Y%m%d-%H%M%S", time.localtime(controls.journal.stat().st_mtime))
        os.replace(controls.journal, old / f"journal-{stamp}.jsonl")
        for path in sorted(old.glob("journal-*.jsonl"))[:-OLD]:
            path.unlink(missing_ok=True)
