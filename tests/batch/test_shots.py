"""Hard cuts: what is between two of them depends on nothing else."""

import dataclasses
import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from PIL import Image

from animator.batch import frames, shot
from animator.batch.job import Job, Watch
from animator.batch.order import Order
from animator.batch.run import render_all
from animator.batch.stop import Stop
from animator.errors import DivergedError, RenderError, SceneError
from animator.film import keys, retried
from animator.film.folder import Folder
from animator.paint import optimize
from animator.report import events
from animator.report.events import Event
from animator.scene import frame_spec
from animator.scene.document import Document, read
from animator.scene.motions import IDENTITY
from tests.conftest import TINY

WriteScene = Callable[..., Path]
PROMPTS = "prompts: {0s: a red circle, 1s: a blue square, fade: 0.5s}"
CUT = TINY.replace(PROMPTS, "prompts: {0s: a red circle, 0.5s: a green tree, 1s: {text: a blue square, cut: true}}")
CPU = torch.device("cpu")


def run(scene: Path, out: Path, changes: tuple[str, ...] = ()) -> list[Event]:
    seen: list[Event] = []
    (result,) = render_all([scene], changes, Order(out, device="cpu"), seen.append)
    if result.error:
        raise result.error
    return seen


def hashes(folder: Path, kind: str = "frames/*.png") -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.glob(kind))}


def painted(seen: list[Event]) -> list[int]:
    return [event.frame for event in seen if isinstance(event, events.FrameDone)]


def apart(document: Document, out: Path, part: range) -> Path:
    """Render one shot, as a process of its own would."""
    job = Job(document, Order(out, device="cpu"), CPU, part=part)
    return shot.part(job, Watch(lambda event: None, Stop()))


def test_a_cut_starts_anew(write_scene: WriteScene) -> None:
    specs = read(write_scene(CUT)).frames
    assert [spec.starts for spec in specs] == [True, False, False, False, True, False]
    assert [spec.steps for spec in specs] == [4, 3, 3, 3, 4, 3]
    assert specs[4].matrix == IDENTITY != specs[5].matrix
    assert specs[4].anneal == specs[0].anneal
    assert frame_spec.shots(specs) == [range(4), range(4, 6)]


@pytest.mark.parametrize(
    ("prompts", "starts"),
    [
        ("{0s: a red circle, 0.5s: a tree, 1s: a boat, cut: true, fade: 0.5s}", [0, 2, 4]),
        ("{every: 0.5s, texts: [a tree, a boat], cut: true}", [0, 2, 4]),
        ("{every: 0.5s, texts: [a tree, {text: a boat, cut: true}]}", [0, 2]),
        ("[{0s: a tree, 0.6s: {text: a boat, cut: true}}, {0s: a sun, 1.26s: {text: a moon, cut: true}}]", [0, 3]),
        ("{0s: {text: a tree, cut: true}, 1s: a boat}", [0]),
    ],
)
def test_cuts_are_where_prompts_change(prompts: str, starts: list[int], write_scene: WriteScene) -> None:
    specs = read(write_scene(TINY.replace(PROMPTS, f"prompts: {prompts}"))).frames
    assert [spec.index for spec in specs if spec.starts] == starts
    for spec in specs:
        assert not any(prompt.blend for prompt in spec.prompts if spec.starts)


def test_a_film_that_repeats_has_no_hard_cuts(write_scene: WriteScene) -> None:
    with pytest.raises(SceneError, match="a film with cuts has no need of it"):
        read(write_scene(CUT.replace("motion: {zoom: 1.5, rotate: 20}", "loop: true")))


def test_keys_begin_anew(write_scene: WriteScene) -> None:
    document, other = read(write_scene(CUT)), read(write_scene(CUT.replace("green", "yellow"), "other.yaml"))
    one, two = (keys.keys_of(keys.base_of(each), each) for each in (document, other))
    assert [a == b for a, b in zip(one, two, strict=True)] == [True, True, False, False, True, True]


