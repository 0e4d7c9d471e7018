"""What differs between two scenes, in words: which options, and from which frame on."""

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from animator.film import embedded, keys
from animator.scene import overrides
from animator.scene.document import Document, read
from animator.scene.yaml_reader import compose


@dataclass(frozen=True)
class Opened:
    """A scene, what it says as plain values, and how people call it."""

    name: str
    document: Document
    plain: Mapping[str, Any]


def opened(path: Path) -> Opened:
    """The scene of a scene file, or of a film that carries one. Raises: SceneError, MovieError."""
    if path.suffix in (".yaml", ".yml"):
        return _opened(str(path), read(path))
    found = embedded.read(path)
    with tempfile.TemporaryDirectory() as place:
        scene = Path(place) / f"{found.name}.yaml"
        scene.write_text(found.text, encoding="utf-8")
        return _opened(str(path), read(scene, found.changes))


def _opened(name: str, document: Document) -> Opened:
    root = compose(document.text, name)
    plain, _ = overrides.apply(root.plain, document.changes)
    return Opened(name, document, plain)


def lines(one: Opened, other: Opened) -> Iterator[str]:
    """A line for each option that differs, and one for the frames."""
    first, second = dict(_flat(one.plain)), dict(_flat(other.plain))
    for name in sorted({*first, *second}):
        before, after = first.get(name), second.get(name)
        if before != after:
            yield f"{name}: {_shown(before)} -> {_shown(after)}"
    here, there = (keys.keys_of(keys.base_of(each.document), each.document) for each in (one, other))
    same = next((place for place, (a, b) in enumerate(zip(here, there, strict=False)) if a != b), None)
    if same is None:
        same = min(len(here), len(there))
    if same == len(here) == len(there):
        yield f"all {same} frames are the same"
    elif same == 0:
        yield "frames differ from the first one on"
    else:
        alike = f"{same} frames are" if same > 1 else "frame is"
        yield f"the first {alike} the same; they differ from {same / float(one.document.scene.fps):.4g}s on"


def _flat(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Options by their whole names, as `--set` takes them."""
    if isinstance(value, Mapping) and value:
        for key, inner in value.items():
            yield from _flat(inner, f"{path}.{key}" if path else str(key))
    else:
        yield path, value


def _shown(value: Any) -> str:
    return "(default)" if value is None else str(value)
