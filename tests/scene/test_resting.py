"""Where nothing new is asked for, steps are shorter."""

import pytest

from animator.scene.document import resolve
from animator.scene.resting import SETTLES

PLAIN = {"name": "rest", "size": [32, 32], "fps": 4, "duration": "6s", "generator": "siren"}


def sizes(resting: float, **more: object) -> list[float]:
    film = resolve({**PLAIN, "optimize": {"resting": resting, "step_size": 2}, **more}, "rest")
    return [round(spec.step_size, 6) for spec in film.frames]


def test_a_prompt_that_stays_is_painted_with_short_steps() -> None:
    assert sizes(0.25, prompts="a tree") == [2.0] + [0.5] * 23
    assert sizes(1.0, prompts="a tree") == [2.0] * 24


def test_a_change_takes_whole_steps_and_settles() -> None:
    found = sizes(0.25, prompts={"0s": "a tree", "3s": "a boat", "fade": "1s"})
    assert found[0] == 2.0
    assert found[1:11] == [0.5] * 10
    assert found[11:15] == [2.0] * 4  # from 2.5 s to 3.5 s
    settling = found[14 : 15 + round(SETTLES * 4)]
    assert settling == sorted(settling, reverse=True)
    assert found[15 + round(SETTLES * 4) :] == [0.5] * 3


def test_a_weight_that_moves_and_a_generator_that_takes_over_are_changes() -> None:
    found = sizes(0.5, prompts=[{"text": "a tree", "weight": {"0s": 1, "1s": 1, "2s": 2}}])
    assert found[1:5] == [1.0] * 4
    assert found[5] == pytest.approx(2.0)
    over = sizes(0.5, prompts="a tree", generator={"0s": "siren", "2s": "fft"})
    assert over[7:9] == [1.0, 2.0]


def test_behind_a_cut_nothing_has_to_settle() -> None:
    found = sizes(0.5, prompts={"0s": "a tree", "2s": {"text": "a boat", "cut": True}})
    assert found == [2.0, *[1.0] * 7, 2.0, *[1.0] * 15]
