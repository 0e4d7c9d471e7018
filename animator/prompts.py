"""What a film is asked to show: texts and pictures that pull or push, all the time or one after another."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator, Discriminator, Field, StringConstraints, Tag, model_validator

from animator.clock import Time, parse_time
from animator.curves import constant
from animator.records import AnyCurve, AnyTime, Record, flaw

Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)]
LANGUAGE = r"[a-z]{2,3}(-[a-z]{2,4})?"


class Asked(Record):
    """One thing to be seen: a text, or what is on a picture."""

    text: Text = Field(default="", description="what to see, in words")
    image: Annotated[str, StringConstraints(max_length=2000)] = Field(
        default="", description="what to see, as a picture: the path of a PNG, JPEG or WebP file"
    )
    lang: Annotated[str, StringConstraints(to_lower=True, pattern=rf"(?i)^({LANGUAGE})?$")] = Field(
        default="", description="the text's language, such as ja; encoders that do not read it are not asked"
    )

    @model_validator(mode="after")
    def _one(self) -> "Asked":
        if bool(self.text) == bool(self.image):
            raise flaw("a prompt is a text or an image: FILE, one of the two")
        if self.image and self.lang:
            raise flaw("a picture has no language", ("lang",))
        return self


def _asked(value: Any) -> Any:
    return {"text": value} if isinstance(value, str) else value


AnyAsked = Annotated[Asked, BeforeValidator(_asked)]


class Prompt(Asked):
    """Something that pulls (weight above 0) or pushes (below 0), all the time or along its curve."""

    weight: AnyCurve = Field(default=constant(1.0), description="pull; negative pushes away")


class PromptTrack(Record):
    """Things one after another: each holds from its time on; neighbours cross-fade on the sphere of embeddings."""

    turns: tuple[tuple[AnyTime, AnyAsked], ...] = Field(min_length=1)
    fade: AnyTime = Field(default=Time(0.0), description="length of the cross-fade, centred on the change")


def as_list(value: Any) -> Any:
    """One text, one map from times to texts, or a list of either form."""
    return value if isinstance(value, (list, tuple)) else [value]


def _prompt(value: Any) -> Any:
    if not isinstance(value, Mapping) or _form(value) == "prompt" or "turns" in value:
        return _asked(value)
    turns = []
    language = {"lang": value["lang"]} if "lang" in value else {}
    for key, asked in value.items():
        if key in ("fade", "lang"):
            continue
        try:
            time = parse_time(key)
        except ValueError as error:
            raise flaw(f"{error}; a prompt is {{text, weight}} or a map from times to texts", (key,)) from error
        if isinstance(asked, Mapping) and "weight" in asked:
            raise flaw("what comes in turn has no weight of its own; make it a prompt of a list", (key, "weight"))
        turns.append((time, {**language, **_asked(asked)} if isinstance(asked, (str, Mapping)) else asked))
    return {"turns": turns, **({"fade": value["fade"]} if "fade" in value else {})}


def _form(value: Any) -> str:
    if isinstance(value, PromptTrack):
        return "track"
    return "track" if isinstance(value, Mapping) and not {"text", "image", "weight"} & set(value) else "prompt"


AnyPrompt = Annotated[
    Annotated[Annotated[Prompt, BeforeValidator(_prompt)], Tag("prompt")]
    | Annotated[Annotated[PromptTrack, BeforeValidator(_prompt)], Tag("track")],
    Discriminator(_form),
]