@pytest.mark.slow
def test_an_edit_before_a_cut_keeps_what_is_behind_it(write_scene: WriteScene, tmp_path: Path) -> None:
    run(write_scene(CUT), tmp_path)
    before, film = hashes(tmp_path / "tiny"), hashes(tmp_path / "tiny", "*.mp4")
    assert painted(run(write_scene(CUT.replace("green", "yellow")), tmp_path)) == [2, 3]
    after = hashes(tmp_path / "tiny")
    assert hashes(tmp_path / "tiny", "*.mp4") != film  # which ends with the same frame
    assert [name for name in before if before[name] != after[name]] == ["000002.png", "000003.png"]
    (tmp_path / "tiny" / "frames" / "000004.png").unlink()
    assert painted(run(write_scene(CUT.replace("green", "yellow")), tmp_path)) == [4, 5]
    assert hashes(tmp_path / "tiny") == after


@pytest.mark.slow
def test_a_dissolve_mixes_what_is_painted_apart(write_scene: WriteScene, tmp_path: Path) -> None:
    run(write_scene(CUT), tmp_path)
    frames_, film = hashes(tmp_path / "tiny"), hashes(tmp_path / "tiny", "*.mp4")
    assert painted(run(write_scene(CUT.replace("cut: true", "dissolve: 0.25s")), tmp_path)) == []
    assert hashes(tmp_path / "tiny") == frames_
    once = hashes(tmp_path / "tiny", "*.mp4")
    assert once != film
    assert painted(run(write_scene(CUT.replace("cut: true", "dissolve: 0.5s")), tmp_path)) == []
    assert hashes(tmp_path / "tiny", "*.mp4") not in (film, once)


def test_how_long_a_dissolve_lasts(write_scene: WriteScene) -> None:
    text = "{0s: a tree, 0.5s: {text: a boat, dissolve: 0.5s}, 1s: {text: a sun, cut: true}}"
    assert dissolves(write_scene, text) == [0, 0, 2, 0, 0, 0]
    assert dissolves(write_scene, "{0s: a tree, 0.5s: a boat, 0.75s: a sun, dissolve: 1s}") == [0, 0, 1, 3, 0, 0]
    assert dissolves(write_scene, "{every: 0.5s, texts: [a tree, a boat], dissolve: 1f}") == [0, 0, 1, 0, 1, 0]
    with pytest.raises(SceneError, match=r"tiny.yaml:\d+:\d+: prompts.0.5s.dissolve: a length is needed here"):
        dissolves(write_scene, "{0s: a tree, 0.5s: {text: a boat, dissolve: bar 9}}")
    with pytest.raises(SceneError, match="take out `loop`, or `cut`"):
        dissolves(write_scene, "{0s: a tree, 0.5s: {text: a boat, dissolve: 1f}}\nloop: true")


def dissolves(write_scene: WriteScene, prompts: str) -> list[int]:
    specs = read(write_scene(TINY.replace(PROMPTS, f"prompts: {prompts}"))).frames
    assert all(spec.cut for spec in specs if spec.dissolve)
    return [spec.dissolve for spec in specs]


@pytest.mark.slow
def test_shots_rendered_apart_are_the_same_film(write_scene: WriteScene, tmp_path: Path) -> None:
    scene = write_scene(CUT)
    document = read(scene)
    run(scene, tmp_path / "whole")
    parts = frame_spec.shots(document.frames)
    for part in reversed(parts):
        assert apart(document, tmp_path / "parts", part).name == f"{part.start:06d}"
    assert painted(run(scene, tmp_path / "parts")) == []
    one, two = tmp_path / "whole" / "tiny", tmp_path / "parts" / "tiny"
    assert hashes(one) == hashes(two)
    assert hashes(one, "states/*").keys() == hashes(two, "states/*").keys()
    assert hashes(one, "*.mp4") == hashes(two, "*.mp4")
    assert len((two / "progress.jsonl").read_text().splitlines()) == 6


@pytest.mark.slow
def test_only_the_shots_of_a_span_are_painted(write_scene: WriteScene, tmp_path: Path) -> None:
    seen: list[Event] = []
    order = Order(tmp_path, span=(4, 6), device="cpu")
    (result,) = render_all([write_scene(CUT)], (), order, seen.append)
    assert result.error is None
    assert painted(seen) == [4, 5]
    assert painted(run(write_scene(CUT), tmp_path)) == [0, 1, 2, 3]


