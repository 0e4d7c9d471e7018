"""A batch with real children, which are killed, hang, grow and fail, while the films come out as if nothing was."""

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from animator.batch import batch, controls, limits, night, retries
from animator.batch.batch import Batch, exit_code
from animator.batch.order import Order, Result
from animator.batch.run import render_all
from animator.errors import BusyError, ChildError, FaultError, LeftError, ModelError, OutputError, SceneError
from animator.report import events, ledger
from animator.report.events import Event
from animator.scene import document
from bench.night import faults
from tests.conftest import ROOT, TINY

WriteScene = Callable[..., Path]
pytestmark = [pytest.mark.slow, pytest.mark.timeout(280)]
SHORT = TINY.replace("6f", "4f")
LONG = TINY.replace("6f", "400f").replace("steps: 3}", "steps: 15}")
PROMPTS = "prompts: {0s: a red circle, 1s: a blue square, fade: 0.5s}"


@pytest.fixture(autouse=True)
def _one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in this process: films on a CPU are the same bytes for the same number of threads."""
    monkeypatch.setenv("OMP_NUM_THREADS", "1")


def render(scenes: list[Path], out: Path, **options: object) -> tuple[list[Result], list[Event]]:
    seen: list[Event] = []
    order = Order(out, device="cpu")
    given = {"options": {"devices": ("cpu",)}, **options}
    return batch.render(Batch(scenes, order, **given), seen.append), seen  # type: ignore[arg-type]


def named(write_scene: WriteScene, *names: str, text: str = SHORT) -> list[Path]:
    """Scenes that differ in their seeds, so that none takes another's frames."""
    scenes = []
    for number, name in enumerate(names):
        changed = text.replace("tiny", name).replace("seed: 3", f"seed: {number}")
        scenes.append(write_scene(changed, f"{name}.yaml"))
    return scenes


def hashes(out: Path) -> dict[str, str]:
    paths = [*out.glob("*/frames/*.png"), *out.glob("*/*.mp4")]
    return {str(path.relative_to(out)): hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(paths)}


def test_whatever_happens_to_children_the_films_are_the_same(
    write_scene: WriteScene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retries, "WAITS", (0.1, 0.2))
    monkeypatch.setattr(night, "GRACE", 2.0)
    monkeypatch.setitem(retries.MORE, ChildError, 1)  # each new child takes seconds; test_retries has the real numbers
    names = ("once", "always", "hangs", "grows", "ffmpeg", "well")
    scenes = named(write_scene, *names)
    peaceful = render_all(scenes, (), Order(tmp_path / "peace", device="cpu"), lambda event: None)
    assert [result.error for result in peaceful] == [None] * len(names)
    plan = {
        "once": {"frame": 1, "what": "kill", "times": 1},
        "always": {"frame": 3, "what": "kill", "times": 9},
        "hangs": {"frame": 2, "what": "hang", "times": 1},
        "grows": {"frame": 2, "what": "grow", "times": 1, "megabytes": 1500},
        "ffmpeg": {"what": "ffmpeg", "times": 1},
    }
    strict = limits.Limits(silence=7.0, memory=1_400_000_000)
    with faults.laid(tmp_path / "faults", plan):
        results, seen = render(scenes, tmp_path / "war", limits=strict)
    by_name = {result.scene: result for result in results}
    assert [result.scene for result in results if result.film is None] == ["always"]
    assert isinstance(by_name["always"].error, ChildError)
    assert "was killed by SIGKILL" in str(by_name["always"].error)
    assert faults.happened(tmp_path / "faults", "always") == 2
    for name in plan.keys() - {"always"}:
        assert faults.happened(tmp_path / "faults", name) == plan[name]["times"], name
    peace, war = hashes(tmp_path / "peace"), hashes(tmp_path / "war")
    assert {name: peace[name] for name in war} == war
    assert peace.keys() - war.keys() == {"always/frames/000003.png", "always/always.mp4"}
    reasons = {event.scene: event.reason for event in seen if isinstance(event, events.Retrying)}
    assert "silent for" in reasons["hangs"]
    assert "grew to" in reasons["grows"]
    assert "ffmpeg ended with -9" in reasons["ffmpeg"]
    done = [event.frame for event in seen if isinstance(event, events.FrameDone) and event.scene == "once"]
    assert sorted(set(done)) == [0, 1, 2, 3]
    assert done.count(0) == 1  # what was committed is not rendered again
    found = ledger.read(tmp_path / "war" / controls.NAME / "journal.jsonl")
    assert found.entries["once"].tries == 1
    assert (found.entries["always"].state, found.entries["well"].state) == ("failed", "finished")


