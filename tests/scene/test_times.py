from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from animator.scene.times import parse_time, show_time


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("2.5s", 2.5), ("500ms", 0.5), ("90f", 3.75), ("1:02.5", 62.5), ("1:00:02", 3602.0), (0, 0.0), (".5s", 0.5)],
)
def test_times_as_people_write_them(text: object, seconds: float) -> None:
    assert parse_time(text).seconds(Fraction(24)) == pytest.approx(seconds)


@pytest.mark.parametrize("text", [4, 2.5, "4", "2.5", "1:75", "soon", "-1s", "1e3s", "", None, True, "9" * 30 + "s"])
def test_anything_else_is_refused_with_a_hint(text: object) -> None:
    with pytest.raises(ValueError, match=r"time"):
        parse_time(text)


@given(st.integers(0, 10**6))
def test_frames_do_not_drift(frame: int) -> None:
    fps = Fraction(24000, 1001)
    assert round(parse_time(f"{frame}f").seconds(fps) * fps) == frame


def test_times_are_shown_for_people() -> None:
    assert show_time(62.5) == "1:02.50"