@pytest.mark.slow
def test_the_making_behind_a_cut_is_painted_again_exactly(write_scene: WriteScene, tmp_path: Path) -> None:
    asked = ("timelapse={at: [1s, 1.25s]}",)
    run(write_scene(CUT), tmp_path / "one", asked)
    run(write_scene(CUT), tmp_path / "two")
    run(write_scene(CUT), tmp_path / "two", asked)
    one, two = (hashes(tmp_path / name / "tiny", "making/*/*.png") for name in ("one", "two"))
    assert one == two
    assert one


def broken(monkeypatch: pytest.MonkeyPatch, frame: int, times: int) -> None:
    """Losses of a frame are no number, so many times."""
    check, left = optimize._check, [times]

    def no_number(losses: dict[str, float], index: int, steps: int) -> None:
        if index == frame and left[0]:
            left[0] -= 1
            losses = {**losses, "prompt": float("nan")}
        check(losses, index, steps)

    monkeypatch.setattr(optimize, "_check", no_number)


@pytest.mark.slow
def test_a_loss_that_is_no_number_gets_another_seed_once(
    write_scene: WriteScene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = write_scene()
    run(scene, tmp_path / "well")
    broken(monkeypatch, 3, 1)
    seen = run(scene, tmp_path / "odd")
    (told,) = [event for event in seen if isinstance(event, events.PaintedOtherwise)]
    assert (told.scene, told.frame) == ("tiny", 3)
    assert painted(seen) == [0, 1, 2, 3, 4, 5]
    well, odd = (hashes(tmp_path / name / "tiny") for name in ("well", "odd"))
    assert [well[name] == odd[name] for name in well] == [True, True, True, False, False, False]

    for name in ("frames/000003.png", "frames/000004.png", "frames/000005.png"):  # it goes on as it went
        (tmp_path / "odd" / "tiny" / name).unlink()
    assert painted(run(scene, tmp_path / "odd")) == [3, 4, 5]
    assert hashes(tmp_path / "odd" / "tiny") == odd
    asked = ("timelapse={at: 0.75s}",)
    run(scene, tmp_path / "odd", asked)
    last = sorted((tmp_path / "odd" / "tiny" / "making" / "000003").glob("*.png"))[-1]
    with Image.open(last) as one, Image.open(tmp_path / "odd" / "tiny" / "frames" / "000003.png") as two:
        assert one.tobytes() == two.tobytes()


@pytest.mark.slow
def test_a_loss_that_stays_no_number_ends_the_film(
    write_scene: WriteScene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken(monkeypatch, 3, 2)
    with pytest.raises(RenderError, match=r"frame 3: the loss 'prompt' is nan .*another seed, too") as it:
        run(write_scene(), tmp_path)
    assert not isinstance(it.value, DivergedError)
    assert len(hashes(tmp_path / "tiny")) == 3
    monkeypatch.undo()
    assert painted(run(write_scene(), tmp_path)) == [3, 4, 5]


@pytest.mark.parametrize("text", ["", "[]", "{", '{"a": 1}', '{"3": 5}', "null"])
def test_a_note_of_other_seeds_may_be_anything(text: str, tmp_path: Path) -> None:
    (tmp_path / retried.NAME).write_text(text)
    assert retried.read(Folder(tmp_path), ["a", "b"]) == frozenset()
    retried.note(Folder(tmp_path), ["a", "b"], 1)
    assert retried.read(Folder(tmp_path), ["a", "b"]) == {1}
    assert retried.read(Folder(tmp_path), ["a", "other"]) == frozenset()
    assert json.loads((tmp_path / retried.NAME).read_text()) == {"1": "b"}


def test_a_part_has_a_folder_of_its_own(tiny: Document, tmp_path: Path) -> None:
    job = Job(tiny, Order(tmp_path), CPU)
    assert job.folder == tmp_path / "tiny"
    assert dataclasses.replace(job, part=range(4, 6)).folder == tmp_path / "tiny" / "shots" / "000004"
    assert frames.BEYOND > 200_000
