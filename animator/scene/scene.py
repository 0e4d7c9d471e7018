"""What a scene says: frozen records, checked when made. No torch here, and no files.

`document.py` makes these from YAML; `timeline.py` turns them into one record per frame. Field descriptions are the
reference that people read, so they give units.
"""

import math
import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from animator.scene.audio import AnyAudio, Audio
from animator.scene.choices import LossTerm, Motion, Painter
from animator.scene.curves import AnyCurve, constant
from animator.scene.fields import AnyFps, AnyTime, Number, Record, Whole
from animator.scene.output import Output
from animator.scene.problems import invalid, show
from animator.scene.prompts import Prompt, PromptTrack
from animator.scene.timelapse import AnyTimelapse

NAME = r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}[A-Za-z0-9_-]|[A-Za-z0-9]"
RESERVED = {"con", "prn", "aux", "nul", *(f"com{n}" for n in range(10)), *(f"lpt{n}" for n in range(10))}
MOST_FRAMES = 200_000
MOST_PIXELS = 64_000_000
MOST_CELLS = 400  # of a sweep


LARGEST = 16_384  # pixels of a side
HEIGHTS = {"480p": (854, 480), "720p": (1280, 720), "1080p": (1920, 1080), "1440p": (2560, 1440), "4k": (3840, 2160)}


def _size(value: Any) -> tuple[int, int]:
    """`512x288` is `[512, 288]`."""
    written = value
    if isinstance(value, str):
        match = re.fullmatch(r"[(\[]?\s*([0-9]{1,6})\s*[xX×*,-]\s*([0-9]{1,6})\s*[)\]]?", value.strip())
        written = [int(side) for side in match.groups()] if match else value
    elif isinstance(value, Mapping) and set(value) == {"width", "height"}:
        written = [value["width"], value["height"]]
    if not (isinstance(written, (list, tuple)) and len(written) == 2 and all(type(side) is int for side in written)):
        raise invalid(f"write width and height as {_example(value)}; got {show(value)}")
    width, height = written
    for place, side in enumerate(written):
        path = (place,) if isinstance(value, (list, tuple)) else ()
        if not 16 <= side <= LARGEST:
            raise invalid(f"each side has 16 to {LARGEST} pixels; got {side}", path)
        if side % 2:
            raise invalid(f"both sides must be even: write {width // 2 * 2}x{height // 2 * 2}; got {side}", path)
    return width, height


def _example(value: Any) -> str:
    """A size that is near to what somebody wrote."""
    if isinstance(value, int) and not isinstance(value, bool) and 16 <= value <= LARGEST:
        return f"{value}x{value}"
    width, height = HEIGHTS.get(str(value).lower(), (512, 288))
    return f"{width}x{height}"


def _seed(value: Any) -> Any:
    if type(value) is not int or value < 0:
        raise invalid(f"a whole number from 0 on; another number is another film; got {show(value)}")
    return value


class Cutouts(Record):
    """The crops through which an encoder looks at the picture ("cutn", "cut_pow" elsewhere)."""

    example = "{count: 16}"
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


def _encoders(value: Any) -> Any:
    """A name, or a list of names, is encoders that weigh 1."""
    names = [value] if isinstance(value, str) else value
    return (
        dict.fromkeys(names, 1) if isinstance(names, list) and all(isinstance(name, str) for name in names) else value
    )


class EncoderTerm(Record):
    """What the scene says about one of its encoders."""

    weight: Annotated[Number, Field(gt=0, le=1000)] = Field(default=1.0, description="among the others")
    text: str = Field(default="", description="the model that reads its texts; default: itself")


def _denoiser(value: Any) -> Any:
    whole = isinstance(value, DenoiserTerm) or (
        isinstance(value, Mapping) and set(value) & {*DenoiserTerm.model_fields}
    )
    return value if whole else {"weight": value}


class DenoiserTerm(Record):
    """How much a denoiser says of what the picture should look like."""

    weight: AnyCurve = Field(
        default=constant(30.0), description="pull of its picture; a quarter of it behind the first frame"
    )
    level: AnyCurve = Field(
        default=constant(0.0),
        description="noise that it takes away at rest, standard deviation on pictures in [-1,1]; 0: no target",
    )
    ahead: bool = Field(
        default=True,
        description="one picture for a whole change, drawn before it begins; else one a frame, of `changing` noise",
    )
    hold: AnyCurve = Field(
        default=constant(0.5),
        description="share of the pull to that picture which stays at rest, for as long as the camera sees it, 0 to 1",
    )
    changing: AnyCurve = Field(
        default=constant(1.0), description="level while something changes, and until that has half settled"
    )
    guidance: AnyCurve = Field(
        default=constant(3.0),
        description="how many times over the text counts, 1 is as it learnt; less behind the first frame",
    )
    tries: Annotated[Whole, Field(ge=1, le=256)] = Field(
        default=24, description="pictures that a first frame's first target is the best of; later ones have a quarter"
    )
    every: Annotated[Whole, Field(ge=0, le=10_000)] = Field(
        default=0, description="steps of a first frame from one target to the next, of ever less noise; 0: one for all"
    )


