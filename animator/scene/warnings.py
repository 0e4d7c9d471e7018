"""What works but will hardly do what was meant, such as words that a scene's encoders never learnt."""

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass

from animator.models.store import Model
from animator.scene.needs import things
from animator.scene.scene import Scene


@dataclass(frozen=True)
class Warning:
    """One warning, as a sentence."""

    text: str

    def __str__(self) -> str:
        return f"warning: {self.text}"


def of(scene: Scene, encoders: Mapping[str, Model]) -> tuple[Warning, ...]:
    """A warning for each word that an encoder does not know, and for each language that it may not read."""
    asked = [each for prompt in scene.prompts for each in things(prompt)]
    words = dict.fromkeys(word for each in asked for word in re.findall(r"[^\W\d_]+", each.text.lower()))
    languages = sorted({each.lang.split("-")[0] for each in asked if each.lang} - {"en"})
    found = []
    for name, model in encoders.items():
        known = model.words
        for word in words:
            if known is not None and word not in known:
                near = difflib.get_close_matches(word, known, n=3, cutoff=0.6)
                hint = f" (near it: {', '.join(near)})" if near else ""
                found.append(
                    f"{name!r} is a small model and never saw the word {word!r}{hint}; "
                    "`python render.py words` lists what it knows; a full CLIP knows the rest"
                )
        if model.encoder == "hub_clip":
            found += [f"nobody says whether {name!r} reads {lang!r}; it is asked all the same" for lang in languages]
    return tuple(map(Warning, found))
