"""YAML text -> Scene, with every error as file:line:column.

PyYAML only splits the text into events here. Values follow YAML 1.2's core rules (so `1e-3` is a number, `010` is ten,
`1:30` and `no` are texts), and duplicate keys, tags, size, depth and aliases are refused or bounded on the way.
The pure Python parser is used because the C one crashes on deep nesting.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from animator import needs, timeline, variants
from animator.curves import CurveError, parse_curve
from animator.errors import Problem, SceneError
from animator.problems import Flaw, FlawsError, explain, unknown
from animator.scene import Scene, Variant, generator_turns

LARGEST = 1 << 20  # bytes
DEEPEST = 64  # levels
MOST_NODES = 20_000  # after aliases are expanded
MOST_ALIASES = 64

_CORE = (
    (re.compile(r"(?:null|Null|NULL|~|)"), lambda text: None),
    (re.compile(r"(?:true|True|TRUE)"), lambda text: True),
    (re.compile(r"(?:false|False|FALSE)"), lambda text: False),
    (re.compile(r"[-+]?[0-9]+"), int),
    (re.compile(r"0o[0-7]+"), lambda text: int(text[2:], 8)),
    (re.compile(r"0x[0-9a-fA-F]+"), lambda text: int(text[2:], 16)),
    (re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"), float),
    (re.compile(r"[-+]?\.(?:inf|Inf|INF)"), lambda text: float(text.replace(".", ""))),
    (re.compile(r"\.(?:nan|NaN|NAN)"), lambda text: float("nan")),
)
Place = tuple[int, int]  # line and column, from 1


@dataclass
class _Node:
    """A value with the places of its parts: `key` where an entry's key stands, `value` where its value does."""

    plain: Any
    place: Place
    children: dict[Any, tuple[Place, "_Node"]] = field(default_factory=dict)
    size: int = 1


@dataclass(frozen=True)
class Document:
    """A scene that was read and resolved: all of it is known to be good."""

    path: Path
    text: str
    scene: Scene
    frames: tuple[timeline.FrameSpec, ...]


def read(path: Path, overrides: tuple[str, ...] = ()) -> Document:
    """Read, check and resolve a scene. `overrides` are `generator.layers=6`, applied before the checks.

    Raises: SceneError with every problem found.
    """
    try:
        if path.stat().st_size > LARGEST:
            raise SceneError([Problem(str(path), 0, 0, f"too large: at most {LARGEST} bytes")])
        text = path.read_bytes().decode("utf-8")
    except OSError as error:
        raise SceneError([Problem(str(path), 0, 0, f"cannot be read: {error.strerror}")]) from error
    except UnicodeDecodeError as error:
        raise SceneError([Problem(str(path), 0, 0, f"not UTF-8 text: {error.reason}")]) from error
    root = _compose(text, str(path))
    try:
        plain = _with_overrides(root.plain, overrides)
        scene, frames = resolve(plain, path.stem)
        return Document(path, text, scene, frames)
    except FlawsError as error:
        problems = [Problem(str(path), *_place(root, flaw), _sentence(root, flaw)) for flaw in error.flaws]
        raise SceneError(list(dict.fromkeys(problems))) from error


def resolve(plain: Any, name: str) -> tuple[Scene, tuple[timeline.FrameSpec, ...]]:
    """A scene and its frames from plain values. Raises: FlawsError with the flaws of every stage that could run."""
    if not isinstance(plain, dict):
        raise FlawsError([Flaw((), "expected a scene: keys such as duration and prompts")])
    flaws: list[Flaw] = []
    scene, frames = None, list[timeline.FrameSpec]()
    plain = {"name": name, **plain}
    if isinstance(plain.get("motion"), dict):
        plain["motion"] = _motion(plain["motion"], flaws)
    try:
        scene = Scene(**{str(key): value for key, value in plain.items()})
    except ValidationError as error:
        flaws += explain(error, Scene)
    flaws += _variant_flaws(plain)
    if scene is not None:
        flaws += needs.flaws(scene)
        try:
            frames = timeline.frames(scene)
        except FlawsError as error:
            flaws += error.flaws
    if flaws or scene is None:
        raise FlawsError(flaws)
    return scene, tuple(frames)


