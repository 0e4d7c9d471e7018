"""Writing a little behind: in order, and nothing is lost or goes on after a failure."""

import functools
import threading
import time

import pytest

from animator.film import writer


def test_works_are_done_in_order_and_seen_here() -> None:
    done: list[int] = []
    seen: list[tuple[int, int]] = []

    def work(number: int) -> None:
        time.sleep(0.002)
        done.append(number)

    def then(number: int) -> None:
        seen.append((number, threading.get_ident()))

    with writer.behind() as later:
        for number in range(20):
            later(functools.partial(work, number), functools.partial(then, number))
            assert number - len(done) < 3  # never far behind
    assert done == list(range(20))
    assert seen == [(number, threading.get_ident()) for number in range(20)]


def fail_at(wrong: int, done: list[int]) -> None:
    def work(number: int) -> None:
        if number == wrong:
            raise OSError("full")
        done.append(number)

    with writer.behind() as later:
        for number in range(20):
            later(functools.partial(work, number), lambda: None)


def test_after_a_failure_nothing_more_is_done() -> None:
    done: list[int] = []
    with pytest.raises(OSError, match="full"):
        fail_at(3, done)
    assert done == [0, 1, 2]


def stop_after_two(done: list[int]) -> None:
    def work(number: int) -> None:
        time.sleep(0.05)
        done.append(number)

    with writer.behind() as later:
        for number in range(2):
            later(functools.partial(work, number), lambda: None)
        raise KeyboardInterrupt


def test_what_waits_is_done_when_somebody_stops() -> None:
    done: list[int] = []
    with pytest.raises(KeyboardInterrupt):
        stop_after_two(done)
    assert done == [0, 1]
