"""Disks that are full or may not be written, and folders that somebody was in: one line each, and exit code 74."""

import io
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import imageio_ffmpeg
import pytest

from animator.batch.order import Order, Result
from animator.batch.run import render_all
from animator.errors import MovieError, OutputError
from animator.report import events
from animator.report.sinks.plain import Plain
from tests.conftest import ROOT, TINY

WriteScene = Callable[..., Path]
pytestmark = pytest.mark.slow
SHORT = TINY.replace("6f", "3f")


def render(scene: Path, out: Path, changes: tuple[str, ...] = (), fresh: bool = False) -> Result:
    (result,) = render_all([scene], changes, Order(out, device="cpu", fresh=fresh), Plain(io.StringIO()))
    return result


def refused(result: Result) -> str:
    assert isinstance(result.error, OutputError), result
    assert str(result.error).isprintable()
    return str(result.error)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Callable[[str], Path]]:
    """Mount a disk in memory with some options, and mount it anew with others."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = False

    def mount(options: str) -> Path:
        nonlocal mounted
        command = ["mount", "-t", "tmpfs", "-o", f"remount,{options}" if mounted else options, "tmpfs", str(place)]
        if shutil.which("mount") is None or subprocess.run(command, capture_output=True).returncode != 0:
            pytest.skip("needs the right to mount a disk")
        mounted = True
        return place

    yield mount
    if mounted:
        subprocess.run(["umount", "-l", str(place)], check=True)


@pytest.mark.parametrize(
    ("options", "spare"), [("size=16k,nr_inodes=100", 0), ("size=100m,nr_inodes=5", 4), ("size=100m,nr_inodes=9", 0)]
)
def test_a_disk_without_room(disk: Callable[[str], Path], write_scene: WriteScene, options: str, spare: int) -> None:
    place = disk(options)
    for number in range(spare):
        (place / str(number)).touch()
    if not spare and "16k" in options:
        with pytest.raises(OSError, match="No space"):
            (place / "fill").write_bytes(bytes(20_000))
    assert "No space left on device; make room and run the same command" in refused(
        render(write_scene(SHORT), place / "out")
    )
    assert not list(place.glob("out/tiny/*.mp4"))


def test_a_disk_that_may_only_be_read(disk: Callable[[str], Path], write_scene: WriteScene) -> None:
    """Before there is a film, and when all of it is there."""
    place = disk("size=100m,ro")
    assert "Read-only file system; see who may write there" in refused(render(write_scene(SHORT), place / "out"))
    disk("rw")
    assert render(write_scene(SHORT), place / "out").error is None
    disk("ro")
    for options in ({}, {"fresh": True}, {"changes": ("seed=4",)}):
        assert "Read-only file system" in refused(render(write_scene(SHORT), place / "out", **options))
    disk("rw")
    assert render(write_scene(SHORT), place / "out").error is None


@pytest.mark.parametrize(
    "part",
    ["journal.jsonl", ".lock", ".holder", "base.json", "scene.yaml", "tiny.mp4", "frames/000001.png"],
)
def test_a_folder_where_a_file_should_be(write_scene: WriteScene, tmp_path: Path, part: str) -> None:
    (tmp_path / "out" / "tiny" / part).mkdir(parents=True)
    assert str(tmp_path / "out" / "tiny" / part) in refused(render(write_scene(SHORT), tmp_path / "out"))


@pytest.mark.parametrize("part", ["out", "out/tiny", "out/tiny/frames", "out/tiny/states", "out/tiny/beyond"])
def test_a_file_where_a_folder_should_be(write_scene: WriteScene, tmp_path: Path, part: str) -> None:
    if part.endswith("beyond"):
        assert render(write_scene(TINY), tmp_path / "out").error is None
    (tmp_path / part).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / part).write_text("mine")
    assert "out" in refused(render(write_scene(SHORT), tmp_path / "out"))
    assert (tmp_path / part).read_text() == "mine"


@pytest.mark.parametrize("part", [".holder", "tiny.mp4.made-from.json", "base.json", "journal.jsonl", "scene.yaml"])
def test_notes_that_are_no_text(write_scene: WriteScene, tmp_path: Path, part: str) -> None:
    """They are written anew."""
    assert render(write_scene(SHORT), tmp_path).error is None
    whole = (tmp_path / "tiny" / "tiny.mp4").read_bytes()
    (tmp_path / "tiny" / part).write_bytes(b"\xff\xfe\x00{")
    assert render(write_scene(SHORT), tmp_path).error is None
    assert (tmp_path / "tiny" / "tiny.mp4").read_bytes() == whole


@pytest.mark.parametrize("gone", ["", "frames", "states", "journal.jsonl"])
def test_a_folder_that_is_deleted_while_rendering(write_scene: WriteScene, tmp_path: Path, gone: str) -> None:
    """What is gone is missed at the latest when the film is made; the same command renders it again."""

    def delete(event: events.Event) -> None:
        if isinstance(event, events.FrameDone) and event.frame == 1:
            target = tmp_path / "tiny" / gone
            shutil.rmtree(target) if target.is_dir() else target.unlink()

    (result,) = render_all([write_scene(SHORT)], (), Order(tmp_path, device="cpu"), delete)
    if gone != "journal.jsonl":
        assert str(tmp_path / "tiny") in refused(result)
    assert render(write_scene(SHORT), tmp_path).error is None


def test_without_ffmpeg_no_frame_is_painted(
    write_scene: WriteScene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "ffmpeg"
    broken.write_text("#!/bin/sh\nexit 3\n")
    broken.chmod(0o755)
    for program, reason in ((tmp_path / "none", "cannot be started"), (broken, "it ends with 3")):
        monkeypatch.setattr(imageio_ffmpeg, "get_ffmpeg_exe", lambda program=program: str(program))
        result = render(write_scene(SHORT), tmp_path / "out")
        assert isinstance(result.error, MovieError)
        assert reason in str(result.error)
    assert not (tmp_path / "out").exists()


AS_NOBODY = """
import io, os, shutil, sys
from pathlib import Path
from animator.batch.run import render_all
from animator.batch.order import Order
from animator.report.sinks.plain import Plain

