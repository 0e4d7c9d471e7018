"""The Python interface: four names, as a program would use them."""

import doctest
import os
from collections.abc import Callable
from pathlib import Path

import pytest

import animator
from animator.errors import SceneError
from tests.conftest import ROOT

WriteScene = Callable[..., Path]


def test_its_names() -> None:
    assert set(animator.__all__) == {"Document", "events", "preview", "read", "render", "timelapse", "__version__"}


def test_the_example_of_its_docstring_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    tried = doctest.testmod(animator, optionflags=doctest.FAIL_FAST)
    assert tried.attempted > 3
    assert tried.failed == 0


@pytest.mark.slow
def test_a_program_reads_renders_and_watches(write_scene: WriteScene, tmp_path: Path) -> None:
    seen: list[animator.events.Event] = []
    document = animator.read(write_scene())
    film = animator.render(document, tmp_path / "out", watch=seen.append, frames=(0, 2), device="cpu")
    assert film.is_file()
    kinds = list(dict.fromkeys(type(event).__name__ for event in seen))
    assert kinds == ["SceneOpened", "FilmBegan", "FrameBegan", "StepInfo", "FrameDone", "Encoding", "FilmDone"]
    done = [event for event in seen if isinstance(event, animator.events.FrameDone)]
    assert [(event.frame, event.steps) for event in done] == [(0, 4), (1, 3)]
    assert all(event.seconds > 0 and event.losses for event in done)
    seen.clear()
    assert animator.render(document, tmp_path / "out", watch=seen.append, frames=(0, 2), device="cpu") == film
    assert [type(event).__name__ for event in seen] == ["SceneOpened", "FilmDone"]  # all was there


@pytest.mark.slow
def test_a_program_sees_early_and_shows_the_making(write_scene: WriteScene, tmp_path: Path) -> None:
    document = animator.read(write_scene(), ("timelapse.hold=0s",))
    assert animator.preview(document, tmp_path, budget=0.2, device="cpu") == tmp_path / "tiny/preview/preview.mp4"
    assert animator.timelapse(document, tmp_path, device="cpu") == tmp_path / "tiny/tiny.timelapse.mp4"
    with pytest.raises(ValueError, match="timelapse=true"):
        animator.timelapse(animator.read(write_scene()), tmp_path)


def test_a_mistake_is_an_error_with_its_places(write_scene: WriteScene) -> None:
    with pytest.raises(SceneError) as caught:
        animator.read(str(write_scene("duration: 1\nprompts: x\n")))
    assert [(problem.line, problem.column) for problem in caught.value.problems] == [(1, 11)]


def test_signals_are_as_they_were_afterwards(write_scene: WriteScene, tmp_path: Path) -> None:
    import signal

    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(animator.errors.ModelError):
        animator.render(animator.read(write_scene()), tmp_path, device="abacus")
    assert signal.getsignal(signal.SIGINT) is before
    assert os.listdir(tmp_path) == ["tiny.yaml"]
