"""The song that a film goes with, and what is known of it beforehand."""

import re
from itertools import pairwise
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, model_validator

from animator.scene.fields import AnyTime, Number, Record, Whole
from animator.scene.problems import invalid, show
from animator.scene.times import Time, parse_time

NAME = r"[A-Za-z_][A-Za-z0-9_]{0,40}"  # of what expressions may name
MOST = 100_000  # beats or markers that are given by hand
File = Annotated[str, StringConstraints(max_length=2000)]


def _named(value: str) -> str:
    if not re.fullmatch(NAME, value):
        raise invalid(f"a name has letters, digits and _, such as drop or second_drop; got {show(value)}")
    return value


def _bpm(value: Any) -> Any:
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if value != "auto" and not (number and 20 <= value <= 400):
        raise invalid(f"expected beats a minute from 20 to 400, such as 97.5, or auto; got {show(value)}")
    return value if value == "auto" else float(value)


Name = Annotated[str, AfterValidator(_named)]


def _moment(value: Any) -> Any:
    """A time in the song, in seconds: `1:02.5`, `12s`, or a bare number, as programs that find beats write it."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        seconds = float(value)
    else:
        try:
            time = parse_time(value)
        except ValueError as error:
            raise invalid(str(error)) from error
        if time.musical or time.unit == "f" or time.relative:
            raise invalid(f"a moment of the song, in seconds or as 1:02.5; got {show(value)}")
        seconds = time.seconds(1)
    if not -86_400 <= seconds <= 86_400:
        raise invalid(f"a moment of the song lies within a day; got {show(value)}")
    return seconds


def _listed(value: Any) -> Any:
    return value if isinstance(value, (list, tuple)) else [value]


Moment = Annotated[float, BeforeValidator(_moment)]
Moments = Annotated[tuple[Moment, ...], BeforeValidator(_listed), Field(min_length=1, max_length=MOST)]


class BandOf(Record):
    """A band of pitch whose loudness expressions may name."""

    name: Name = Field(description="the name")
    low: Annotated[Number, Field(ge=0, le=20_000)] = Field(description="from this pitch on, in Hz")
    high: Annotated[Number, Field(gt=0, le=20_000)] = Field(description="up to this pitch, in Hz")

    @model_validator(mode="after")
    def _upwards(self) -> "BandOf":
        if self.high <= self.low:
            raise invalid("a band ends above the pitch where it begins", ("high",))
        return self


class Audio(Record):
    """Which song, how it lies under the film, and what is known of it. Its sound changes no frame."""

    example = "{file: song.flac}"
    file: File = Field(default="", description="the song: the path of a wav, flac, mp3, m4a, ogg or opus file")
    start: AnyTime = Field(default=Time(0.0), description="where in the song the film begins")
    offset: AnyTime = Field(default=Time(0.0), description="how much later than the film its song begins")
    fade_out: AnyTime = Field(default=Time(0.0), description="how long the sound fades at the film's end")
    lead: AnyTime = Field(
        default=Time(0.0), description="how much sooner than it is heard the picture follows the music"
    )
    bpm: Annotated[Literal["auto"] | float, BeforeValidator(_bpm)] = Field(
        default="auto", description="beats a minute, where they are known: then none are looked for"
    )
    first_beat: Moment | None = Field(default=None, description="with `bpm`: where in the song its first beat is")
    beats: Annotated[tuple[Moment, ...], Field(max_length=MOST)] = Field(
        default=(), description="in place of `bpm`: where in the song each beat is, in seconds"
    )
    beats_per_bar: Annotated[Whole, Field(ge=1, le=64)] = Field(default=4, description="beats of a bar")
    markers: Annotated[dict[Name, Moments], Field(max_length=1000)] = Field(
        default={}, description="moments of the song by name: {drop: 1:02.5}, or several of one name in a list"
    )
    midi: File = Field(default="", description="a MIDI file whose notes go with the song from its start on")
    analysis: File = Field(default="", description="a file that `audio SONG --write FILE` made, perhaps corrected")
    bands: Annotated[tuple[BandOf, ...], Field(max_length=32)] = Field(
        default=(), description="more bands of pitch: [{name: sub, low: 20, high: 60}], in Hz"
    )
    attack: AnyTime = Field(default=Time(0.01), description="how fast bands and loudness rise")
    release: AnyTime = Field(default=Time(0.2), description="how fast bands and loudness fall")

    @model_validator(mode="after")
    def _known_once(self) -> "Audio":
        known = [
            name for name in ("bpm", "beats", "analysis") if getattr(self, name) != Audio.model_fields[name].default
        ]
        if len(known) > 1:
            raise invalid(f"beats are given once: by {' or by '.join(known)}", (known[-1],))
        if self.first_beat is not None and self.bpm == "auto":
            raise invalid("it goes with `bpm`: write both, or neither", ("first_beat",))
        if len(self.beats) == 1 or any(after <= before for before, after in pairwise(self.beats)):
            raise invalid("at least two beats, each later than the one before", ("beats",))
        if self.analysis and not self.file:
            raise invalid("it is of a song: name its file, too", ("analysis",))
        if self.analysis and "beats_per_bar" in self.model_fields_set:
            raise invalid("the file of `analysis` says that; change it there", ("beats_per_bar",))
        return self


def _short(value: Any) -> Any:
    return {"file": value} if isinstance(value, str) else value


AnyAudio = Annotated[Audio, BeforeValidator(_short)]