scene, root = Path(sys.argv[1]), Path(sys.argv[2])
PARTS = sys.argv[3:]

def render(out):
    (result,) = render_all([scene], (), Order(out, device="cpu"), Plain(io.StringIO()))
    return result.error

assert render(root / "whole") is None  # which also imports all that is needed
for part in ("", *PARTS):
    out = root / (part.replace("/", "-") or "all")
    shutil.copytree(root / "whole", out)
    for path in (out, *out.rglob("*")):
        os.chown(path, 65534, 65534)
    if part:
        os.chown(out / "tiny" / part, 0, 0)
        os.chmod(out / "tiny" / part, 0o600)
os.chmod(root, 0o755)
os.setgid(65534)
os.setuid(65534)
for part in ("", *PARTS):
    error = render(root / (part.replace("/", "-") or "all"))
    print(f"{part}|{error.exit_code if error else 0}|{error or ''}")
"""
OTHERS = {  # a file that only root may touch, and whether the film is whole all the same
    "": True,
    ".lock": False,
    ".holder": False,
    "frames/000001.png": False,
    "states/000002.safetensors": True,
    "journal.jsonl": False,
    "tiny.mp4": False,
    "tiny.mp4.made-from.json": False,
    "base.json": True,
    "frames": False,
}


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() != 0, reason="needs root, to leave files of root's")
def test_files_of_somebody_else() -> None:
    with tempfile.TemporaryDirectory() as root:  # where others may look, unlike in pytest's
        scene = Path(root) / "tiny.yaml"
        scene.write_text(SHORT)
        os.chmod(root, 0o755)
        command = [sys.executable, "-c", AS_NOBODY, str(scene), root, *filter(None, OTHERS)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=250)
        assert done.returncode == 0, done.stderr
        found = [line.split("|", 2) for line in done.stdout.splitlines()]
        assert {part: int(code) for part, code, _ in found} == {
            part: 0 if fine else 74 for part, fine in OTHERS.items()
        }
        for part, code, message in found:
            assert code == "0" or f"{Path(root)}/{part.replace('/', '-')}/tiny" in message