def _motion(options: dict[Any, Any], flaws: list[Flaw]) -> dict[Any, Any]:
    """A motion's options are curves; which there are, its Config says."""
    kind = options.get("type", Scene.model_fields["motion"].default.type)
    known = variants.config_class("motions", kind).model_fields if kind in variants.names("motions") else None
    read: dict[Any, Any] = {"type": kind}
    for key, value in options.items():
        if key == "type":
            continue
        if known is not None and key not in known:
            flaws.append(Flaw(("motion", key), unknown("option", key, known)))
            continue
        try:
            read[key] = parse_curve(value)
        except CurveError as error:
            flaws.append(Flaw(("motion", key, *error.path), str(error)))
    return read


def _variant_flaws(plain: dict[Any, Any]) -> list[Flaw]:
    """Names and options of generators and losses, checked even where something else in the scene is wrong."""
    found: list[Flaw] = []
    turns = generator_turns(plain.get("generator", "siren"))
    for time, generator in turns:
        path = ("generator",) if generator is plain.get("generator", generator) else ("generator", time)
        generator = {"type": generator} if isinstance(generator, str) else generator
        if isinstance(generator, dict) and isinstance(generator.get("type"), str):
            options = {key: value for key, value in generator.items() if key != "type"}
            found += variants.flaws("generators", generator["type"], options, path)
    losses = plain.get("losses")
    for name, term in losses.items() if isinstance(losses, dict) else ():
        if name not in variants.names("losses") or name == "prompt":
            known = [known for known in variants.names("losses") if known != "prompt"]
            found.append(Flaw(("losses", name), unknown("loss", name, known)))
        elif isinstance(term, dict) and "weight" in term:
            options = {key: value for key, value in term.items() if key != "weight"}
            found += variants.flaws("losses", name, options, ("losses", name))
    return found


def _with_overrides(plain: Any, overrides: tuple[str, ...]) -> Any:
    """The scene's plain values after `--set key.key=value`. Raises: FlawsError, SceneError."""
    for override in overrides:
        key, equals, text = override.partition("=")
        if not equals or not key.strip():
            raise FlawsError([Flaw((), f"--set {override}: write key.key=value, e.g. generator.layers=6")])
        value = _compose(text, f"--set {override}").plain
        *above, last = (int(part) if part.isdigit() else part for part in key.strip().split("."))
        target = plain
        try:
            for part in above:
                if isinstance(target, dict) and isinstance(target.get(part), (str, type(None))):
                    target[part] = _opened(str(part), target.get(part))
                target = target[part]
            if isinstance(target, list):
                target[int(last)]  # lists are changed, not grown
            target[last] = value
        except (KeyError, IndexError, TypeError, ValueError) as error:
            raise FlawsError([Flaw((), f"--set {override}: the scene has no such place")]) from error
    return plain


def _opened(part: str, short: str | None) -> dict[str, Any]:
    """What a section that the scene left out, or gave as one word, is as a mapping."""
    default = Scene.model_fields[part].default if part in Scene.model_fields else None
    default = default[0][1] if isinstance(default, tuple) else default
    kind = short or (default.type if isinstance(default, Variant) else None)
    return {"type": kind} if kind else {}


def _sentence(root: _Node, flaw: Flaw) -> str:
    """`generator.hiden: what is wrong`, without list indices that the file does not show."""
    node, shown = root, []
    for part in flaw.path:
        if part in node.children:
            node = node.children[part][1]
        elif isinstance(part, int):
            continue
        shown.append(str(part))
    return f"{'.'.join(shown)}: {flaw.message}" if shown else flaw.message


def _place(root: _Node, flaw: Flaw) -> Place:
    """Where a flaw lies: at the key that is wrong, else at the value; at the deepest part of its path that exists."""
    node, place = root, root.place
    for part in flaw.path:
        if part in node.children:
            key_place, node = node.children[part]
            is_key = part == flaw.path[-1] and flaw.message.startswith(("unknown option", "unknown loss"))
            place = key_place if is_key else node.place
    return place


