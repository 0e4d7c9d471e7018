"""A batch from its beginning to its end: scenes are checked together, estimated and rendered, and all is noted."""

import contextlib
import functools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from animator.batch import controls, failures, runners, stop
from animator.batch.limits import Limits
from animator.batch.night import Night
from animator.batch.order import Order, Result
from animator.batch.queue import Queue
from animator.errors import AnimatorError, FullError, LeftError, Problem, SceneError
from animator.report import events
from animator.report.sinks import Sink, together
from animator.report.sinks.jsonl import JsonLines
from animator.report.sinks.summary import Summary
from animator.scene import needs
from animator.scene.document import Document, read

YAML = (".yaml", ".yml")


@dataclass(frozen=True)
class Batch:
    """How many films are to be rendered together. `runner` is a file of `batch/runners/`, with its options."""

    scenes: Sequence[Path]
    order: Order
    changes: tuple[str, ...] = ()
    runner: str = "child"
    options: dict[str, Any] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)
    dry: bool = False  # check and estimate, and render nothing


def render(batch: Batch, tell: Sink) -> list[Result]:
    """Render a batch. Returns how each film ended, in the order in which they were asked for.

    Raises: SceneError for two scenes of one name, BusyError while another batch has the folder, OutputError,
    ModelError for a device that is not here.
    """
    queue = Queue(batch.order, batch.changes)
    wrong = _check(batch, queue, functools.partial(_read, batch.changes, tell))
    with contextlib.ExitStack() as opened:
        control = opened.enter_context(controls.opened(batch.order.out))
        journal = opened.enter_context(control.journal.open("a", encoding="utf-8"))
        summary = Summary(control.folder)
        told = together(tell, JsonLines(journal), summary)
        asked = opened.enter_context(stop.on_signals())
        listen = functools.partial(_read, batch.changes, told)
        for name, error in wrong.items():
            told(events.SceneWrong(name, error))
        runner = runners.build(batch.runner, batch.options, control.logs)
        opened.callback(runner.close)
        queue.apart = runner.slots > 1
        night = Night(queue, runner, listen, told, asked, batch.limits, control)
        if len(queue.films) - len(wrong) > 1 or batch.dry:
            night.estimate(wrong)
        if batch.dry:
            return [Result(film.name, None, wrong.get(film.name)) for film in queue.films]
        return night.run()


def _read(changes: tuple[str, ...], tell: Sink, path: Path) -> Document:
    return read(path, changes, lambda song: tell(events.Listening(path.stem, song)))


def _check(batch: Batch, queue: Queue, find: Callable[[Path], Document]) -> dict[str, AnimatorError]:
    """Read every scene before the first is rendered. Returns what is wrong with some, by name: each is tried again when
    its turn comes. Raises: SceneError for two scenes of one name."""
    seen, wrong = dict[str, Path](), dict[str, AnimatorError]()
    for path in batch.scenes:
        name, priority = path.stem, 0
        try:
            document = find(path)
            name, priority = document.scene.name, document.scene.priority
            needs.demand(name, document.models)
        except Exception as error:  # whatever it is, it is this scene's
            wrong[name] = failures.of(error, batch.order.out / name / "error.log")
        if name.casefold() in seen:  # as some file systems have it
            text = f"its name, {name!r}, is also that of {seen[name.casefold()]}; both films would be one folder"
            raise SceneError([Problem(str(path), 0, 0, text)])
        seen[name.casefold()] = path
        queue.add(path, name, priority)
    return wrong


def scenes_of(places: Sequence[Path]) -> list[Path]:
    """The scenes that are meant: files, those of folders, and those that a list names, one a line, relative to it.

    Raises: SceneError for a folder or a list without any, and for a list that cannot be read.
    """
    return [scene for place in places for scene in _scenes(place)]


def _scenes(place: Path) -> Iterator[Path]:
    if place.is_dir():
        found = sorted(path for path in place.iterdir() if path.suffix in YAML and path.is_file())
    elif place.suffix == ".txt":
        try:
            lines = [line.partition("#")[0].strip() for line in place.read_text(encoding="utf-8").splitlines()]
        except (OSError, UnicodeDecodeError) as error:
            raise SceneError([Problem(str(place), 0, 0, f"cannot be read: {error}")]) from error
        found = [place.parent / line for line in lines if line]
    else:
        found = [place]
    if not found:
        raise SceneError([Problem(str(place), 0, 0, "no scenes in it; a scene is a .yaml file")])
    yield from found


def exit_code(results: Sequence[Result]) -> int:
    """Of a batch: 0 for all well; the code of a signal or of a full disk; 75 where films were only left; else 1."""
    errors = [result.error for result in results if result.error is not None]
    if not errors or len(results) == 1:
        return errors[0].exit_code if errors else 0
    ends = [error for error in errors if error.exit_code >= 128 or isinstance(error, FullError)]
    if ends:
        return max(error.exit_code for error in ends)
    return LeftError.exit_code if all(isinstance(error, LeftError) for error in errors) else 1
