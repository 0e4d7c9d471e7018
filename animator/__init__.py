"""Animator: CLIP-guided films from scene files.

>>> import animator
>>> document = animator.read("scenes/hello.yaml")
>>> document.scene.name, len(document.frames)
('hello', 96)
>>> def watch(event):
...     if isinstance(event, animator.events.FrameDone):
...         print(event.frame, event.losses)
>>> film = animator.render(document, "outputs", watch=watch)  # doctest: +SKIP

`read` checks a scene and resolves it down to its frames; it imports no torch. `render` makes the film, `preview` a
small one within a minute, and `timelapse` one of how frames are made. Each hands every event to `watch` as it comes.
`Document` is what `read` answers, `events` has the records.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from animator.version import VERSION as __version__

if TYPE_CHECKING:
    from animator.report import events
    from animator.scene.document import Document, read

__all__ = ["Document", "__version__", "events", "preview", "read", "render", "timelapse"]


def __getattr__(name: str) -> Any:
    """What comes when it is asked for, because the command line answers `--help` in half the time without it."""
    if name == "events":
        return importlib.import_module("animator.report.events")
    if name in ("Document", "read"):
        return getattr(importlib.import_module("animator.scene.document"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def render(
    document: Document,
    out: str | Path = "outputs",
    *,
    watch: Callable[[events.Event], None] = lambda event: None,
    frames: tuple[int, int] | None = None,
    device: str = "auto",
    fresh: bool = False,
    deterministic: bool = False,
) -> Path:
    """Render a film into `out`/NAME, going on where an earlier run ended. Returns the path of the MP4.

    `frames` is (from, to), `to` not included; default: all. `device` is auto, cpu, cuda, cuda:N or mps. `fresh` moves
    an old folder aside. `deterministic` asks CUDA for the same bytes each time, which is slower.

    Raises: AnimatorError, whose subclasses are listed in `animator.errors`. Ctrl-C and SIGTERM raise a StoppedError
    after the step that is on its way; the same call goes on from the last frame.
    """
    return _done(document, out, watch, span=frames, device=device, fresh=fresh, deterministic=deterministic)


def preview(
    document: Document,
    out: str | Path = "outputs",
    *,
    watch: Callable[[events.Event], None] = lambda event: None,
    budget: float = 36.0,
    size: tuple[int, int] | None = None,
    device: str = "auto",
) -> Path:
    """Render a film small, of fewer frames and steps, into `out`/NAME/preview. Returns the path of the film.

    `budget` is how long its steps may take, in seconds. `size` is (width, height), both even; default: about a quarter
    of the film's. Raises: AnimatorError, as `render` does.
    """
    from animator.paint import process

    process.before_torch()
    from animator.batch.preview import Preview

    return _done(document, out, watch, Preview(budget, size), device=device)


def timelapse(
    document: Document,
    out: str | Path = "outputs",
    *,
    watch: Callable[[events.Event], None] = lambda event: None,
    device: str = "auto",
) -> Path:
    """Make a film of how frames are made: those that the scene's `timelapse` names, such as
    `read("scenes/hello.yaml", ("timelapse.at=[0s, 3.5s]",))`. What was not rendered yet is, up to the last of them.
    Returns the path of that film.

    Raises: ValueError for a scene without a timelapse; AnimatorError, as `render` does.
    """
    if document.lapse is None:
        raise ValueError('the scene has no timelapse; read it with the change "timelapse=true", or another one')
    from animator.paint import process

    process.before_torch()
    from animator.batch import shot

    return _done(document, out, watch, shot.timelapse, device=device)


def _done(
    document: Document, out: str | Path, watch: Callable[[events.Event], None], work: Any = None, **order: Any
) -> Path:
    """Do a work with a film; by default, render it."""
    from animator.paint import process

    process.before_torch()
    from animator.batch import shot
    from animator.batch.order import Order
    from animator.batch.run import render_one

    return render_one(document, Order(Path(out), **order), watch, work or shot.render)
