"""What is said and drawn of a song, and of the music in a scene's plan."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from animator.media.song import Song
from animator.report import plan, ruler, song
from animator.scene.document import read, resolve
from tests.conftest import ROOT

SCENES = ROOT / "scenes"


def example() -> Song:
    return Song(SCENES / "song.ogg", analysis=SCENES / "song.beats.json")


def test_a_song_in_words() -> None:
    said = song.describe(example())
    assert "0:20.00" in said
    assert "120.0 beats a minute" in said
    assert "10 bars of 4" in said
    assert [line.split()[-1] for line in said.splitlines()[4:]] == ["loud", "quiet", "loud"]


@pytest.mark.slow
def test_a_picture_of_a_song(tmp_path: Path) -> None:
    song.draw(example(), tmp_path / "song.png")
    with Image.open(tmp_path / "song.png") as picture:
        colours = {colour for _, colour in picture.convert("RGB").getcolors(1 << 20)}  # type: ignore[union-attr]
        assert picture.width > 1000
    wanted = (song.PAPER, song.AREA, *song.LINES.values(), song.ONSET)
    assert {tuple(bytes.fromhex(colour[1:])) for colour in wanted} <= colours


def test_bars_and_markers_are_under_the_curves() -> None:
    rows = ruler.rows(read(SCENES / "song.yaml"), 48)
    assert rows["bars"].split() == [str(number) for number in range(1, 11)]
    assert rows["bars"].index("6") == 24  # it begins at 10 of 20 seconds
    assert rows["markers"].split() == ["calm", "drop"]
    assert rows["markers"].index("drop") == int(0.6 * 48)
    text = plan.describe(read(SCENES / "song.yaml"))
    assert f"  {'bars':<22} {rows['bars'].rstrip()}" in text


def test_beats_are_drawn_where_there_is_room() -> None:
    document = resolve({"duration": "4s", "prompts": "x", "audio": {"bpm": 120, "start": "bar 3"}}, "x")
    rows = ruler.rows(document, 48)
    assert rows["beats"].rstrip() == "|     ·     ·     ·     |     ·     ·     ·"
    assert rows["bars"].split() == ["3", "4"]
    assert ruler.rows(resolve({"duration": "4s", "prompts": "x"}, "x"), 48) == {}


@pytest.mark.slow
def test_the_command(run_cli: Callable[..., object], tmp_path: Path) -> None:
    """It listens to the song, as nobody did in here; what it writes is what a scene may name."""
    import shutil

    shutil.copy(SCENES / "song.beats.json", tmp_path / "known.json")
    kept = run_cli("audio", SCENES / "song.ogg", "--out", tmp_path, "--write", tmp_path / "known.json")
    assert kept.returncode == 74  # type: ignore[attr-defined]
    assert "may be corrected by hand" in kept.stderr  # type: ignore[attr-defined]
    missing = run_cli("audio", tmp_path / "none.ogg", "--out", tmp_path)
    assert missing.returncode == 66  # type: ignore[attr-defined]
    assert "none.ogg: no such file" in missing.stderr  # type: ignore[attr-defined]
    assert not list(tmp_path.glob("*.png"))
