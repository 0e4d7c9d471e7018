"""What a scene says: frozen records, checked when made. No torch here, and no files.

`scene_file.py` makes these from YAML; `timeline.py` turns them into one record per frame. Field descriptions are the
reference that people read, so they give units.
"""

import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from animator.clock import Time, parse_time
from animator.curves import constant
from animator.prompts import AnyPrompt, as_list
from animator.records import AnyCurve, AnyTime, Number, Record, Whole, flaw

NAME = r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}[A-Za-z0-9_-]|[A-Za-z0-9]"
RESERVED = {"con", "prn", "aux", "nul", *(f"com{n}" for n in range(10)), *(f"lpt{n}" for n in range(10))}
MOST_FRAMES = 200_000
MOST_PIXELS = 64_000_000
Side = Annotated[Whole, Field(ge=16, le=16_384, multiple_of=2)]


def _fps(value: Any) -> Fraction:
    try:
        if isinstance(value, bool) or not isinstance(value, (int, float, str, Fraction)):
            raise ValueError
        if isinstance(value, str) and "/" not in value:
            raise ValueError
        fps = Fraction(value).limit_denominator(1001)
    except (ValueError, ZeroDivisionError, OverflowError):
        fps = Fraction(0)
    if not 1 <= fps <= 240:
        raise flaw(f"expected frames per second from 1 to 240, such as 24 or 24000/1001; got {value!r}")
    return fps


def _variant(value: Any) -> Any:
    """`siren` and `{type: siren, hidden: 64}` both name a variant; what is not its type is an option of it."""
    if isinstance(value, str):
        return {"type": value}
    if isinstance(value, Mapping) and not set(value) <= {"type", "options"}:
        rest = {key: option for key, option in value.items() if key != "type"}
        return {**({"type": value["type"]} if "type" in value else {}), "options": rest}
    return value


def _loss(value: Any) -> Any:
    """`drift: 0.3` gives a weight; `drift: {weight: 0.3, ...}` a weight and options."""
    if isinstance(value, Mapping) and "weight" in value:
        rest = {key: option for key, option in value.items() if key not in ("weight", "options")}
        return {"weight": value["weight"], "options": {**value.get("options", {}), **rest}}
    return value if isinstance(value, LossTerm) else {"weight": value}


class Variant(Record):
    """One of the files in a folder of variants, and what the scene says about it."""

    type: str
    options: dict[str, Any] = Field(default_factory=dict)


AnyVariant = Annotated[Variant, BeforeValidator(_variant)]


def _is_time(key: Any) -> bool:
    try:
        parse_time(key)
    except ValueError:
        return False
    return True


def generator_turns(value: Any) -> list[tuple[Any, Any]]:
    """The generators of a scene's plain value, each with the time from which it paints: one, or a map from times."""
    if isinstance(value, Mapping) and any(_is_time(key) for key in value):
        return list(value.items())
    return [("0s", value)]


def _generators(value: Any) -> Any:
    if isinstance(value, tuple):
        return value
    turns = []
    for key, variant in generator_turns(value):
        try:
            turns.append((parse_time(key), variant))
        except ValueError as error:
            raise flaw(f"{error}; a generator is {{type: ..., ...}} or a map from times to such", (key,)) from error
    return tuple(turns)


class Cutouts(Record):
    """The crops through which an encoder looks at the picture ("cutn", "cut_pow" elsewhere)."""

    count: AnyCurve = Field(default=constant(16), description="crops a step")
    whole: AnyCurve = Field(default=constant(0.5), description="share of crops that show the whole picture, 0 to 1")
    smallest: AnyCurve = Field(default=constant(0.6), description="shortest crop, in shares of the shorter side")
    largest: AnyCurve = Field(default=constant(1.0), description="longest crop, in shares of the shorter side")
    power: AnyCurve = Field(default=constant(1.0), description="above 1 favours small crops, below 1 large ones")
    flip: AnyCurve = Field(default=constant(0.0), description="share of crops mirrored, 0 to 1")
    turn: AnyCurve = Field(default=constant(12.0), description="widest random rotation, degrees")
    perspective: AnyCurve = Field(default=constant(0.0), description="strength of random perspective, 0 to 1")
    jitter: AnyCurve = Field(default=constant(0.0), description="strength of random colour changes, 0 to 1")
    erase: AnyCurve = Field(default=constant(0.0), description="share of crops with a patch erased, 0 to 1")
    noise: AnyCurve = Field(default=constant(0.1), description="largest standard deviation of added noise, 0 to 1")


def _encoder(value: Any) -> Any:
    return value if isinstance(value, (Mapping, EncoderTerm)) else {"weight": value}


class EncoderTerm(Record):
    """What the scene says about one of its encoders."""

    weight: Annotated[Number, Field(gt=0, le=1000)] = Field(default=1.0, description="among the others")
    text: str = Field(default="", description="the model that reads its texts; default: itself")


