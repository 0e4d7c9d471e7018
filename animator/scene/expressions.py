"""Arithmetic in a scene file, e.g. "1 + 0.2*sin(2*pi*t)": floats, a list of names and functions, nothing else.

Names stand for what changes over time, and shapes such as `pulse(kick, 0.3)` look at a part of an expression at other
times than the one that is asked for. So an expression is bound to a film's clock, which knows both, and is then a
function of seconds. Lengths have units, as in `hold(bass, 1b)`.

Built on simpleeval with its operators replaced: everything is a float from the first constant on, so no integer or
string can grow without bound (simpleeval's own power and multiplication work on big integers).
"""

import ast
import math
import operator
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass

from simpleeval import InvalidExpression, SimpleEval

from animator.errors import first_line
from animator.scene import shapes
from animator.scene.clock import CONSTANTS, LENGTH_NAMES, Clock, Rule
from animator.scene.shapes import Function
from animator.scene.times import Time

LONGEST = 500  # characters


def _clamp(value: float, low: float, high: float) -> float:
    return min(max(value, low), high)


def _smoothstep(low: float, high: float, value: float) -> float:
    share = _clamp((value - low) / (high - low), 0.0, 1.0)
    return share * share * (3 - 2 * share)


def _where(condition: float, yes: float, no: float) -> float:
    return yes if condition else no


FUNCTIONS: dict[str, Callable[..., float]] = {
    "sin": math.sin,
    "cos": math.cos,
    "tan": math.tan,
    "asin": math.asin,
    "acos": math.acos,
    "atan": math.atan,
    "atan2": math.atan2,
    "sqrt": math.sqrt,
    "exp": math.exp,
    "log": math.log,
    "abs": abs,
    "floor": math.floor,
    "ceil": math.ceil,
    "min": min,
    "max": max,
    "pow": math.pow,
    "mod": math.fmod,
    "clamp": _clamp,
    "lerp": lambda a, b, share: a + (b - a) * share,
    "smoothstep": _smoothstep,
    "where": _where,
    "noise": shapes.noise,
}
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

_ARITHMETIC: dict[type[ast.AST], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: math.pow,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}
_ALLOWED = (
    *(ast.Name, ast.Load, ast.Constant, ast.Call, ast.IfExp),
    *(ast.BinOp, ast.UnaryOp, ast.Compare, ast.BoolOp, ast.boolop, ast.USub, ast.UAdd, ast.Not, *_ARITHMETIC),
)


def _on_floats(function: Callable[..., float]) -> Callable[..., float]:
    return lambda *values: float(function(*(float(value) for value in values)))


_FUNCTIONS = {name: _on_floats(function) for name, function in FUNCTIONS.items()}
_OPERATORS = {kind: _on_floats(function) for kind, function in _ARITHMETIC.items()}
_OPERATORS |= {
    ast.USub: _on_floats(operator.neg),
    ast.UAdd: _on_floats(operator.pos),
    ast.Not: _on_floats(operator.not_),
}


class Expression:
    """A parsed expression. Called with a value for each of its `names`, it gives a finite float."""

    def __init__(self, text: str, known: Collection[str] | None = None) -> None:
        """`known` are the names that it may have, and then it has no shapes; without, `bind` says who knows them.

        Raises: ValueError when the text is not such an expression.
        """
        if len(text) > LONGEST:
            raise ValueError(f"expression too long: {len(text)} characters, at most {LONGEST}")
        self.text = text
        try:
            node = ast.parse(_WITH_UNIT.sub(_seconds, text.strip()), mode="eval").body
        except (InvalidExpression, SyntaxError, ValueError, RecursionError, MemoryError) as error:
            raise ValueError(f"not an expression: {text!r} ({first_line(error)})") from error
        for part in ast.walk(node):
            if not isinstance(part, _ALLOWED) or (isinstance(part, ast.Call) and part.keywords):
                raise ValueError(f"not an expression: {text!r} ({type(part).__name__} is not arithmetic)")
            if isinstance(part, ast.Constant) and not isinstance(part.value, (int, float)):
                raise ValueError(f"not an expression: {text!r} ({part.value!r} is not a number)")
            if isinstance(part, ast.Call) and not (isinstance(part.func, ast.Name) and part.func.id in _CALLED):
                raise ValueError(f"unknown function in {text!r}; functions: {', '.join(_CALLED)}")
        self._take(node)
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
        called = {id(part.func) for part in ast.walk(self.node) if isinstance(part, ast.Call)}
        found = {part.id for part in ast.walk(self.node) if isinstance(part, ast.Name) and id(part) not in called}
        self.names = frozenset(found - set(CONSTANTS) - set(self.shapes))
        self._evaluator = SimpleEval(operators=_OPERATORS, functions=_FUNCTIONS)

    def __call__(self, **values: float) -> float:
        """Raises: ValueError when the value is not a finite number."""
        self._evaluator.names = {**CONSTANTS, **values}
        try:
            value = float(self._evaluator.eval(self.text, previously_parsed=self.node))
        except (InvalidExpression, ArithmeticError, ValueError, TypeError, RecursionError) as error:
            raise ValueError(f"{self.text!r} has no value: {first_line(error)}") from error
        if not math.isfinite(value):
            raise ValueError(f"{self.text!r} is {value}")
        return value

    def bind(self, clock: Clock) -> Function:
        """The expression as a function of a film's seconds, which raises a ValueError where it has no value.

        Raises: ValueError for names that nobody knows, and shapes of what they cannot be of.
        """
        functions = {name: clock.function(name) for name in sorted(self.names)}
        functions |= {name: shape.bind(clock) for name, shape in self.shapes.items()}
        if isinstance(self.node, ast.Name) and self.node.id in functions:
            return functions[self.node.id]
        return lambda t: self(**{name: function(t) for name, function in functions.items()})


@dataclass(frozen=True)
class Shape:
    """A shape of a part of an expression, such as `env(bass, 0.02, 0.3)`, and its numbers."""

    name: str
    part: Expression
    numbers: tuple[Expression, ...]

    def bind(self, clock: Clock) -> Function:
        """The shape as a function of the film's seconds. Raises: ValueError."""
        if self.name == "hold":
            return shapes.hold(self.part.bind(clock), shapes.stretches(clock.times(self._rule(clock))))
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
        return clock.music.film_hits(self.part.node.id, clock.duration + 1)

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
