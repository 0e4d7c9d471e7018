"""What a film is to show: texts and pictures that pull or push, all the time or one after another."""

from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

from pydantic import Field, StringConstraints, ValidationError, model_validator

from animator.scene.curves import constant
from animator.scene.fields import AnyCurve, AnyTime, Record
from animator.scene.problems import Flaw, explain, invalid, show
from animator.scene.times import Time, parse_time

Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)]
LANGUAGE = r"[a-z]{2,3}(-[a-z]{2,4})?"
MOST = 1000  # prompts of a scene
FORMS = "a prompt is a text, {text, weight}, {image: FILE}, or a map from times to texts"


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
            raise invalid("a prompt is a text or an image: FILE, one of the two")
        if self.image and self.lang:
            raise invalid("a picture has no language", ("lang",))
        return self


class Prompt(Asked):
    """Something that pulls (weight above 0) or pushes (below 0), all the time or along its curve."""

    weight: AnyCurve = Field(default=constant(1.0), description="pull; a negative weight pushes away")


class PromptTrack(Record):
    """Things one after another: each holds from its time on; neighbours cross-fade on the sphere of embeddings."""

    turns: tuple[tuple[Time, Asked], ...] = Field(description="what to see, and from when")
    keys: tuple[Any, ...] = Field(description="the times as they are written, which is where mistakes are placed")
    fade: AnyTime = Field(default=Time(0.0), description="length of the cross-fade, centred on the change")


Kind = TypeVar("Kind", bound=Record)


def read(value: Any, path: tuple[Any, ...], flaws: list[Flaw]) -> tuple[Prompt | PromptTrack, ...]:
    """One prompt in any form, or a list of them; what is wrong with it is added to `flaws`."""
    listed = isinstance(value, (list, tuple))
    items = list(value) if listed else [value]
    if not 1 <= len(items) <= MOST:
        flaws.append(Flaw(path, f"{len(items)} prompts; a scene has 1 to {MOST}"))
        return ()
    found = (_read_one(item, (*path, place) if listed else path, flaws) for place, item in enumerate(items))
    return tuple(prompt or Prompt(text="anything") for prompt in found)  # a stand-in: the others keep their places


def _read_one(value: Any, path: tuple[Any, ...], flaws: list[Flaw]) -> Prompt | PromptTrack | None:
    if isinstance(value, str):
        value = {"text": value}
    if not isinstance(value, Mapping):
        flaws.append(Flaw(path, f"{FORMS}; got {show(value)}"))
        return None
    if {"text", "image", "weight"} & set(value):
        return _checked(Prompt, value, path, flaws)
    return _track(value, path, flaws)


def _track(value: Mapping[Any, Any], path: tuple[Any, ...], flaws: list[Flaw]) -> PromptTrack | None:
    turns: list[tuple[Any, Time, Asked | None]] = []
    language, before = {"lang": value["lang"]} if "lang" in value else {}, len(flaws)
    for key, asked in value.items():
        place = (*path, key)
        if key in ("fade", "lang"):
            continue
        try:
            time = parse_time(key)
        except ValueError as error:
            flaws.append(Flaw(place, f"{error}; {FORMS}", at_key=True))
            continue
        if isinstance(asked, Mapping) and "weight" in asked:
            text = "what comes in turn has no weight of its own; make it a prompt of a list"
            flaws.append(Flaw((*place, "weight"), text, at_key=True))
        elif isinstance(asked, (str, Mapping)):
            plain = {"text": asked} if isinstance(asked, str) else asked
            turns.append((key, time, _checked(Asked, {**language, **plain}, place, flaws)))
        else:
            flaws.append(Flaw(place, f"expected a text or {{image: FILE}}, got {show(asked)}"))
    good = tuple((time, asked) for _, time, asked in turns if asked is not None)
    keys = tuple(key for key, _, asked in turns if asked is not None)
    if not good:
        flaws += [] if len(flaws) > before else [Flaw(path, f"no prompt here; {FORMS}")]
        return None
    fade = {"fade": value["fade"]} if "fade" in value else {}
    return _checked(PromptTrack, {"turns": good, "keys": keys, **fade}, path, flaws)


def _checked(model: type[Kind], plain: Mapping[Any, Any], path: tuple[Any, ...], flaws: list[Flaw]) -> Kind | None:
    try:
        return model.model_validate(plain)
    except ValidationError as error:
        flaws += explain(error, model, path)
        return None
