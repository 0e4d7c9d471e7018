"""Films carry their scenes, and give them back."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from animator.batch.order import Order
from animator.batch.run import render_all
from animator.cli import app
from animator.errors import MovieError, OutputError
from animator.film import compare, embedded
from animator.film.embedded import Embedded
from animator.media import ffmpeg
from animator.report import difference
from animator.scene.document import read
from tests.conftest import TINY

WriteScene = Callable[..., Path]
RunCli = Callable[..., "subprocess.CompletedProcess[str]"]
SHORT = TINY.replace("6f", "3f")


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=300), st.lists(st.text(max_size=20), max_size=3))
def test_what_is_written_is_what_is_read(text: str, changes: list[str]) -> None:
    whole = Embedded(text, tuple(changes), "reef", "1.0", "key")
    tags = embedded._tags(embedded.metadata(whole).decode())
    assert embedded._embedded(tags["comment"]) == whole


@pytest.mark.parametrize(
    ("text", "there"),
    [
        ("audio: /home/ann/songs/tune.flac", "audio: tune.flac"),
        ("prompts: {image: /srv/a b/photo.png}", "prompts: {image: a b/photo.png}"),
        ("audio: songs/tune.flac", "audio: songs/tune.flac"),
        ("fps: 24000/1001", "fps: 24000/1001"),
        ("# see https://example.org/a/b.html", "# see https://example.org/a/b.html"),
        ("motion: {zoom: 1 + t/4/bpm}", "motion: {zoom: 1 + t/4/bpm}"),
    ],
)
def test_paths_say_nothing_of_where_they_lie(text: str, there: str) -> None:
    assert embedded.without_places(text) == there
    assert embedded.without_places(f"image: {Path.cwd()}/photos/sea.png") == "image: photos/sea.png"


@pytest.mark.slow
@pytest.mark.parametrize("codec", ["h264", "prores", "webm", "ffv1"])
def test_films_carry_their_scenes(codec: str, write_scene: WriteScene, tmp_path: Path) -> None:
    changes = (f"output={{codec: {codec}}}", "seed=5")
    (result,) = render_all([write_scene(SHORT)], changes, Order(tmp_path / "out", device="cpu"), lambda event: None)
    assert result.film is not None, result.error
    found = embedded.read(result.film)
    assert (found.text, found.changes, found.name) == (SHORT, changes, "tiny")
    assert str(tmp_path).encode() not in result.film.read_bytes()
    record = json.loads((result.film.parent / "run.json").read_text())
    assert (record["result"], record["frames"], record["there"], record["seed"]) == ("finished", 3, 3, 5)
    assert record["scene"] == SHORT
    assert record["last key"] == found.key
    assert record["models"].keys() == {"pocket"}
    assert str(tmp_path) not in json.dumps(record)


@pytest.mark.slow
def test_a_film_is_extracted_reproduced_and_compared(write_scene: WriteScene, tmp_path: Path, run_cli: RunCli) -> None:
    scene, film = write_scene(SHORT), tmp_path / "out" / "tiny" / "tiny.mp4"
    (result,) = render_all([scene], ("seed=5",), Order(tmp_path / "out", device="cpu"), lambda event: None)
    assert result.error is None
    scene.unlink()
    shown = CliRunner().invoke(app, ["extract", str(film)])
    assert shown.output == f"# rendered with --set seed=5\n{SHORT}"
    back = ["extract", str(film), "--to", str(tmp_path / "back.yaml")]
    assert CliRunner().invoke(app, back).exit_code == 0
    assert isinstance(CliRunner().invoke(app, back).exception, OutputError)
    again = run_cli("reproduce", film, "--out", tmp_path / "again")
    assert again.returncode == 0, again.stderr
    assert "all 3 frames are equal" in again.stdout
    told = CliRunner().invoke(app, ["diff", str(film), str(tmp_path / "back.yaml")]).output
    assert told == "seed: 3 -> 5\nframes differ from the first one on\n" or told.startswith("seed: 5 -> 3\n")
    bare = Order(tmp_path / "bare", device="cpu")
    (result,) = render_all([tmp_path / "back.yaml"], ("output.strip=true",), bare, lambda event: None)
    assert result.film is not None
    with pytest.raises(MovieError, match="carries no scene"):
        embedded.read(result.film)


def test_scenes_are_told_apart(write_scene: WriteScene) -> None:
    one = difference.opened(write_scene(SHORT, "one.yaml"))
    for before, after, lines in (
        ("3f", "3f", ["all 3 frames are the same"]),
        ("3f", "2f", ["duration: 3f -> 2f", "the first 2 frames are the same; they differ from 0.5s on"]),
        ("ultrafast", "fast", ["output.preset: ultrafast -> fast", "all 3 frames are the same"]),
        (
            "zoom: 1.5",
            "zoom: 1.6",
            ["motion.zoom: 1.5 -> 1.6", "the first frame is the same; they differ from 0.25s on"],
        ),
    ):
        other = difference.opened(write_scene(SHORT.replace(before, after), "other.yaml"))
        assert list(difference.lines(one, other)) == lines


def film(path: Path, colour: str, frames: int = 3, size: str = "32x32") -> Path:
    source = ["-f", "lavfi", "-i", f"color={colour}:s={size}:r=4", "-frames:v", str(frames), "-c:v", "ffv1"]
    with ffmpeg.process([*ffmpeg.QUIET, *source, str(path)], stdin=subprocess.DEVNULL) as made:
        assert made.wait() == 0
    return path


def test_films_are_compared(tmp_path: Path) -> None:
    one = film(tmp_path / "one.mkv", "red")
    assert str(compare.films(one, film(tmp_path / "two.mkv", "red"))) == "all 3 frames are equal"
    other = compare.films(one, film(tmp_path / "other.mkv", "0xf00000"))
    assert other.alike
    assert other.equal == 0
    assert 20 < other.psnr < 60
    assert not compare.films(one, film(tmp_path / "more.mkv", "red", 4)).alike
    assert not compare.films(one, film(tmp_path / "large.mkv", "red", 3, "64x64")).alike


@pytest.mark.parametrize("content", [b"", b"no film", b"\x00" * 100])
def test_no_file_is_anything_but_an_error_of_ours(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    path.write_bytes(content)
    with pytest.raises(MovieError):
        embedded.read(path)
    with pytest.raises(MovieError):
        embedded.read(tmp_path / "missing.mp4")
    with pytest.raises(MovieError):
        embedded.read(film(tmp_path / "bare.mkv", "red"))


def test_the_scene_of_a_document_is_its_text(write_scene: WriteScene) -> None:
    document = read(write_scene(SHORT), ("seed=5",))
    assert embedded.of(document, "key").changes == ("seed=5",) == document.changes
