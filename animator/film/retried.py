"""Frames whose loss stopped being a number, and which were painted with another seed: a note beside the film.

Each is noted with its key, so that a scene which was edited begins with its own seeds, and a film that goes on, or is
painted once more, has the same frames again.
"""

import dataclasses
import json
from collections.abc import Iterator, Mapping, Sequence

from animator import files
from animator.film.folder import Folder
from animator.scene.frame_spec import FrameSpec
from animator.seeds import derive

NAME = "retried.json"
RETRY = -5  # where a frame's steps have their numbers, its other seed has this


def read(opened: Folder, keys: Sequence[str]) -> frozenset[int]:
    """The frames of this film, by their keys, that have another seed."""
    found = _noted(opened)
    return frozenset(index for index, key in found.items() if 0 <= index < len(keys) and keys[index] == key)


def note(opened: Folder, keys: Sequence[str], frame: int) -> None:
    """A frame has another seed from now on. Raises: OutputError."""
    kept = {index: keys[index] for index in read(opened, keys)}
    files.write(opened.path / NAME, json.dumps({**kept, frame: keys[frame]}, sort_keys=True).encode())


def applied(specs: Sequence[FrameSpec], others: frozenset[int]) -> Iterator[FrameSpec]:
    """Frames as they are painted: those of `others` with another seed."""
    for spec in specs:
        yield dataclasses.replace(spec, seed=derive(spec.seed, RETRY)) if spec.index in others else spec


def _noted(opened: Folder) -> Mapping[int, str]:
    try:
        found = json.loads((opened.path / NAME).read_bytes())
        return {int(index): str(key) for index, key in found.items()}
    except (OSError, ValueError, TypeError, AttributeError, RecursionError):
        return {}
