import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from animator.scene.clock import Clock
from animator.scene.curves import CurveError, parse_curve, resolve
from animator.scene.easings import EASINGS

FILM = Clock(fps=10, duration=10, frames=100)
ALL_EASINGS = [*EASINGS, "cubic-bezier(0.3, 0.1, 0.2, 1)"]
values = st.floats(-1000, 1000)


def at(curve: object, t: float) -> float:
    return resolve(parse_curve(curve), FILM)(t)


def test_every_form_of_the_same_curve() -> None:
    forms: list[object] = [
        {"0s": 1, "10s": 2},
        [{"at": "0s", "value": 1}, {"at": "100f", "value": 2}],
        "0:(1.0), 100:(2.0)",
        "1 + t/10",
        "lerp(1, 2, f / frames)",
    ]
    for form in forms:
        for t in (0, 2.5, 9.9):
            assert at(form, t) == pytest.approx(1 + t / 10), form


@pytest.mark.parametrize("ease", ALL_EASINGS)
@given(a=values, b=values, c=values)
def test_a_keyframe_has_its_value(ease: str, a: float, b: float, c: float) -> None:
    curve = [{"at": f"{t}s", "value": v, "ease": ease} for t, v in ((0, a), (3, b), (4, c))]
    for t, value in ((0, a), (3, b), (4, c), (9, c)):
        assert at(curve, t) == pytest.approx(value, abs=1e-9)


@pytest.mark.parametrize("ease", ALL_EASINGS)
@given(st.lists(values, min_size=2, max_size=6), st.floats(0, 10))
def test_no_easing_with_handles_inside_overshoots(ease: str, points: list[float], t: float) -> None:
    curve = [{"at": f"{2 * place}s", "value": value, "ease": ease} for place, value in enumerate(points)]
    place = min(int(t / 2), len(points) - 1)
    ends = points[place : place + 2]
    slack = 1e-9 * (1 + max(map(abs, ends)))
    assert min(ends) - slack <= at(curve, t) <= max(ends) + slack


def test_smooth_is_smooth_where_linear_has_a_corner() -> None:
    def kink(ease: str) -> float:
        curve = {"0s": 0, "2s": 1, "4s": 4, "ease": ease}
        return abs((at(curve, 2.001) - at(curve, 2)) - (at(curve, 2) - at(curve, 1.999)))

    assert kink("smooth") < kink("linear") / 20


def test_css_easings_agree_with_their_definition() -> None:
    # cubic-bezier(0.42, 0, 0.58, 1) is symmetric; ease at half time is 0.8024 in every browser
    assert at({"0s": 0, "1s": 1, "ease": "ease-in-out"}, 0.5) == pytest.approx(0.5)
    assert at({"0s": 0, "1s": 1, "ease": "ease"}, 0.5) == pytest.approx(0.8024, abs=1e-4)
    assert at({"0s": 0, "1s": 1, "ease": "hold"}, 0.999) == 0


def test_deforum_strings_keep_their_meaning() -> None:
    zoom = "0:(1.0), 30:(1.02*sin(3.14*t/60)), 60:(max(1.5, 2))"
    assert at(zoom, 1.5) == pytest.approx(1 + (1.02 * math.sin(3.14 * 30 / 60) - 1) / 2)  # frame 15: half-way there
    assert at(zoom, 4.0) == pytest.approx(1.02 * math.sin(3.14 * 40 / 60))  # frame 40: evaluated anew, t in frames
    assert at(zoom, 9.0) == pytest.approx(2.0)


@given(st.text(max_size=60))
def test_no_text_breaks_the_parser(text: str) -> None:
    try:
        curve = parse_curve(text)
        resolve(curve, FILM)(1.0)
    except ValueError:
        return


HOSTILE = [
    "9**9**9**9", "10**(10**8)", "'a'*10**10", "().__class__.__bases__", "__import__('os').system('true')",
    "open('/etc/passwd').read()", "[x for x in range(10**9)]", "(lambda: 1)()", "t.__class__", "t.real", "f'{t}'",
    "eval('1')", "exec('1')", "globals()", "sin.__globals__", "1 if t else open", "(t:=5)", "*t", "{}", "[1][0]",
    "sin(x=1)", "min(*t)", "t[0]", "1;2", "import os", "t if", "nan", "1/0", "log(-1)", "(-1)**0.5", "1e308*10",
    "+".join("1" * 400), "(" * 200 + "1" + ")" * 200, "sin(" * 90 + "t" + ")" * 90, "not_a_name", "sin", "~1", "1 << 9",
    "factorial(10**6)", "pow(9, 9**9)", "9**9**9", "b'a'", "...", "None", "'1'", "exp(1000)", "floor(1e308*1e308)",
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_expressions_cannot_do_anything_but_arithmetic(text: str) -> None:
    """Each is refused, or is a plain finite number."""
    try:
        value = at(text, 1.0)
    except ValueError:
        return
    assert math.isfinite(value)


@pytest.mark.parametrize(
    ("curve", "path", "message"),
    [
        ({"0s": 1, "0f": 2}, ("0f",), "out of order"),
        ({"2s": 1, "1s": 2}, ("1s",), "out of order"),
        ({"2": 1}, ("2",), "needs a unit"),
        ({"0s": "fast"}, ("0s",), "expected a number"),
        ({"0s": 1, "ease": "bounce"}, ("ease",), "easings: hold, linear"),
        ({"0s": 1, "ease": "cubic-bezier(2,0,0,1)"}, ("ease",), "between 0 and 1"),
        ([{"at": "0s"}], (0,), "needs 'value'"),
        ([{"at": "0s", "value": 1, "esae": "hold"}], (0, "esae"), "unknown option"),
        (True, (), "expected a number"),
        (float("nan"), (), "out of range"),
        ([], (), "expected a number"),
        ("0:(1), 5:2", (), "parentheses"),
        ("sin(2", (), "not an expression"),
    ],
)
def test_errors_say_where_and_what(curve: object, path: tuple[object, ...], message: str) -> None:
    with pytest.raises(CurveError, match=message.replace("(", r"\(")) as caught:
        resolve(parse_curve(curve), FILM)
    assert caught.value.path == path


@pytest.mark.parametrize(
    ("curve", "at_key"),
    [
        ({"0s": 1, "0f": 2}, True),
        ({"2": 1}, True),
        ([{"at": "0s", "value": 1, "esae": "hold"}], True),
        ({"0s": "fast"}, False),
        ({"0s": 1, "ease": "bounce"}, False),
        ([{"at": "2s", "value": 1}, {"at": "1s", "value": 2}], False),
    ],
)
def test_a_key_is_pointed_at_where_it_is_what_is_wrong(curve: object, at_key: bool) -> None:
    with pytest.raises(CurveError) as caught:
        resolve(parse_curve(curve), FILM)
    assert caught.value.at_key == at_key


@given(st.floats(0, 9.9), st.floats(0, 9.9))
def test_smooth_is_monotone_between_rising_keyframes(s: float, t: float) -> None:
    assume(s < t)
    curve = {"0s": 0, "3s": 1, "4s": 7, "9s": 7.5, "ease": "smooth"}
    assert at(curve, s) <= at(curve, t) + 1e-9
