"""render.py as a person uses it, with real processes."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from animator.batch.order import Order
from animator.batch.run import render_all
from animator.files import sha256
from tests.conftest import ROOT, TINY

pytestmark = pytest.mark.slow

Run = Callable[..., "subprocess.CompletedProcess[str]"]
WriteScene = Callable[..., Path]


def test_render_resume_and_edit(run_cli: Run, write_scene: WriteScene, tmp_path: Path) -> None:
    scene, out = write_scene(), tmp_path / "out"
    first = run_cli(scene, "--out", out, "--device", "cpu")
    assert first.returncode == 0, first.stderr
    film = out / "tiny" / "tiny.mp4"
    frames = sorted((out / "tiny" / "frames").glob("*.png"))
    assert len(frames) == 6
    before = {path: (sha256(path), path.stat().st_mtime_ns) for path in [film, *frames]}

    again = run_cli(scene, "--out", out, "--device", "cpu")
    assert again.returncode == 0
    assert {path: (sha256(path), path.stat().st_mtime_ns) for path in before} == before  # nothing was touched

    write_scene(TINY.replace("1s: a blue square", "1s: a green star"))
    edited = run_cli(scene, "--out", out, "--device", "cpu")
    assert edited.returncode == 0
    # the fade to the new text begins at 0.75 s, frame 3
    assert "tiny: 4 of 6 frames kept, rendering from frame 4; changed: prompts" in edited.stderr
    kept = [path for path in frames if path.stat().st_mtime_ns == before[path][1]]
    assert kept == frames[:4]
    assert sha256(film) != before[film][0]

    write_scene(TINY.replace("threads: 1", "threads: 1, crf: 30").replace("1s: a blue square", "1s: a green star"))
    smaller = run_cli(scene, "--out", out, "--device", "cpu")  # how it is written changes no frame
    assert "rendering" not in smaller.stderr
    assert film.stat().st_size < before[film][1]


def test_generators_hand_over_and_a_film_goes_on_behind_it(
    run_cli: Run, write_scene: WriteScene, tmp_path: Path
) -> None:
    siren = "{type: siren, layers: 2, hidden: 16, draft: 32}"
    scene = write_scene(TINY.replace(siren, f"{{0s: {siren}, 0.5s: fft, 1s: vqgan}}"))
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    orders = [Order(parts, (0, upto), "cpu") for upto in (5, 6)]  # within what the last one paints
    for order in (Order(whole, device="cpu"), *orders):
        assert render_all([scene], (), order, lambda event: None)[0].error is None
    assert run_cli("encode", scene, "--out", parts).returncode == 0
    for frame in sorted((whole / "tiny" / "frames").glob("*.png")):
        assert sha256(frame) == sha256(parts / "tiny" / "frames" / frame.name), frame.name
    assert sha256(whole / "tiny" / "tiny.mp4") == sha256(parts / "tiny" / "tiny.mp4")


def test_models_are_trained_on_ones_own_pictures_and_used(
    run_cli: Run, write_scene: WriteScene, tmp_path: Path
) -> None:
    photos, work = tmp_path / "photos", tmp_path / "work"
    photos.mkdir()
    for number, colour in enumerate([(200, 20, 20), (20, 20, 200), (20, 200, 20)]):
        Image.new("RGB", (40, 30), colour).save(photos / f"{number}.png")
        (photos / f"{number}.txt").write_text("a red square\na square\n")
    (photos / "3.png").write_bytes(b"broken")
    (photos / "3.txt").write_text("a blue square\n")
    quick = ("--images", photos, "--workers", 0, "--device", "cpu", "--set", "steps=2", "--set", "batch=2")
    small = ("--set", "sides=[16]", "--set", "ch_mult=[1,1]", "--set", "n_embed=8", "--set", "codebook_from=1")
    trained = run_cli("train", "vqgan", *quick, *small, "--work", work)
    assert trained.returncode == 0, trained.stderr
    assert f"{work}/vqgan.safetensors: finished" in trained.stdout
    shape = ("--set", "side=2", "--set", "width=16", "--set", "layers=1", "--set", "heads=2")
    drawing = (
        "train",
        "transformer",
        *quick,
        *shape,
        "--vqgan",
        work / "vqgan.safetensors",
        "--work",
        tmp_path / "gpt",
    )
    told = run_cli(*drawing)
    assert told.returncode == 0, told.stderr
    assert "3.png: cannot be read as a picture" in told.stdout
    assert "3 pictures of 4 pixels as codes" in told.stdout
    drawer = tmp_path / "gpt" / "transformer.safetensors"
    generator: dict[str, object] = {"type": "vqgan", "model": str(work / "vqgan.safetensors")}
    generator["start"] = {"from": "transformer", "model": str(drawer)}
    scene = write_scene(re.sub("generator: .*", f"generator: {json.dumps(generator)}", TINY.replace("6f", "2f")))
    rendered = run_cli(scene, "--out", tmp_path / "out", "--device", "cpu")
    assert rendered.returncode == 0, rendered.stderr
    store = {**os.environ, "ANIMATOR_MODELS": str(tmp_path / "models")}
    imported = run_cli("models", "import", work / "last.ckpt", "--name", "mine", env=store)
    assert imported.returncode == 0, imported.stderr
    assert "mine: 8 codes, f2" in imported.stdout
    assert "mine " in run_cli("models", env=store).stdout
    assert run_cli("models", "import", work / "last.ckpt", "--name", "pocket", env=store).returncode == 69


def test_a_film_of_some_frames_and_a_fresh_start(run_cli: Run, write_scene: WriteScene, tmp_path: Path) -> None:
    scene, out = write_scene(), tmp_path / "out"
    part = run_cli(scene, "--out", out, "--frames", "1:3", "--set", "seed=8")
    assert part.returncode == 0, part.stderr
    assert (out / "tiny" / "tiny.1-3.mp4").is_file()
    assert not (out / "tiny" / "tiny.mp4").exists()
    assert len(list((out / "tiny" / "frames").glob("*.png"))) == 3
    fresh = run_cli("--fresh", scene, "--out", out, "--frames", ":2")
    assert fresh.returncode == 0
    assert len(list(out.glob("tiny.old-*"))) == 1
    assert run_cli(scene, "--frames", "3").returncode == 2


def test_a_scene_that_fails_does_not_stop_the_next(run_cli: Run, write_scene: WriteScene, tmp_path: Path) -> None:
    bad = write_scene("duration: 1\nprompts: x\n", "bad.yaml")
    good = write_scene(TINY.replace("6f", "2f"), "good.yaml")
    done = run_cli(bad, good, "--out", tmp_path / "out", "--json")
    assert done.returncode == 1
    events = [json.loads(line) for line in done.stdout.splitlines()]
    by_name = {event["event"]: event for event in events}
    assert by_name["scene_failed"]["scene"] == "bad"
    assert by_name["scene_failed"]["error"]["exit_code"] == 65
    assert "bad.yaml:1:11" in by_name["scene_failed"]["error"]["message"]
    assert by_name["film_done"]["scene"] == "tiny"
    assert Path(by_name["film_done"]["film"]).is_file()
    assert by_name["encoding"]["frames"] == 2
    frames = [event for event in events if event["event"] == "frame_done"]
    assert [(event["frame"], event["steps"]) for event in frames] == [(0, 4), (1, 3)]
    assert set(frames[0]["losses"]) == {"prompt", "drift", "total_variation"}


def test_check_and_plan(run_cli: Run, write_scene: WriteScene) -> None:
    scenes = sorted((ROOT / "scenes").glob("*.yaml"))
    good = run_cli("check", *(path for path in scenes if "# needs:" not in path.read_text()))
    assert good.returncode == 0, good.stderr
    assert "hello.yaml: ok, 96 frames, 8s of 256x256" in good.stdout
    assert "loom.yaml: needs pocket (included), pocket-transformer (included), pocket-vqgan (included)" in good.stdout
    bad = run_cli("check", write_scene("duration: 1s\nprompts: x\ngenerator: {type: siren, hiden: 3}\n"))
    assert bad.returncode == 65
    assert 'tiny.yaml:3:26: generator.hiden: unknown option; did you mean "hidden"?' in bad.stderr
    plan = run_cli("plan", "--device", "cpu", write_scene(name="plan.yaml"))
    assert "a red circle -> a blue square" in plan.stdout
    assert "19 steps (4 for the first frame), 76 cutouts" in plan.stdout
    assert re.search(r"memory on cpu: a step takes \d+ MB.*; beside it the models, \d+ MB of files", plan.stdout)
    nowhere = run_cli("plan", "--device", "abacus", write_scene(name="plan.yaml"))
    assert nowhere.returncode == 69
    assert "unknown device 'abacus'" in nowhere.stderr


def test_models_are_listed_and_what_is_missing_is_said(run_cli: Run, tmp_path: Path) -> None:
    env = {**os.environ, "ANIMATOR_MODELS": str(tmp_path / "models")}
    listed = run_cli("models", env=env)
    assert listed.returncode == 0, listed.stderr
    lines = {line.split()[0]: line for line in listed.stdout.splitlines()}
    assert "shipped" in lines["pocket-vqgan"]
    assert "to fetch" in lines["ViT-B/32"]
    assert "MIT" in lines["RN50x64"]
    scene = ROOT / "scenes" / "cathedral.yaml"
    for command in (["check", scene], [scene, "--out", tmp_path]):
        missing = run_cli(*command, env=env)
        assert missing.returncode == 69
        assert "models fetch ViT-B/32 ViT-B/16 imagenet_f16_16384" in missing.stderr + missing.stdout
    offline = run_cli("models", "fetch", "--offline", "RN50", env=env)
    assert offline.returncode == 69
    assert "--offline was asked for" in offline.stderr
    assert run_cli("models", "where", env=env).stdout.strip() == str(tmp_path / "models")
    assert run_cli("models", "verify", "pocket", env=env).stdout.startswith("pocket: nothing was noted")
    assert run_cli("models", "remove", "pocket", env=env).returncode == 69
    unknown = run_cli("models", "verify", "poket", env=env)
    assert unknown.returncode == 69
    assert "no such model" in unknown.stderr


def test_words_that_the_model_never_saw_are_named(run_cli: Run, write_scene: WriteScene) -> None:
    scene = write_scene("duration: 1s\nprompts: a quantum flowr on blue\n")
    checked = run_cli("check", scene)
    assert checked.returncode == 0
    assert "never saw the word 'quantum'" in checked.stderr
    assert "never saw the word 'flowr' (near it: flower" in checked.stderr
    assert "'blue'" not in checked.stderr
    assert "flower" in run_cli("words").stdout.split()


def test_wrong_command_lines(run_cli: Run, write_scene: WriteScene, tmp_path: Path) -> None:
    assert run_cli("--nonsense").returncode == 2
    assert run_cli(tmp_path / "absent.yaml").returncode == 65
    missing = run_cli(write_scene(), "--device", "cuda:99", "--out", tmp_path / "out")
    assert missing.returncode == 69
    assert "cuda:99" in missing.stderr
    assert run_cli(write_scene(), "--set", "guide.encoders={nothing: 1}", "--out", tmp_path / "out").returncode == 65
    assert run_cli("--help").returncode == 0
    (tmp_path / "file").write_text("in the way")
    assert run_cli(write_scene(), "--out", tmp_path / "file").returncode == 74


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_asked_to_stop_it_stops(write_scene: WriteScene, tmp_path: Path, number: int, code: int) -> None:
    scene, out = write_scene(TINY.replace("6f", "400f").replace("1s: a", "90s: a")), tmp_path / "out"
    command = [sys.executable, str(ROOT / "render.py"), str(scene), "--out", str(out)]
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)
    journal = out / "tiny" / "journal.jsonl"
    deadline = time.monotonic() + 120
    while not (journal.exists() and journal.read_bytes().count(b"\n") >= 2):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    asked = time.monotonic()
    os.kill(process.pid, number)
    _, said = process.communicate(timeout=60)
    assert process.returncode == code
    assert time.monotonic() - asked < 10
    assert "the same command goes on" in said
    lines = journal.read_bytes().count(b"\n")
    assert 2 <= lines < 400
    for line in map(json.loads, journal.read_bytes().splitlines()):
        assert sha256(out / "tiny" / "frames" / f"{line['frame']:06d}.png") == line["png"]


def test_two_scenes_of_one_name_are_refused_before_anything(
    run_cli: Run, write_scene: WriteScene, tmp_path: Path
) -> None:
    one, other = write_scene(name="one.yaml"), write_scene(TINY.replace("name: tiny", "name: Tiny"), "other.yaml")
    done = run_cli(one, other, "--out", tmp_path / "out")
    assert done.returncode == 65
    assert "one.yaml" in done.stderr
    assert "other.yaml" in done.stderr
    assert not (tmp_path / "out").exists()


def test_frames_behind_the_end_are_an_error(run_cli: Run, write_scene: WriteScene, tmp_path: Path) -> None:
    done = run_cli(write_scene(), "--out", tmp_path / "out", "--frames", "100:200")
    assert done.returncode == 65
    assert "--frames 100:200: tiny has 6 frames, 0 to 5" in done.stderr
    assert not (tmp_path / "out").exists()
    assert run_cli(write_scene(), "--out", tmp_path / "out", "--frames", "\u0663:6").returncode == 2


def test_a_film_that_was_shortened_is_whole_again_at_once(
    run_cli: Run, write_scene: WriteScene, tmp_path: Path
) -> None:
    scene, out = write_scene(), tmp_path / "out"
    assert run_cli(scene, "--out", out).returncode == 0
    assert run_cli(scene, "--out", out, "--set", "duration=4f").returncode == 0
    assert len(list((out / "tiny" / "frames").iterdir())) == 4
    again = run_cli(scene, "--out", out)
    assert "rendering" not in again.stderr
    assert len(list((out / "tiny" / "frames").iterdir())) == 6


STOPPING = """\
import os, signal, sys, threading, time
from animator.film import encode
feed = encode._raw
def slowly(frames, size):
    for number, chunk in enumerate(feed(frames, size)):
        if number == 2:
            os.killpg(0, signal.{name}) if {group} else os.kill(os.getpid(), signal.{name})
        yield chunk
        time.sleep(0.05)
