"""The song that a film goes with."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, StringConstraints

from animator.scene.fields import AnyTime, Record
from animator.scene.times import Time, parse_time


class Audio(Record):
    """Which song, and how it lies under the film. None of this changes a frame."""

    file: Annotated[str, StringConstraints(max_length=2000)] = Field(
        default="", description="the song: the path of a wav, flac, mp3, m4a, ogg or opus file"
    )
    start: AnyTime = Field(default=Time(0.0), description="where in the song the film begins")
    offset: AnyTime = Field(default=Time(0.0), description="how much later than its picture the sound is heard")
    fade_out: AnyTime = Field(default=Time(0.0), description="how long the sound fades at the film's end")


def _short(value: Any) -> Any:
    return {"file": value} if isinstance(value, str) else value


AnyAudio = Annotated[Audio, BeforeValidator(_short)]


def file_of(plain: Mapping[Any, Any]) -> str:
    """The song that a scene names, before it is checked; empty where there is none."""
    audio = _short(plain.get("audio"))
    file = audio.get("file") if isinstance(audio, Mapping) else ""
    return file if isinstance(file, str) else ""


def start_of(plain: Mapping[Any, Any]) -> float:
    """Where a scene begins in its song, in seconds, before it is checked; 0 for what is no time."""
    audio = plain.get("audio")
    try:
        return parse_time(audio.get("start", 0)).seconds(1.0) if isinstance(audio, Mapping) else 0.0
    except ValueError:
        return 0.0
