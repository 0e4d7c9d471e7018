"""The JSON Schema of a scene, for editors: 2020-12, read off the records that check scenes. No torch.

It knows every option with its description, default and range, and every form of a curve, a time and a prompt. What only
the whole scene can tell, such as keyframes out of order, `check` finds.
"""

import json
from collections.abc import Iterator
from pathlib import Path

from animator import variants
from animator.report.schema_records import Schema, about_of, either, record, ref, summary, texts
from animator.scene import clock, easings, prompts, scene, timelapse, words
from animator.scene.output import OWN, Output

DRAFT = "https://json-schema.org/draft/2020-12/schema"
PLACE = Path("docs/scene.schema.json")
NUMBER = r"(\d+(\.\d*)?|\.\d+)"
LENGTH = rf"{NUMBER} ?(ms|s|sec|secs|seconds?|mins?|minutes?|f|frames?|b|beats?|bars?)|(\d+:)?\d+:\d{{2}}(\.\d*)?"
TIME = rf"^\s*\+?\s*({LENGTH}|bar {NUMBER}|@[A-Za-z_]\w*(\[\d{{1,9}}\])?|0)(\s*[+-]\s*({LENGTH}))*\s*$"
BEZIER = r"^cubic-bezier\([^,()]+,[^,()]+,[^,()]+,[^,()]+\)$"


def of_scene() -> Schema:
    """The whole schema."""
    found = record(scene.Scene, ())
    options = found["properties"]
    options["generator"] = {**about_of(scene.Scene, "generator"), **ref("generator"), "default": "siren"}
    options["prompts"] = {**about_of(scene.Scene, "prompts"), **ref("prompts")}
    options["motion"] = {**about_of(scene.Scene, "motion"), **ref("motion")}
    options["losses"] = {**about_of(scene.Scene, "losses"), **ref("losses")}
    options["audio"] = either({"type": "string", "title": "a song's file"}, options["audio"], {"type": "null"})
    options["timelapse"] = either(
        {"type": "boolean", "title": "of the first frame"},
        {"enum": ["first", "shots", "process"]},
        record(timelapse.Timelapse, ("timelapse",)),
        {"type": "null"},
        about=about_of(scene.Scene, "timelapse"),
    )
    options["output"] = _output()
    options["size"] = {**about_of(scene.Scene, "size"), **ref("size"), "default": [256, 256], "examples": ["512x288"]}
    options["name"] |= {"pattern": f"^(?!({'|'.join(map(_any_case, sorted(scene.RESERVED)))})(\\.|$))({scene.NAME})$"}
    options["sweep"]["examples"] = [{"optimize.step_size": [0.5, 1, 2]}]
    encoders = options["guide"]["properties"]["encoders"]
    weights = {"type": "object", "minProperties": 1, "additionalProperties": ref("encoder"), "title": "weights by name"}
    named = {"type": "array", "items": {"type": "string"}, "minItems": 1}
    options["guide"]["properties"]["encoders"] = either({"type": "string"}, named, weights, about=texts(encoders))
    denoisers = options["guide"]["properties"]["denoisers"]
    denoisers["additionalProperties"] = either(ref("curve"), denoisers["additionalProperties"])
    for name, section in (("optimize", scene.Optimize), ("guide", scene.Guide)):
        options[name]["description"] = summary(section)
    steps = options["optimize"]["properties"]["steps"]
    options["optimize"]["properties"]["steps"] = either(ref("curve"), {"const": "auto"}, about=texts(steps))
    return {
        "$schema": DRAFT,
        "title": "A scene of Animator",
        "description": "A film: prompts and a camera over time, and what paints them.",
        **found,
        "required": ["prompts"],
        "$defs": _definitions(),
    }


def _any_case(word: str) -> str:
    return "".join(f"[{letter}{letter.upper()}]" if letter.isalpha() else letter for letter in word)


def _definitions() -> Schema:
    text = {"type": "string", "minLength": 1, "maxLength": 2000}
    return {
        "time": {
            "description": "2.5s, 500ms, 90f, 1:02.5; in music 16b, 4bar, bar 9, @drop + 2b; +2b after the one before",
            "anyOf": [{"type": "string", "pattern": TIME}, {"const": 0}],
            "examples": ["2.5s", "90f", "1:02.5", "bar 9", "@drop + 2b"],
        },
        "moment": either(ref("time"), {"type": "number", "minimum": 0}),
        "size": either(
            {"type": "string", "pattern": r"^\s*[(\[]?\s*\d{1,6}\s*[xX×*,-]\s*\d{1,6}\s*[)\]]?\s*$"},
            {"type": "array", "prefixItems": [ref("side"), ref("side")], "items": False, "minItems": 2},
            {"type": "object", "properties": {"width": ref("side"), "height": ref("side")},
             "required": ["width", "height"], "additionalProperties": False},
        ),
        "side": {"type": "integer", "minimum": 16, "maximum": scene.LARGEST, "multipleOf": 2},
        "fps": either(
            {"type": "number", "minimum": 1, "maximum": 240},
            {"type": "string", "pattern": r"^\d+(\.\d+)?(/\d*[1-9]\d*)?\s*(fps)?$"},
        ),
        "ease": either({"enum": list(easings.EASINGS)}, {"type": "string", "pattern": BEZIER}),
        "curve": _curve(),
        "rule": either(ref("time"), {**record(clock.Rule, ("every",)), "minProperties": 1}),
        "asked": {"description": "a text, or a picture", **either(text, _asked(prompts.Turn))},
        "prompt": _prompt(),
        "prompts": either(ref("prompt"), {"type": "array", "items": ref("prompt"), "minItems": 1}),
        "painter": either({"enum": variants.names("generators")}, *_variants("generators", "type")),
        "generator": either(
            ref("painter"),
            {**_by_time(ref("painter")), "title": "one after another"},
        ),
        "motion": either({"enum": variants.names("motions")}, *_variants("motions", "type", curves=True, needed=False)),
        "losses": _losses(),
        "encoder": either({"type": "number", "exclusiveMinimum": 0, "maximum": 1000}, record(scene.EncoderTerm, ())),
    }  # fmt: skip


