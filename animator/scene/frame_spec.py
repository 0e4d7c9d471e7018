"""Everything that one frame needs, in plain values.

A frame's key is made of its FrameSpec. Values at their default are left out of it (`plain`), so a field that is added
later changes no key of a film on disk. That makes the defaults below part of the format: one that is changed, or a new
field whose default paints other pixels than before, asks for another `film.keys.FORMAT`.
"""

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from animator.scene.motions import IDENTITY, Matrix


@dataclass(frozen=True)
class Aim:
    """What is to be seen: a text, in a language if it says so, or the picture in a file."""

    text: str = ""
    image: str = ""  # path
    lang: str = ""

    def __str__(self) -> str:
        return self.text or f"[{self.image}]"


@dataclass(frozen=True)
class PromptAt:
    """A prompt at one moment: `aim`, or a point on the arc from `aim` to `towards`, `blend` of the way."""

    aim: Aim
    weight: float = 1.0
    towards: Aim | None = None
    blend: float = 0.0


@dataclass(frozen=True)
class CutoutsAt:
    """The options of `scene.Cutouts` at one moment, which says what each is."""

    count: float = 16.0
    whole: float = 0.5
    smallest: float = 0.6
    largest: float = 1.0
    power: float = 1.0
    flip: float = 0.0
    turn: float = 12.0
    perspective: float = 0.0
    jitter: float = 0.0
    erase: float = 0.0
    noise: float = 0.1


@dataclass(frozen=True)
class Coming:
    """What a frame is on the way to, or holds on to: a picture that is one for all frames from a change to the next."""

    seed: int
    prompts: tuple[PromptAt, ...]  # that it is of
    share: float  # of the pull: it comes with the fade, and goes while the change settles, but for what is held
    pose: Matrix  # from this frame's coordinates to those of the picture


@dataclass(frozen=True)
class DenoiserAt:
    """How a denoiser's picture pulls at one moment; `scene.DenoiserTerm` says what each is."""

    name: str
    weight: float
    level: float
    guidance: float
    tries: int
    every: int
    coming: Coming | None = None


@dataclass(frozen=True)
class Home:
    """How a frame leads back to the first one: which share of the way, from what it shows, and where it sees that."""

    share: float
    pose: Matrix  # from this frame's coordinates to the first one's


@dataclass(frozen=True)
class FrameSpec:
    """One frame of a film."""

    index: int
    time: float  # seconds
    seed: int  # of this frame; steps derive theirs from it
    steps: int
    step_size: float = 1.0  # of the last step, in units of the generator's own
    prompts: tuple[PromptAt, ...] = ()
    matrix: Matrix = IDENTITY  # from this frame's coordinates to the previous one's
    losses: tuple[tuple[str, float], ...] = ()  # name and weight, those that weigh anything
    denoisers: tuple[DenoiserAt, ...] = ()  # those that weigh anything
    cutouts: CutoutsAt = CutoutsAt()
    anneal: float = 1.0  # the frame's first step is this many times longer than its last
    first_noise: float | None = None  # of the cutouts in the first step; None: as in the last
    generator: int = 0  # which of the scene's generators paints it
    adapt: bool = False  # take fewer steps where the loss has settled, and those that were saved where it falls
    home: Home | None = None  # at the end of a film that repeats
    cut: bool = False  # begins a shot behind a cut
    dissolve: int = 0  # frames, this one included, over which the picture before the cut fades out in the film

    @property
    def starts(self) -> bool:
        """Whether it follows on no other frame: the film's first one, and the first behind each cut."""
        return self.cut or self.index == 0


def shots(specs: Sequence[FrameSpec]) -> list[range]:
    """The frames of a film, cut where none follows on the one before: the places of each shot's."""
    begins = [place for place, spec in enumerate(specs) if spec.starts or place == 0]
    return [range(begin, end) for begin, end in pairwise([*begins, len(specs)])]


def plain(value: Any) -> Any:
    """A record as dictionaries and lists, without the fields that are at their default."""
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    if not dataclasses.is_dataclass(value) or isinstance(value, type):
        return value
    fields = ((field, getattr(value, field.name)) for field in dataclasses.fields(value))
    return {field.name: plain(item) for field, item in fields if item != field.default}


def main_text(spec: FrameSpec) -> str:
    """What a frame is to show above all; empty where nothing pulls."""
    pulling = [prompt for prompt in spec.prompts if prompt.weight > 0]
    return max(pulling, key=lambda prompt: prompt.weight).aim.text if pulling else ""


def seen_text(spec: FrameSpec) -> str:
    """What a frame shows above all, for people: in a cross-fade, whatever it is nearer to."""
    pulling = [prompt for prompt in spec.prompts if prompt.weight > 0]
    if not pulling:
        return ""
    most = max(pulling, key=lambda prompt: prompt.weight)
    return str(most.towards if most.towards and most.blend >= 0.5 else most.aim)


def left(spec: FrameSpec, step: int) -> float:
    """How much of a frame is left at a step: from 1 at its first down to 0, along half a cosine."""
    return (1 + math.cos(math.pi * step / spec.steps)) / 2
