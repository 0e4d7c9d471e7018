"""The words of a song as prompts: each line pulls while it is sung.

prompts: {from: lyrics.lrc, template: "{line}, oil painting", fade: 0.5s, gaps: dark water, replace: {baby: child}}
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, StringConstraints, ValidationError, field_validator

from animator.errors import SoundError
from animator.media import lyrics
from animator.media.lyrics import Line
from animator.scene.fields import AnyTime, Record
from animator.scene.problems import Flaw, explain, invalid
from animator.scene.prompts import LANGUAGE, PromptTrack, Text, Turn
from animator.scene.times import Time

HOLD = "hold"
LINE = "{line}"
SHORT = 0.25  # seconds; a shorter silence between two lines is no gap


class Words(Record):
    """How the words of a song become prompts."""

    file: Annotated[str, StringConstraints(min_length=1, max_length=2000)] = Field(
        alias="from", description="the words with their times: the path of a .lrc, .srt or .vtt file"
    )
    template: Text = Field(default=LINE, description="what a line becomes, with {line} in it")
    gaps: Text = Field(default=HOLD, description="what to see while nobody sings; `hold` keeps the line before")
    replace: dict[str, str] = Field(default={}, description="words or phrases to put in place of others")
    fade: AnyTime = Field(default=Time(0.0), description="length of the cross-fade, centred on the change")
    lang: Annotated[str, StringConstraints(to_lower=True, pattern=rf"(?i)^({LANGUAGE})?$")] = Field(
        default="", description="the words' language, such as ja"
    )
    cut: bool = Field(default=False, strict=True, description="whether each line begins with a hard cut")
    dissolve: AnyTime = Field(
        default=Time(0.0), description="how long the last picture before fades out over each line, which starts anew"
    )

    @field_validator("template")
    @classmethod
    def _with_line(cls, value: str) -> str:
        if LINE not in value:
            raise invalid(f'the template has no {LINE} in it, such as "{LINE}, oil painting"')
        return value


def read(value: Mapping[Any, Any], path: tuple[Any, ...], flaws: list[Flaw]) -> PromptTrack | None:
    """The lines of a song as a track of prompts; what is wrong is added to `flaws`."""
    try:
        words = Words.model_validate(value)
        found = lyrics.lines(Path(words.file))
    except ValidationError as error:
        flaws += explain(error, Words, path)
        return None
    except SoundError as error:
        flaws.append(Flaw((*path, "from"), str(error)))
        return None
    turns = _turns(found, words)
    try:
        asked = tuple(Turn(text=text, lang=words.lang, cut=words.cut, dissolve=words.dissolve) for _, text in turns)
    except ValidationError as error:
        flaws += [Flaw((*path, "from"), flaw.message) for flaw in explain(error, Turn)]
        return None
    times = tuple(Time(start, "song") for start, _ in turns)
    keys = (("from",),) * len(turns)
    return PromptTrack(asked=asked, keys=keys, times=times, fade=words.fade, written=False)


def _turns(found: tuple[Line, ...], words: Words) -> list[tuple[float, str]]:
    """What is to be seen from when on, in seconds of the song."""
    turns = [] if words.gaps == HOLD or found[0].start < SHORT else [(0.0, words.gaps)]
    for line, after in zip(found, (*found[1:], None), strict=True):
        turns.append((line.start, words.template.replace(LINE, _replaced(line.text, words.replace))))
        silent = line.end is not None and (after is None or after.start - line.end > SHORT)
        if silent and words.gaps != HOLD and line.end is not None:
            turns.append((max(line.end, line.start + SHORT), words.gaps))
    return turns


def _replaced(text: str, others: Mapping[str, str]) -> str:
    """A line with other words for some, whole ones, in any case."""
    for word, other in others.items():
        if word:
            put = other.replace("\\", r"\\")
            text = re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", put, text, flags=re.IGNORECASE)
    return text
