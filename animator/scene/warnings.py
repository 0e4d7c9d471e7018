"""What works but will hardly do what was meant, such as words that a scene's encoders never learnt."""

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass

from animator.models.store import Model
from animator.scene.needs import things
from animator.scene.pulls import Turns
from animator.scene.scene import Scene
from animator.scene.timeline import Timeline
from animator.scene.times import MOMENT


@dataclass(frozen=True)
class UnknownWord:
    """A small encoder never saw a word of a prompt; `near` are words that it knows and that are spelt alike."""

    encoder: str
    word: str
    near: tuple[str, ...]


@dataclass(frozen=True)
class UnsureLanguage:
    """Nobody says whether an encoder reads a language; it is asked all the same."""

    encoder: str
    language: str


@dataclass(frozen=True)
class Unseen:
    """A prompt would come after the film's end, which is at `end`; both are in seconds."""

    prompt: str
    start: float
    end: float


SceneWarning = UnknownWord | UnsureLanguage | Unseen


def unseen(frames: Timeline) -> tuple[SceneWarning, ...]:
    """A warning for each prompt whose time is written and after the film's end."""
    end = len(frames) / frames.fps
    tracks = (pull for pull in frames.prompts if isinstance(pull, Turns) and pull.written)
    turns = (turn for track in tracks for turn in zip(track.aims, track.begins, track.fades, strict=True))
    return tuple(Unseen(str(aim), begin + fade / 2, end) for aim, begin, fade in turns if begin >= end - MOMENT)


def of(scene: Scene, encoders: Mapping[str, Model]) -> tuple[SceneWarning, ...]:
    """A warning for each word that an encoder does not know, and for each language that it may not read."""
    asked = [each for prompt in scene.prompts for each in things(prompt)]
    words = dict.fromkeys(word for each in asked for word in re.findall(r"[^\W\d_]+", each.text.lower()))
    languages = sorted({each.lang.split("-")[0] for each in asked if each.lang} - {"en"})
    found: list[SceneWarning] = []
    for name, model in encoders.items():
        known = model.words
        for word in words:
            if known is not None and word not in known:
                near = difflib.get_close_matches(word, sorted(known), n=3, cutoff=0.6)
                found.append(UnknownWord(name, word, tuple(near)))
        if model.encoder == "hub_clip":
            found += [UnsureLanguage(name, language) for language in languages]
    return tuple(found)
