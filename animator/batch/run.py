"""Many films, one after another; one that fails does not stop the next."""

import functools
import time
from collections.abc import Callable
from pathlib import Path

from animator.batch import failures, shot, stop
from animator.batch.job import Job, Watch
from animator.batch.order import Order, Result
from animator.errors import (
    AnimatorError,
    ModelError,
    Problem,
    SceneError,
    StoppedError,
)
from animator.paint import device, process
from animator.report import events
from animator.report.sinks import Sink
from animator.scene import needs
from animator.scene.document import Document, read

Work = Callable[[Job, Watch], Path]
"""What is done with a film, such as `shot.render`: answers the path of what came out."""


def render_one(document: Document, order: Order, tell: Sink, work: Work = shot.render) -> Path:
    """Render one film, or do another `work` with it; the path of what came out. Raises: AnimatorError, whatever it was
    that went wrong."""
    with process.restored(), stop.on_signals() as asked:
        result = do(lambda: document, document.scene.name, order, Watch(tell, asked), work)
    if result.error is not None:
        raise result.error
    assert result.film is not None
    return result.film


def render_all(
    paths: list[Path], changes: tuple[str, ...], order: Order, tell: Sink, work: Work = shot.render
) -> list[Result]:
    """Render scenes in turn, each with the same changes (`--set`), or do another `work` with each. Each is read again
    when its turn comes, so that what was edited during the night counts.

    A StoppedError ends the batch: somebody asked for that; all else ends one scene. Raises: SceneError for two scenes
    of one name.
    """
    results: list[Result] = []
    if len(paths) > 1:
        _look_ahead(paths, changes, tell)
    with stop.on_signals() as asked:
        for path in paths:
            find = functools.partial(read, path, changes, _listening(path, tell))
            results.append(do(find, path.stem, order, Watch(tell, asked), work))
            if isinstance(results[-1].error, StoppedError):
                break
    return results


def _listening(path: Path, tell: Sink) -> Callable[[Path], None]:
    return lambda song: tell(events.Listening(path.stem, song))


def _look_ahead(paths: list[Path], changes: tuple[str, ...], tell: Sink) -> None:
    """What the last scene needs is said at the start of the night, and two films never share a folder."""
    seen: dict[str, Path] = {}
    for path in paths:
        try:
            document = read(path, changes, _listening(path, tell))
        except Exception:  # it is told when its turn comes
            continue
        name = document.scene.name.casefold()  # as some file systems have it
        if name in seen:
            text = f"its name, {document.scene.name!r}, is also that of {seen[name]}; both films would be one folder"
            raise SceneError([Problem(str(path), 0, 0, text)])
        seen[name] = path
        try:
            needs.demand(document.scene.name, document.models)
        except ModelError as error:
            tell(events.ModelsMissing(document.scene.name, str(error)))


def do(find: Callable[[], Document], name: str, order: Order, watch: Watch, work: Work = shot.render) -> Result:
    """Do the work with the film that `find` answers. Whatever is raised meanwhile is its result."""
    began = time.monotonic()
    try:
        document = find()
        name = document.scene.name
        place = device.pick(order.device)
        process.prepare(order.deterministic, place)
        film = work(Job(document, order, place), watch)
        watch.tell(events.FilmDone(name, film, time.monotonic() - began))
        return Result(name, film, None)
    except Exception as error:  # whatever it is, the night goes on
        failure = _bare(failures.of(error, order.out / name / "error.log"))
    watch.tell(events.SceneFailed(name, failure, time.monotonic() - began))
    return Result(name, None, failure)


def _bare(error: AnimatorError) -> AnimatorError:
    """An error without the places that it passed, whose variables are a scene's models, for as long as it is kept."""
    one: BaseException | None = error
    while one is not None:
        one.__traceback__ = None
        one = one.__cause__ or one.__context__
    return error
