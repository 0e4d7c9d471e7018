"""A scene file -> a Document: read once, checked as a whole, and resolved down to its frames."""

import dataclasses
import stat
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from animator.errors import MovieError, Problem, SceneError
from animator.models.store import Model
from animator.scene import choices, needs, output, overrides, prompts, timelapse, timeline, warnings
from animator.scene.audio import Audio
from animator.scene.clock import Clock, hear
from animator.scene.frame_spec import FrameSpec
from animator.scene.music import SILENT, Music, MusicError
from animator.scene.overrides import Override
from animator.scene.problems import Flaw, FlawsError, explain
from animator.scene.scene import MOST_FRAMES, Scene
from animator.scene.timelapse import Lapse
from animator.scene.times import LONGEST as LONGEST_TIME
from animator.scene.times import Time
from animator.scene.warnings import SceneWarning
from animator.scene.yaml_reader import LARGEST, Node, compose, place_of, sentence_of

STAND_INS = {"name": "film", "duration": "1s", "prompts": (prompts.Prompt(text="anything"),)}


def _quiet(path: Path) -> None:
    """What nobody is told."""


@dataclass(frozen=True)
class Document:
    """A scene that was read and resolved: all of it is known to be good, but models may still have to be fetched."""

    path: Path
    text: str
    scene: Scene
    music: Music
    frames: Sequence[FrameSpec]
    encoders: Mapping[str, Model]  # by the names that the scene uses
    denoisers: Mapping[str, Model]  # likewise
    models: tuple[Model, ...]  # all that it needs, each once
    warnings: tuple[SceneWarning, ...]
    lapse: Lapse | None = None  # of which frames the making is shown, and how
    changes: tuple[str, ...] = ()  # that were made to the text, as `--set` takes them


def read(path: str | Path, changes: tuple[str, ...] = (), listening: Callable[[Path], None] = _quiet) -> Document:
    """Read, check and resolve a scene. `changes` are `generator.layers=6` and the like, made before the checks.
    `listening` is told of a song before a search in it that takes long.

    Raises: SceneError with every problem found.
    """
    path = Path(path)
    text = _text(path)
    root = compose(text, str(path))
    made: tuple[Override, ...] = ()
    try:
        plain, made = overrides.apply(root.plain, changes)
        return dataclasses.replace(resolve(plain, path.stem, path, text, listening), changes=changes)
    except FlawsError as error:
        problems = [_problem(path, root, made, flaw) for flaw in error.flaws]
        raise SceneError(list(dict.fromkeys(problems))) from error


def _text(path: Path) -> str:
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise SceneError([Problem(str(path), 0, 0, "cannot be read: not a file")])
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except (OSError, ValueError) as error:  # the latter for a name with a zero byte
        reason = error.strerror if isinstance(error, OSError) else error
        raise SceneError([Problem(str(path), 0, 0, f"cannot be read: {reason}")]) from error
    if len(content) > LARGEST:
        raise SceneError([Problem(str(path), 0, 0, f"too large: at most {LARGEST} bytes")])
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        before = content[: error.start]
        line, column = before.count(b"\n") + 1, len(before.rpartition(b"\n")[2].decode("utf-8")) + 1
        raise SceneError([Problem(str(path), line, column, f"not UTF-8 text: {error.reason}")]) from error


def _problem(path: Path, root: Node, made: tuple[Override, ...], flaw: Flaw) -> Problem:
    """A flaw with its place: in the file, or in the change that brought it."""
    unlisted = tuple(part for part in flaw.path if not isinstance(part, int))  # the path, where one prompt is no list
    for override in reversed(made):
        if override.path in (flaw.path[: len(override.path)], unlisted[: len(override.path)]):
            return Problem(str(override), 0, 0, sentence_of(root, flaw))
    return Problem(str(path), *place_of(root, flaw), sentence_of(root, flaw))