def test_eight_scenes_of_which_three_are_broken(write_scene: WriteScene, tmp_path: Path) -> None:
    scenes = named(write_scene, *(f"film{number}" for number in range(8)), text=SHORT.replace("4f", "1f"))
    scenes[3].write_text(scenes[3].read_text().replace("prompts:", "promts:"))
    scenes[5].write_text(scenes[5].read_text().replace(PROMPTS, "prompts: {image: nowhere.png}"))
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "film6").write_text("not a folder")
    command = [sys.executable, "render.py", "batch", *map(str, scenes), "--out", str(tmp_path / "out"), "--json"]
    done = subprocess.run([*command, "--devices", "cpu"], cwd=ROOT, capture_output=True, text=True, timeout=250)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    failed = {line["scene"]: line["error"]["message"] for line in lines if line["event"] == "scene_failed"}
    assert done.returncode == 1
    assert failed.keys() == {"film3", "film5", "film6"}
    assert "promts: unknown option" in failed["film3"]
    assert "nowhere.png" in failed["film5"]
    assert "film6" in failed["film6"]
    assert len(list((tmp_path / "out").glob("*/*.mp4"))) == 5
    assert [line["done"] for line in lines if line["event"] == "batch_done"] == [5]
    page = (tmp_path / "out" / "_batch" / "report.html").read_text()
    assert "5 of 8 films" in page
    assert "promts: unknown option" in page
    status = subprocess.run(
        [sys.executable, "render.py", "status", str(tmp_path / "out")], cwd=ROOT, capture_output=True, text=True
    )
    assert status.stdout.startswith("8 films: 3 failed, 5 finished\n")


def start(scenes: list[Path], out: Path, *options: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "render.py", "batch", *map(str, scenes), "--out", str(out), "--devices", "cpu", *options]
    return subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def wait_for(what: Callable[[], object], seconds: float = 60.0) -> None:
    until = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < until, "it did not come"
        time.sleep(0.1)


def children_of(process: "subprocess.Popen[str]") -> list[int]:
    found = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    return [int(number) for number in found.read_text().split()] if found.exists() else []


def gone(number: int) -> bool:
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return True
    state = Path(f"/proc/{number}/stat")
    return not state.exists() or state.read_text().rpartition(")")[2].split()[0] == "Z"


def test_asked_to_stop_it_stops_and_goes_on(write_scene: WriteScene, tmp_path: Path) -> None:
    scenes = named(write_scene, "one", "two", text=LONG)
    process = start(scenes, tmp_path / "out")
    wait_for(lambda: len(list((tmp_path / "out" / "one" / "frames").glob("*.png"))) > 3)
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=30)
    assert time.monotonic() - began < 10
    assert process.returncode == 143
    assert "ending: asked to stop" in said
    assert "0 of 2 films are there, 2 left" in said
    before = {path.name for path in (tmp_path / "out" / "one" / "frames").glob("*.png")}
    short = ("--set", "duration=6f")
    process = start(scenes, tmp_path / "out", *short)
    said = process.communicate(timeout=120)[1]
    assert process.returncode == 0, said
    assert "one: all 6 frames are there" in said or len(before) < 6
    assert "2 of 2 films are there" in said


