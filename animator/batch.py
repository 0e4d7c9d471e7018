"""Many scenes, one after another; one that fails does not stop the next."""

import contextlib
import dataclasses
import functools
import math
import signal
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import torch

from animator import animate, files, guide, memory, movie, needs, precision, store, timeline, variants, words
from animator.errors import AnimatorError, ModelError, SceneError, StoppedError
from animator.generators import Generator
from animator.optimize import State, StepInfo, fresh
from animator.report import Report
from animator.scene import Scene, Variant
from animator.scene_file import Document, read
from animator.timeline import FrameSpec, main_text


@dataclass(frozen=True)
class Order:
    """How a batch is to be rendered; what is rendered is in the scenes."""

    out: Path = Path("outputs")
    overrides: tuple[str, ...] = ()
    frames: tuple[int, int] | None = None  # from, up to but not including
    device: str = "auto"
    fresh: bool = False
    deterministic: bool = False


@dataclass(frozen=True)
class Result:
    """How one scene ended: with a film, or with an error."""

    scene: str
    film: Path | None
    error: AnimatorError | None


def render_all(paths: list[Path], order: Order, report: Report) -> list[Result]:
    """Render scenes in turn. A StoppedError ends the batch: somebody asked for that; all else ends one scene."""
    results = []
    for path in paths if len(paths) > 1 else ():  # what the last scene lacks is said at the start of the night
        with contextlib.suppress(SceneError):
            try:
                needs.demand(read(path, order.overrides).scene)
            except ModelError as error:
                report.note(str(error))
    if order.deterministic:
        precision.repeat_exactly()
    with stop_on_signals() as stop:
        for path in paths:
            began = time.monotonic()
            try:
                film = render_scene(read(path, order.overrides), order, report, stop)
                results.append(Result(str(path), film, None))
                report.end(path.stem, f"finished: {film}", time.monotonic() - began)
            except AnimatorError as error:
                results.append(Result(str(path), None, _bare(error)))
                report.end(path.stem, f"FAILED: {error}", time.monotonic() - began)
                if isinstance(error, StoppedError):
                    break
            except (MemoryError, RuntimeError) as error:
                if not _out_of_memory(error):
                    raise
                failure = AnimatorError(f"out of memory: {error}; try fewer guide.cutouts.count or a smaller size")
                results.append(Result(str(path), None, failure))
                report.end(path.stem, f"FAILED: {failure}", time.monotonic() - began)
    return results


def render_scene(document: Document, order: Order, report: Report, stop: "Stop") -> Path:
    """Render what is missing of one film, then encode it. Returns the film's path."""
    scene, specs = document.scene, document.frames
    needs.demand(scene)
    device = pick_device(order.device)
    for warning in words.warnings(document):
        report.note(str(warning))
    base = store.base_of(scene)
    keys = store.keys_of(base, specs)
    last = min(order.frames[1], len(specs)) if order.frames else len(specs)
    with store.open_store(order.out / scene.name, order.fresh) as folder:
        kept = store.kept(folder, keys)
        changed = store.changes(folder, base, specs, kept)
        store.cut_journal(folder, kept)
        store.begin(folder, base, document.text)
        if kept < last:
            _render(document, folder, keys, (kept, last), device, report, stop, changed)
        first = min(order.frames[0], last - 1) if order.frames else 0
        part = f".{first}-{last}" if order.frames else ""
        film = folder.folder / f"{scene.name}{part}.mp4"
        _encode(document, folder, film, keys, range(first, last), report)
        return film


def _render(
    document: Document,
    folder: store.Store,
    keys: list[str],
    span: tuple[int, int],
    device: torch.device,
    report: Report,
    stop: "Stop",
    changed: list[str],
) -> None:
    """Render frames `span` of a film, and those before whose states were not kept."""
    (kept, last), (scene, specs) = span, (document.scene, document.frames)
    start, state = store.last_state(folder, keys, kept, device)
    if kept:
        why = f"; changed: {', '.join(changed)}" if changed else ""
        report.note(f"{scene.name}: {kept} of {len(specs)} frames kept, rendering from frame {start}{why}")
    elif changed:
        report.note(f"{scene.name}: rendering all {last} frames anew; changed: {', '.join(changed)}")
    store.cut_journal(folder, start)
    precision.tune()
    generators, guided = _parts(document, device)
    fit = memory.fit(guided, generators, specs[start:last], _canvas(scene, device))
    if fit.tight:
        precision.spare()
    if fit.tight or fit.pieces > 1:
        report.note(f"{scene.name}: {_told(fit)}")
    guided = dataclasses.replace(guided, pieces=fit.pieces)

    def beginning() -> State:
        return fresh(generators[0].init(scene.seed, main_text(specs[0])))

    report.begin(scene.name, last, start)
    while True:
        try:
            _advance(document, folder, keys, (start, last), (generators, guided, state or beginning()), report, stop)
            return
        except (MemoryError, RuntimeError) as error:
            if not _out_of_memory(error) or guided.pieces >= _most_cutouts(specs):
                raise
        precision.spare()
        guided = dataclasses.replace(guided, pieces=2 * guided.pieces)
        report.note(f"{scene.name}: out of memory; going on with cutouts in {guided.pieces} pieces, which is slower")
        start, state = store.last_state(folder, keys, store.kept(folder, keys), device)


