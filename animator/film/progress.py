"""How long frames took, what was lost and what looks odd, a line each, for those who look; no frame depends on it."""

import contextlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from animator.film.folder import Folder

NAME = "progress.jsonl"


def note(
    opened: Folder, frame: int, steps: int, seconds: float, losses: Mapping[str, float], odd: Sequence[str] = ()
) -> None:
    """Add a frame. A disk that refuses it ends no film."""
    named = {name: round(float(loss), 5) for name, loss in losses.items()}
    fields = {"frame": frame, "steps": steps, "seconds": round(seconds, 3), "losses": named}
    line = json.dumps({**fields, "odd": list(odd)} if odd else fields)
    with contextlib.suppress(OSError), (opened.path / NAME).open("a", encoding="utf-8") as file:
        file.write(line + "\n")


def take(source: Folder, opened: Folder, frames: range) -> None:
    """Add what another folder says of some frames."""
    for frame, line in sorted(read(source).items()):
        if frame in frames:
            note(opened, frame, line["steps"], line["seconds"], line["losses"], line["odd"])


def read(opened: Folder) -> dict[int, dict[str, Any]]:
    """The last line of each frame."""
    found: dict[int, dict[str, Any]] = {}
    with contextlib.suppress(OSError):
        for text in (opened.path / NAME).read_bytes().splitlines():
            with contextlib.suppress(ValueError, KeyError, TypeError, AttributeError, RecursionError):
                line = json.loads(text)
                losses = {str(name): float(loss) for name, loss in line["losses"].items()}
                odd = [str(what) for what in line.get("odd", ())]
                found[int(line["frame"])] = {**line, "seconds": float(line["seconds"]), "losses": losses, "odd": odd}
    return found
