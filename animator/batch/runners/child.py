"""In children of this process, on this machine: one for each slot, which does one task after another.

A child that failed, was asked to stop, or is gone is replaced: what a failure leaves behind, such as a card that does
not answer, goes with it.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import NoneType

from pydantic import Field

from animator.batch.runners import Inbox, Running
from animator.batch.tasks import Ended, Task
from animator.errors import ChildError, ModelError, MovieError, SceneError, SoundError, escaped
from animator.paint import process
from animator.report import wire
from animator.variants import Options

MODULE = "animator.batch.worker"
HARMLESS = (NoneType, SceneError, ModelError, SoundError, MovieError)  # errors that leave nothing behind
TAIL = 400  # characters of what a child said last


class Config(Options):
    """Where children compute, and how many."""

    devices: tuple[str, ...] = Field(default=("auto",), min_length=1, description="auto, cpu, cuda, cuda:N or mps")
    per_device: int = Field(default=1, ge=1, le=64, description="children on each device")


class _Child:
    """A process, and the task that it is at. Its lines are read in a thread, which ends with them."""

    def __init__(self, device: str, log: Path, threads: int | None) -> None:
        self.device, self.log = device, log
        self.running: Running | None = None
        self.inbox: Inbox | None = None
        self.began = time.monotonic()
        self.spoiled = False  # not to be given another task
        environment = {**os.environ, "GOMP_SPINCOUNT": os.environ.get("GOMP_SPINCOUNT", process.SPINS)}
        if threads is not None:
            environment["OMP_NUM_THREADS"] = str(threads)
        root = str(Path(__file__).parents[3])
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))
        with log.open("ab") as errors:
            self.process = subprocess.Popen(
                [sys.executable, "-X", "faulthandler", "-m", MODULE],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                env=environment,
                start_new_session=True,  # a Ctrl-C is for the parent, who passes it on
                text=True,
                encoding="utf-8",
            )
        self.thread = threading.Thread(target=self._listen, daemon=True)
        self.thread.start()

    def give(self, running: Running, inbox: Inbox) -> None:
        """Hand it a task."""
        self.running, self.inbox, self.began = running, inbox, time.monotonic()
        assert self.process.stdin is not None
        with contextlib.suppress(OSError, ValueError):  # it is gone: its lines end, and say so
            self.process.stdin.write(json.dumps(running.task.to_plain()) + "\n")
            self.process.stdin.flush()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for text in self.process.stdout:
            try:
                line = json.loads(text)
            except ValueError:
                continue
            running, inbox = self.running, self.inbox
            if running is None or inbox is None:
                continue
            if "ended" in line:
                ended = Ended.from_plain(line["ended"])
                self.spoiled = self.spoiled or not isinstance(ended.error, HARMLESS)
                self.running = None
                inbox.put((running, ended))
            elif (event := wire.from_plain(line)) is not None:
                inbox.put((running, event))
        code, self.spoiled = self.process.wait(), True
        if self.running is not None and self.inbox is not None:
            self.inbox.put((self.running, Ended(None, self._gone(code), time.monotonic() - self.began)))
            self.running = None

    def _gone(self, code: int) -> ChildError:
        """What ended it."""
        try:
            how = f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with {code}"
        except ValueError:
            how = f"was killed by signal {-code}"
        said = ""
        with contextlib.suppress(OSError):
            said = self.log.read_bytes()[-TAIL:].decode("utf-8", "replace").strip().rpartition("\n")[2]
        return ChildError(f"the process that rendered it {how}" + (f"; it said: {escaped(said)}" if said else ""))

    def end(self, number: int) -> None:
        """Send a signal to it, and to what it started."""
        with contextlib.suppress(OSError):
            if number == signal.SIGKILL and os.name != "nt":
                os.killpg(self.process.pid, number)  # its ffmpeg, too
            else:
                self.process.send_signal(number)


class Children:
    """A child for each slot, started when there is something for it to do."""

    beats = True

    def __init__(self, devices: tuple[str, ...], per_device: int, folder: Path) -> None:
        self.places = [device for device in devices for _ in range(per_device)]
        self.slots, self.folder = len(self.places), folder
        self.children: dict[int, _Child] = {}
        shared = per_device > 1 and all(device in ("cpu", "auto") for device in devices)
        self.threads = max(1, (os.cpu_count() or 1) // per_device) if shared else None
        folder.mkdir(parents=True, exist_ok=True)

    def start(self, task: Task, inbox: Inbox) -> Running:
        """Give a task to a child that is free, or to a new one."""
        slot = next(slot for slot in range(self.slots) if self._free(slot))
        child = self.children.get(slot)
        if child is None or child.spoiled or child.process.poll() is not None:
            if child is not None:
                _close(child)
            child = self.children[slot] = _Child(self.places[slot], self.folder / f"child-{slot}.log", self.threads)
        running = Running(task.on(child.device), child.device, child)
        child.give(running, inbox)
        return running

    def _free(self, slot: int) -> bool:
        return slot not in self.children or self.children[slot].running is None

    def ask(self, running: Running) -> None:
        """SIGTERM: it stops after a step."""
        running.own.spoiled = True
        running.own.end(signal.SIGTERM)

    def kill(self, running: Running) -> None:
        """SIGKILL, to it and all that it started."""
        running.own.spoiled = True
        running.own.end(getattr(signal, "SIGKILL", signal.SIGTERM))

    def resident(self, running: Running) -> int | None:
        """As Linux has it."""
        try:
            pages = int(Path(f"/proc/{running.own.process.pid}/statm").read_text().split()[1])
        except (OSError, ValueError, IndexError):
            return None
        return pages * os.sysconf("SC_PAGE_SIZE")

    def close(self) -> None:
        """End all children. Those that are at something stop after a step."""
        for child in self.children.values():
            _close(child)
        self.children.clear()


def _close(child: _Child) -> None:
    """A child without tasks ends by itself, and soon."""
    with contextlib.suppress(OSError, ValueError):
        if child.process.stdin is not None:
            child.process.stdin.close()
    try:
        child.process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        child.end(getattr(signal, "SIGKILL", signal.SIGTERM))
        child.process.wait()
    child.thread.join(timeout=5)
    if child.process.stdout is not None:
        child.process.stdout.close()


def build(config: Config, folder: Path) -> Children:
    """A runner of children."""
    return Children(config.devices, config.per_device, folder)