def _usual_denoisers(guide: dict[str, Any]) -> dict[str, DenoiserTerm]:
    """Where `pocket` guides, the transformer that reads texts as it does."""
    return {"pocket-transformer": DenoiserTerm()} if "pocket" in guide.get("encoders", {}) else {}


class Guide(Record):
    """Which encoders look at the picture, through which cutouts, and which denoisers say what pictures look like."""

    example = "{encoders: {pocket: 1}}"
    encoders: Annotated[dict[str, Annotated[EncoderTerm, BeforeValidator(_encoder)]], BeforeValidator(_encoders)] = (
        Field(default={"pocket": EncoderTerm()}, description="CLIPs by name, each with its weight")
    )
    denoisers: dict[str, Annotated[DenoiserTerm, BeforeValidator(_denoiser)]] = Field(
        default_factory=_usual_denoisers,
        description="denoisers by name or file, each with its weight; they read prompts that are texts",
    )
    cutouts: Cutouts = Cutouts()

    @model_validator(mode="after")
    def _some_encoder(self) -> "Guide":
        if not self.encoders:
            raise invalid("at least one encoder is needed, e.g. {pocket: 1}", ("encoders",))
        return self


class Optimize(Record):
    """How long and how far each frame is optimised."""

    example = "{steps: 10}"
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
    resting: Annotated[Number, Field(gt=0, le=1)] = Field(
        default=0.25, description="share of `step_size` where no prompt changes; a small one keeps pictures still"
    )
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
            return {"adapt": True, **{key: option for key, option in value.items() if key != "steps"}}
        return value


class Scene(Record):
    """A film. Everything that decides its frames."""

    name: str = Field(description="the film's name, and that of its folder under outputs/")
    size: Annotated[tuple[int, int], BeforeValidator(_size)] = Field(
        default=(256, 256), description="width and height in pixels, both even: [512, 288] or 512x288"
    )
    fps: AnyFps = Field(default=Fraction(12), description="frames per second")
    duration: AnyTime | None = Field(
        default=None, description="length of the film; with a song, by default to the song's end"
    )
    seed: Annotated[Whole, BeforeValidator(_seed)] = Field(
        default=0, ge=0, lt=2**63, description="another seed, another film"
    )
    generator: tuple[Painter, ...] = Field(description="what paints: a name, {type, options}, or a map from times")
    guide: Guide = Guide()
    optimize: Optimize = Optimize()
    prompts: tuple[Prompt | PromptTrack, ...] = Field(description="what to show: one prompt, or a list of them")
    motion: Motion = Field(default=Motion(), description="how the camera moves: rates by name")
    losses: dict[str, LossTerm] = Field(
        default_factory=dict, description="losses beside the prompts, by the names of their files"
    )
    loop: bool = Field(
        default=False,
        strict=True,
        description="the film repeats without a seam: its last second leads back to its first frame",
    )
    priority: Whole = Field(
        default=0, ge=-1000, le=1000, description="in a batch, a film with a higher number is rendered earlier"
    )
    audio: AnyAudio = Audio()
    timelapse: AnyTimelapse = Field(default=None, description="also a film of how frames were made; see below")
    sweep: dict[str, tuple[Any, ...]] = Field(
        default_factory=dict, description="a grid for the command `sweep`: values by option, as optimize.step_size"
    )
    output: Output = Output()

    @property
    def frame_count(self) -> int:
        """How many frames a scene has whose duration is in seconds or frames, as that of a Document is."""
        assert self.duration is not None
        return round(self.duration.seconds(self.fps) * self.fps)

    @model_validator(mode="after")
    def _bounded(self) -> "Scene":
        if not re.fullmatch(NAME, self.name) or self.name.split(".")[0].lower() in RESERVED:
            raise invalid(
                f"{self.name!r} cannot name a folder; use letters, digits, '.', '_', '-', at most 64", ("name",)
            )
        if any(not values for values in self.sweep.values()):
            raise invalid("each option needs values, such as optimize.step_size: [0.5, 1, 2]", ("sweep",))
        if math.prod(len(values) for values in self.sweep.values()) > MOST_CELLS:
            raise invalid(f"more than {MOST_CELLS} cells", ("sweep",))
        if self.size[0] * self.size[1] > MOST_PIXELS:
            raise invalid(f"{self.size[0]}x{self.size[1]} is more than {MOST_PIXELS} pixels", ("size",))
        return self
