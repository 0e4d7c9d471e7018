"""Arithmetic of floats: a text -> a tree of what is allowed, and a tree -> a function of seconds.

Only a fixed list of operators and functions is known, and everything is a float from the first constant on, so no
number or text can grow without bound, and nothing but arithmetic can be said. A tree is put together from functions
once, because a camera asks for its rates a hundred times in each second of a film.
"""

import ast
import math
import operator
from collections.abc import Callable, Collection, Mapping

from animator.errors import first_line
from animator.scene import shapes
from animator.scene.shapes import Function

IN_QUOTES = 'inside of {...}, an expression with commas stands in quotes, such as {zoom: "1 + pulse(kick, 0.2)"}'
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
    "noise": shapes.noise,
}
BINARY: dict[type[ast.AST], Callable[[float, float], float]] = {
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
UNARY: dict[type[ast.AST], Callable[[float], float]] = {
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
    ast.Not: operator.not_,
}
_ALLOWED = (
    *(ast.Name, ast.Load, ast.Constant, ast.Call, ast.IfExp),
    *(ast.BinOp, ast.UnaryOp, ast.Compare, ast.BoolOp, ast.boolop, *BINARY, *UNARY),
)


def parse(text: str, shown: str, called: Collection[str]) -> ast.expr:
    """A text as a tree, whose names are still to be known. `shown` is what it was for a person, and `called` are the
    functions it may have. Raises: ValueError."""
    try:
        node = ast.parse(text, mode="eval").body
    except SyntaxError as error:
        hint = f"; {IN_QUOTES}" if "never closed" in str(error.msg) else ""
        raise ValueError(f"not an expression: {shown!r} ({error.msg}){hint}") from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise ValueError(f"not an expression: {shown!r} ({first_line(error)})") from error
    for part in ast.walk(node):
        if not isinstance(part, _ALLOWED) or (isinstance(part, ast.Call) and part.keywords):
            raise ValueError(f"not an expression: {shown!r} ({type(part).__name__} is not arithmetic)")
        if isinstance(part, ast.Constant) and not isinstance(part.value, (int, float)):
            raise ValueError(f"not an expression: {shown!r} ({part.value!r} is not a number)")
        if isinstance(part, ast.Call) and not (isinstance(part.func, ast.Name) and part.func.id in called):
            raise ValueError(f"unknown function in {shown!r}; functions: {', '.join(called)}")
    return node


def names_of(node: ast.expr) -> frozenset[str]:
    """The names that a tree asks for, without functions and constants."""
    called = {id(part.func) for part in ast.walk(node) if isinstance(part, ast.Call)}
    found = {part.id for part in ast.walk(node) if isinstance(part, ast.Name) and id(part) not in called}
    return frozenset(found - set(CONSTANTS))


def function_of(node: ast.expr, names: Mapping[str, Function], shown: str) -> Function:
    """A tree as a function of seconds, with a function for each of its names. It raises a ValueError where its value
    is no finite number."""
    try:
        inner = _compiled(node, names)
    except (OverflowError, RecursionError) as error:
        raise ValueError(f"{shown!r} has no value: {first_line(error)}") from error

    def at(t: float) -> float:
        try:
            value = float(inner(t))
        except (ArithmeticError, ValueError, TypeError, RecursionError) as error:
            raise ValueError(f"{shown!r} has no value: {first_line(error)}") from error
        if not math.isfinite(value):
            raise ValueError(f"{shown!r} is {value}")
        return value

    return at


def _compiled(node: ast.expr, names: Mapping[str, Function]) -> Function:
    match node:
        case ast.Constant(value=int() | float() as number):
            constant = float(number)
            return lambda t: constant
        case ast.Name(id=name):
            if name in names:
                return names[name]
            known = CONSTANTS[name]
            return lambda t: known
        case ast.BinOp():
            return _joined(BINARY[type(node.op)], _compiled(node.left, names), _compiled(node.right, names))
        case ast.UnaryOp():
            act, value = UNARY[type(node.op)], _compiled(node.operand, names)
            return lambda t: float(act(value(t)))
        case ast.Compare():
            values = [_compiled(part, names) for part in (node.left, *node.comparators)]
            pairs = zip(node.ops, values, values[1:], strict=False)
            holds = [_joined(BINARY[type(op)], left, right) for op, left, right in pairs]
            return lambda t: float(all(each(t) for each in holds))
        case ast.BoolOp():
            return _one_of([_compiled(part, names) for part in node.values], isinstance(node.op, ast.Or))
        case ast.IfExp():
            test, yes, no = (_compiled(part, names) for part in (node.test, node.body, node.orelse))
            return lambda t: yes(t) if test(t) else no(t)
        case ast.Call(func=ast.Name(id=name)):
            return _call(FUNCTIONS[name], [_compiled(part, names) for part in node.args])
    raise AssertionError(node)


def _joined(act: Callable[[float, float], float], left: Function, right: Function) -> Function:
    return lambda t: float(act(left(t), right(t)))


def _one_of(values: list[Function], wanted: bool) -> Function:
    """The first value that is true, or not true, or the last one."""

    def at(t: float) -> float:
        value = 0.0
        for each in values:
            value = each(t)
            if bool(value) == wanted:
                break
        return value

    return at


def _call(function: Callable[..., float], values: list[Function]) -> Function:
    if len(values) == 1:
        (only,) = values
        return lambda t: float(function(only(t)))
    return lambda t: float(function(*[value(t) for value in values]))
