"""What holds for every motion, and the Convention for the one there is."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from animator import variants
from animator.scene.motions import IDENTITY, Matrix, compose
from animator.scene.motions.affine import Config, matrix

SIZE = (320, 180)
rates = st.builds(
    Config,
    zoom=st.floats(0.2, 5),
    rotate=st.floats(-180, 180),
    pan_x=st.floats(-1, 1),
    pan_y=st.floats(-1, 1),
    center_x=st.floats(-1, 1),
    center_y=st.floats(-1, 1),
)


def apply(m: Matrix, x: float, y: float) -> tuple[float, float]:
    return m[0][0] * x + m[0][1] * y + m[0][2], m[1][0] * x + m[1][1] * y + m[1][2]


def flat(m: Matrix) -> list[float]:
    return [value for row in m for value in row]


@pytest.mark.parametrize("name", variants.names("motions"))
def test_at_rest_nothing_moves(name: str) -> None:
    motion = variants.module("motions", name)
    assert flat(motion.matrix(motion.Config(), 1.0, SIZE)) == pytest.approx(flat(IDENTITY), abs=1e-12)


@given(rates, st.floats(0, 2), st.floats(0, 2))
def test_moves_add_up(rate: Config, a: float, b: float) -> None:
    one = compose(matrix(rate, a, SIZE), matrix(rate, b, SIZE))
    assert flat(one) == pytest.approx(flat(matrix(rate, a + b, SIZE)), rel=1e-6, abs=1e-6)


@given(rates)
def test_there_and_back_is_the_identity(rate: Config) -> None:
    back = compose(matrix(rate, 1, SIZE), matrix(rate, -1, SIZE))
    assert flat(back) == pytest.approx(flat(IDENTITY), abs=1e-6)


def test_four_quarter_turns() -> None:
    turn = matrix(Config(rotate=90, pan_x=0.3), 1, SIZE)
    whole = compose(compose(turn, turn), compose(turn, turn))
    assert flat(whole) == pytest.approx(flat(IDENTITY), abs=1e-9)


def test_zoom_in_looks_at_less() -> None:
    assert apply(matrix(Config(zoom=2), 1, SIZE), 1, 1) == pytest.approx((0.5, 0.5))


def test_the_picture_turns_counter_clockwise() -> None:
    # a quarter turn: what was on the right is now at the top (y is down)
    assert apply(matrix(Config(rotate=90), 1, SIZE), 0, -1) == pytest.approx((1, 0), abs=1e-12)


def test_pan_is_in_frame_widths_and_heights() -> None:
    wide, high = 2 * math.sqrt(320 / 180), 2 * math.sqrt(180 / 320)
    assert apply(matrix(Config(pan_x=1), 1, SIZE), -wide / 2, 0) == pytest.approx((wide / 2, 0))
    assert apply(matrix(Config(pan_y=1), 1, SIZE), 0, 0) == pytest.approx((0, high))


def test_the_center_stays_where_it_is() -> None:
    wide = 2 * math.sqrt(320 / 180)
    point = apply(matrix(Config(zoom=3, rotate=50, center_x=0.25), 1, SIZE), wide / 4, 0)
    assert point == pytest.approx((wide / 4, 0))
