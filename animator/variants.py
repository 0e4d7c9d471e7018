"""Variants: the files of a folder are its choices, and the file's name is the name that a scene uses.

`check` must answer at once, and a variant's file imports torch. But its `Config` is only data, so that class is taken
out of the source and run alone, with the light imports it needs; the rest of the file runs when it is built.

A `Config` that reads files has a property `inputs`, their paths, and one that needs models a property `models`: a
frame's key covers what is in them.
"""

import ast
import functools
import importlib
from pathlib import Path
from types import ModuleType
from typing import Any

from pydantic import BaseModel, ValidationError

from animator.problems import Flaw, explain, unknown

FOLDERS = ("generators", "motions", "encoders", "losses")
_LIGHT = {  # what a Config may lean on
    "__future__", "enum", "math", "pathlib", "typing", "annotated_types", "pydantic",
    "animator.errors", "animator.models",
}  # fmt: skip


def names(folder: str) -> list[str]:
    """The variants there are."""
    files = (Path(__file__).parent / folder).glob("*.py")
    return sorted(file.stem for file in files if not file.stem.startswith("_"))


@functools.cache
def config_class(folder: str, name: str) -> type[BaseModel]:
    """A variant's `Config`, without importing torch or running the variant."""
    path = Path(__file__).parent / folder / f"{name}.py"
    tree = ast.parse(path.read_text(encoding="utf-8"))
    tree.body = [node for node in tree.body if _is_light(node)]
    space: dict[str, Any] = {"__name__": f"animator.{folder}.{name}"}
    exec(compile(tree, str(path), "exec"), space)  # our own file; the name was looked up in the folder
    config: type[BaseModel] = space["Config"]
    return config


def _is_light(node: ast.stmt) -> bool:
    if isinstance(node, ast.ClassDef):
        return any(isinstance(base, ast.Name) and base.id == "BaseModel" for base in node.bases)
    if isinstance(node, ast.Import):
        return all(alias.name in _LIGHT for alias in node.names)
    return isinstance(node, ast.ImportFrom) and node.module in _LIGHT


def flaws(folder: str, name: str, options: dict[str, Any], path: tuple[Any, ...]) -> list[Flaw]:
    """What is wrong with a variant's name or options; `path` is where the scene speaks of it."""
    if name not in names(folder):
        return [Flaw((*path, "type"), unknown("type", name, names(folder)))]
    config = config_class(folder, name)
    try:
        config(**options)
    except ValidationError as error:
        return explain(error, config, path)
    return []


def module(folder: str, name: str) -> ModuleType:
    """The variant itself. `name` must be one of `names(folder)`."""
    assert folder in FOLDERS, folder
    assert name in names(folder), name
    return importlib.import_module(f"animator.{folder}.{name}")
