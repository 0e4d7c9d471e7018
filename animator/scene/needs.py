"""What a scene needs besides itself, models and pictures: what is wrong with that, and what is not here. No torch."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from animator.errors import ModelError, Problem, SceneError, command
from animator.models import store, tokens
from animator.models.store import Model
from animator.scene.frame_spec import FrameSpec
from animator.scene.problems import Flaw
from animator.scene.prompts import Asked, Prompt, PromptTrack
from animator.scene.scene import Scene

SHOWN = 40  # letters of a prompt in a message


def encoders(scene: Scene, flaws: list[Flaw]) -> dict[str, Model]:
    """The models of a scene's encoders, by the names that it uses. One that nobody knows, or that does not go with the
    one it is to read texts for, is added to `flaws`."""
    found = {}
    for name, term in scene.guide.encoders.items():
        try:
            found[name] = _paired(name, term.text) if term.text else store.find(name, "clip")
        except ModelError as error:
            path = ("guide", "encoders", name, *(["text"] if term.text else []))
            flaws.append(Flaw(path, str(error).removeprefix(f"{name}: "), at_key=not term.text))
    return found


def _paired(name: str, text: str) -> Model:
    """The model `text` that reads prompts into the space in which the encoder `name` sees pictures."""
    reader = store.find(text, "clip")
    pictures = reader.entry.pictures if reader.entry else ""
    if not pictures:
        raise ModelError(f"{text} has its own eyes: name it as an encoder; `text` is for models that only read")
    if pictures != name:
        raise ModelError(
            f"{text} was trained to read texts into the space where {pictures} sees; what {name} sees lies in another, "
            f"so nothing would match. Write {pictures}: {{text: {text}}}, or {text}: 1, which is the same"
        )
    return reader


def denoisers(scene: Scene, encoders: Mapping[str, Model], flaws: list[Flaw]) -> dict[str, Model]:
    """The models of a scene's denoisers, by the names that it uses. One that nobody knows, or that reads the embeddings
    of an encoder that the scene has not, is added to `flaws`."""
    found = {}
    for name in scene.guide.denoisers:
        path = ("guide", "denoisers", name)
        try:
            model = store.find_denoiser(name)
            _ = model.companions  # a transformer may draw codes of a VQGAN that nobody knows
            reads = model.metadata.get("clip", "") if model.variant != "diffusers" else None
        except ModelError as error:
            flaws.append(Flaw(path, str(error).removeprefix(f"{name}: "), at_key=True))
            continue
        if reads is None or reads in encoders:  # None: it reads texts itself
            found[name] = model
        else:
            text = f"reads texts as {reads or 'nobody knows which encoder'} does; add that to guide.encoders"
            flaws.append(Flaw(path, text, at_key=True))
    return found


def models(scene: Scene, encoders: Mapping[str, Model], denoisers: Mapping[str, Model]) -> tuple[Model, ...]:
    """Every model that a scene needs, once."""
    found = [*encoders.values(), *denoisers.values()]
    for painter in scene.generator:
        found += getattr(painter.config, "models", ())
    found += [companion for model in found for companion in model.companions]
    return tuple({model.path: model for model in found}.values())


def demand(name: str, models: Iterable[Model]) -> None:
    """Raises: ModelError with every model of a film that is not here, its size, and the command that gets them all."""
    missing = [model for model in models if not model.here]
    if not missing:
        return
    listed = ", ".join(model.name_and_size for model in missing)
    names = " ".join(model.name for model in missing)
    raise ModelError(f"{name}: not here: {listed}; get them with: {command(f'models fetch {names}')}")


def demand_deterministic(path: Path, scene: Scene, frames: Iterable[FrameSpec]) -> None:
    """Raises: SceneError for what CUDA has no deterministic way of computing."""
    wrong = [painter.config for painter in scene.generator if getattr(painter.config, "varies_on_cuda", False)]
    found = []
    if wrong:
        found.append("generator: a transformer with top_p below 1 cannot be deterministic; set start.top_p to 1")
    if any(spec.cutouts.perspective for spec in frames):
        found.append("guide.cutouts.perspective: it cannot be deterministic; set it to 0")
    if found:
        raise SceneError([Problem(str(path), 0, 0, f"{text}, or leave out --deterministic") for text in found])


def images(scene: Scene) -> list[Path]:
    """The pictures among its prompts."""
    return list(dict.fromkeys(Path(asked.image) for prompt in scene.prompts for asked in things(prompt) if asked.image))


def things(prompt: Prompt | PromptTrack) -> list[Asked]:
    """All that a prompt asks for, in order."""
    return list(prompt.asked) if isinstance(prompt, PromptTrack) else [prompt]


def flaws(scene: Scene, encoders: Mapping[str, Model]) -> list[Flaw]:
    """Prompts that no encoder of the scene can take."""
    found: list[Flaw] = []
    for place, prompt in enumerate(scene.prompts):
        keys = prompt.keys if isinstance(prompt, PromptTrack) else ((),)
        for key, asked in zip(keys, things(prompt), strict=True):
            path = ("prompts", place, *key, "image" if asked.image else "text")
            found += [Flaw(path, text) for text in _unreadable(asked, encoders)]
    return found


def _unreadable(asked: Asked, encoders: Mapping[str, Model]) -> list[str]:
    if asked.image:
        from animator.media import pictures  # only a scene with pictures waits for what reads them

        problem = pictures.problem(Path(asked.image))
        return [problem] if problem else []
    readers = {name: model for name, model in encoders.items() if model.reads(asked.lang)}
    if encoders and not readers:
        return [
            f"no encoder of this scene reads {asked.lang!r} ({', '.join(encoders)}); "
            "add one that does, e.g. guide: {encoders: {multilingual: 1}}"
        ]
    found = []
    for name, model in readers.items():
        counted = tokens.excess(model, asked.text)
        if counted:
            short = asked.text if len(asked.text) <= SHOWN else f"{asked.text[:SHOWN]}..."
            found.append(f"too long for {name}: {counted[0]} tokens, it reads at most {counted[1]}: {short!r}")
    return found
