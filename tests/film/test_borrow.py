"""A new film takes what a film beside it has."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from animator.batch.order import Order
from animator.batch.run import render_all
from animator.film import compare, folder
from animator.report import events
from tests.conftest import TINY

WriteScene = Callable[..., Path]
pytestmark = pytest.mark.slow


def render(scene: Path, out: Path, **options: object) -> list[events.Event]:
    seen: list[events.Event] = []
    (result,) = render_all([scene], (), Order(out, device="cpu", **options), seen.append)  # type: ignore[arg-type]
    assert result.error is None, result.error
    return seen


def borrowed(seen: list[events.Event]) -> list[tuple[int, str]]:
    return [(event.count, event.source.name) for event in seen if isinstance(event, events.FramesBorrowed)]


@pytest.fixture
def made(write_scene: WriteScene, tmp_path: Path) -> Path:
    """An output folder with one film in it."""
    assert borrowed(render(write_scene(TINY), tmp_path / "out")) == []
    return tmp_path / "out"


def test_a_renamed_scene_is_not_rendered_anew(made: Path, write_scene: WriteScene) -> None:
    seen = render(write_scene(TINY.replace("name: tiny", "name: renamed")), made)
    assert borrowed(seen) == [(6, "tiny")]
    assert not [event for event in seen if isinstance(event, events.FrameDone)]
    films = (made / "renamed" / "renamed.mp4"), (made / "tiny" / "tiny.mp4")
    assert str(compare.films(*films)) == "all 6 frames are equal"  # the scenes that they carry have other names
    shutil.rmtree(made / "tiny")
    assert borrowed(render(write_scene(TINY.replace("name: tiny", "name: renamed")), made)) == []


def test_a_copy_goes_on_in_its_own_way(made: Path, write_scene: WriteScene, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where files cannot be linked; and what the copy changes, the first film keeps."""
    whole = {path.name: path.read_bytes() for path in (made / "tiny" / "frames").iterdir()}
    monkeypatch.setattr(os, "link", lambda *_: (_ for _ in ()).throw(OSError("no links here")))
    other = TINY.replace("name: tiny", "name: other").replace("a blue square", "a green field")
    seen = render(write_scene(other), made)
    assert borrowed(seen) == [(4, "tiny")]
    assert {path.name: path.read_bytes() for path in (made / "tiny" / "frames").iterdir()} == whole


def test_of_several_the_one_that_has_most_lends(made: Path, write_scene: WriteScene) -> None:
    longer = TINY.replace("name: tiny", "name: longer").replace("6f", "8f")
    assert borrowed(render(write_scene(longer), made)) == [(6, "tiny")]
    assert borrowed(render(write_scene(longer.replace("longer", "last")), made)) == [(8, "longer")]


def test_a_film_that_was_moved_aside_lends_nothing(made: Path, write_scene: WriteScene) -> None:
    assert borrowed(render(write_scene(TINY), made, fresh=True)) == []
    renamed = write_scene(TINY.replace("name: tiny", "name: renamed"))
    assert borrowed(render(renamed, made, fresh=True)) == []
    for name in ("tiny", "renamed"):
        shutil.rmtree(made / name)
    assert borrowed(render(renamed, made)) == []


def test_what_is_damaged_or_not_a_film_lends_nothing(made: Path, write_scene: WriteScene) -> None:
    (made / "note.txt").write_text("mine")
    (made / "empty").mkdir()
    (made / "link").symlink_to(made / "tiny")
    (made / "tiny" / "frames" / "000002.png").write_bytes(b"half")
    seen = render(write_scene(TINY.replace("name: tiny", "name: renamed")), made)
    assert borrowed(seen) == [(2, "tiny")]
    with folder.locked(made / "renamed") as opened:
        assert sorted(folder.journal(opened)) == list(range(6))
