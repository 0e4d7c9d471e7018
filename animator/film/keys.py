"""Frame keys: which frames a scene asks for.

A frame's key is a hash chained from everything that came before it: k_t = sha256(k_{t-1} + FrameSpec_t), and k_{-1}
covers what holds for the whole film. So an edit changes the keys from the first frame that it changes on, and resuming
after a crash and rendering anew after an edit are the same thing.
"""

import hashlib
import json
from typing import Any

from animator import files
from animator.scene import needs
from animator.scene.document import Document
from animator.scene.frame_spec import FrameSpec, plain
from animator.variants import Options

FORMAT = 4  # raised by hand when the same scene would give other pixels, or other keys


def canonical(value: Any) -> str:
    """JSON with one spelling for one value. Of a record, fields at their default are left out."""
    return json.dumps(plain(value), sort_keys=True, separators=(",", ":"), allow_nan=False)


def base_of(document: Document, deterministic: bool = False) -> dict[str, Any]:
    """What holds for every frame of a film; codec, quality and name are not in it. Options at their default are left
    out, so that one which is added later does not make old films new. `deterministic` says whether the way in which
    frames are computed differs for that."""
    scene = document.scene
    configs = [painter.config for painter in scene.generator]
    encoders = scene.guide.encoders
    return {
        "format": FORMAT,
        "size": scene.size,
        "generator": [{"type": painter.type, **_changed(painter.config)} for painter in scene.generator],
        "inputs": [files.sha256(path) for config in configs for path in getattr(config, "inputs", ())],
        "models": [model.sha256 for config in configs for model in getattr(config, "models", ())],
        "encoders": {
            name: [encoders[name].weight, *(part.sha256 for part in (model, *model.companions))]
            for name, model in document.encoders.items()
        },
        "pictures": [files.sha256(path) for path in needs.images(scene)],
        "losses": {name: _changed(term.config) for name, term in scene.losses.items()},
        "precision": scene.optimize.precision,
        "warm_moments": scene.optimize.warm_moments,
        "seed": scene.seed,
        **({"deterministic": True} if deterministic else {}),
    }


def _changed(config: Options) -> dict[str, Any]:
    return config.model_dump(mode="json", exclude_defaults=True)


def keys_of(base: dict[str, Any], specs: tuple[FrameSpec, ...]) -> list[str]:
    """The chained key of every frame."""
    key = hashlib.sha256(canonical(base).encode()).hexdigest()
    keys = []
    for spec in specs:
        key = hashlib.sha256((key + canonical(spec)).encode()).hexdigest()
        keys.append(key)
    return keys