encode._raw = slowly
sys.argv[0] = "render.py"
from animator.cli import main
main()
"""


@pytest.mark.parametrize(("name", "code"), [("SIGINT", 130), ("SIGTERM", 143)])
@pytest.mark.parametrize("group", [True, False], ids=["the whole group", "the renderer alone"])
def test_asked_to_stop_while_encoding_it_stops(
    write_scene: WriteScene, tmp_path: Path, name: str, code: int, group: bool
) -> None:
    program = STOPPING.format(name=name, group=group)
    command = [sys.executable, "-c", program, str(write_scene()), "--out", str(tmp_path / "out")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, start_new_session=True)
    assert done.returncode == code, done.stderr
    assert "the same command goes on" in done.stderr
    assert not list((tmp_path / "out" / "tiny").glob("*.mp4"))
    assert len(list((tmp_path / "out" / "tiny" / "frames").iterdir())) == 6


@pytest.mark.parametrize("broken", ["json reader gone", "stderr closed", "stderr full", "stdout full"])
def test_a_report_that_cannot_be_written_does_not_end_the_film(
    broken: str, write_scene: WriteScene, tmp_path: Path
) -> None:
    command = f"{sys.executable} render.py {write_scene(TINY.replace('6f', '3f'))} --out {tmp_path / 'out'} "
    command += {
        "json reader gone": "--json | head -1 > /dev/null; exit ${PIPESTATUS[0]}",
        "stderr closed": "2>&-",
        "stderr full": "2> /dev/full",
        "stdout full": "--json > /dev/full",
    }[broken]
    done = subprocess.run(["bash", "-c", command], cwd=ROOT, timeout=200, check=False)
    assert done.returncode == 0
    assert (tmp_path / "out" / "tiny" / "tiny.mp4").is_file()


def test_letters_that_a_terminal_does_not_have_are_escaped(run_cli: Run, write_scene: WriteScene) -> None:
    env = {**os.environ, "PYTHONIOENCODING": "latin-1"}
    planned = run_cli("plan", write_scene(TINY.replace("a red circle", "夜 red")), "--device", "cpu", env=env)
    assert planned.returncode == 0, planned.stderr
    assert "\\u591c red" in planned.stdout