class Guide(Record):
    """Which encoders look at the picture, and through which cutouts."""

    encoders: dict[str, Annotated[EncoderTerm, BeforeValidator(_encoder)]] = Field(
        default={"pocket": EncoderTerm()}, description="CLIPs by name, each with its weight"
    )
    cutouts: Cutouts = Cutouts()

    @model_validator(mode="after")
    def _some_encoder(self) -> "Guide":
        if not self.encoders:
            raise flaw("at least one encoder is needed, e.g. {pocket: 1}", ("encoders",))
        return self


class Optimize(Record):
    """How long and how far each frame is optimised."""

    first_steps: AnyCurve = Field(default=constant(200), description="optimiser steps of the first frame")
    steps: AnyCurve = Field(default=constant(10), description="optimiser steps of every other frame")
    steps_per_second: AnyCurve | None = Field(
        default=None, description="instead of `steps`: per second of film, so that fps does not change the look"
    )
    adapt: bool = Field(
        default=False,
        strict=True,
        description="save steps where the loss has settled, spend them where it falls; `steps: auto` is this with 10",
    )
    step_size: AnyCurve = Field(default=constant(1.0), description="in units of the generator's own step size")
    anneal: Annotated[Number, Field(ge=1, le=100)] = Field(
        default=1.5, description="how many times longer the first frame's first step is than its last"
    )
    first_noise: Annotated[Number, Field(ge=0, le=2)] = Field(
        default=0.5, description="cutouts' noise in the first frame's first step; it falls to `guide.cutouts.noise`"
    )
    precision: Literal["auto", "fp32", "bf16"] = Field(
        default="auto", description="numbers that steps are computed in; frames are always written in fp32"
    )
    warm_moments: bool = Field(
        default=True, strict=True, description="whether Adam's moments move with the camera or start anew"
    )

    @model_validator(mode="before")
    @classmethod
    def _auto(cls, value: Any) -> Any:
        if isinstance(value, Mapping) and value.get("steps") == "auto":
            return {"adapt": True, **{key: said for key, said in value.items() if key != "steps"}}
        return value


class LossTerm(Record):
    """What the scene says about one of the losses beside the prompts."""

    weight: AnyCurve = Field(description="share in the sum that is minimised")
    options: dict[str, Any] = Field(default_factory=dict)


class Output(Record):
    """How the film is written. None of this changes a frame, so re-encoding is free."""

    crf: Whole = Field(default=17, ge=0, le=51, description="x264 quality, lower is better")
    preset: Literal["ultrafast", "veryfast", "fast", "medium", "slow", "veryslow"] = "slow"
    threads: Whole = Field(default=2, ge=1, le=64, description="threads of x264; its bytes depend on them")
    states_every: Whole = Field(default=1, ge=1, le=10_000, description="frames between kept states; 1 keeps all")


class Scene(Record):
    """A film. Everything that decides its frames."""

    name: str
    size: tuple[Side, Side] = Field(default=(256, 256), description="width and height in pixels, both even")
    fps: Annotated[Fraction, BeforeValidator(_fps)] = Field(default=Fraction(12), description="frames per second")
    duration: AnyTime = Field(description="length of the film")
    seed: Whole = Field(default=0, ge=0, lt=2**63, description="another seed, another film")
    generator: Annotated[tuple[tuple[Time, AnyVariant], ...], BeforeValidator(_generators)] = Field(
        default=((parse_time("0s"), Variant(type="siren")),), description="what paints, and from when"
    )
    guide: Guide = Guide()
    optimize: Optimize = Optimize()
    prompts: Annotated[tuple[AnyPrompt, ...], BeforeValidator(as_list)] = Field(min_length=1, max_length=1000)
    motion: AnyVariant = Variant(type="affine")
    losses: dict[str, Annotated[LossTerm, BeforeValidator(_loss)]] = Field(
        default_factory=dict, description="losses beside the prompts, by the names of their files"
    )
    output: Output = Output()

    @property
    def frame_count(self) -> int:
        return round(self.duration.seconds(self.fps) * self.fps)

    @model_validator(mode="after")
    def _bounded(self) -> "Scene":

        if not re.fullmatch(NAME, self.name) or self.name.split(".")[0].lower() in RESERVED:
            raise flaw(f"{self.name!r} cannot name a folder; use letters, digits, '.', '_', '-', at most 64", ("name",))
        if not 1 <= self.frame_count <= MOST_FRAMES:
            raise flaw(f"{self.frame_count} frames; a scene has 1 to {MOST_FRAMES}", ("duration",))
        if self.size[0] * self.size[1] > MOST_PIXELS:
            raise flaw(f"{self.size[0]}x{self.size[1]} is more than {MOST_PIXELS} pixels", ("size",))
        return self
