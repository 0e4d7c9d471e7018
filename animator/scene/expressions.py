"""Expressions of a scene file, e.g. "1 + 0.2*sin(2*pi*t)" or "1 + pulse(kick, 0.3)".

Names stand for what changes over time, and shapes look at a part of an expression at other times than the one that is
asked for. So an expression is bound to a film's clock, which knows both, and is then a function of seconds. Lengths may
have units, as in `hold(bass, 1b)`.
"""

import ast
import dataclasses
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from animator.scene import arithmetic, shapes
from animator.scene.arithmetic import CONSTANTS, FUNCTIONS
from animator.scene.clock import LENGTH_NAMES, Clock, Rule
from animator.scene.shapes import Function
from animator.scene.times import Time

LONGEST = 500  # characters
SHAPES = {  # by name: the numbers that they take, after what they are of
    "pulse": "length",
    "env": "attack, release",
    "smooth": "seconds",
    "slide": "up, down",
    "hold": "length",
    "ahead": "seconds",
}
MEANINGS = {
    "pulse": "1 (or how strong it is) when `x` happens, falling to 0 in `length` seconds; `x` is a name such as `kick`",
    "env": "`x`, rising as fast as `attack` and falling as slowly as `release`, in seconds",
    "smooth": "the mean of `x` over so many seconds, half of them before and half after",
    "slide": "`x`, by at most `up` a second upwards and `down` a second downwards",
    "hold": "`x` as it was when the last stretch of `length` began: `1b`, `2bar`, `0.5s`, or a name such as `kick`",
    "ahead": "`x` so many seconds later",
}
PULSE = 0.3  # seconds, where a pulse does not say
UNITS = {"s": "1.0", "ms": "0.001", "f": "1/fps", "b": "beat_length", "bar": "bar_length", "bars": "bar_length"}
_WITH_UNIT = re.compile(r"(?<![\w.])(\d+(?:\.\d*)?|\.\d+)(ms|s|f|bars?|b)\b", re.ASCII)
_CALLED = (*FUNCTIONS, *SHAPES)


class Expression:
    """A parsed expression: `names` are what it asks for, and `shapes` what stands for a part of it."""

    def __init__(self, text: str, known: Collection[str] | None = None) -> None:
        """`known` are the names that it may have, and then it has no shapes; without, `bind` says who knows them.

        Raises: ValueError when the text is not such an expression.
        """
        if len(text) > LONGEST:
            raise ValueError(f"expression too long: {len(text)} characters, at most {LONGEST}")
        self.text = text
        self._take(arithmetic.parse(_WITH_UNIT.sub(_seconds, text.strip()), text, _CALLED))
        if known is not None and (self.shapes or not self.names <= set(known)):
            unknown = next(iter(sorted(self.names - set(known))), "a shape")
            raise ValueError(f"unknown name {unknown!r} in {text!r}; names: {', '.join([*known, *CONSTANTS])}")

    @classmethod
    def _of(cls, node: ast.expr, text: str) -> "Expression":
        """A part of an expression, as one of its own."""
        made = cls.__new__(cls)
        made.text = text
        made._take(node)
        return made

    def _take(self, node: ast.expr) -> None:
        """Its tree, with a name in the place of each shape."""
        self.shapes: dict[str, Shape] = {}
        self.node = _Shapes(self).visit(node)
        self.names = arithmetic.names_of(self.node) - set(self.shapes)

    def function(self, names: Mapping[str, Function]) -> Function:
        """The expression as a function of seconds, with one for each name. It raises a ValueError where it has no value
        that is a finite number."""
        return arithmetic.function_of(self.node, names, self.text)

    def bind(self, clock: Clock) -> Function:
        """The expression as a function of a film's seconds, as `function` makes it.

        Raises: ValueError for names that nobody knows, and shapes of what they cannot be of.
        """
        names = {name: clock.function(name) for name in sorted(self.names)}
        return self.function({**names, **{name: shape.bind(clock) for name, shape in self.shapes.items()}})


@dataclass(frozen=True)
class Shape:
    """A shape of a part of an expression, such as `env(bass, 0.02, 0.3)`, and its numbers."""

    name: str
    part: Expression
    numbers: tuple[Expression, ...]

    def bind(self, clock: Clock) -> Function:
        """The shape as a function of the film's seconds. Raises: ValueError."""
        if self.name == "hold":
            longer = dataclasses.replace(clock, duration=clock.duration + shapes.BEYOND)
            return shapes.hold(self.part.bind(clock), shapes.stretches(longer.times(self._rule(clock))))
        lengths = [number.bind(clock)(0.0) for number in self.numbers]
        if self.name == "ahead":
            return shapes.ahead(self.part.bind(clock), lengths[0])
        if min(lengths) <= 0:
            raise ValueError(f"{self.name} needs {SHAPES[self.name]} above 0, got {min(lengths):g}")
        match self.name:
            case "pulse":
                return shapes.pulse(self._hits(clock), lengths[0])
            case "env":
                return shapes.env(self.part.bind(clock), clock.duration, *lengths)
            case "slide":
                return shapes.slide(self.part.bind(clock), clock.duration, *lengths)
        return shapes.smooth(self.part.bind(clock), clock.duration, lengths[0])

    def _hits(self, clock: Clock) -> shapes.Hits:
        if not isinstance(self.part.node, ast.Name):
            raise ValueError("pulse is of something that happens: beat, bar, onset, kick, a note or a marker")
        return clock.music.film_hits(self.part.node.id, clock.duration + shapes.BEYOND)

    def _rule(self, clock: Clock) -> Rule:
        """When `hold` looks anew: at each hit of a name, or every so many beats, bars or seconds."""
        node = self.numbers[0].node
        match node:
            case ast.Name(id=name) if name not in LENGTH_NAMES:
                return Rule(onset=name)
            case ast.BinOp(left=ast.Constant(value=int() | float() as amount), right=ast.Name(id=name)) if (
                name in LENGTH_NAMES
            ):
                return Rule(length=Time(float(amount), LENGTH_NAMES[name]))
        seconds = self.numbers[0].bind(clock)(0.0)
        if seconds <= 0:
            raise ValueError(f"hold needs a length above 0, got {seconds:g}")
        return Rule(length=Time(seconds))


class _Shapes(ast.NodeTransformer):
    """Puts a name in the place of each shape of an expression, and the shape beside it."""

    def __init__(self, whole: Expression) -> None:
        self.whole = whole

    def visit_Call(self, node: ast.Call) -> ast.expr:
        assert isinstance(node.func, ast.Name)
        name = node.func.id
        if name not in SHAPES:
            self.generic_visit(node)
            return node
        wanted = SHAPES[name].split(", ")
        given = [*node.args, *([ast.Constant(PULSE)] if name == "pulse" and len(node.args) == 1 else [])]
        if len(given) != 1 + len(wanted):
            raise ValueError(f"{name} in {self.whole.text!r}: write {name}(x, {SHAPES[name]})")
        of, *numbers = (Expression._of(part, ast.unparse(part)) for part in given)
        key = f"{name} {len(self.whole.shapes) + 1}"
        self.whole.shapes[key] = Shape(name, of, tuple(numbers))
        return ast.Name(key, ast.Load())


def _seconds(match: "re.Match[str]") -> str:
    """`0.5b` as arithmetic."""
    return f"({match[1]}*{UNITS[match[2]]})"
