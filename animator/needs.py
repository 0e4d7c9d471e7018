"""What a scene needs besides itself, models and pictures: what is wrong with that, and what is not here. No torch."""

from collections.abc import Iterable
from pathlib import Path

from animator import models, variants
from animator.errors import ModelError
from animator.models import Model, clip_tokens
from animator.problems import Flaw
from animator.prompts import Asked, PromptTrack
from animator.scene import MOST_PIXELS, Scene

SHOWN = 40  # letters of a prompt in a message


def encoders(scene: Scene) -> dict[str, Model]:
    """The models of a scene's encoders by the names that it uses. Raises: ModelError for one that nobody knows."""
    return {name: models.find(term.text or name, "clip") for name, term in scene.guide.encoders.items()}


def of(scene: Scene) -> list[Model]:
    """Every model that a scene needs, once. Raises: ModelError for one that nobody knows."""
    found = list(encoders(scene).values())
    for _, turn in scene.generator:
        config = variants.config_class("generators", turn.type)(**turn.options)
        found += getattr(config, "models", ())
    found += [companion for model in found for companion in model.companions]
    return list({model.path: model for model in found}.values())


def demand(scene: Scene) -> None:
    """Raises: ModelError with every model that is not here, its size, and the command that gets them all."""
    lacking = [model for model in of(scene) if not model.here]
    if not lacking:
        return
    listed = ", ".join(model.sized for model in lacking)
    names = " ".join(model.name for model in lacking)
    raise ModelError(f"{scene.name}: not here: {listed}; get them with: python render.py models fetch {names}")


def images(scene: Scene) -> list[Path]:
    """The pictures among its prompts."""
    asked = (each for prompt in scene.prompts for each in _asked(prompt))
    return list(dict.fromkeys(Path(each.image) for each in asked if each.image))


def flaws(scene: Scene) -> list[Flaw]:
    """Encoders that nobody knows or that do not go together, and prompts that none of them can take."""
    found: list[Flaw] = []
    readers: dict[str, Model] = {}
    for name, term in scene.guide.encoders.items():
        try:
            readers[name] = _paired(name, term.text)
        except ModelError as error:
            found.append(Flaw(("guide", "encoders", name), str(error).removeprefix(f"{name}: ")))
    for place, prompt in enumerate(scene.prompts):
        path = ("prompts", place) if isinstance(prompt, PromptTrack) else ("prompts", place, "text")
        for asked in _asked(prompt):
            found += [Flaw(path, text) for text in _wrong(asked, readers)]
    return found


def _paired(name: str, text: str) -> Model:
    if not text:
        return models.find(name, "clip")
    reader = models.find(text, "clip")
    pictures = reader.entry.pictures if reader.entry else ""
    if not pictures:
        raise ModelError(f"{text} has its own eyes: name it as an encoder; `text` is for models that only read")
    if pictures != name:
        raise ModelError(
            f"{text} was trained to read texts into the space where {pictures} sees; what {name} sees lies in another, "
            f"so nothing would match. Write {pictures}: {{text: {text}}}, or {text}: 1, which is the same"
        )
    return reader


def _asked(prompt: Asked | PromptTrack) -> Iterable[Asked]:
    return [asked for _, asked in prompt.turns] if isinstance(prompt, PromptTrack) else [prompt]


def _wrong(asked: Asked, readers: dict[str, Model]) -> list[str]:
    if asked.image:
        return _no_picture(Path(asked.image))
    reading = {name: model for name, model in readers.items() if model.reads(asked.lang)}
    if readers and not reading:
        return [
            f"no encoder of this scene reads {asked.lang!r} ({', '.join(readers)}); "
            "add one that does, e.g. guide: {encoders: {multilingual: 1}}"
        ]
    found = []
    for name, model in reading.items():
        counted = clip_tokens.length(model, asked.text)
        if counted and counted[0] > counted[1]:
            short = asked.text if len(asked.text) <= SHOWN else f"{asked.text[:SHOWN]}..."
            found.append(f"too long for {name}: {counted[0]} tokens, it reads at most {counted[1]}: {short!r}")
    return found


def _no_picture(path: Path) -> list[str]:
    if not path.is_file():
        return [f"{path}: no such file"]
    from PIL import Image  # not for every check

    try:
        with Image.open(path, formats=("PNG", "JPEG", "WEBP", "BMP", "TIFF")) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                return [f"{path}: {picture.width}x{picture.height} is more than {MOST_PIXELS} pixels"]
            picture.load()  # to its end: half a JPEG looks whole at its beginning
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        return [f"{path}: not a picture that can be read: {error}"]
    return []
