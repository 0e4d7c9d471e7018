"""Frame keys: which frames a scene asks for.

A frame's key is a hash chained from everything that came before it: k_t = sha256(k_{t-1} + FrameSpec_t + what it is
made of, where that is not what the frame before was made of), and k_{-1} covers what holds for the whole film. So an
edit changes the keys from the first frame that it changes on, and resuming after a crash and rendering anew after an
edit are the same thing.
"""

import dataclasses
import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from animator import files
from animator.models.store import Model
from animator.scene import needs
from animator.scene.choices import Painter
from animator.scene.document import Document
from animator.scene.frame_spec import Aim, FrameSpec, plain, shots
from animator.variants import Options

PARTS = ("generator", "encoders", "pictures", "losses", "denoisers")  # of a base, which only some frames may use
FORMAT = 7  # raised by hand when the same scene would give other pixels, or other keys


def canonical(value: Any) -> str:
    """JSON with one spelling for one value. Of a record, fields at their default are left out."""
    return json.dumps(plain(value), sort_keys=True, separators=(",", ":"), allow_nan=False)


def base_of(document: Document, deterministic: bool = False) -> dict[str, Any]:
    """What a film is made of, beside what its frames say; codec, quality and name are not in it. Options at their
    default are left out, so that one which is added later does not make old films new. `deterministic` says whether
    the way in which frames are computed differs for that."""
    scene = document.scene
    encoders = scene.guide.encoders
    return {
        "format": FORMAT,
        "size": scene.size,
        "generator": [_generator(painter) for painter in scene.generator],
        "encoders": {
            name: [encoders[name].weight, *(part.sha256 for part in (model, *model.companions))]
            for name, model in document.encoders.items()
        },
        "pictures": {str(path): files.sha256(path) for path in needs.images(scene)},
        "losses": {name: _changed(term.config) for name, term in scene.losses.items()},
        **_some("denoisers", {name: _whole(model) for name, model in document.denoisers.items()}),
        "precision": scene.optimize.precision,
        "warm_moments": scene.optimize.warm_moments,
        "seed": scene.seed,
        **({"deterministic": True} if deterministic else {}),
    }


def _generator(painter: Painter) -> dict[str, Any]:
    """Files and models count by their bytes, in order, and not by their names."""
    inputs, models = getattr(painter.config, "inputs", ()), getattr(painter.config, "models", ())
    names = {*map(str, inputs), *(model.name for model in models), *(str(model.path) for model in models)}
    hashes = {
        "inputs": [files.sha256(path) for path in inputs],
        "models": [model.sha256 for model in models],
    }
    options = _without(_changed(painter.config), names)
    return {"type": painter.type, **options, **{name: listed for name, listed in hashes.items() if listed}}


def _changed(config: Options) -> dict[str, Any]:
    return config.model_dump(mode="json", exclude_defaults=True)


def _without(options: dict[str, Any], names: set[str]) -> dict[str, Any]:
    """Options at any depth, without those that are one of the names."""
    inner = {name: _without(value, names) if isinstance(value, dict) else value for name, value in options.items()}
    return {name: value for name, value in inner.items() if not (isinstance(value, str) and value in names)}


def parts_of(base: Mapping[str, Any], spec: FrameSpec, encoders: Mapping[str, Model]) -> dict[str, Any]:
    """Those parts of a base that a frame uses, by name: the generator that paints it, the encoders that read some of
    its prompts, its pictures and its losses."""
    asked = [aim for prompt in spec.prompts for aim in (prompt.aim, prompt.towards) if aim]
    looking = [name for name, model in encoders.items() if any(model.reads(aim.lang) for aim in asked)]
    return {
        "generator": [base["generator"][spec.generator]],
        "encoders": {name: base["encoders"][name] for name in looking},
        "pictures": [base["pictures"][aim.image] for aim in asked if aim.image],
        "losses": {name: base["losses"][name] for name, _ in spec.losses},
        **_some("denoisers", {at.name: base["denoisers"][at.name] for at in spec.denoisers}),
    }


def _whole(model: Model) -> str:
    """The bytes of a model and of those that it cannot do without."""
    return "+".join(part.sha256 for part in (model, *model.companions))


def _some(name: str, parts: dict[str, Any]) -> dict[str, Any]:
    """A part, where there is any of it: films without keep the keys that they had before there was such a part."""
    return {name: parts} if parts else {}


def keys_of(base: Mapping[str, Any], document: Document) -> list[str]:
    """The chained key of every frame.

    The first link is what holds for every frame. What only some use is in the keys of those: what a scene has for later
    changes nothing before. Behind a hard cut the chain begins anew: what was before it changes nothing behind it.
    """
    first = _hash("", {name: value for name, value in base.items() if name not in PARTS})
    key, keys, before = first, list[str](), dict[str, Any]()
    for spec in document.frames:
        if spec.cut:
            key, before = first, {}
        parts = parts_of(base, spec, document.encoders)
        key = _hash(key, _painted(spec), *([] if parts == before else [parts]))
        before = parts
        keys.append(key)
    return keys


def of_film(document: Document, keys: Sequence[str], frames: Sequence[int]) -> str:
    """The key of what some frames in a row show: that of the last one, and of the last of each shot before it. How
    they are mixed where one dissolves into the next is in it, too."""
    parts = [shot for shot in shots(document.frames) if shot[0] <= frames[-1] and shot[-1] >= frames[0]]
    if len(parts) == 1:
        return keys[frames[-1]]
    ends = [(keys[min(part[-1], frames[-1])], document.frames[part[0]].dissolve) for part in parts]
    return _hash("", ends)


def _hash(key: str, *values: Any) -> str:
    return hashlib.sha256("".join((key, *map(canonical, values))).encode()).hexdigest()


def _painted(spec: FrameSpec) -> FrameSpec:
    """A frame without what paints nothing: its dissolve, which is mixed later, and the names of its pictures. Their
    bytes are in `parts_of`, and a moved file paints what it painted."""
    spec = dataclasses.replace(spec, dissolve=0) if spec.dissolve else spec
    if not any(aim.image for prompt in spec.prompts for aim in (prompt.aim, prompt.towards) if aim):
        return spec
    prompts = tuple(
        dataclasses.replace(prompt, aim=_nameless(prompt.aim), towards=prompt.towards and _nameless(prompt.towards))
        for prompt in spec.prompts
    )
    return dataclasses.replace(spec, prompts=prompts)


def _nameless(aim: Aim) -> Aim:
    return dataclasses.replace(aim, image="picture") if aim.image else aim
