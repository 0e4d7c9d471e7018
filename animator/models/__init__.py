"""The model store: a name -> files that are there. No torch here: `check` asks which words a model knows.

What is shipped is made by `animator/training`: `pocket` guides, `pocket-judge` only ever measures, `pocket-vqgan` is a
generator. What a person imported lies in `home()`.
"""

import functools
import json
import os
import re
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from animator import files
from animator.errors import ModelError
from animator.problems import unknown

POCKET = Path(__file__).parent / "pocket"
SHIPPED = {"pocket": "clip", "pocket-judge": "clip", "pocket-vqgan": "vqgan"}
ENDINGS = (".safetensors", ".ckpt", ".pt", ".pth", ".bin")


@dataclass(frozen=True)
class Model:
    """`kind` is clip, vqgan or transformer; `weights` mostly a safetensors file."""

    name: str
    kind: str
    weights: Path

    @property
    def encoder(self) -> str:
        """The file in animator/encoders that builds a CLIP."""
        return "openai_clip"

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


def home() -> Path:
    """Where imported models lie: $ANIMATOR_MODELS, or the user's cache."""
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(os.environ.get("ANIMATOR_MODELS") or Path(cache) / "animator" / "models")


def models(kind: str) -> dict[str, Model]:
    """Every model of a kind that a scene may name."""
    known = {name: Model(name, kind, POCKET / f"{name}.safetensors") for name, is_a in SHIPPED.items() if is_a == kind}
    for path in sorted(home().glob("*.safetensors")):
        model = Model(path.stem, kind, path)
        if model.metadata.get("kind") == kind:
            known.setdefault(path.stem, model)
    return known


def find(name: str, kind: str) -> Model:
    """The model of that name, or in the file of that path. Raises: ModelError when there is none."""
    if "/" in name or name.endswith(ENDINGS):
        model = Model(Path(name).stem, kind, Path(name))
    elif name in (known := models(kind)):
        model = known[name]
    else:
        raise ModelError(f"{name}: {unknown('model', name, known)}")
    if not model.weights.is_file():
        raise ModelError(f"{name}: {model.weights} is missing")
    return model


def allowed_name(name: str) -> str:
    """The name, if an imported model may have it. Raises: ModelError."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", name) or name.endswith(ENDINGS):
        raise ModelError(f"{name!r} cannot name a model; use letters, digits, '.', '_', '-', at most 64")
    if name in SHIPPED:
        raise ModelError(f"{name!r} is a shipped model; choose another name")
    return name


def _header(path: Path) -> dict[str, Any]:
    """A safetensors file's JSON header: eight bytes of length, then the text."""
    try:
        with path.open("rb") as file:
            (length,) = struct.unpack("<Q", file.read(8))
            if length > 10_000_000:
                raise ModelError(f"{path}: not a safetensors file")
            header: dict[str, Any] = json.loads(file.read(length))
    except (OSError, ValueError, struct.error) as error:
        raise ModelError(f"{path}: not a safetensors file") from error
    return header
