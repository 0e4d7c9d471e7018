"""The model store: a name -> files that are there. No torch here: `check` asks which words a model knows.

Two models are shipped, both made by `animator/training/clip.py`: `pocket` guides, `pocket-judge` only ever measures.
"""

import functools
import json
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from animator import files
from animator.errors import ModelError
from animator.problems import unknown

POCKET = Path(__file__).parent / "pocket"


@dataclass(frozen=True)
class Model:
    """`encoder` is the file in animator/encoders that builds it, `weights` a safetensors file."""

    name: str
    encoder: str
    weights: Path

    @property
    def sha256(self) -> str:
        return files.sha256(self.weights)

    @functools.cached_property
    def metadata(self) -> dict[str, str]:
        """What the file says of itself."""
        metadata: dict[str, str] = _header(self.weights).get("__metadata__", {})
        return metadata

    @property
    def words(self) -> frozenset[str] | None:
        """The words it learnt from, or None for a model that read the whole web."""
        listed = self.metadata.get("words")
        return frozenset(listed.split()) if listed else None


def models() -> dict[str, Model]:
    """Every model that a scene may name."""
    return {name: Model(name, "openai_clip", POCKET / f"{name}.safetensors") for name in ("pocket", "pocket-judge")}


def find(name: str) -> Model:
    """The model of that name. Raises: ModelError when there is none, or its file is missing."""
    known = models()
    if name not in known:
        raise ModelError(f"{name}: {unknown('model', name, known)}")
    model = known[name]
    if not model.weights.is_file():
        raise ModelError(f"{name}: {model.weights} is missing; python -m animator.training.clip {name} makes it")
    return model


def _header(path: Path) -> dict[str, Any]:
    """A safetensors file's JSON header: eight bytes of length, then the text."""
    with path.open("rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        if length > 10_000_000:
            raise ModelError(f"{path}: not a safetensors file")
        header: dict[str, Any] = json.loads(file.read(length))
    return header
