"""`--set key.key=value`: changes to a scene's plain values before they are checked."""

from dataclasses import dataclass
from typing import Any

from animator.errors import Problem, SceneError
from animator.scene import output
from animator.scene.yaml_reader import compose

WITH_A_TYPE = {"generator": "siren", "motion": "affine"}  # sections that may be left out or be one word: their default


@dataclass(frozen=True)
class Override:
    """One of them: the path of what it changes, and how it was written."""

    path: tuple[Any, ...]
    written: str

    def __str__(self) -> str:
        return f"--set {self.written}"


def parse(written: str) -> tuple[Override, Any]:
    """An override and its value, which is YAML. Raises: SceneError."""
    key, equals, text = written.partition("=")
    if not equals or not key.strip():
        raise SceneError([Problem(f"--set {written}", 0, 0, "write key.key=value, e.g. generator.layers=6")])
    path = tuple(int(part) if part.isascii() and part.isdigit() else part for part in key.strip().split("."))
    return Override(path, written), compose(text, f"--set {written}").plain


def apply(plain: Any, written: tuple[str, ...]) -> tuple[Any, tuple[Override, ...]]:
    """A scene's plain values with the changes, and what was changed. Raises: SceneError."""
    plain, made = _unshared(plain), []
    for one in written:
        override, value = parse(one)
        *above, last = override.path
        target = plain
        try:
            for part in above:
                if isinstance(target, dict) and isinstance(target.get(part), (str, bool, type(None))):
                    target[part] = _opened(part, target.get(part))
                target = target[part]
            if isinstance(target, list):
                target[last]  # lists are changed, not grown
            if override.path == ("output", "codec"):
                _keep_own(target)
            target[last] = value
        except (KeyError, IndexError, TypeError, ValueError) as error:
            raise SceneError([Problem(str(override), 0, 0, "the scene has no such place")]) from error
        made.append(override)
    return plain, tuple(made)


def _keep_own(written: dict[str, Any]) -> None:
    """Options of the codec that was chosen before do not belong to another one."""
    for name in [name for name in written if name not in output.OWN]:
        del written[name]


def _opened(part: Any, short: str | bool | None) -> dict[str, Any]:
    """What a section that the scene left out, or gave as one word, is as a mapping."""
    if part == "prompts" and short:
        return {"text": short}
    if part == "timelapse":
        return {"of": short} if isinstance(short, str) else {}
    kind = short or WITH_A_TYPE.get(part)
    return {"type": kind} if kind else {}


def _unshared(value: Any) -> Any:
    """A copy in which an alias is a value of its own: a change of one place changes no other."""
    if isinstance(value, dict):
        return {key: _unshared(item) for key, item in value.items()}
    return [_unshared(item) for item in value] if isinstance(value, list) else value
