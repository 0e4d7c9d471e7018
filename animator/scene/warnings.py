"""What works but will hardly do what was meant, such as words that a scene's encoders never learnt."""

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from animator.models.store import Model
from animator.scene import foreign
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
class Wordless:
    """A denoiser reads texts, and every prompt of the film is a picture: it has nothing to do."""

    denoiser: str


@dataclass(frozen=True)
class Unseen:
    """A prompt would come after the film's end, which is at `end`; both are in seconds."""

    prompt: str
    start: float
    end: float


@dataclass(frozen=True)
class Foreign:
    """A text, or a rate, is written as another tool has it, and is read in our own way; `hint` says how to write it."""

    written: str
    hint: str


SceneWarning = UnknownWord | UnsureLanguage | Wordless | Unseen | Foreign
PER_FRAME = 0.15  # a zoom as near to 1 as this is meant for a frame, where it is written as Deforum does


def unseen(frames: Timeline) -> tuple[SceneWarning, ...]:
    """A warning for each prompt whose time is written and after the film's end."""
    end = len(frames) / frames.fps
    tracks = (pull for pull in frames.prompts if isinstance(pull, Turns) and pull.written)
    turns = (turn for track in tracks for turn in zip(track.aims, track.begins, track.fades, strict=True))
    return tuple(Unseen(str(aim), begin + fade / 2, end) for aim, begin, fade in turns if begin >= end - MOMENT)


def _foreign(scene: Scene) -> Iterator[Foreign]:
    for each in (each for prompt in scene.prompts for each in things(prompt)):
        if hint := foreign.in_text(each.text):
            yield Foreign(each.text, hint)
    zoom = scene.motion.rates.get("zoom")
    values = [key.value for key in zoom.keyframes if isinstance(key.value, float)] if zoom else []
    if zoom and values and zoom.by_frame and all(abs(value - 1) <= PER_FRAME for value in values):
        most, fps = max(values, key=lambda value: abs(value - 1)), float(scene.fps)
        yield Foreign(
            str(zoom.source), f"zoom is a factor a second; {most:g} in each frame is {most**fps:.3g} a second"
        )


def of(scene: Scene, encoders: Mapping[str, Model]) -> tuple[SceneWarning, ...]:
    """A warning for each word that an encoder does not know, and for each language that it may not read."""
    asked = [each for prompt in scene.prompts for each in things(prompt)]
    words = dict.fromkeys(word for each in asked for word in re.findall(r"[^\W\d_]+", each.text.lower()))
    languages = sorted({each.lang.split("-")[0] for each in asked if each.lang} - {"en"})
    found: list[SceneWarning] = [*_foreign(scene)]
    if "denoisers" in scene.guide.model_fields_set and not any(each.text for each in asked):
        found += map(Wordless, scene.guide.denoisers)
    for name, model in encoders.items():
        known = model.words
        for word in words:
            if known is not None and word not in known:
                near = difflib.get_close_matches(word, sorted(known), n=3, cutoff=0.6)
                found.append(UnknownWord(name, word, tuple(near)))
        if model.variant == "hub_clip":
            found += [UnsureLanguage(name, language) for language in languages]
    return tuple(found)
