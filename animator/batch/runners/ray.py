"""On the machines of a Ray cluster, which see the same folders: a task for each film or shot.

Ray starts a task again whose machine or process is lost, as often as `retries` says; what it did is in the film's
folder, so it goes on from the last frame. How far tasks are is read there, too. A token is asked for from whoever
talks to the cluster, and the dashboard is off.
"""

import contextlib
import importlib
import os
import threading
import time
from pathlib import Path
from typing import Any

from pydantic import Field

from animator.batch.runners import Inbox, Running
from animator.batch.tasks import Ended, Task
from animator.errors import ChildError, ModelError, StoppedError, first_line
from animator.film import folder, progress
from animator.film.folder import Folder
from animator.report import events
from animator.variants import Options

INSTALL = "python -m pip install -c constraints.txt -r requirements-cluster.txt"
LOOK = 1.0  # seconds between looks at how far tasks are
SAFE = {"RAY_AUTH_MODE": "token", "RAY_USAGE_STATS_ENABLED": "0"}


class Config(Options):
    """Which cluster, and what a task takes of it."""

    address: str = Field(default="", description="of a cluster, such as 10.0.0.1:6379; default: begin one here")
    device: str = Field(default="auto", description="auto, cpu, cuda, cuda:N or mps, on each machine")
    gpus: float = Field(default=1.0, ge=0, le=16, description="cards that a task takes; 0.5 puts two on one card")
    cpus: float = Field(default=1.0, gt=0, le=1024, description="cores that a task takes")
    retries: int = Field(default=3, ge=0, le=1000, description="how often Ray starts a task again that was lost")
    slots: int = Field(default=0, ge=0, le=100_000, description="tasks at a time; 0: as many as there is room for")


def _do(plain: dict[str, Any]) -> dict[str, Any]:
    """On some machine: do a task. Ray's cancelling comes as a Ctrl-C, which asks for an end."""
    from animator.batch import stop, worker

    with stop.on_signals() as asked:
        return worker.do(Task.from_plain(plain), lambda event: None, asked, fetches=True).to_plain()


class Cluster:
    """Hands tasks to Ray. A thread listens for those that end, and looks how far the others are."""

    beats = False

    def __init__(self, config: Config) -> None:
        os.environ.update({name: os.environ.get(name, value) for name, value in SAFE.items()})
        try:
            ray: Any = importlib.import_module("ray")
        except ImportError as error:
            raise ModelError(
                "Ray is not installed; run: python -m pip install -c constraints.txt -r requirements-cluster.txt"
            ) from error
        self.ray, self.config = ray, config
        root = str(Path(__file__).parents[3])
        path = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))
        try:
            ray.init(
                address=config.address or "local",  # else Ray would join what it remembers of one that is gone
                include_dashboard=None if config.address else False,
                log_to_driver=False,
                logging_level="ERROR",
                runtime_env={"env_vars": {"PYTHONPATH": path}},
            )
        except Exception as error:  # whatever Ray raises
            raise ModelError(f"no Ray cluster at {config.address or 'this machine'}: {first_line(error)}") from error
        there = ray.cluster_resources()
        gpus = config.gpus if there.get("GPU", 0) and config.device != "cpu" else 0
        room = [there.get("CPU", 1) / config.cpus, *([there["GPU"] / gpus] if gpus else [])]
        self.slots = config.slots or max(1, int(min(room)))
        options: dict[str, Any] = {"num_gpus": gpus, "num_cpus": config.cpus, "max_retries": config.retries}
        self.do = ray.remote(**options)(_do)
        self.running: dict[Any, tuple[Running, Inbox]] = {}
        self.seen: dict[Running, set[int]] = {}
        self.lock, self.closed = threading.Lock(), False
        self.thread = threading.Thread(target=self._listen, daemon=True)
        self.thread.start()

    def start(self, task: Task, inbox: Inbox) -> Running:
        """Hand it to the cluster."""
        reference = self.do.remote(task.on(self.config.device).to_plain())
        running = Running(task, "ray", reference)
        with self.lock:
            self.running[reference] = running, inbox
            self.seen[running] = set(progress.read(self._folder(task)))
        return running

    def ask(self, running: Running) -> None:
        """As a Ctrl-C there."""
        self.ray.cancel(running.own, force=False)

    def kill(self, running: Running) -> None:
        """End its process."""
        self.ray.cancel(running.own, force=True)

    def resident(self, running: Running) -> int | None:
        """It is on another machine."""
        return None

    def close(self) -> None:
        """Leave the cluster, and end the one that was begun here."""
        self.closed = True
        self.thread.join(timeout=10)
        with contextlib.suppress(Exception):
            self.ray.shutdown()

    def _listen(self) -> None:
        while not self.closed:
            with self.lock:
                waiting = list(self.running)
            if not waiting:
                time.sleep(LOOK / 5)
                continue
            ended, _ = self.ray.wait(waiting, num_returns=1, timeout=LOOK)
            for reference in waiting:
                running, inbox = self.running[reference]
                self._frames(running, inbox)
                if reference in ended:
                    with self.lock:
                        del self.running[reference], self.seen[running]
                    inbox.put((running, self._ended(reference)))

    def _ended(self, reference: Any) -> Ended:
        errors = self.ray.exceptions
        try:
            return Ended.from_plain(self.ray.get(reference))
        except errors.TaskCancelledError:
            return Ended(None, StoppedError("stopped; the same command goes on from the last frame", 15))
        except Exception as error:  # a machine or a process that was lost too often
            return Ended(None, ChildError(f"Ray gave it up: {type(error).__name__}: {first_line(error)}"))

    def _frames(self, running: Running, inbox: Inbox) -> None:
        """Tell of the frames that came since the last look."""
        for frame, line in sorted(progress.read(self._folder(running.task)).items()):
            if frame not in self.seen[running]:
                self.seen[running].add(frame)
                name, losses = running.task.name, line["losses"]
                inbox.put((running, events.FrameDone(name, frame, int(line["steps"]), line["seconds"], losses)))
                if line["odd"]:
                    inbox.put((running, events.FrameOdd(name, frame, tuple(line["odd"]))))

    def _folder(self, task: Task) -> Folder:
        film = task.order.out / task.name
        return Folder(film if task.part is None else folder.of_shot(film, task.part[0]))


def build(config: Config, folder: Path) -> Cluster:
    """A runner on a cluster."""
    return Cluster(config)
