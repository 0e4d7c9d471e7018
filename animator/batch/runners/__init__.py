"""Runners: where a batch's tasks are done. One file is one place.

A runner has a `Config`, and `build(config, folder)` answers a `Runner`; `folder` is where it may keep logs. It starts a
task and answers at once. What happens goes into an inbox, as pairs of the running task and an event, or how it ended.
A task is done at least once: the folder's lock and the frames' keys make a second time harmless.
"""

from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Protocol

from animator import variants
from animator.batch.tasks import Ended, Task
from animator.report.events import Event
from animator.variants import Options


@dataclass(eq=False)
class Running:
    """A task that was started."""

    task: Task
    device: str
    own: Any = field(default=None, repr=False)  # the runner's


Message = tuple[Running, Event | Ended]
Inbox = SimpleQueue[Message]


class Runner(Protocol):
    """Does tasks, `slots` at a time. Where a task `beats`, one that falls silent is lost."""

    slots: int
    beats: bool

    def start(self, task: Task, inbox: Inbox) -> Running:
        """Start a task in a free slot. Raises: AnimatorError where that cannot be done."""

    def ask(self, running: Running) -> None:
        """Ask it to end after a step, with all that it has."""

    def kill(self, running: Running) -> None:
        """End it at once."""

    def resident(self, running: Running) -> int | None:
        """Bytes of memory that it holds; None where nobody can say."""

    def close(self) -> None:
        """End all that is left of it."""


def build(name: str, options: dict[str, Any], folder: Path) -> Runner:
    """A runner by its name. Raises: pydantic.ValidationError for options that it does not have, AnimatorError for a
    place that is not there."""
    config: Options = variants.config("runners", name)(**options)
    made: Runner = variants.module("runners", name).build(config, folder)
    return made
