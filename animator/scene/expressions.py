"""Arithmetic in a scene file, e.g. "1 + 0.2*sin(2*pi*t)": floats, a fixed list of names and functions, nothing else.

Built on simpleeval with its operators replaced: everything is a float from the first constant on, so no integer or
string can grow without bound (simpleeval's own power and multiplication work on big integers).
"""

import ast
import math
import operator
from collections.abc import Callable, Mapping

from simpleeval import InvalidExpression, SimpleEval

from animator.errors import first_line

LONGEST = 500  # characters

NAMES = {
    "t": "seconds since the film's start",
    "f": "frame number",
    "fps": "frames per second",
    "duration": "length of the film in seconds",
    "frames": "number of frames",
}
CONSTANTS = {"pi": math.pi, "e": math.e, "tau": math.tau}


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
}

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


class Expression:
    """A parsed expression; calling it with a value for each name of `names` gives a finite float."""

    def __init__(self, text: str, names: Mapping[str, str] = NAMES) -> None:
        """Raises: ValueError when the text is not such an expression."""
        if len(text) > LONGEST:
            raise ValueError(f"expression too long: {len(text)} characters, at most {LONGEST}")
        operators = {kind: _on_floats(function) for kind, function in _ARITHMETIC.items()}
        operators |= {ast.USub: _on_floats(operator.neg), ast.UAdd: _on_floats(operator.pos)}
        operators[ast.Not] = _on_floats(operator.not_)
        functions = {name: _on_floats(function) for name, function in FUNCTIONS.items()}
        self.text = text
        self._evaluator = SimpleEval(operators=operators, functions=functions)
        try:
            self._parsed = ast.parse(text.strip(), mode="eval").body
        except (InvalidExpression, SyntaxError, ValueError, RecursionError, MemoryError) as error:
            raise ValueError(f"not an expression: {text!r} ({first_line(error)})") from error
        known = {*names, *CONSTANTS, *FUNCTIONS}
        for node in ast.walk(self._parsed):
            if not isinstance(node, _ALLOWED) or (isinstance(node, ast.Call) and node.keywords):
                raise ValueError(f"not an expression: {text!r} ({type(node).__name__} is not arithmetic)")
            if isinstance(node, ast.Constant) and not isinstance(node.value, (int, float)):
                raise ValueError(f"not an expression: {text!r} ({node.value!r} is not a number)")
            if isinstance(node, ast.Name) and node.id not in known:
                raise ValueError(
                    f"unknown name {node.id!r} in {text!r}; "
                    f"names: {', '.join([*names, *CONSTANTS])}; functions: {', '.join(FUNCTIONS)}"
                )

    def __call__(self, **values: float) -> float:
        """Raises: ValueError when the value is not a finite number."""
        self._evaluator.names = {**CONSTANTS, **values}
        try:
            value = float(self._evaluator.eval(self.text, previously_parsed=self._parsed))
        except (InvalidExpression, ArithmeticError, ValueError, TypeError, RecursionError) as error:
            raise ValueError(f"{self.text!r} has no value: {first_line(error)}") from error
        if not math.isfinite(value):
            raise ValueError(f"{self.text!r} is {value}")
        return value
