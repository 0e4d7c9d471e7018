"""The variants that a scene names, with their options: generators, losses and the motion.

This is the one place that knows how a scene writes them:

    generator: siren                                        a name
    generator: {type: siren, layers: 6}                     a name and options
    generator: {0s: {type: siren}, 8s: fft}                 one after another
    losses: {drift: 0.3, total_variation: {weight: 0.1}}    a weight, or a weight and options
    motion: {zoom: 1.1, rotate: {0s: 0, 4s: 90}}            options that are curves; `type` may be left out
"""

from collections.abc import Mapping
from typing import Any

from pydantic import Field, SerializeAsAny, ValidationError

from animator import variants
from animator.errors import unknown
from animator.scene import foreign
from animator.scene.curves import AnyCurve, Curve, CurveError, parse_curve
from animator.scene.fields import Record
from animator.scene.problems import Flaw, explain, show
from animator.scene.times import Time, is_time, parse_time
from animator.variants import Options

Path = tuple[Any, ...]


class Painter(Record):
    """A generator, and the time from which it paints; `key` is how that is written."""

    start: Time
    key: Any = None
    type: str
    config: SerializeAsAny[Options]


class LossTerm(Record):
    """One of the losses beside the prompts."""

    weight: AnyCurve = Field(description="share in the sum that is minimised")
    config: SerializeAsAny[Options]


class Motion(Record):
    """What moves the camera, and its rates over time."""

    type: str = "affine"
    rates: dict[str, Curve] = Field(default_factory=dict)


def generators(value: Any, path: Path, flaws: list[Flaw]) -> tuple[Painter, ...]:
    """A scene's generators in turn; what is wrong is added to `flaws`."""
    if not (isinstance(value, Mapping) and any(map(is_time, value))):
        painter = _painter(Time(0.0), value, path, flaws)
        return () if painter is None else (painter,)
    found, before = [], len(flaws)
    for key, written in value.items():
        try:
            start = parse_time(key)
        except ValueError as error:
            text = f"{error}; a generator is {{type: ..., ...}} or a map from times to such"
            flaws.append(Flaw((*path, key), text, at_key=True))
            continue
        found.append(_painter(start, written, (*path, key), flaws, key))
    return tuple(painter for painter in found if painter is not None) if len(flaws) == before else ()


def _painter(start: Time, value: Any, path: Path, flaws: list[Flaw], key: Any = None) -> Painter | None:
    written = {"type": value} if isinstance(value, str) else value
    if isinstance(written, Mapping) and isinstance(written.get("type"), str):
        small = written["type"].lower()
        written = {**written, "type": small if small in variants.names("generators") else written["type"]}
    if not isinstance(written, Mapping):
        flaws.append(Flaw(path, f"a generator is a name, or {{type: ..., ...}}; got {show(value)}"))
    elif "type" not in written:
        flaws.append(Flaw(path, '"type" is missing'))
    else:
        options = {key: option for key, option in written.items() if key != "type"}
        config = _config("generators", written["type"], options, path, flaws)
        if config is not None:
            return Painter(start=start, key=key, type=written["type"], config=config)
    return None


def _config(axis: str, name: Any, options: Mapping[Any, Any], path: Path, flaws: list[Flaw]) -> Options | None:
    """A variant's options, checked."""
    if name not in variants.names(axis):
        flaws.append(Flaw((*path, "type"), _no_such(axis, name)))
        return None
    config = variants.config(axis, name)
    try:
        return config.model_validate(options)
    except ValidationError as error:
        flaws += explain(error, config, path)
        return None


def _no_such(axis: str, name: Any) -> str:
    model = str(name).removeprefix("vqgan").strip("_- ")
    if axis == "generators" and model and model != str(name):
        return f"unknown type; write {{type: vqgan, model: {model}}}"
    return unknown("type", name, variants.names(axis))


def losses(value: Any, path: Path, flaws: list[Flaw]) -> dict[str, LossTerm]:
    """A scene's losses by name; what is wrong is added to `flaws`. The prompts' own is always there and not named."""
    if not isinstance(value, Mapping):
        flaws.append(Flaw(path, f"expected losses by name, such as {{drift: 0.3}}; got {show(value)}"))
        return {}
    known = [name for name in variants.names("losses") if name != "prompt"]
    found = {}
    for name, written in value.items():
        place = (*path, name)
        if name not in known:
            flaws.append(Flaw(place, foreign.unknown("loss", name, known, path), at_key=True))
            continue
        whole = isinstance(written, Mapping) and (
            "weight" in written or not any(key == "every" or is_time(key) for key in written)
        )
        if whole and "weight" not in written:
            flaws.append(Flaw(place, '"weight" is missing'))
            continue
        options = {key: option for key, option in written.items() if key != "weight"} if whole else {}
        config = _config("losses", name, options, place, flaws)
        weight = _curve(written["weight"] if whole else written, (*place, "weight") if whole else place, flaws)
        if config is not None and weight is not None:
            found[name] = LossTerm(weight=weight, config=config)
    return dict(sorted(found.items()))  # so that their order in the file changes no sum


def motion(value: Any, path: Path, flaws: list[Flaw]) -> Motion:
    """A scene's motion; what is wrong is added to `flaws`. Which rates there are, the Config of its type says."""
    written = {"type": value} if isinstance(value, str) else value
    if not isinstance(written, Mapping):
        flaws.append(Flaw(path, f"expected rates by name, such as {{zoom: 1.1}}; got {show(value)}"))
        return Motion()
    kind = written.get("type", Motion.model_fields["type"].default)
    if kind not in variants.names("motions"):
        flaws.append(Flaw((*path, "type"), unknown("type", kind, variants.names("motions"))))
        return Motion()
    known, rates = variants.config("motions", kind).model_fields, {}
    for name, curve in written.items():
        if name == "type":
            continue
        if name not in known:
            flaws.append(Flaw((*path, name), foreign.unknown("option", name, known, path), at_key=True))
        elif (rate := _curve(curve, (*path, name), flaws)) is not None:
            rates[name] = rate
    return Motion(type=kind, rates=rates)


def _curve(value: Any, path: Path, flaws: list[Flaw]) -> Curve | None:
    try:
        return parse_curve(value)
    except CurveError as error:
        flaws.append(Flaw((*path, *error.path), str(error), error.at_key))
        return None
