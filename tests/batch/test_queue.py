"""What comes next in a batch, and what is tried again: plain records."""

from pathlib import Path

import pytest

from animator.batch import retries
from animator.batch.limits import Limits, Look
from animator.batch.order import Order, Result
from animator.batch.queue import Queue
from animator.batch.retries import Tries
from animator.batch.tasks import Ended, Task
from animator.errors import (
    AnimatorError,
    ChildError,
    DeviceError,
    FaultError,
    FullError,
    LeftError,
    ModelError,
    MovieError,
    OutputError,
    RanOutError,
    RenderError,
    SceneError,
    StoppedError,
    lost,
    revived,
)
from animator.scene.document import Document

FILM = Path("out/film.mp4")


def queue(tiny: Document, *priorities: int) -> Queue:
    made = Queue(Order(Path("out"), fresh=True), ("seed=1",))
    for number, priority in enumerate(priorities):
        made.add(Path(f"{number}.yaml"), f"film{number}", priority)
    return made


def test_films_come_by_priority_and_then_as_asked_for(tiny: Document) -> None:
    made = queue(tiny, 0, 5, 0, 5)
    order = []
    while (film := made.next(0.0)) is not None:
        made.begin(film, tiny, 0.0)
        task = made.take(film, 0.0)
        assert (task.work, task.order.fresh, task.changes) == ("film", False, ("seed=1",))
        made.ended(film, task, Ended(FILM, None), 0.0)
        order.append(film.number)
    assert order == [1, 3, 0, 2]
    late = made.add(Path("late.yaml"), "late")
    other = made.add(Path("other.yaml"), "other", 7)
    assert made.next(0.0) is other
    made.first(late)
    assert made.next(0.0) is late


@pytest.mark.parametrize(
    ("error", "more"),
    [
        (ChildError("killed"), 2),
        (DeviceError("lost"), 2),
        (RanOutError("memory"), 1),
        (MovieError("ffmpeg"), 1),
        (FullError("disk"), 0),
        (OutputError("permission"), 0),
        (SceneError([]), 0),
        (ModelError("missing"), 0),
        (FaultError("ours"), 0),
        (RenderError("odd"), 0),
    ],
)
def test_what_may_pass_is_tried_again(error: AnimatorError, more: int, tiny: Document) -> None:
    made, now = queue(tiny, 0), 100.0
    film = made.films[0]
    made.begin(film, tiny, now)
    for tried in range(more):
        seconds = made.ended(film, made.take(film, now), Ended(None, error), now)
        assert seconds == retries.WAITS[min(tried, 1)]
        assert made.next(now) is None  # it waits
        now += seconds
        assert made.next(now) is film
    assert made.ended(film, made.take(film, now), Ended(None, error), now) is None
    assert film.error is error
    assert made.next(now + 1000) is None


def test_failures_are_forgotten_after_many_frames() -> None:
    tries = Tries()
    for _ in range(10):
        assert tries.again(ChildError("killed")) is not None
        for _ in range(retries.MANY):
            tries.went_on()
    assert [tries.again(ChildError("killed")) is None for _ in range(3)] == [False, False, True]


def test_a_film_is_silent_when_it_takes_much_longer_than_usual(tiny: Document) -> None:
    film = queue(tiny, 0).films[0]
    look, bounds = Look(film, Task(Path("x"), "x", "film", Order()), 0.0), Limits(silence=120, loading=1800)
    assert look.limit(bounds) == 1800
    look.alive = True
    assert look.limit(bounds) == 120
    look.gaps.extend([1.0, 1.0, 30.0])
    assert look.limit(bounds) == 120
    look.gaps.extend([30.0, 30.0, 30.0])
    assert look.limit(bounds) == 600


@pytest.mark.parametrize("part", [None, (4, 9)])
def test_tasks_and_how_they_ended_go_through_lines(part: tuple[int, int] | None) -> None:
    task = Task(Path("a b.yaml"), "a", "shot", Order(Path("out"), (1, 5), "cuda:1", strict=True), ("seed=1",), part)
    assert Task.from_plain(task.to_plain()) == task
    ended = Ended.from_plain(Ended(None, MovieError("no"), 1.5).to_plain())
    assert (type(ended.error), str(ended.error), ended.seconds) == (MovieError, "no", 1.5)
    assert Ended.from_plain(Ended(FILM, None).to_plain()) == Ended(FILM, None)


def test_errors_of_others_are_ours_again() -> None:
    assert isinstance(revived("StoppedError", "stopped", 143), StoppedError)
    assert revived("StoppedError", "stopped", 143).exit_code == 143
    assert type(revived("Odd", "what", 5)) is AnimatorError
    assert lost(RuntimeError("CUDA error: an illegal memory access was encountered\nCUDA kernel errors ..."))
    assert not lost(RuntimeError("CUDA error: out of memory\n..."))
    assert not lost(ValueError("CUDA error: unspecified launch failure"))


@pytest.mark.parametrize(
    ("errors", "code"),
    [
        ([None, None], 0),
        ([None, RenderError("x")], 1),
        ([SceneError([])], 65),
        ([LeftError("x"), None], 75),
        ([LeftError("x"), RenderError("x")], 1),
        ([FullError("x"), LeftError("x")], 74),
        ([StoppedError("x", 15), RenderError("x"), StoppedError("x", 15)], 143),
    ],
)
def test_a_batch_ends_with_a_code(errors: list[AnimatorError | None], code: int) -> None:
    from animator.batch.batch import exit_code

    assert exit_code([Result(str(number), None, error) for number, error in enumerate(errors)]) == code
