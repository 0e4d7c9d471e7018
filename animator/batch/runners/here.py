"""In this process, one after another, without a second one: where no child can be started, and to look for faults."""

from pathlib import Path

from pydantic import Field

from animator.batch.runners import Inbox, Running
from animator.batch.stop import Stop
from animator.batch.tasks import Task
from animator.variants import Options


class Config(Options):
    """How."""

    device: str = Field(default="auto", description="auto, cpu, cuda, cuda:N or mps")


class Here:
    """Does a task while it is started."""

    slots, beats = 1, False

    def __init__(self, device: str) -> None:
        self.device, self.stop = device, Stop()

    def start(self, task: Task, inbox: Inbox) -> Running:
        """Do it."""
        from animator.batch import worker  # with torch, which the other runners leave to their children

        running = Running(task, self.device)
        inbox.put((running, worker.do(task.on(self.device), lambda event: inbox.put((running, event)), self.stop)))
        return running

    def ask(self, running: Running) -> None:
        """It ended."""

    def kill(self, running: Running) -> None:
        """It ended."""

    def resident(self, running: Running) -> int | None:
        """It is this process itself."""
        return None

    def close(self) -> None:
        """Nothing is left."""


def build(config: Config, folder: Path) -> Here:
    """A runner in this process."""
    return Here(config.device)