def test_a_parent_that_is_killed_takes_its_children_with_it(write_scene: WriteScene, tmp_path: Path) -> None:
    process = start(named(write_scene, "one", "two", text=LONG), tmp_path / "out")
    wait_for(lambda: list((tmp_path / "out" / "one" / "frames").glob("*.png")))
    children = children_of(process)
    assert children
    with pytest.raises(BusyError, match="a batch is rendered there by process"):
        render(named(write_scene, "three", "four"), tmp_path / "out")
    process.kill()
    process.communicate()
    wait_for(lambda: all(map(gone, children)), 15)
    status = subprocess.run(
        [sys.executable, "render.py", "status", str(tmp_path / "out")], cwd=ROOT, capture_output=True, text=True
    )
    assert "it ended without a word; the same command goes on" in status.stdout


def test_what_is_asked_for_while_films_are_rendered(
    write_scene: WriteScene, tmp_path: Path, run_cli: Callable[..., "subprocess.CompletedProcess[str]"]
) -> None:
    out = tmp_path / "out"
    one, two, three = named(write_scene, "one", "two", "three", text=LONG)
    added = write_scene(SHORT.replace("tiny", "added").replace("seed: 3", "seed: 9"), "added.yaml")
    with pytest.raises(OutputError, match="no batch is rendered there"):
        controls.ask(out, "one.cancel")
    process = start([one, two, three], out)
    wait_for(lambda: list((out / "one" / "frames").glob("*.png")))
    assert run_cli("cancel", "nobody", "--out", out).returncode == 74
    for command in (("add", added), ("first", "added"), ("cancel", "two"), ("cancel", "three"), ("cancel", "one")):
        asked = run_cli(*command, "--out", out)
        if command == ("first", "added") and asked.returncode:  # it is not in the journal yet
            wait_for(lambda: not list((out / controls.NAME / "queue").iterdir()))
            asked = run_cli(*command, "--out", out)
        assert asked.returncode == 0, asked.stderr
    shown = run_cli("status", out, "--json")
    assert json.loads(shown.stdout)["running"] is True
    said = process.communicate(timeout=120)[1]
    assert process.returncode == 75, said
    assert "added: came into the queue" in said
    assert "added: finished" in said
    assert "two: cancelled" in said
    assert "one: cancelled" in said
    assert not (out / "two").exists()


@pytest.mark.parametrize(
    ("limit", "said"), [(limits.Limits(seconds=4.0), "--max-hours"), (limits.Limits(disk=10_000), "--max-gb")]
)
def test_limits_leave_the_rest(limit: limits.Limits, said: str, write_scene: WriteScene, tmp_path: Path) -> None:
    scenes = named(write_scene, "one", "two", text=LONG)
    (tmp_path / "out" / "two").mkdir(parents=True)
    (tmp_path / "out" / "two" / "large").write_bytes(bytes(10_000))
    results, seen = render(scenes, tmp_path / "out", limits=limit)
    assert [type(result.error) for result in results] == [LeftError, LeftError]
    assert exit_code(results) == 75
    (ending,) = [event for event in seen if isinstance(event, events.BatchEnding)]
    assert said in ending.reason
    if limit.seconds:
        assert list((tmp_path / "out" / "one" / "frames").glob("*.png"))


def test_a_full_disk_ends_the_batch(write_scene: WriteScene, tmp_path: Path) -> None:
    scenes = named(write_scene, "one", "two", "three")
    with faults.laid(tmp_path / "faults", {"one": {"frame": 2, "what": "full", "times": 1}}):
        results, seen = render(scenes, tmp_path / "out")
    assert exit_code(results) == 74
    assert "No space left on device" in str(results[0].error)
    assert [type(result.error) for result in results[1:]] == [LeftError, LeftError]
    assert any(isinstance(event, events.BatchEnding) and event.reason == "the disk is full" for event in seen)
    assert not any(isinstance(event, events.Retrying) for event in seen)


