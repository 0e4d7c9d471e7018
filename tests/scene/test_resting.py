"""Where nothing new is asked for, steps are shorter and nothing is drawn anew."""

import pytest

from animator.scene.document import resolve
from animator.scene.resting import SETTLES

PLAIN = {"name": "rest", "size": [32, 32], "fps": 4, "duration": "6s", "generator": "siren"}


def sizes(resting: float, **more: object) -> list[float]:
    film = resolve({**PLAIN, "optimize": {"resting": resting, "step_size": 2}, **more}, "rest")
    return [round(spec.step_size, 6) for spec in film.frames]


def levels(**more: object) -> list[float]:
    """Of a denoiser that is at 1 while something else is asked for; 0 where it has no target."""
    changing = {"encoders": "pocket", "denoisers": {"pocket-transformer": {"changing": 1}}}
    film = resolve({**PLAIN, "guide": changing, **more}, "rest")
    return [round(spec.denoisers[0].level, 6) if spec.denoisers else 0.0 for spec in film.frames]


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


def test_what_fades_and_who_takes_over_is_drawn_anew() -> None:
    found = levels(prompts={"0s": "a tree", "3s": "a boat", "fade": "1s"})
    assert found[1:11] == [0.0] * 10
    assert found[11:15] == [1.0] * 4
    assert found[15:] == [round(1 - n / 6, 6) for n in (1, 2, 3)] + [0.0] * 6  # until it has half settled
    over = levels(prompts="a tree", generator={"0s": "siren", "2s": "fft"})
    assert over[7:9] == [0.0, 1.0]


def test_a_weight_draws_anew_only_where_it_makes_another_prompt_the_strongest() -> None:
    pulse = {"text": "stars", "weight": {"0s": 0, "1s": 0.9, "2s": 0, "3s": 0.9, "4s": 0}}
    assert levels(prompts=["a tree", pulse])[1:] == [0.0] * 23
    comes = {"text": "a boat", "weight": {"0s": 0, "4s": 2}}
    found = levels(prompts=["a tree", comes])
    assert found[1:9] == [0.0] * 8
    assert found[9:13] == [1.0, *(round(1 - n / 6, 6) for n in (1, 2, 3))]  # it is more than 1 behind 2 s
    assert found[13:] == [0.0] * 11
