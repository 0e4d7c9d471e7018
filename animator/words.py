"""Words that a scene's encoders never learnt: named before the render, with the nearest ones that they know."""

import difflib
import re
from dataclasses import dataclass

from animator import needs
from animator.prompts import Asked, PromptTrack
from animator.scene_file import Document


@dataclass(frozen=True)
class Warning:
    """Something that works but will hardly do what was meant."""

    file: str
    text: str

    def __str__(self) -> str:
        return f"{self.file}: warning: {self.text}"


def warnings(document: Document) -> list[Warning]:
    """One warning for each unknown word of each encoder. Raises: ModelError for a model that is not there."""
    asked: list[Asked] = []
    for prompt in document.scene.prompts:
        asked += [each for _, each in prompt.turns] if isinstance(prompt, PromptTrack) else [prompt]
    texts = [each.text for each in asked]
    languages = {each.lang.split("-")[0] for each in asked if each.lang}
    spoken = dict.fromkeys(word for text in texts for word in re.findall(r"[^\W\d_]+", text.lower()))
    found = []
    for name, model in needs.encoders(document.scene).items():
        known = model.words
        for word in spoken:
            if known is not None and word not in known:
                near = difflib.get_close_matches(word, known, n=3, cutoff=0.6)
                hint = f" (near it: {', '.join(near)})" if near else ""
                found.append(
                    Warning(
                        str(document.path),
                        f"{name!r} is a small model and never saw the word {word!r}{hint}; "
                        "`python render.py words` lists what it knows; a full CLIP knows the rest",
                    )
                )
        for lang in sorted({language for language in languages if language != "en"}):
            if model.encoder == "hub_clip":
                found.append(
                    Warning(
                        str(document.path), f"nobody says whether {name!r} reads {lang!r}; it is asked all the same"
                    )
                )
    return found
