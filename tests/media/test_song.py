"""What is known of a song, where it is remembered, and what a person may correct."""

import json
from pathlib import Path

import numpy as np
import pytest

from animator.errors import SoundError
from animator.media import bands, beats, sections, song
from animator.media.bands import Band, envelopes
from animator.media.beats import Rhythm
from animator.media.song import Song
from bench import compose
from tests.conftest import ROOT
from tests.media import songs
from tests.mutations import Made, fuzz, mutated

SCENES = ROOT / "scenes"
FOUND = Rhythm(120.0, (0.5, 1.0, 1.5, 2.0, 2.5), {"onset": ((0.5, 1.0), (0.75, 0.5)), "kick": ()}, 4, 1)


@pytest.fixture
def listened(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[int]:
    """Counts searches, which are not made: librosa compiles for half a minute."""
    made = list[int]()
    monkeypatch.setenv("ANIMATOR_SONGS", str(tmp_path / "cache"))

    def rhythm(samples: object, beats_per_bar: int) -> Rhythm:
        made.append(beats_per_bar)
        return FOUND

    monkeypatch.setattr(beats, "rhythm", rhythm)
    return made


def tone_of(path: Path) -> Path:
    return songs.write(path, songs.tone(1.0))


def test_each_song_is_listened_to_once(tmp_path: Path, listened: list[int]) -> None:
    path, told = tone_of(tmp_path / "song.flac"), list[Path]()
    first = Song(path, listening=told.append)
    assert first.rhythm == Song(path, listening=told.append).rhythm == FOUND
    assert (listened, told) == ([4], [path])
    assert Song(path, beats_per_bar=3).rhythm == FOUND
    assert listened == [4, 3]  # another question
    path.rename(tmp_path / "moved.flac")
    assert Song(tmp_path / "moved.flac").seconds == pytest.approx(1.0)
    assert Song(tmp_path / "moved.flac").rhythm == FOUND
    assert listened == [4, 3]
    other = songs.write(tmp_path / "other.flac", songs.tone(1.0, 660))
    assert Song(other).rhythm == FOUND
    assert listened == [4, 3, 4]


def test_a_damaged_memory_is_none(tmp_path: Path, listened: list[int]) -> None:
    path = tone_of(tmp_path / "song.flac")
    _ = Song(path).rhythm, Song(path).envelopes
    for file in (tmp_path / "cache").rglob("*.json"):
        file.write_bytes(file.read_bytes()[:-9])
    assert Song(path).rhythm == FOUND
    assert set(Song(path).envelopes) == {"bass", "mid", "treble", *bands.OTHERS}
    assert len(listened) == 2


def test_a_memory_that_cannot_be_written_does_no_harm(
    tmp_path: Path, listened: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("ANIMATOR_SONGS", str(tmp_path / "file" / "below"))
    assert Song(tone_of(tmp_path / "song.flac")).rhythm == FOUND


def test_a_rhythm_is_written_corrected_and_read(tmp_path: Path, listened: list[int]) -> None:
    path, written = tone_of(tmp_path / "song.flac"), tmp_path / "song.beats.json"
    song.write(written, Song(path))
    assert Song(path, analysis=written).rhythm == FOUND
    assert written.read_text().count("\n") < 20  # a list a line
    found = json.loads(written.read_text())
    found["beats"][0] = 0.25
    written.write_text(json.dumps(found))
    assert Song(path, analysis=written).rhythm.beats[0] == 0.25
    other = songs.write(tmp_path / "other.flac", songs.tone(1.0, 660))
    with pytest.raises(SoundError, match="was made from another song"):
        _ = Song(other, analysis=written).rhythm
    del found["sha256"]
    written.write_text(json.dumps(found))
    assert Song(other, analysis=written).rhythm.beats[0] == 0.25


@pytest.mark.parametrize(
    "content",
    ["", "[]", "{}", '{"beats": [2, 1]}', '{"tempo": 1e999}', "[" * 10_000, '{"tempo": 120, "beats": 3}'],
    ids=["empty", "list", "nothing", "down", "endless", "deep", "number"],
)
def test_what_is_no_rhythm(tmp_path: Path, content: str) -> None:
    path = tmp_path / "song.beats.json"
    path.write_text(content)
    with pytest.raises(SoundError, match=str(path)):
        song.read(path, "")
    with pytest.raises(SoundError, match="cannot be read"):
        song.read(tmp_path / "none.json", "")


@pytest.mark.slow
def test_no_written_rhythm_is_anything_but_an_error_of_ours(tmp_path: Path) -> None:
    path = tmp_path / "song.beats.json"
    content = (SCENES / "song.beats.json").read_bytes()

    refused = list[str]()

    @fuzz
    def read(made: Made) -> None:
        path.write_bytes(mutated(content, made))
        try:
            found = song.read(path, json.loads(content)["sha256"])
            assert list(found.beats) == sorted(found.beats)
        except SoundError as error:
            refused.append(str(error))

    read()
    assert refused
    assert all(str(path) in said for said in refused)


def test_bands_hear_what_is_in_them() -> None:
    rate, second = 22_050, np.arange(22_050) / 22_050
    low, high = np.sin(2 * np.pi * 80 * second), np.sin(2 * np.pi * 6000 * second)
    noise = np.random.default_rng(3).uniform(-1, 1, rate) * (second % 0.25 < 0.01)
    samples = np.concatenate([0 * second, low, high, noise]).astype(np.float32)
    found = envelopes(samples, (*bands.BANDS, Band("high", 5000, 7000)))
    at = {name: [values[int((place + 0.5) * bands.PER_SECOND)] for place in range(4)] for name, values in found.items()}
    assert at["bass"][:3] == pytest.approx([0, 1, 0], abs=0.1)
    assert at["treble"][:3] == pytest.approx([0, 0, 1], abs=0.1)
    assert at["high"][:3] == pytest.approx([0, 0, 1], abs=0.1)
    assert at["harmonic"][1] > 0.8
    assert max(found["percussive"][310:]) > 4 * max(found["percussive"][250:270])
    assert all(0 <= value <= 1 for values in found.values() for value in values)
    assert len({len(values) for values in found.values()}) == 1


def test_silence_is_nothing() -> None:
    assert {value for values in envelopes(np.zeros(1000, np.float32), bands.BANDS).values() for value in values} == {
        0.0
    }


def test_the_parts_of_the_song_of_the_examples() -> None:
    found = sections.sections(Song(SCENES / "song.ogg", analysis=SCENES / "song.beats.json"))
    assert [(part.first_bar, part.end_bar, part.level) for part in found] == [
        (1, 5, "loud"),
        (5, 7, "quiet"),
        (7, 11, "loud"),
    ]


def test_the_song_of_the_examples_is_what_is_composed() -> None:
    from animator.media import audio

    samples, made = audio.decode(SCENES / "song.ogg"), compose.compose()
    assert len(samples) == pytest.approx(len(made), abs=600)
    count = min(len(samples), len(made))
    assert np.corrcoef(samples[:count], made[:count])[0, 1] > 0.97
