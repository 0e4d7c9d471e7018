"""The making of frames, as a film: what a scene says under `timelapse`, and which frames that means.

timelapse: true                            the first frame, from noise to picture
timelapse: {at: [0s, 3.5s], hold: 2s}      the frames at these times
timelapse: {of: shots}                     the frames where something new is asked for
timelapse: {of: process}                   every frame: the film with its own making
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from animator.scene.clock import Clock
from animator.scene.fields import AnyFps, AnyTime, Record, Whole
from animator.scene.frame_spec import FrameSpec
from animator.scene.problems import Flaw
from animator.scene.times import MOMENT, Time


def _listed(value: Any) -> Any:
    return value if isinstance(value, (list, tuple)) else (value,)


class Timelapse(Record):
    """A film of the optimisation of some frames."""

    example = "{at: [0s, 3.5s]}"
    of: Literal["first", "shots", "process"] = Field(
        default="first",
        description="which frames: the first, those in which something new is asked for, or all of them",
    )
    at: Annotated[tuple[AnyTime, ...], BeforeValidator(_listed)] = Field(
        default=(), max_length=1000, description="in place of `of`: the frames at these times"
    )
    every: Whole = Field(default=1, ge=1, le=10_000, description="steps between pictures")
    fps: AnyFps | None = Field(default=None, description="pictures per second; default: the film's")
    duration: AnyTime | None = Field(
        default=None,
        description="how long a frame's making plays, of a process that of all; default: each picture once",
    )
    ease: Literal["even", "start", "change"] = Field(
        default="even",
        description="which steps are dwelt on: all alike, the first ones, or those that change the picture",
    )
    hold: AnyTime = Field(default=Time(1.0), description="how long what came out stays at the end")
    caption: bool = Field(default=False, strict=True, description="whether step, loss and prompt stand below")
    before_after: bool = Field(
        default=False, strict=True, description="also the start beside the result: a picture, and a wipe of 2 seconds"
    )


def _timelapse(value: Any) -> Any:
    if isinstance(value, bool):
        return Timelapse() if value else None
    return {"of": value} if isinstance(value, str) else value


AnyTimelapse = Annotated[Timelapse | None, BeforeValidator(_timelapse)]


@dataclass(frozen=True)
class Lapse:
    """A timelapse whose times are settled: frames upwards, and seconds."""

    frames: tuple[int, ...]
    every: int  # steps between pictures
    fps: Fraction
    seconds: float | None  # that each frame's making plays, or all of a process
    hold: float  # seconds
    ease: str
    whole: bool  # one making after another without a hold, as of a process
    caption: bool
    before_after: bool


def resolve(
    asked: Timelapse, fps: Fraction, frames: Sequence[FrameSpec], clock: Clock, flaws: list[Flaw]
) -> Lapse | None:
    """What a scene says, settled; what is wrong with its times is added to `flaws`."""
    before = len(flaws)
    seconds = None if asked.duration is None else _length(asked.duration, "duration", clock, flaws)
    hold = _length(asked.hold, "hold", clock, flaws)
    shown = _at(asked.at, clock, flaws) if asked.at else _of(asked.of, frames)
    if len(flaws) > before:
        return None
    whole = asked.of == "process" and not asked.at
    rate = asked.fps or fps
    return Lapse(shown, asked.every, rate, seconds, hold, asked.ease, whole, asked.caption, asked.before_after)


def _length(time: Time, name: str, clock: Clock, flaws: list[Flaw]) -> float:
    try:
        return clock.length(time)
    except ValueError as error:
        flaws.append(Flaw(("timelapse", name), str(error)))
        return 0.0


def _at(times: Sequence[Time], clock: Clock, flaws: list[Flaw]) -> tuple[int, ...]:
    found, before = set[int](), 0.0
    for place, time in enumerate(times):
        try:
            before = clock.point(time, before)
            index = int(before * clock.fps + MOMENT)
            if not 0 <= index < clock.frames:
                raise ValueError(f"{before:g}s is not in the film, which ends at {clock.duration:g}s")
            found.add(index)
        except ValueError as error:
            flaws.append(Flaw(("timelapse", "at", place), str(error)))
    return tuple(sorted(found))


def _of(which: str, frames: Sequence[FrameSpec]) -> tuple[int, ...]:
    if which == "process":
        return tuple(range(len(frames)))
    return tuple(_news(frames)) if which == "shots" else (0,)


def _news(frames: Sequence[FrameSpec]) -> list[int]:
    """Where something is asked for that was not asked for before, or another generator takes over."""
    found, before = list[int](), (set[Any](), -1)
    for spec in frames:
        asked = {aim for prompt in spec.prompts for aim in (prompt.aim, prompt.towards) if aim}
        if spec.starts or asked - before[0] or spec.generator != before[1]:
            found.append(spec.index)
        before = asked, spec.generator
    return found