def _advance(
    document: Document,
    folder: store.Store,
    keys: list[str],
    span: tuple[int, int],
    parts: tuple[list[Generator], guide.Guide, State],
    report: Report,
    stop: "Stop",
) -> None:
    """Render the frames of `span`, which follow on a state."""
    (start, last), (generators, guided, state), scene = span, parts, document.scene

    def observe(info: StepInfo) -> None:
        report.step(info)
        stop.check()

    film = animate.animate(generators, guided, document.frames[start:last], state, scene.optimize.warm_moments, observe)
    with files.behind() as later:
        for frame in film:
            packed = store.pack(frame, keys[frame.spec.index])
            save = functools.partial(store.save_frame, folder, packed, scene.output.states_every)
            later(save, functools.partial(report.frame, frame.spec))
            stop.check()


def estimate(document: Document, device: torch.device) -> str:
    """What a step of a film takes on this machine. Raises: ModelError while its models are not here."""
    needs.demand(document.scene)
    generators, guided = _parts(document, device)
    fit = memory.fit(guided, generators, document.frames, _canvas(document.scene, device))
    files = sum(_bytes(model.path) for model in needs.of(document.scene))
    return f"memory on {device}: {_told(fit)}; beside it the models, {_size(files)} of files"


def _parts(document: Document, device: torch.device) -> tuple[list[Generator], guide.Guide]:
    """A scene's generators and its guide."""
    scene = document.scene
    dtype = precision.working(scene.optimize.precision, device)
    generators = [_generator(variant, scene.size, device, dtype) for _, variant in scene.generator]
    return generators, guide.build(scene, document.frames, device, dtype)


def _told(fit: memory.Fit) -> str:
    if fit.need is None:
        return "what a step takes cannot be said"
    free = "" if fit.free is None else f", and {_size(fit.free)} are free"
    ways = ["what it frees goes back at once"] * fit.tight + [f"cutouts go in {fit.pieces} pieces"] * (fit.pieces > 1)
    slower = f"; {' and '.join(ways)}, which is slower" if ways else ""
    return f"a step takes {_size(fit.need)}{free}{slower}"


def _canvas(scene: Scene, device: torch.device) -> torch.Tensor:
    width, height = scene.size
    return torch.empty(1, 3, height, width, device=device)


def _bytes(path: Path) -> int:
    """Of a file, or of all in a folder."""
    return sum(file.stat().st_size for file in (path, *path.rglob("*")) if file.is_file())


def _size(count: float) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{math.ceil(count / 1e6)} MB"


def _bare(error: AnimatorError) -> AnimatorError:
    """An error without the places that it passed, whose variables are a scene's models, for as long as it is kept."""
    one: BaseException | None = error
    while one is not None:
        one.__traceback__ = None
        one = one.__cause__ or one.__context__
    return error


def _out_of_memory(error: BaseException) -> bool:
    """Whether that is what an error says; for a CPU's memory torch has no error of its own, and oneDNN no word."""
    signs = ("allocate memory", "not enough memory", "bad_alloc", "a primitive", "can't start new thread")
    return isinstance(error, torch.OutOfMemoryError | MemoryError) or any(sign in str(error) for sign in signs)


def _most_cutouts(specs: tuple[FrameSpec, ...]) -> float:
    return max(dict(spec.cutouts)["count"] for spec in specs)


def _generator(chosen: Variant, size: tuple[int, int], device: torch.device, dtype: torch.dtype) -> Generator:
    variant = variants.module("generators", chosen.type)
    built: Generator = variant.build(variant.Config(**chosen.options), size, device, dtype)
    return built


def _encode(document: Document, folder: store.Store, film: Path, keys: list[str], span: range, report: Report) -> None:
    """Encode, unless the film that is there was made from these very frames in this very way."""
    scene = document.scene
    made_from = timeline.canonical([keys[span[-1]], span[0], str(scene.fps), scene.output.model_dump(mode="json")])
    note = film.with_suffix(".made-from.json")
    if film.is_file() and note.is_file():
        wanted = timeline.canonical({"made_from": made_from, "sha256": files.sha256(film)})
        if note.read_text() == wanted:
            return
    note.unlink(missing_ok=True)
    movie.encode([folder.frame_path(index) for index in span], film, scene.size, scene.fps, scene.output)
    files.write(note, timeline.canonical({"made_from": made_from, "sha256": files.sha256(film)}).encode())


def pick_device(name: str) -> torch.device:
    """`auto` is CUDA where there is one, then Apple's, then the CPU. Raises: ModelError for one that is not here."""
    have = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if name == "auto":
        name = next(kind for kind in ("cuda", "mps", "cpu") if have[kind])
    kind, _, number = name.partition(":")
    if kind not in have or (number and not number.isdigit()):
        raise ModelError(f"unknown device {name!r}; devices: auto, cpu, cuda, cuda:0, ..., mps")
    if not have[kind] or (kind == "cuda" and number and int(number) >= torch.cuda.device_count()):
        raise ModelError(f"the device {name!r} is not here; --device auto takes the best there is")
    return torch.device(name)


class Stop:
    """Whether somebody asked this process to end; looked at after every step."""

    def __init__(self) -> None:
        self.signal_number = 0

    def __call__(self, number: int, frame: FrameType | None) -> None:
        if self.signal_number:  # asked twice: at once
            raise KeyboardInterrupt
        self.signal_number = number

    def check(self) -> None:
        if self.signal_number:
            raise StoppedError("stopped; the same command goes on from the last frame", self.signal_number)


@contextlib.contextmanager
def stop_on_signals() -> Iterator[Stop]:
    """Ctrl-C and SIGTERM ask, and do not interrupt."""
    stop = Stop()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