def _compose(text: str, file: str) -> _Node:
    """The text as nodes. Raises: SceneError at the first thing that is not good YAML."""
    try:
        return _Composer(text, file).document()
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
        reason = getattr(error, "problem", None) or getattr(error, "reason", None) or str(error).splitlines()[0]
        raise SceneError([Problem(file, line, column, f"not YAML: {reason}")]) from error


class _Composer:
    """Builds values from PyYAML's events, one at a time, so that every bound holds before memory is spent."""

    def __init__(self, text: str, file: str) -> None:
        self.events = yaml.parse(text, Loader=yaml.SafeLoader)
        self.file, self.anchors = file, dict[str, _Node | None]()
        self.nodes = self.aliases = 0

    def fail(self, event: Any, message: str) -> SceneError:
        mark = event.start_mark
        return SceneError([Problem(self.file, mark.line + 1, mark.column + 1, message)])

    def document(self) -> _Node:
        node = None
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent) and node is not None:
                raise self.fail(event, "a second document; a file holds one scene")
            if isinstance(event, yaml.NodeEvent):
                node = self.node(event, 1)
        return node or _Node(None, (1, 1))

    def node(self, event: Any, depth: int) -> _Node:
        if depth > DEEPEST:
            raise self.fail(event, f"nested deeper than {DEEPEST} levels")
        if isinstance(event, yaml.AliasEvent):
            return self.alias(event)
        if event.tag is not None and event.tag != "!":
            raise self.fail(event, f"tags are not allowed: {event.tag}")
        if event.anchor:
            self.anchors[event.anchor] = None  # open: an alias to it now would contain itself
        node = self.content(event, depth)
        self.count(event, 1)
        if event.anchor:
            self.anchors[event.anchor] = node
        return node

    def count(self, event: Any, more: int) -> None:
        self.nodes += more
        if self.nodes > MOST_NODES:
            raise self.fail(event, f"more than {MOST_NODES} values")

    def alias(self, event: Any) -> _Node:
        node = self.anchors.get(event.anchor)
        self.aliases += 1
        if node is None:
            raise self.fail(event, f"alias of nothing, or of itself: *{event.anchor}")
        if self.aliases > MOST_ALIASES:
            raise self.fail(event, f"more than {MOST_ALIASES} aliases")
        self.count(event, node.size)
        return node

    def content(self, event: Any, depth: int) -> _Node:
        place = (event.start_mark.line + 1, event.start_mark.column + 1)
        if isinstance(event, yaml.ScalarEvent):
            plain = _scalar(event.value) if event.style is None else event.value
            return _Node(plain, place)
        node = _Node([] if isinstance(event, yaml.SequenceStartEvent) else {}, place)
        while not isinstance(part := next(self.events), yaml.CollectionEndEvent):
            if isinstance(node.plain, list):
                child = self.node(part, depth + 1)
                node.children[len(node.plain)] = (child.place, child)
                node.plain.append(child.plain)
            else:
                key = self.node(part, depth + 1)
                child = self.entry(node, key, part, depth)
                node.plain[key.plain] = child.plain
            node.size += child.size
        return node

    def entry(self, node: _Node, key: _Node, event: Any, depth: int) -> _Node:
        if isinstance(key.plain, (list, dict)):
            raise self.fail(event, "a key must be a text or a number")
        if key.plain in node.children:
            first = node.children[key.plain][0]
            raise self.fail(event, f"duplicate key {key.plain!r}; the first is at line {first[0]}")
        if key.plain == "<<":
            raise self.fail(event, "merge keys are not allowed")
        child = self.node(next(self.events), depth + 1)
        node.children[key.plain] = (key.place, child)
        return child


def _scalar(text: str) -> Any:
    for pattern, convert in _CORE:
        if pattern.fullmatch(text):
            return convert(text[:400])
    return text