def test_shots_are_rendered_at_the_same_time(write_scene: WriteScene, tmp_path: Path) -> None:
    cuts = "prompts: {0s: a tree, 0.5s: {text: a boat, cut: true}, 1s: {text: a sun, cut: true}}"
    text = TINY.replace(PROMPTS, cuts).replace("6f", "6f\npriority: 5")
    scenes = [*named(write_scene, "plain"), *named(write_scene, "shots", text=text)]
    peaceful = render_all(scenes, (), Order(tmp_path / "one", device="cpu"), lambda event: None)
    assert [result.error for result in peaceful] == [None, None]
    two = {"options": {"devices": ("cpu",), "per_device": 2}}
    results, seen = render(scenes, tmp_path / "two", **two)
    assert [result.error for result in results] == [None, None]
    begun = [(event.scene, event.shot) for event in seen if isinstance(event, events.TaskBegan)]
    assert begun[:2] == [("shots", 0), ("shots", 2)]  # of a higher priority
    assert sorted(begun, key=str) == sorted(
        [("plain", None), ("shots", 0), ("shots", 2), ("shots", 4), ("shots", None)], key=str
    )
    frames = [event.frame for event in seen if isinstance(event, events.FrameDone) and event.scene == "shots"]
    assert sorted(frames) == [0, 1, 2, 3, 4, 5]  # each once
    assert hashes(tmp_path / "one") == hashes(tmp_path / "two")


def test_a_dry_run_says_what_each_will_take(write_scene: WriteScene, tmp_path: Path) -> None:
    scenes = named(write_scene, "one", "two", text=LONG)
    bad = write_scene("name: bad\npromts: x\n", "bad.yaml")
    results, seen = render([*scenes, bad], tmp_path / "out", dry=True)
    assert [result.error is None for result in results] == [True, True, False]
    estimates = [event for event in seen if isinstance(event, events.Estimated)]
    assert [(event.scene, event.frames, event.missing) for event in estimates] == [("one", 400, 400), ("two", 400, 400)]
    assert all(event.seconds > 1 and event.disk and event.memory for event in estimates)
    assert not (tmp_path / "out" / "one").exists()


def test_scenes_come_from_folders_and_lists(write_scene: WriteScene, tmp_path: Path) -> None:
    one, two = named(write_scene, "one", "two")
    (tmp_path / "night.txt").write_text("# tonight\ntwo.yaml\n\none.yaml # the best\n")
    assert batch.scenes_of([tmp_path]) == [one, two]
    assert batch.scenes_of([tmp_path / "night.txt"]) == [two, one]
    (tmp_path / "empty.txt").write_text("# nothing\n")
    with pytest.raises(SceneError, match="no scenes in it"):
        batch.scenes_of([tmp_path / "empty.txt"])
    with pytest.raises(SceneError, match="cannot be read"):
        batch.scenes_of([tmp_path / "missing.txt"])


def test_in_this_process_too(write_scene: WriteScene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`--on here` does without children; and nobody foresaw what one of these scenes raises."""
    resolve = document.resolve

    def odd(plain: dict[str, object], *rest: object) -> object:
        if plain.get("name") == "odd":
            raise KeyError("nobody thought of this")
        return resolve(plain, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(document, "resolve", odd)
    scenes = named(write_scene, "one", "odd", "two")
    missing = write_scene(
        SHORT.replace("tiny", "missing").replace("guide: {", "guide: {encoders: ViT-B/32, "), "m.yaml"
    )
    results, seen = render([*scenes, missing], tmp_path / "out", runner="here", options={"device": "cpu"})
    assert [type(result.error) for result in results] == [type(None), FaultError, type(None), ModelError]
    assert "Traceback" in (tmp_path / "out" / "odd" / "error.log").read_text()
    wrong = [event.scene for event in seen if isinstance(event, events.SceneWrong)]
    assert wrong == ["odd", "missing"]
