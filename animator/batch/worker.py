"""A child: it does one task after another, and keeps the networks of the last ones.

    python -m animator.batch.worker

Tasks come in as JSON lines, and events go out as such; the answer to a task is a line with `ended`. When its input
ends, because its parent is gone, it stops after a step. SIGTERM and SIGINT stop the task that it is at, and end it.
"""

import contextlib
import dataclasses
import functools
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import SimpleQueue
from typing import Any, TextIO

from animator.batch import estimate, run, shot, stop
from animator.batch.job import Job, Watch
from animator.batch.stop import Stop
from animator.batch.tasks import Ended, Task
from animator.errors import Problem, SceneError
from animator.models import fetch
from animator.paint.shelf import Shelf
from animator.paint.step_info import FrameBegan, StepInfo
from animator.report import events, wire
from animator.report.events import Event
from animator.report.sinks import Sink, rounded
from animator.scene import frame_spec
from animator.scene.document import Document, read

BEAT = 1.0  # seconds between signs of life, at most
WORSE = 500  # how much sooner than others this process is to be killed where memory is short, of 1000


class Alive(Stop):
    """Asked to end by a signal; whenever it is asked whether it was, `beat` is called, at most every second."""

    def __init__(self, asked: Stop, beat: Callable[[], None], clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self.asked, self.beat, self.clock, self.beaten = asked, beat, clock, -BEAT

    def check(self) -> None:
        """Raises: StoppedError once somebody has asked."""
        if self.clock() - self.beaten >= BEAT:
            self.beaten = self.clock()
            self.beat()
        self.asked.check()


class Pulse:
    """Passes events on, and knows what was last seen of a film, for signs of life."""

    def __init__(self, scene: str, tell: Sink) -> None:
        self.scene, self.tell = scene, tell
        self.step: StepInfo | None = None
        self.frame, self.steps = 0, 0

    def __call__(self, event: Event) -> None:
        """See an event. How the film ended is for the parent to say, who may try again."""
        if isinstance(event, FrameBegan):
            self.frame, self.steps, self.step = event.frame, event.steps, None
        elif isinstance(event, StepInfo):
            self.step = event
        elif not isinstance(event, events.FilmDone | events.SceneFailed | events.SceneOpened):
            self.tell(event)

    def beat(self) -> None:
        """Tell that the film is alive."""
        step = self.step
        terms = {} if step is None else rounded(step.terms)
        self.tell(events.Beat(self.scene, self.frame, 0 if step is None else step.step + 1, self.steps, terms))


def do(task: Task, tell: Sink, asked: Stop, shelf: Shelf | None = None, fetches: bool = False) -> Ended:
    """Do a task, and, where it `fetches`, get the models first that this machine has not. Whatever is raised meanwhile
    is how it ended."""
    began, pulse = time.monotonic(), Pulse(task.name, tell)
    find = functools.partial(_fetched if fetches else _read, task, tell)
    work = functools.partial(_work, task, shelf or Shelf())
    result = run.do(find, task.name, task.order, Watch(pulse, Alive(asked, pulse.beat)), work)
    return Ended(result.film, result.error, round(time.monotonic() - began, 3))


def _read(task: Task, tell: Sink) -> Document:
    document = read(task.scene, task.changes, lambda song: tell(events.Listening(task.name, song)))
    if document.scene.name != task.name:
        text = f"its name was {task.name!r} when the batch began, and is {document.scene.name!r} now"
        raise SceneError([Problem(str(task.scene), 0, 0, text)])
    return document


def _fetched(task: Task, tell: Sink) -> Document:
    document = _read(task, tell)
    missing = [model.name for model in document.models if not model.here]
    for name in missing:
        fetch.fetch(name, fetch.Way())  # one process of a machine at a time; others find it there then
    return _read(task, tell) if missing else document


def _work(task: Task, shelf: Shelf, job: Job, watch: Watch) -> Path:
    whole = dataclasses.replace(job, shelf=shelf)
    if task.part is None:
        return (estimate.work if task.work == "estimate" else shot.render)(whole, watch)
    part = range(*task.part)
    if part not in frame_spec.shots(job.document.frames):
        text = "its cuts were moved while its shots were rendered; the same command goes on with what is there"
        raise SceneError([Problem(str(task.scene), 0, 0, text)])
    return shot.part(dataclasses.replace(whole, part=part), watch)


def main() -> None:
    """Do tasks until there are no more."""
    _yield_first()
    with _lines() as out, stop.on_signals() as asked:

        def say(line: dict[str, Any]) -> None:
            print(json.dumps(line), file=out, flush=True)

        def tell(event: Event) -> None:
            line = wire.to_plain(event)
            if line is not None:
                say(line)

        shelf, tasks = Shelf(), SimpleQueue[Task | None]()
        threading.Thread(target=_listen, args=(tasks, asked), daemon=True).start()
        while not asked.signal_number and (task := tasks.get()) is not None:
            say({"ended": do(task, tell, asked, shelf).to_plain()})


def _listen(tasks: "SimpleQueue[Task | None]", asked: Stop) -> None:
    """Read tasks until the parent says no more, or is gone."""
    for line in sys.stdin:
        with contextlib.suppress(ValueError, KeyError, TypeError):
            tasks.put(Task.from_plain(json.loads(line)))
    tasks.put(None)
    asked.signal_number = asked.signal_number or signal.SIGTERM


@contextlib.contextmanager
def _lines() -> Iterator[TextIO]:
    """Standard output for lines alone: what libraries print goes to standard error."""
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as out:
        os.dup2(2, 1)
        yield out


def _yield_first() -> None:
    """Where memory is short, the system is to end this process, not its parent. Only Linux can be asked for that."""
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(str(WORSE))


if __name__ == "__main__":
    try:
        main()
    except (BrokenPipeError, KeyboardInterrupt):  # nobody is there any more, or asked twice
        sys.exit(1)
