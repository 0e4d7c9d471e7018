"""Animator: CLIP-guided films from scene files.

>>> import animator
>>> document = animator.read("scenes/hello.yaml")
>>> document.scene.name, len(document.frames)
('hello', 96)
>>> def watch(event):
...     if isinstance(event, animator.events.FrameDone):
...         print(event.frame, event.losses)
>>> film = animator.render(document, "outputs", watch=watch)  # doctest: +SKIP

`read` checks a scene and resolves it down to its frames; it imports no torch. `render` makes the film, and hands every
event to `watch` as it comes. `Document` is what `read` answers, `events` has the records.
"""

from collections.abc import Callable
from pathlib import Path

from animator.report import events
from animator.scene.document import Document, read
from animator.version import VERSION as __version__

__all__ = ["Document", "__version__", "events", "read", "render"]


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
    from animator.paint import process

    process.before_torch()
    from animator.batch.job import Order
    from animator.batch.run import render_one

    return render_one(document, Order(Path(out), frames, device, fresh, deterministic), watch)
