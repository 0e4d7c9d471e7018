"""The making of frames on disk, and the order in which a timelapse shows it."""

import contextlib
import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from animator.film import making, timelapse
from animator.film.folder import Folder
from animator.film.making import Recorder, Stage
from animator.paint.step_info import FrameBegan, Observed, StepInfo
from animator.scene.timelapse import Lapse

LAPSE = Lapse((0,), 1, Fraction(10), None, 1.0, "even", False, False, False)


def steps(frame: int, count: int) -> list[Observed]:
    """What is observed of a frame whose picture is as bright as the number of its steps."""

    def bright(step: int) -> torch.Tensor:
        return torch.full((1, 3, 4, 6), 10 * step / 255)

    made: list[Observed] = [FrameBegan(frame, count, lambda: bright(0))]
    for step in range(count):
        terms = {"prompt": torch.tensor(1.0), "drift": torch.tensor(0.5)}
        made.append(StepInfo(frame, step, count, terms, lambda step=step: bright(step + 1)))  # type: ignore[misc]
    return made


def record(path: Path, frames: set[int], every: int, seen: list[Observed]) -> Folder:
    opened = Folder(path)
    with Recorder(opened, ["key 0", "key 1", "key 2"], frames, every) as recorder:
        for info in seen:
            recorder(info)
    return opened


def test_what_is_recorded_can_be_read(tmp_path: Path) -> None:
    opened = record(tmp_path, {0, 2}, 2, [*steps(0, 5), *steps(1, 3), *steps(2, 0)])
    stages = making.stored(opened, 0, "key 0", 2)
    assert [(stage.step, stage.steps, stage.loss) for stage in stages] == [
        (0, 5, None), (2, 5, 1.5), (4, 5, 1.5), (5, 5, 1.5)
    ]  # fmt: skip
    assert [int(np.asarray(Image.open(stage.picture)).max()) for stage in stages] == [0, 20, 40, 50]
    assert [stage.step for stage in making.stored(opened, 0, "key 0", 4)] == [0, 4, 5]
    assert [stage.step for stage in making.stored(opened, 2, "key 2", 1 * 2)] == [0]  # a frame of no steps has a start
    assert not making.stored(opened, 0, "key 0", 3)  # which was not recorded
    assert not making.stored(opened, 0, "another key", 2)
    assert not making.stored(opened, 1, "key 1", 2)


def test_a_making_without_an_end_is_none(tmp_path: Path) -> None:
    opened = record(tmp_path, {0}, 1, steps(0, 5)[:-1])
    assert not making.stored(opened, 0, "key 0", 1)
    assert list((tmp_path / "making").iterdir()) == []


def test_an_error_on_the_way_leaves_nothing_half(tmp_path: Path) -> None:
    with contextlib.suppress(ValueError), Recorder(Folder(tmp_path), ["key"], {0}, 1) as recorder:
        recorder(steps(0, 5)[0])
        assert len(list((tmp_path / "making").iterdir())) == 1
        raise ValueError("somebody stopped")
    assert list((tmp_path / "making").iterdir()) == []


@pytest.mark.parametrize("name", ["making.json", "00001.png"])
@pytest.mark.parametrize("content", [b"", b"{}", b"[1]", b"\xff\xfe", b'{"key": "key 0", "every": 0}'])
def test_a_damaged_making_does_not_count(tmp_path: Path, name: str, content: bytes) -> None:
    opened = record(tmp_path, {0}, 1, steps(0, 2))
    assert making.stored(opened, 0, "key 0", 1)
    (making.folder_of(opened, 0) / name).write_bytes(content)
    assert not making.stored(opened, 0, "key 0", 1)


def test_the_sweep_keeps_what_the_film_still_has(tmp_path: Path) -> None:
    opened = record(tmp_path, {0, 1}, 1, [*steps(0, 2), *steps(1, 2)])
    (tmp_path / "making" / ".writing-1-000007").mkdir()
    (tmp_path / "making" / "notes").mkdir()
    making.sweep(opened, ["key 0", "changed"])
    assert [path.name for path in (tmp_path / "making").iterdir()] == ["000000"]


@given(st.integers(1, 60), st.integers(1, 200), st.sampled_from(["even", "start"]))
def test_a_film_goes_from_the_first_stage_to_the_last(stages: int, count: int, ease: str) -> None:
    made = [Stage(0, step, stages, Path(), None) for step in range(stages)]
    moments = timelapse.moments(ease, made)
    assert moments[0] == 0.0
    assert moments == sorted(moments)
    chosen = timelapse.spread(moments, count)
    assert len(chosen) == count
    assert chosen == sorted(chosen)
    assert chosen[-1] == stages - 1
    if count > 1:
        assert chosen[0] == 0
    if ease == "even" and count == stages:
        assert chosen == list(range(stages))


def test_dense_at_the_start_and_sparse_later() -> None:
    made = [Stage(0, step, 100, Path(), None) for step in range(101)]
    chosen = timelapse.spread(timelapse.moments("start", made), 50)
    assert chosen[25] < 30
    assert chosen[-1] - chosen[-2] > 2


def test_what_changes_the_picture_is_dwelt_on(tmp_path: Path) -> None:
    """Half of the change happens in one step, so half of the time goes by before it is over."""
    made = []
    for step, light in enumerate([0, 10, 20, 30, 100, 110, 120, 130, 140, 150]):
        path = tmp_path / f"{step}.png"
        Image.new("RGB", (8, 8), (light, light, light)).save(path)
        made.append(Stage(0, step, 9, path, None))
    moments = timelapse.moments("change", made)
    assert moments[3] == pytest.approx(0.2)
    assert moments[4] == pytest.approx(100 / 150)
    assert timelapse.moments("change", made[:1] * 3) == [0.0, 0.5, 1.0]  # nothing changes


def test_each_making_is_held_and_a_process_only_at_its_end() -> None:
    makings = [[Stage(frame, step, 2, Path(), None) for step in range(3)] for frame in range(2)]
    order = timelapse.sequence(LAPSE, makings)
    assert [(stage.frame, stage.step) for stage in order[:4]] == [(0, 0), (0, 1), (0, 2), (0, 2)]
    assert len(order) == 2 * (3 + 10)
    whole = timelapse.sequence(Lapse((0, 1), 1, Fraction(10), 2.0, 0.5, "even", True, False, False), makings)
    assert len(whole) == 20 + 5
    assert {stage.frame for stage in whole[:10]} == {0}


def test_notes_say_what_they_are(tmp_path: Path) -> None:
    opened = record(tmp_path, {0}, 1, steps(0, 1))
    note = json.loads((making.folder_of(opened, 0) / "making.json").read_text())
    assert set(note) == {"key", "every", "steps", "stages"}