def _by_time(value: Schema) -> Schema:
    return {"type": "object", "propertyNames": ref("time"), "additionalProperties": value, "minProperties": 1}


def _curve() -> Schema:
    entry = {
        "type": "object",
        "properties": {"at": ref("time"), "value": {"type": "number"}, "ease": ref("ease")},
        "required": ["at", "value"],
        "additionalProperties": False,
    }
    keyframes = {
        "type": "object",
        "properties": {"ease": ref("ease")},
        "patternProperties": {TIME: {"type": "number"}},
        "additionalProperties": False,
        "minProperties": 1,
    }
    by_rule = {
        "type": "object",
        "properties": {
            "every": ref("rule"),
            "values": {"type": "array", "items": {"type": "number"}, "minItems": 1},
            "ease": ref("ease"),
        },
        "required": ["every", "values"],
        "additionalProperties": False,
    }
    return {
        "description": "a number that may change over time",
        "anyOf": [
            {"type": "number", "title": "a number that stays"},
            {"type": "string", "minLength": 1, "title": "an expression of t, in seconds, or Deforum's keyframes"},
            {**keyframes, "title": "keyframes by time"},
            {"type": "array", "items": entry, "minItems": 1, "title": "keyframes, each with its easing"},
            {**by_rule, "title": "values in turn"},
        ],
        "examples": [1.02, "1 + 0.1*sin(t)", {"0s": 1, "4s": 1.2, "ease": "smooth"}, {"every": "1b", "values": [1, 2]}],
    }


def _asked(model: type[prompts.Asked]) -> Schema:
    """A text or a picture, one of the two."""
    return {**record(model, ("prompts",)), "oneOf": [{"required": ["text"]}, {"required": ["image"]}]}


def _prompt() -> Schema:
    of_all = {"fade": ref("time"), "lang": {"type": "string"}, "cut": {"type": "boolean"}}
    track = {
        "type": "object",
        "title": "one after another",
        "properties": {**of_all},
        "patternProperties": {TIME: ref("asked")},
        "additionalProperties": False,
        "minProperties": 1,
    }
    by_rule = {
        "type": "object",
        "title": "in turn, by rule",
        "properties": {
            "every": ref("rule"),
            "texts": {"type": "array", "items": ref("asked"), "minItems": 1},
            **of_all,
        },
        "required": ["every", "texts"],
        "additionalProperties": False,
    }
    return either(
        {"type": "string", "minLength": 1, "maxLength": 2000, "title": "what to see"},
        _asked(prompts.Prompt),
        track,
        by_rule,
        {**record(words.Words, ("prompts",)), "required": ["from"], "title": "the words of a song"},
    )


def _losses() -> Schema:
    found: Schema = {}
    for name in variants.names("losses"):
        if name != "prompt":  # which is always there
            whole = _variant("losses", name)
            whole["properties"]["weight"] = ref("curve")
            whole["required"] = ["weight"]
            found[name] = {"description": summary(variants.module("losses", name)), **either(ref("curve"), whole)}
    return {"type": "object", "properties": found, "additionalProperties": False}


def _output() -> Schema:
    """A section of its own for each codec; without one it is the default's."""
    own = {name: each for name, each in record(Output, ("output",))["properties"].items() if name in OWN}
    found = []
    for name in variants.names("codecs"):
        section = _variant("codecs", name)
        section["properties"] = {**own, "codec": {"const": name}, **section["properties"]}
        section["required"] = [] if name == Output.model_fields["codec"].default else ["codec"]
        found.append(section)
    return either(*found, about={"description": summary(Output)})


def _variants(axis: str, key: str, curves: bool = False, needed: bool = True) -> Iterator[Schema]:
    for name in variants.names(axis):
        section = _variant(axis, name, curves)
        section["properties"] = {key: {"const": name}, **section["properties"]}
        yield {**section, "required": [key] if needed else []}


def _variant(axis: str, name: str, curves: bool = False) -> Schema:
    section = record(variants.config(axis, name), (), curves)
    return {"title": name, "description": summary(variants.module(axis, name)), **section}


def as_text() -> str:
    """The schema as a file holds it."""
    return json.dumps(of_scene(), indent=1, ensure_ascii=False) + "\n"
