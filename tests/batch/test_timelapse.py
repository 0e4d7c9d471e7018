"""The making of a film's frames: recorded while it is rendered, or painted once more, it is the same."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from typer.testing import CliRunner

from animator import files
from animator.batch import shot
from animator.batch.order import Order
from animator.batch.run import render_all
from animator.cli import app
from animator.errors import OutputError
from animator.report import events
from animator.report.events import Event
from tests.conftest import ROOT, TINY
from tests.film.played import grey

WriteScene = Callable[..., Path]
Run = Callable[..., "subprocess.CompletedProcess[str]"]
pytestmark = pytest.mark.slow
PROCESS = "timelapse: {of: process, every: 2, before_after: true, caption: true, hold: 0.5s}\n"
KINDS = {
    "siren": TINY,
    "states thinned out": TINY.replace("threads: 1", "threads: 1, states_every: 4"),
    "steps as needed": TINY.replace("steps: 3}", "steps: 3, adapt: true}"),
    "a loop": TINY.replace("zoom: 1.5, rotate: 20", "zoom: 'exp(sin(2*pi*t/duration))'").replace("1s:", "0.5s:")
    + "loop: true\n",
    "one after another": TINY.replace("{type: siren, layers: 2, hidden: 16, draft: 32}", "{0s: siren, 1s: fft}"),
}


def run(scene: Path, out: Path, changes: tuple[str, ...] = (), work: object = shot.render) -> list[Event]:
    seen: list[Event] = []
    (result,) = render_all([scene], changes, Order(out, device="cpu"), seen.append, work)  # type: ignore[arg-type]
    if result.error is not None:
        raise result.error
    return seen


def hashes(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): files.sha256(path) for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.mark.parametrize("kind", KINDS)
def test_painted_again_is_recorded(kind: str, write_scene: WriteScene, tmp_path: Path) -> None:
    """Byte for byte: each picture on the way, what was lost at it, and the films."""
    scene = write_scene(KINDS[kind] + PROCESS)
    seen = run(scene, tmp_path / "recorded")
    assert not [event for event in seen if isinstance(event, events.PaintingAgain)]
    plain = write_scene(KINDS[kind], "plain.yaml")
    run(plain, tmp_path / "again")
    films = tmp_path / "recorded" / "tiny", tmp_path / "again" / "tiny"
    assert hashes(films[0] / "frames") == hashes(films[1] / "frames")  # that somebody watched changes nothing
    assert not (films[1] / "making").exists()
    seen = run(scene, tmp_path / "again")
    assert [event.frames for event in seen if isinstance(event, events.PaintingAgain)] == [6]
    assert not [event for event in seen if isinstance(event, events.FrameDone)]
    assert hashes(films[0] / "making") == hashes(films[1] / "making")
    for name in ("tiny.timelapse.mp4", "tiny.before-after.mp4", "tiny.before-after.png"):
        assert files.sha256(films[0] / name) == files.sha256(films[1] / name), name


def test_a_making_ends_with_the_frame(write_scene: WriteScene, tmp_path: Path) -> None:
    run(write_scene(TINY + PROCESS), tmp_path)
    film = tmp_path / "tiny"
    for frame in range(6):
        last = sorted((film / "making" / f"{frame:06d}").glob("*.png"))[-1]
        with Image.open(last) as made, Image.open(film / "frames" / f"{frame:06d}.png") as shown:
            assert made.tobytes() == shown.tobytes()


def test_the_work_of_the_command_paints_no_more_than_it_needs(write_scene: WriteScene, tmp_path: Path) -> None:
    scene = write_scene()
    seen = run(scene, tmp_path, ("timelapse.at=[0.5s]",), shot.timelapse)
    assert [event.frame for event in seen if isinstance(event, events.FrameDone)] == [0, 1, 2]
    film = tmp_path / "tiny" / "tiny.timelapse.mp4"
    assert len(grey(film)) == (4 + 4) * 32 * 32  # a start and three steps, and a second's hold
    assert not (tmp_path / "tiny" / "tiny.mp4").exists()
    before = film.stat().st_mtime_ns
    run(scene, tmp_path, ("timelapse.at=[0.5s]",), shot.timelapse)
    assert film.stat().st_mtime_ns == before
    seen = run(scene, tmp_path)
    assert [event.frame for event in seen if isinstance(event, events.FrameDone)] == [3, 4, 5]


@pytest.mark.parametrize(("written", "fps"), [("", "4"), ("timelapse: {fps: 8, at: 1s}\n", "8")])
def test_the_command_shows_what_the_scene_says(written: str, fps: str, write_scene: WriteScene, tmp_path: Path) -> None:
    """Or the first frame, where it says nothing."""
    scene = write_scene(TINY + written)
    done = CliRunner().invoke(app, ["timelapse", str(scene), "--out", str(tmp_path), "--device", "cpu"])
    assert done.exit_code == 0, done.output
    note = json.loads((tmp_path / "tiny" / "tiny.timelapse.mp4.made-from.json").read_text())
    options = json.loads(note["made_from"])[1]
    assert (options["fps"], options["frames"]) == (fps, [4] if written else [0])


def test_an_edit_makes_the_making_anew(write_scene: WriteScene, tmp_path: Path) -> None:
    scene = write_scene(TINY + PROCESS)
    run(scene, tmp_path)
    film = tmp_path / "tiny"
    before = hashes(film / "making")
    write_scene(TINY.replace("a blue square", "a green leaf") + PROCESS)
    run(scene, tmp_path)
    after = hashes(film / "making")
    kept = {name for name, digest in after.items() if before.get(name) == digest and name.endswith("json")}
    assert kept == {f"{frame:06d}/making.json" for frame in range(4)}  # the fade begins after frame 3


def _count(film: Path) -> int:
    """Pictures of makings; none while a folder is just given its name."""
    try:
        return len(list(film.glob("making/*/*.png")))
    except FileNotFoundError:
        return 0


def test_kills_leave_nothing_wrong(write_scene: WriteScene, tmp_path: Path) -> None:
    """At moments from the first step to the last film: the same command ends with what an undisturbed one makes."""
    scene = write_scene(TINY + PROCESS)
    run(scene, tmp_path / "whole")
    command = [
        sys.executable,
        str(ROOT / "render.py"),
        str(scene),
        "--out",
        str(tmp_path / "killed"),
        "--device",
        "cpu",
    ]
    film, kills = tmp_path / "killed" / "tiny", 0
    for marks in (2, 9):  # files of makings that are there when it is killed
        process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL, start_new_session=True)
        while process.poll() is None and _count(film) < marks:
            time.sleep(0.002)
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            kills += 1
        process.wait()
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    assert kills
    whole = hashes(tmp_path / "whole" / "tiny")
    made = hashes(film)
    assert {name: made.get(name) for name in whole if name.startswith(("frames", "making", "tiny."))} == {
        name: digest for name, digest in whole.items() if name.startswith(("frames", "making", "tiny."))
    }
    assert not [name for name in made if files.TEMPORARY in name]


def test_films_of_frames_that_are_there(write_scene: WriteScene, tmp_path: Path, run_cli: Run) -> None:
    """`encode` asks for all frames; `film` takes those there are, also while another process holds the folder."""
    scene = write_scene()
    with pytest.raises(OutputError, match="0 of 6 frames are there"):
        run(scene, tmp_path, (), shot.encode)
    run(scene, tmp_path, ("timelapse.at=[0.5s]",), shot.timelapse)
    with pytest.raises(OutputError, match="3 of 6 frames are there"):
        run(scene, tmp_path, (), shot.encode)
    done = run_cli("film", scene, "--out", tmp_path)
    assert done.returncode == 0, done.stderr
    assert len(grey(tmp_path / "tiny" / "tiny.so-far.mp4")) == 3 * 32 * 32
    run(scene, tmp_path)
    run(scene, tmp_path, ("output.codec=ffv1", "output.upscale=2x", "output.interpolate=2x"), shot.encode)
    assert len(grey(tmp_path / "tiny" / "tiny.mkv")) == 12 * 64 * 64


def test_ctrl_c_leaves_a_film_of_what_is_there(write_scene: WriteScene, tmp_path: Path) -> None:
    scene = write_scene(TINY.replace("6f", "600f"))
    command = [sys.executable, str(ROOT / "render.py"), str(scene), "--out", str(tmp_path), "--device", "cpu"]
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)
    frames = tmp_path / "tiny" / "frames"
    while process.poll() is None and not (frames / "000004.png").exists():
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    count = len(list(frames.glob("*.png")))
    assert len(grey(tmp_path / "tiny" / "tiny.so-far.mp4")) == count * 32 * 32
    assert f"{count} of 600 frames" in said
    with Image.open(tmp_path / "tiny" / "latest.png") as latest, Image.open(frames / f"{count - 1:06d}.png") as last:
        assert latest.tobytes() == last.tobytes()
    assert (tmp_path / "tiny" / "sheet.png").is_file()


def test_a_loop_whose_first_state_is_lost_is_the_same(write_scene: WriteScene, tmp_path: Path) -> None:
    scene = write_scene(KINDS["a loop"])
    run(scene, tmp_path)
    film = tmp_path / "tiny"
    before = hashes(film / "frames")
    for lost in ("states/000000.safetensors", "frames/000005.png"):
        (film / lost).unlink()
    run(scene, tmp_path)
    assert hashes(film / "frames") == before
