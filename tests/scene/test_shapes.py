"""Shapes of what changes over time, in expressions."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from animator.scene import shapes
from animator.scene.audio import Audio
from animator.scene.clock import Clock
from animator.scene.expressions import Expression
from animator.scene.music import Music

MARKS = {"hit": [1, 1.5, 4], "drop": 2}


def value(text: str, **audio: Any) -> Any:
    """An expression of ten seconds with a beat every half second."""
    music = Music(Audio(**{"bpm": 120, "markers": MARKS, **audio}), None, 0.0, 20.0)
    return Expression(text).bind(Clock(20.0, 10.0, 200, music))


def test_a_pulse_falls_from_each_hit() -> None:
    pulse = value("pulse(hit, 1s)")
    assert [pulse(time) for time in (0.9, 1.0, 1.25, 1.5, 2.0, 2.5)] == pytest.approx([0, 1, 0.5625, 1, 0.25, 0])
    assert value("pulse(beat)")(0.15) == pytest.approx(0.25)  # 0.3 s where nothing is said
    assert value("pulse(bar, 1b)")(2.25) == pytest.approx(0.25)


def test_a_loud_hit_is_not_hidden_by_a_quiet_one() -> None:
    pulse = shapes.pulse([(1.0, 1.0), (1.1, 0.2)], 1.0)
    assert pulse(1.15) == pytest.approx(0.85**2)


def test_an_envelope_rises_and_falls_at_its_own_speeds() -> None:
    step = value("env(where(t >= 2 and t < 6, 1, 0), 0.1, 1)")
    assert step(1.9) == 0
    assert step(2.1) == pytest.approx(1 - 1 / math.e, abs=0.05)
    assert step(5.9) == pytest.approx(1, abs=0.01)
    assert step(7.0) == pytest.approx(1 / math.e, abs=0.02)


def test_a_mean_is_not_late() -> None:
    mean = value("smooth(where(t >= 2, 1, 0), 1s)")
    assert [mean(time) for time in (1.4, 2.0, 2.6)] == pytest.approx([0, 0.5, 1], abs=0.02)


def test_a_slide_keeps_to_its_speeds() -> None:
    slid = value("slide(where(t >= 2 and t < 6, 1, 0), 2, 0.5)")
    assert [slid(time) for time in (2.0, 2.25, 2.6, 6.0, 7.0)] == pytest.approx([0, 0.5, 1, 1, 0.5], abs=0.03)


def test_what_is_held() -> None:
    assert [value("hold(t, 1b)")(time) for time in (0.2, 0.49, 0.5, 1.9)] == pytest.approx([0, 0, 0.5, 1.5])
    assert [value("hold(t, 1bar)")(time) for time in (1.9, 2.0, 3.9)] == pytest.approx([0, 2, 2])
    assert [value("hold(t, hit)")(time) for time in (0.9, 1.2, 3.9, 9)] == pytest.approx([0, 1, 1.5, 4])
    assert value("hold(t, 300ms)")(1.0) == pytest.approx(0.9)


def test_what_comes_later() -> None:
    assert value("ahead(t, 0.25)")(1) == 1.25
    assert value("ahead(pulse(hit, 1s), 0.5s)")(0.5) == 1.0
    assert value("ahead(t, -1s)")(3) == 2


@given(st.floats(-1e6, 1e6), st.integers(0, 99))
def test_noise_is_smooth_and_the_same_each_time(place: float, seed: int) -> None:
    here = shapes.noise(place, seed)
    assert -1 <= here <= 1
    assert here == shapes.noise(place, seed)
    assert abs(shapes.noise(place + 1e-4, seed) - here) < 1e-3


def test_noise_depends_on_its_seed() -> None:
    assert len({round(shapes.noise(0.5, seed), 6) for seed in range(20)}) == 20
    assert value("noise(3*t, 7)")(0.4) == shapes.noise(3 * 0.4, 7)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("2s", 2), ("250ms", 0.25), ("10f", 0.5), ("1b", 0.5), (".5b", 0.25), ("2bar", 4), ("1bars", 2), ("3 + 1e1", 13)],
)
def test_lengths_have_units(text: str, seconds: float) -> None:
    assert value(text)(0) == pytest.approx(seconds)


def test_shapes_go_into_each_other() -> None:
    text = "1 + 0.5*smooth(env(hold(t, 1b), 0.1, 0.1), 0.2) + ahead(pulse(hit), 0.1)*noise(t)"
    assert math.isfinite(value(text)(3.3))
    assert value("env(pulse(drop, 1s), 0.001, 1)")(3.5) > 0.1
