"""What a film was made from and how, beside it: `run.json`, written whenever its rendering ends, however that is."""

import contextlib
import json
import platform
import time
from collections.abc import Callable, Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

from animator import files
from animator.batch.job import Job
from animator.errors import AnimatorError, BusyError, StoppedError
from animator.film import embedded, folder, keys, progress, retried
from animator.film.folder import Folder
from animator.paint import device
from animator.version import VERSION

NAME = "run.json"
STOPPED = (StoppedError, KeyboardInterrupt)


@contextlib.contextmanager
def kept(job: Job, clock: Callable[[], float] = time.time) -> Iterator[None]:
    """Write the record when what is inside ends, also by an error. A disk that refuses it changes nothing."""
    began = clock()
    error: BaseException | None = None
    try:
        yield
    except BaseException as raised:
        error = raised
        raise
    finally:
        if job.folder.is_dir() and not isinstance(error, BusyError):
            with contextlib.suppress(AnimatorError, OSError):
                text = json.dumps(of(job, began, clock(), error), indent=1, ensure_ascii=False)
                files.write(job.folder / NAME, (text + "\n").encode("utf-8", "replace"))


def of(job: Job, began: float, ended: float, error: BaseException | None = None) -> dict[str, Any]:
    """The record of a film, as plain values. It says nothing of where the film lies."""
    document, opened = job.document, Folder(job.folder)
    base = keys.base_of(document, job.deterministic)
    wanted = keys.keys_of(base, document)
    noted = folder.journal(opened)
    there = sum(index in noted and noted[index]["key"] == key for index, key in enumerate(wanted))
    lines = {frame: line for frame, line in progress.read(opened).items() if frame < len(wanted)}
    carried = embedded.of(document, wanted[-1])
    return {
        "name": job.name,
        "result": "finished" if error is None else "stopped" if isinstance(error, STOPPED) else "failed",
        "error": None if error is None else embedded.without_places(str(error) or type(error).__name__),
        "began": _moment(began),
        "ended": _moment(ended),
        "frames": len(wanted),
        "there": there,
        "seconds": round(sum(line["seconds"] for line in lines.values()), 1),
        "steps": sum(int(line["steps"]) for line in lines.values()),
        "odd": {frame: line["odd"] for frame, line in sorted(lines.items()) if line["odd"]},
        "other seeds": sorted(retried.read(opened, wanted)),
        "scene": carried.text,
        "set": list(carried.changes),
        "made of": {**json.loads(keys.canonical(base)), "pictures": _pictures(base)},
        "models": {model.name: model.sha256 for model in document.models},
        "song": _song(document.scene.audio.file),
        "seed": document.scene.seed,
        "last key": wanted[-1],
        "device": device.described(job.device),
        "versions": {
            "animator": VERSION,
            "python": platform.python_version(),
            **{name: metadata.version(name) for name in ("torch", "numpy", "pillow", "imageio-ffmpeg")},
        },
    }


def _pictures(base: dict[str, Any]) -> dict[str, str]:
    return {Path(path).name: digest for path, digest in base["pictures"].items()}


def _song(path: str) -> dict[str, str] | None:
    return {"file": Path(path).name, "sha256": files.sha256(Path(path))} if path else None


def _moment(seconds: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S%z", time.localtime(seconds))
