"""Records that check scenes, as JSON Schema: what `schema` puts together. No torch."""

import types
from collections.abc import Mapping
from fractions import Fraction
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt, MaxLen
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from animator.scene.curves import Curve
from animator.scene.timeline import BOUNDS
from animator.scene.times import Time

Schema = dict[str, Any]
MOMENTS = ("first_beat", "beats", "markers")  # options that are moments of a song
LIMITS = (
    (Ge, "ge", "minimum"),
    (Gt, "gt", "exclusiveMinimum"),
    (Le, "le", "maximum"),
    (Lt, "lt", "exclusiveMaximum"),
    (MaxLen, "max_length", "maxItems"),
)


def record(model: type[BaseModel], path: tuple[str, ...], curves: bool = False) -> Schema:
    """A record as an object of its options."""
    properties = {}
    for name, field in model.model_fields.items():
        if name == "coding":
            continue
        key = field.alias or name
        about = {"description": field.description} if field.description else {}
        kind = ref("curve") if curves else _kind(field.annotation, field, (*path, key))
        properties[key] = {**about, **kind, **_default(field)}
    return {"type": "object", "properties": properties, "additionalProperties": False}


def _kind(annotation: Any, field: FieldInfo, path: tuple[str, ...]) -> Schema:
    if get_origin(annotation) is Annotated:
        return _kind(get_args(annotation)[0], field, path)
    if get_origin(annotation) is Literal:
        return {"enum": list(get_args(annotation))}
    if get_origin(annotation) in (Union, types.UnionType):
        return either(*(_kind(part, field, path) for part in get_args(annotation)))
    if get_origin(annotation) is tuple:
        inner = _kind(get_args(annotation)[0], FieldInfo(), path)
        many = {"type": "array", "items": inner, **_bounds(field)}
        return either(inner, many) if path[-1] in ("at", "markers") else many
    if get_origin(annotation) in (dict, Mapping):
        return {"type": "object", "additionalProperties": _kind(get_args(annotation)[1], FieldInfo(), path)}
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        section = record(annotation, path)
        return either({"type": "string"}, section) if path[-1] == "start" else section
    known: dict[Any, Schema] = {
        Curve: _limited(path),
        Time: ref("time"),
        Fraction: ref("fps"),
        bool: {"type": "boolean"},
        int: {"type": "integer", **_bounds(field)},
        float: ref("moment") if path[-1] in MOMENTS else {"type": "number", **_bounds(field)},
        str: {"type": "string"},
        type(None): {"type": "null"},
    }
    found = known.get(annotation, {})
    times_x = {"type": "string", "pattern": r"^\d+(\.\d+)? ?x$"}
    return either(found, times_x) if path[-1] in ("interpolate", "upscale") else found


def _limited(path: tuple[str, ...]) -> Schema:
    """A curve; a number that stays is within its bounds."""
    if path not in BOUNDS:
        return ref("curve")
    low, high = BOUNDS[path]
    return {**ref("curve"), "minimum": low, "maximum": high}


def _bounds(field: FieldInfo) -> Schema:
    return {
        word: getattr(bound, attribute)
        for bound in field.metadata
        for kind, attribute, word in LIMITS
        if isinstance(bound, kind)
    }


def _default(field: FieldInfo) -> Schema:
    value = field.get_default(call_default_factory=True, validated_data={})
    if isinstance(value, Curve):
        return {"default": value.source}
    if isinstance(value, Time):
        return {"default": f"{value.amount:g}s"}
    if isinstance(value, Fraction):
        return {"default": int(value)}
    plain = isinstance(value, (bool, int, float, str))
    return {"default": value} if plain and value != "" else {}


def ref(name: str) -> Schema:
    """A definition of the schema."""
    return {"$ref": f"#/$defs/{name}"}


def either(*forms: Schema, about: Schema | None = None) -> Schema:
    """Any of these forms."""
    return {**(about or {}), "anyOf": list(forms)}


def about_of(model: type[BaseModel], name: str) -> Schema:
    """What is said of an option."""
    return {"description": model.model_fields[name].description or ""}


def texts(option: Schema) -> Schema:
    """Description and default of an option's schema."""
    return {key: value for key, value in option.items() if key in ("description", "default")}


def summary(thing: Any) -> str:
    """The first sentence of a docstring."""
    return (thing.__doc__ or "").strip().split("\n\n")[0].replace("\n", " ").replace("    ", "")
