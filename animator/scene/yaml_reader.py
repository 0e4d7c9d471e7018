"""YAML text -> plain values, with the place of every key and value.

PyYAML only splits the text into events here. Values follow YAML 1.2's core rules (so `1e-3` is a number, `010` is ten,
`1:30` and `no` are texts), and duplicate keys, tags, size, depth and aliases are refused or bounded on the way.
The pure Python parser is used because the C one crashes on deep nesting.
"""

import re
from dataclasses import dataclass, field
from typing import Any

import yaml

from animator.errors import Problem, SceneError
from animator.scene.problems import Flaw

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
COMMENT = re.compile(r"(^|[\s,])//\s")  # as JSON's dialects have it
HINTS = {  # by a part of what PyYAML says
    "'@'": 'a text that begins with it stands in quotes, such as "@drop": value',
    "'\\t'": "indent with spaces, and not with tabs",
    "mapping values are not allowed": 'a text with a colon in it stands in quotes, such as "0: (1.04)"',
    "could not find expected ':'": "after a name come a colon and a space, such as fps: 12",
}


class Again(str):
    """A key that may stand several times in one map, as `+2b` does: two bars on, and two bars on from there."""

    __eq__, __hash__ = object.__eq__, object.__hash__


@dataclass
class Node:
    """A value, where it stands, and its parts: for each key or index, the place of the key and the part's own node."""

    plain: Any
    place: Place
    children: dict[Any, tuple[Place, "Node"]] = field(default_factory=dict)
    size: int = 1


def place_of(root: Node, flaw: Flaw) -> Place:
    """Where a flaw lies in a file: at the deepest part of its path that the file has."""
    node, place = root, root.place
    for depth, part in enumerate(flaw.path, 1):
        if part in node.children:
            key_place, node = node.children[part]
            place = key_place if flaw.at_key and depth == len(flaw.path) else node.place
    return place


def sentence_of(root: Node, flaw: Flaw) -> str:
    """`generator.hiden: what is wrong`, without list indices that the file does not show."""
    node, shown = root, []
    for part in flaw.path:
        if part in node.children:
            node = node.children[part][1]
        elif isinstance(part, int):
            continue
        shown.append(str(part))
    return f"{'.'.join(shown)}: {flaw.message}" if shown else flaw.message


def compose(text: str, file: str) -> Node:
    """The text as nodes; `file` is its name in messages. Raises: SceneError at the first thing that is not YAML."""
    try:
        return _Composer(text, file).document()
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        line, column = (mark.line + 1, mark.column + 1) if mark else _place_in(text, getattr(error, "position", None))
        reason = getattr(error, "problem", None) or getattr(error, "reason", None) or str(error).splitlines()[0]
        hint = next((f"; {text}" for part, text in HINTS.items() if part in reason), "")
        if any(COMMENT.search(near) for near in text.splitlines()[max(0, line - 2) : line]):
            hint = "; a comment begins with #, and not with //"
        raise SceneError([Problem(file, line, column, f"not YAML: {reason}{hint}")]) from error


def _place_in(text: str, position: int | None) -> Place:
    """Line and column of a character, such as one that YAML does not allow."""
    if position is None:
        return 0, 0
    before = text[:position]
    return before.count("\n") + 1, len(before.rpartition("\n")[2]) + 1


class _Composer:
    """Builds values from PyYAML's events, one at a time, so that every bound holds before memory is spent."""

    def __init__(self, text: str, file: str) -> None:
        self.events = yaml.parse(text, Loader=yaml.SafeLoader)
        self.file, self.anchors = file, dict[str, Node | None]()
        self.nodes = self.aliases = 0

    def fail(self, event: Any, message: str) -> SceneError:
        mark = event.start_mark
        return SceneError([Problem(self.file, mark.line + 1, mark.column + 1, message)])

    def document(self) -> Node:
        node = None
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent) and node is not None:
                raise self.fail(event, "a second document; a file holds one scene")
            if isinstance(event, yaml.NodeEvent):
                node = self.node(event, 1)
        return node or Node(None, (1, 1))

    def node(self, event: Any, depth: int) -> Node:
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

    def alias(self, event: Any) -> Node:
        node = self.anchors.get(event.anchor)
        self.aliases += 1
        if node is None:
            raise self.fail(event, f"alias of nothing, or of itself: *{event.anchor}")
        if self.aliases > MOST_ALIASES:
            raise self.fail(event, f"more than {MOST_ALIASES} aliases")
        self.count(event, node.size)
        return node

    def content(self, event: Any, depth: int) -> Node:
        place = (event.start_mark.line + 1, event.start_mark.column + 1)
        if isinstance(event, yaml.ScalarEvent):
            plain = _scalar(event.value) if event.style is None else event.value
            return Node(plain, place)
        node = Node([] if isinstance(event, yaml.SequenceStartEvent) else {}, place)
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

    def entry(self, node: Node, key: Node, event: Any, depth: int) -> Node:
        number = isinstance(key.plain, (int, float)) and not isinstance(key.plain, bool) and key.plain == key.plain
        if not (number or isinstance(key.plain, str)):
            raise self.fail(event, "a key must be a text or a number")
        if isinstance(key.plain, str) and key.plain.startswith("+"):
            key.plain = Again(key.plain)
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
