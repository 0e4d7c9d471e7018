"""Steps that a film spreads by itself: never more of them, fewer where the loss has settled, more where it falls."""

import dataclasses
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from animator.paint import adaptive_steps
from animator.paint.adaptive_steps import Pace
from animator.scene.document import resolve
from animator.scene.frame_spec import FrameSpec

FILM: dict[str, object] = {"duration": "40f", "prompts": "a red circle"}
AUTO = {"first_steps": 20, "steps": "auto"}


def walk(specs: Sequence[FrameSpec], losses: list[float]) -> list[int]:
    taken, now = [], Pace()
    for spec, loss in zip(specs, losses, strict=False):
        taken.append(adaptive_steps.count(spec, now))
        now = adaptive_steps.after(spec, now, taken[-1], loss)
        assert now.saved >= 0
    return taken


@given(
    losses=st.lists(st.floats(-2, 2, allow_nan=False), min_size=40, max_size=40),
    steps=st.lists(st.integers(0, 30), min_size=40, max_size=40),
)
def test_a_film_never_takes_more_steps_than_it_may(losses: list[float], steps: list[int]) -> None:
    specs = resolve({**FILM, "optimize": AUTO}, "film").frames
    specs = tuple(dataclasses.replace(spec, steps=n) for spec, n in zip(specs, steps, strict=True))
    taken = walk(specs, losses)
    for spec, count, upto in zip(specs, taken, range(1, 41), strict=True):
        assert (count == 0) == (spec.steps == 0)
        assert count <= adaptive_steps.MOST * max(1, spec.steps)
        assert sum(taken[:upto]) <= sum(steps[:upto])


def test_a_settled_film_saves_and_a_change_spends() -> None:
    specs = resolve({**FILM, "optimize": AUTO}, "film").frames
    taken = walk(specs, [0.3] * 20 + [0.4] * 10 + [0.3] * 10)
    assert taken[0] == 20  # of the first frame
    assert taken[2:20] == [6] * 18
    assert taken[21:24] == [30, 30, 30]
    assert taken[-1] == 6


def test_without_it_steps_are_those_of_the_scene() -> None:
    specs = resolve({**FILM, "optimize": {"first_steps": 20, "steps": 7}}, "film").frames
    assert walk(specs, [0.3] * 20 + [0.9] * 20) == [20] + [7] * 39
    assert not specs[0].adapt
    specs = resolve({**FILM, "optimize": {"steps": 12, "adapt": True}}, "film").frames
    assert [spec.steps for spec in specs[1:3]] == [12, 12]
    assert specs[1].adapt
