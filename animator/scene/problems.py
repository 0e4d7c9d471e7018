"""What is wrong with a scene, as places and sentences that a person can act on."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import PydanticCustomError

from animator.scene import foreign


@dataclass(frozen=True)
class Flaw:
    """One problem. The path leads through keys and list indices of the scene to where it lies: at the last key itself
    (`at_key`), such as one that is misspelt, or else at its value."""

    path: tuple[Any, ...]
    message: str
    at_key: bool = False


class FlawsError(Exception):
    """All the problems that one pass found."""

    def __init__(self, flaws: Iterable[Flaw]) -> None:
        self.flaws = tuple(flaws)
        super().__init__("; ".join(f"{'.'.join(map(str, f.path))}: {f.message}" for f in self.flaws))


def invalid(message: str, path: tuple[Any, ...] = (), at_key: bool = False) -> PydanticCustomError:
    """A validation error with the place inside the value where it lies, as in a `Flaw`; `explain` reads it."""
    return PydanticCustomError("scene", "{text}", {"text": message, "path": list(path), "at_key": at_key})


def explain(error: ValidationError, model: type[BaseModel], path: tuple[Any, ...] = ()) -> list[Flaw]:
    """Pydantic's errors as flaws below `path`, in our words."""
    flaws = []
    for entry in error.errors(include_url=False):
        place, context = tuple(part for part in entry["loc"] if part != "[key]"), entry.get("ctx", {})
        kind, message = entry["type"], entry["msg"]
        at_key = kind in ("extra_forbidden", "invalid_key")
        if at_key:
            known = _fields(model, place[:-1])
            message = foreign.unknown("option", place[-1], known, (*path, *place[:-1]), entry.get("input"))
        elif kind == "missing":
            message, place = f'"{place[-1]}" is missing', place[:-1]
        elif kind == "scene":
            message, place, at_key = context["text"], (*place, *context["path"]), context["at_key"]
        elif kind in ("model_type", "model_attributes_type", "dict_type"):
            example = next((each.example for each in _at(model, place) if each.example), "{}")
            message = f"expected options by name, such as {example}; got {show(entry.get('input'))}"
        else:
            message = message.removeprefix("Value error, ")
            message = f"{message[0].lower()}{message[1:]}, got {show(entry.get('input'))}"
        flaws.append(Flaw((*path, *place), message, at_key))
    return [flaw for flaw in flaws if not (_missing(flaw) and any(_missing(flaw) in other.message for other in flaws))]


def _missing(flaw: Flaw) -> str:
    """What a flaw says is missing, in quotes: where something else was written for it, one message is enough."""
    return flaw.message.removesuffix(" is missing") if flaw.message.endswith('" is missing') else ""


def show(value: Any) -> str:
    """A value in a message, as YAML writes it, cut where it is long."""
    text = str(value).lower() if isinstance(value, bool) else repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _models(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in get_args(annotation) for model in _models(part)]


def _at(model: type[BaseModel], path: tuple[Any, ...]) -> list[Any]:
    """The models at a path of a model; list indices and dictionary keys lead to the same model."""
    models = [model]
    for part in path:
        fields = [known.model_fields[part] for known in models if part in known.model_fields]
        models = [model for field in fields for model in _models(field.annotation)] or models
    return models


def _fields(model: type[BaseModel], path: tuple[Any, ...]) -> set[str]:
    """The options that are known at a path of a model."""
    return {field.alias or name for known in _at(model, path) for name, field in known.model_fields.items()}
