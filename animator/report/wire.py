"""Events as plain values for JSON, and back: on their way from a child to its parent, into a journal and out of it."""

import dataclasses
import re
import types
import typing
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from animator.errors import AnimatorError, revived
from animator.report import events
from animator.report.events import Event
from animator.scene import warnings

STAY = (events.FrameBegan, events.StepInfo, events.SceneOpened)  # these hold what cannot be written


def to_plain(event: Event) -> dict[str, Any] | None:
    """An event's name and fields; None for one that is not for programs.

    `{"event": "frame_done", "scene": "reef", "frame": 7, "steps": 10, "seconds": 0.61, "losses": {"prompt": 0.83}}`
    """
    if isinstance(event, STAY):
        return None
    fields = {field.name: _plain(getattr(event, field.name)) for field in dataclasses.fields(event)}
    return {"event": name_of(type(event)), **fields}


def from_plain(line: Mapping[str, Any]) -> Event | None:
    """The event that such values were made of; None for one that this version does not know."""
    kind = _kinds().get(str(line.get("event")))
    if kind is None:
        return None
    try:
        hints = typing.get_type_hints(kind)
        made: Event = kind(**{name: _read(line[name], hint) for name, hint in hints.items() if name in line})
    except (KeyError, TypeError, ValueError, AttributeError):
        return None
    return made


def name_of(kind: type) -> str:
    """`FrameDone` is `frame_done`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", kind.__name__).lower()


@cache
def _kinds() -> dict[str, Any]:
    return {name_of(kind): kind for kind in typing.get_args(Event) if kind not in STAY}


def _plain(value: Any) -> Any:
    if isinstance(value, AnimatorError):
        return {"kind": type(value).__name__, "message": str(value), "exit_code": value.exit_code}
    if isinstance(value, float):
        return round(value, 3)
    if isinstance(value, Mapping):
        return {str(key): round(float(one), 4) for key, one in sorted(value.items())}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {"kind": type(value).__name__, **dataclasses.asdict(value)}
    return str(value) if isinstance(value, Path) else value


def _read(value: Any, hint: Any) -> Any:
    if value is None:
        return None
    if hint is Path or (isinstance(hint, types.UnionType) and Path in typing.get_args(hint)):
        return Path(value)
    if hint is AnimatorError:
        return revived(str(value["kind"]), str(value["message"]), int(value["exit_code"]))
    if hint is warnings.SceneWarning:
        kind = next(one for one in typing.get_args(hint) if one.__name__ == value["kind"])
        return kind(**{name: _tuple(one) for name, one in value.items() if name != "kind"})
    return _tuple(value)


def _tuple(value: Any) -> Any:
    return tuple(map(_tuple, value)) if isinstance(value, list) else value
