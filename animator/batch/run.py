"""Many films, one after another; one that fails does not stop the next."""

import contextlib
import time
from dataclasses import dataclass
from pathlib import Path

from animator.batch import shot, stop
from animator.batch.shot import Job, Watch
from animator.errors import AnimatorError, ModelError, SceneError, StoppedError
from animator.paint import device, memory, process
from animator.report import events
from animator.report.sinks import Sink
from animator.scene import needs
from animator.scene.document import Document, read


@dataclass(frozen=True)
class Order:
    """How a batch is to be rendered; what is rendered is in the scenes."""

    out: Path = Path("outputs")
    span: tuple[int, int] | None = None  # frames: from, up to but not including
    device: str = "auto"
    fresh: bool = False
    deterministic: bool = False


@dataclass(frozen=True)
class Result:
    """How one scene ended: with a film, or with an error."""

    scene: str
    film: Path | None
    error: AnimatorError | None


def render_one(document: Document, order: Order, tell: Sink) -> Path:
    """Render one film; its path. Raises: AnimatorError."""
    process.prepare(order.deterministic)
    with stop.on_signals() as asked:
        return _render(document, order, Watch(tell, asked))


def render_all(paths: list[Path], changes: tuple[str, ...], order: Order, tell: Sink) -> list[Result]:
    """Render scenes in turn, each with the same changes (`--set`).

    A StoppedError ends the batch: somebody asked for that; all else ends one scene.
    """
    results: list[Result] = []
    for path in paths if len(paths) > 1 else ():  # what the last scene needs is said at the start of the night
        with contextlib.suppress(SceneError):
            document = read(path, changes)
            try:
                needs.demand(document.scene.name, document.models)
            except ModelError as error:
                tell(events.ModelsMissing(document.scene.name, str(error)))
    process.prepare(order.deterministic)
    with stop.on_signals() as asked:
        for path in paths:
            results.append(_one(path, changes, order, Watch(tell, asked)))
            if isinstance(results[-1].error, StoppedError):
                break
    return results


def _one(path: Path, changes: tuple[str, ...], order: Order, watch: Watch) -> Result:
    began = time.monotonic()
    try:
        film = _render(read(path, changes), order, watch)
        return Result(str(path), film, None)
    except AnimatorError as error:
        failure = _bare(error)
    except (MemoryError, RuntimeError) as error:
        if not memory.ran_out(error):
            raise
        failure = AnimatorError(f"out of memory: {error}; try fewer guide.cutouts.count or a smaller size")
    watch.tell(events.SceneFailed(path.stem, failure, time.monotonic() - began))
    return Result(str(path), None, failure)


def _render(document: Document, order: Order, watch: Watch) -> Path:
    began = time.monotonic()
    film = shot.render(Job(document, order.out, device.pick(order.device), order.span, order.fresh), watch)
    watch.tell(events.FilmDone(document.scene.name, film, time.monotonic() - began))
    return film


def _bare(error: AnimatorError) -> AnimatorError:
    """An error without the places that it passed, whose variables are a scene's models, for as long as it is kept."""
    one: BaseException | None = error
    while one is not None:
        one.__traceback__ = None
        one = one.__cause__ or one.__context__
    return error
