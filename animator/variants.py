"""Variants: the files of a folder are the choices there are, and a file's name is the name that a scene uses.

An axis is such a folder. A file or package in it whose name has no leading underscore is a variant. Importing one must
be quick, because `check` imports those that a scene names: it imports no torch at its top. It exposes

- `Config`, the options that a scene may give it: a subclass of `Options`, every field with a description that says its
  unit. A Config that reads files has a property `inputs`, their paths, and one that needs models a property `models`:
  a frame's key covers the bytes of both. A property `varies_on_cuda` says that CUDA has no deterministic way for it;
  a generator's `any_size`, that its pictures exist at every size.
- what the docstring of the axis asks for: `build(...)`, or `matrix(...)` for a motion.
"""

import importlib
import pkgutil
from pathlib import Path
from types import ModuleType

from pydantic import BaseModel, ConfigDict

AXES = {
    "generators": "animator.paint.generators",
    "motions": "animator.scene.motions",
    "encoders": "animator.paint.encoders",
    "losses": "animator.paint.losses",
    "denoisers": "animator.paint.denoisers",
    "codecs": "animator.film.codecs",
    "runners": "animator.batch.runners",
}


class Options(BaseModel):
    """Base of every variant's `Config`: unknown options are errors, numbers are numbers, nothing changes afterwards."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


def names(axis: str) -> list[str]:
    """The variants of an axis, in alphabetical order."""
    folder = Path(__file__).parents[1].joinpath(*AXES[axis].split("."))
    return sorted(found.name for found in pkgutil.iter_modules([str(folder)]) if not found.name.startswith("_"))


def module(axis: str, name: str) -> ModuleType:
    """A variant. `name` must be one of `names(axis)`: a scene can name nothing outside of the folder."""
    assert name in names(axis), name
    return importlib.import_module(f"{AXES[axis]}.{name}")


def config(axis: str, name: str) -> type[Options]:
    """A variant's `Config`."""
    found: type[Options] = module(axis, name).Config
    return found
