"""How the film is written: what a scene says under `output`. None of it changes a frame, so encoding again is free.

output: {crf: 20}                         options of the codec, by default H.264
output: {codec: webm, interpolate: 2x}    another codec, and twice as many pictures a second
"""

import re
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, SerializeAsAny, ValidationError

from animator import errors, variants
from animator.scene import foreign
from animator.scene.fields import Number, Record, Whole
from animator.scene.problems import Flaw, explain, show
from animator.variants import Options

DEFAULT = "h264"


def _times(value: Any) -> Any:
    """`2x` is 2."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?) ?x", value) if isinstance(value, str) else None
    number = float(match[1]) if match else value
    return int(number) if isinstance(number, float) and number == int(number) else number


class Output(Record):
    """How the film is written."""

    codec: str = Field(
        default=DEFAULT, description="how the film is coded; the options of a codec stand beside it (docs/variants.md)"
    )
    coding: SerializeAsAny[Options] = Field(
        default_factory=lambda: variants.config("codecs", DEFAULT)(), description="the codec's options"
    )
    threads: Whole = Field(
        default=2, ge=1, le=64, description="threads of the codec; the film's bytes depend on them, its frames do not"
    )
    interpolate: Annotated[Whole, BeforeValidator(_times)] = Field(
        default=1, ge=1, le=8, description="pictures for each frame: 2x doubles the pictures a second"
    )
    upscale: Annotated[Number, BeforeValidator(_times)] = Field(
        default=1, ge=1, le=8, description="how many times wider and higher the film is than the frames: 2x"
    )
    strip: bool = Field(
        default=False, strict=True, description="whether to leave out the scene that a film carries; see `extract`"
    )
    states_every: Whole = Field(default=1, ge=1, le=10_000, description="frames between kept states; 1 keeps all")


OWN = tuple(name for name in Output.model_fields if name != "coding")


def read(value: Any, path: tuple[Any, ...] = (), flaws: list[Flaw] | None = None) -> Output:
    """A scene's `output`; what is wrong is added to `flaws`."""
    flaws = [] if flaws is None else flaws
    if isinstance(value, Output):
        return value
    if not isinstance(value, Mapping):
        flaws.append(Flaw(path, f"expected options by name, such as {{codec: webm}}; got {show(value)}"))
        return Output()
    codec = value.get("codec", DEFAULT)
    if codec not in variants.names("codecs"):
        flaws.append(Flaw((*path, "codec"), errors.unknown("codec", codec, variants.names("codecs"))))
        return Output()
    config = variants.config("codecs", codec)
    known = {*OWN, *config.model_fields}
    flaws += [
        Flaw((*path, key), foreign.unknown("option", key, known, path), at_key=True)
        for key in value
        if key not in known
    ]
    own = {key: option for key, option in value.items() if key in OWN}
    coding = {key: option for key, option in value.items() if key in config.model_fields}
    try:
        return Output.model_validate({**own, "coding": config.model_validate(coding)})
    except ValidationError as error:
        flaws += explain(error, Output if error.title == Output.__name__ else config, path)
    return Output()
