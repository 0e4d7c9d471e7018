"""What a film is to show: texts and pictures that pull or push, all the time or one after another.

Prompts take turns at times that are written, at times by rule (`every: 4bar`), or as the words of a song are sung.
"""

from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

from pydantic import Field, StringConstraints, ValidationError, model_validator

from animator.errors import unknown
from animator.scene.clock import Rule
from animator.scene.curves import AnyCurve, constant
from animator.scene.fields import AnyTime, Record
from animator.scene.problems import Flaw, explain, invalid, show
from animator.scene.times import Time, parse_time

Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)]
LANGUAGE = r"[a-z]{2,3}(-[a-z]{2,4})?"
MOST = 1000  # prompts of a scene
OF_ALL = ("lang", "cut", "dissolve")  # what a track may say for all that take turns in it
FORMS = "a prompt is a text, {text, weight}, {image: FILE}, a map from times to texts, {every, texts}, or {from: WORDS}"


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


class Turn(Asked):
    """One of the things that take turns."""

    cut: bool = Field(
        default=False,
        strict=True,
        description="whether it begins with a hard cut: picture and camera start anew, as the first frame does",
    )
    dissolve: AnyTime = Field(
        default=Time(0.0), description="how long the last picture before fades out over one that starts anew"
    )

    @property
    def starts(self) -> bool:
        """Whether picture and camera start anew."""
        return self.cut or self.dissolve != Time(0.0)


class Prompt(Asked):
    """Something that pulls (weight above 0) or pushes (below 0), all the time or along its curve."""

    weight: AnyCurve = Field(default=constant(1.0), description="pull; a negative weight pushes away")


class PromptTrack(Record):
    """Things one after another: each holds from its time on; neighbours cross-fade on the sphere of embeddings."""

    asked: tuple[Turn, ...] = Field(description="what to see")
    keys: tuple[tuple[Any, ...], ...] = Field(description="where each is written, which is where mistakes are placed")
    times: tuple[Time, ...] = Field(default=(), description="from when each holds")
    rule: Rule | None = Field(default=None, description="in place of `times`: when the next one comes, in turn")
    fade: AnyTime = Field(default=Time(0.0), description="length of the cross-fade, centred on the change")
    written: bool = Field(default=True, description="whether a person wrote the times, so that mistakes are theirs")


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
        pair = isinstance(value, (list, tuple)) and len(value) == 2
        forms = "what takes turns is one map from times: {0s: the sea, 4s: mountains}" if pair else FORMS
        flaws.append(Flaw(path, f"{forms}; got {show(value)}"))
        return None
    if "every" in value:
        return _by_rule(value, path, flaws)
    if {"text", "image", "weight"} & set(value):
        return _checked(Prompt, value, path, flaws)
    if "from" in value:
        from animator.scene import words  # only a scene with words waits for what reads them

        return words.read(value, path, flaws)
    return _track(value, path, flaws)


def _track(value: Mapping[Any, Any], path: tuple[Any, ...], flaws: list[Flaw]) -> PromptTrack | None:
    """`{0s: the sea, 4s: mountains, fade: 1s}`."""
    turns: list[tuple[Any, Time, Turn | None]] = []
    before = len(flaws)
    for key, asked in value.items():
        if key in ("fade", *OF_ALL):
            continue
        try:
            time = parse_time(key)
        except ValueError as error:
            flaws.append(Flaw((*path, key), f"{error}; {FORMS}", at_key=True))
            continue
        turns.append((key, time, _asked(asked, value, (*path, key), flaws)))
    if len(flaws) > before or not turns:
        flaws += [] if len(flaws) > before else [Flaw(path, f"no prompt here; {FORMS}")]
        return None
    plain = {
        "asked": tuple(asked for *_, asked in turns),
        "keys": tuple((key,) for key, *_ in turns),
        "times": tuple(time for _, time, _ in turns),
    }
    return _checked(PromptTrack, {**plain, **_fade(value)}, path, flaws)


def _by_rule(value: Mapping[Any, Any], path: tuple[Any, ...], flaws: list[Flaw]) -> PromptTrack | None:
    """`{every: 4bar, texts: [the sea, mountains], fade: 1b}`."""
    before = len(flaws)
    _known(value, ("every", "texts", "fade", *OF_ALL), path, flaws)
    rule = _checked(Rule, value["every"], (*path, "every"), flaws)
    texts = value.get("texts")
    if not isinstance(texts, list) or not texts:
        text = "texts in turn are needed, such as texts: [the sea, mountains]"
        flaws.append(Flaw((*path, "texts") if "texts" in value else path, text))
    if len(flaws) > before or not isinstance(texts, list):
        return None
    asked = tuple(_asked(text, value, (*path, "texts", place), flaws) for place, text in enumerate(texts))
    if len(flaws) > before:
        return None
    keys = tuple(("texts", place) for place in range(len(asked)))
    plain = {"asked": asked, "keys": keys, "rule": rule, "written": False}
    return _checked(PromptTrack, {**plain, **_fade(value)}, path, flaws)


def _known(value: Mapping[Any, Any], known: tuple[str, ...], path: tuple[Any, ...], flaws: list[Flaw]) -> None:
    flaws += [Flaw((*path, key), unknown("option", key, known), at_key=True) for key in value if key not in known]


def _fade(value: Mapping[Any, Any]) -> dict[str, Any]:
    return {"fade": value["fade"]} if "fade" in value else {}


def _asked(asked: Any, track: Mapping[Any, Any], path: tuple[Any, ...], flaws: list[Flaw]) -> Turn | None:
    """One of the things that take turns, with what the track says for all, where it says nothing else."""
    if isinstance(asked, Mapping) and "weight" in asked:
        text = "what comes in turn has no weight of its own; make it a prompt of a list"
        flaws.append(Flaw((*path, "weight"), text, at_key=True))
    elif isinstance(asked, (str, Mapping)):
        of_all = {name: track[name] for name in OF_ALL if name in track}
        plain = {"text": asked} if isinstance(asked, str) else asked
        return _checked(Turn, {**of_all, **plain}, path, flaws)
    else:
        several = "; for several at once, write a list: prompts: [the sea, {text: a red sun, weight: 2}]"
        more = several if isinstance(asked, list) else ""
        flaws.append(Flaw(path, f"expected a text or {{image: FILE}}, got {show(asked)}{more}"))
    return None


def _checked(model: type[Kind], plain: Any, path: tuple[Any, ...], flaws: list[Flaw]) -> Kind | None:
    try:
        return model.model_validate(plain)
    except ValidationError as error:
        flaws += explain(error, model, path)
        return None