def resolve(
    plain: Any, name: str, path: Path = Path(), text: str = "", listening: Callable[[Path], None] = _quiet
) -> Document:
    """A scene's plain values as a Document. `name` is the film's, where the scene does not give one.

    Raises: FlawsError with the flaws of every stage that could run.
    """
    if not isinstance(plain, dict):
        raise FlawsError([Flaw((), "expected a scene: keys such as duration and prompts")])
    flaws: list[Flaw] = []
    scene, whole, music = *_scene({"name": name, **plain}, flaws), SILENT
    frames: Sequence[FrameSpec] = ()
    encoders: dict[str, Model] = {}
    denoisers: dict[str, Model] = {}
    lapse: Lapse | None = None
    if scene is not None:
        encoders = needs.encoders(scene, flaws)
        denoisers = needs.denoisers(scene, encoders, flaws)
        flaws += needs.flaws(scene, encoders)
        try:
            music = hear(scene.audio, float(scene.fps), listening, flaws)
            music.demand()
            if whole:
                scene = _settled(scene, music, flaws)
                frames = timeline.frames(scene, music)
                lapse = _lapse(scene, frames, music, flaws)
            elif scene.audio != Audio() or "audio" not in plain:  # a stand-in for it knows nothing of the song
                flaws += timeline.unbound(_settled(scene, music, flaws), music)
        except FlawsError as error:
            flaws += error.flaws
        except MusicError as error:
            flaws.append(Flaw(("audio", error.option), str(error)))
        except MovieError as error:  # there is no ffmpeg that could read a song
            flaws.append(Flaw(("audio", "file"), str(error)))
    if flaws or scene is None:
        listed = isinstance(plain.get("prompts"), list)
        raise FlawsError(flaws if listed else map(_without_place, flaws))
    models = needs.models(scene, encoders, denoisers)
    unseen = warnings.unseen(frames) if isinstance(frames, timeline.Timeline) else ()
    told = (*warnings.of(scene, encoders), *unseen)
    return Document(path, text, scene, music, frames, encoders, denoisers, models, told, lapse)


def _lapse(scene: Scene, frames: Sequence[FrameSpec], music: Music, flaws: list[Flaw]) -> Lapse | None:
    if scene.timelapse is None:
        return None
    fps, count = float(scene.fps), scene.frame_count
    return timelapse.resolve(scene.timelapse, scene.fps, frames, Clock(fps, count / fps, count, music), flaws)


def _without_place(flaw: Flaw) -> Flaw:
    """A flaw of a scene's only prompt, which is not written as a list."""
    if flaw.path[:2] == ("prompts", 0):
        return dataclasses.replace(flaw, path=("prompts", *flaw.path[2:]))
    return flaw


def _scene(plain: dict[Any, Any], flaws: list[Flaw]) -> tuple[Scene | None, bool]:
    """The scene, if there is one, and whether it is whole; what is wrong is added to `flaws`.

    What has a grammar of its own is read first. Where something fails a stand-in takes its place, so that the rest is
    checked all the same.
    """
    plain = dict(plain)
    painters = choices.generators(plain.get("generator", "siren"), ("generator",), flaws)
    plain["generator"] = painters or choices.generators("siren", (), [])
    plain["losses"] = choices.losses(plain.get("losses", {}), ("losses",), flaws)
    plain["motion"] = choices.motion(plain.get("motion", {}), ("motion",), flaws)
    plain["output"] = output.read(plain.get("output", {}), ("output",), flaws)
    if "prompts" in plain:
        plain["prompts"] = prompts.read(plain["prompts"], ("prompts",), flaws) or prompts.read("anything", (), [])
    try:
        return Scene.model_validate(plain), True
    except ValidationError as error:
        found = explain(error, Scene)
        flaws += found
        wrong = {str(flaw.path[0]) for flaw in found if flaw.path}
    try:
        right = {key: value for key, value in plain.items() if str(key) not in wrong}
        return Scene.model_validate({**STAND_INS, **right}), False
    except ValidationError:
        return None, False


def _settled(scene: Scene, music: Music, flaws: list[Flaw]) -> Scene:
    """A scene whose length is in seconds or frames; what is wrong with that is added to `flaws`."""
    fps, duration = float(scene.fps), scene.duration
    if duration is None and music.song is None:
        flaws.append(Flaw((), '"duration" is missing'))
        duration = Time(1.0)
    elif duration is None:
        duration = Time(min(music.length - music.audio.start.seconds(fps), LONGEST_TIME))
    elif duration.musical:
        heard = Clock(fps, 0.0, 0, dataclasses.replace(music, begin=music.audio.start.seconds(fps)))
        try:
            duration = Time(heard.point(duration) if duration.moment else heard.length(duration))
        except ValueError as error:
            flaws.append(Flaw(("duration",), str(error)))
            duration = Time(1.0)
    settled = scene.model_copy(update={"duration": duration, "audio": music.audio})
    if not 1 <= settled.frame_count <= MOST_FRAMES:
        flaws.append(Flaw(("duration",), f"{settled.frame_count} frames; a scene has 1 to {MOST_FRAMES}"))
        return settled.model_copy(update={"duration": Time(1.0, "f")})
    return settled
