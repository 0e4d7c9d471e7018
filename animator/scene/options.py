"""Every option of a scene and of its variants, read off the records that check them."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Annotated, Any, Literal, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt, MultipleOf
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from animator import variants
from animator.scene import choices
from animator.scene.curves import Curve
from animator.scene.problems import show
from animator.scene.scene import Scene
from animator.scene.timeline import BOUNDS
from animator.scene.times import Time

ELSEWHERE = ("coding",)  # options of the codec, which stand beside its name
OWN_GRAMMAR = {
    "name": "the file's name",
    "generator": "siren",
    "motion": "still",
    "losses": "none",
    "prompts": "required",
    "encoders": "pocket",
    "denoisers": "pocket-transformer beside pocket",
    "duration": "the song's rest, else required",
    **dict.fromkeys(("beats", "markers", "bands", "replace"), "none"),
    "prompts.from": "required",
    "timelapse.at": "none",
    "timelapse.duration": "each picture once",
}


@dataclass(frozen=True)
class Option:
    """One option: where it stands, as `guide.cutouts.count`, and what it may be. Texts, for people."""

    path: str
    kind: str
    default: str
    bounds: str
    description: str


def of_scene() -> list[Option]:
    """Those of a scene, in the order in which they are checked."""
    return list(_of(Scene, ()))


def of_record(model: type[BaseModel], prefix: str) -> list[Option]:
    """Those of a record that stands in several places of a scene."""
    return list(_of(model, (prefix,)))


def of_variant(axis: str, name: str) -> list[Option]:
    """Those of a variant; the options of a motion and the weights of losses are curves."""
    return list(_of(variants.config(axis, name), (), curves=axis == "motions"))


def _of(model: type[BaseModel], above: tuple[str, ...], curves: bool = False) -> Iterator[Option]:
    for name, field in model.model_fields.items():
        path = (*above, field.alias or name)
        inner = field.annotation
        if name in ELSEWHERE:
            continue
        if isinstance(inner, type) and issubclass(inner, BaseModel) and inner is not choices.Motion:
            yield from _of(inner, path)
            continue
        kind = "number or curve" if curves else _kind(name, field)
        default = OWN_GRAMMAR.get(".".join(path)) or OWN_GRAMMAR.get(name) or _default(field)
        yield Option(".".join(path), kind, default, _bounds(path, field), field.description or "")


def _kind(name: str, field: FieldInfo) -> str:
    own = {"generator": "name, options, or by time", "motion": "rates", "losses": "weights by name"}
    own |= {"prompts": "text, options, by time, or a list", "encoders": "weights by name", "size": "width and height"}
    own |= {"bpm": "number or auto", "first_beat": "time in the song", "beats": "times in the song"}
    own |= {"denoisers": "weights by name"}
    own |= {"timelapse": "yes, which, or options", "at": "times", "interpolate": "whole number", "upscale": "number"}
    own |= {"template": "text", "gaps": "text or hold", "replace": "texts by text"}
    own |= {"markers": "times in the song by name", "bands": "bands by name and pitch", "duration": "time"}
    if name in own:
        return own[name]
    return " or ".join(dict.fromkeys(_kinds(field.annotation)))


def _kinds(annotation: Any) -> list[str]:
    if get_origin(annotation) is Annotated:
        return _kinds(get_args(annotation)[0])
    if get_origin(annotation) is Literal:
        return [", ".join(map(str, get_args(annotation)))]
    plain = {
        Curve: "number or curve",
        Time: "time",
        Fraction: "number or ratio",
        bool: "yes or no",
        int: "whole number",
        float: "number",
        str: "text",
        type(None): "",
    }
    if annotation in plain:
        return [plain[annotation]] if plain[annotation] else []
    return [kind for part in get_args(annotation) for kind in _kinds(part)]


def _default(field: FieldInfo) -> str:
    value = field.get_default(call_default_factory=True, validated_data={})
    if value is PydanticUndefined:
        return "required"
    if isinstance(value, Curve):
        return f"{value.source:g}"
    if isinstance(value, Time):
        return f"{value.amount:g}s"
    if value is None or value == "":
        return "not set"
    if isinstance(value, tuple):
        return "x".join(map(str, value))
    return str(value) if isinstance(value, (str, Fraction)) else show(value)


def _bounds(path: tuple[str, ...], field: FieldInfo) -> str:
    if path in BOUNDS:
        low, high = BOUNDS[path]
        return f"{low:g} to {high:g}"
    found = []
    for bound in field.metadata:
        for kind, attribute, text in ((Ge, "ge", "from"), (Gt, "gt", "above"), (Le, "le", "to"), (Lt, "lt", "below")):
            if isinstance(bound, kind):
                limit = getattr(bound, attribute)
                found.append(f"{text} {limit if isinstance(limit, int) else format(limit, 'g')}")
        if isinstance(bound, MultipleOf):
            found.append(f"multiple of {bound.multiple_of}")
    return " ".join(found)
