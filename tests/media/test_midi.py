"""Notes of MIDI files that these tests write."""

from pathlib import Path

import mido
import pytest

from animator.errors import SoundError
from animator.media.midi import notes
from tests.mutations import Made, fuzz, mutated


def write(path: Path) -> Path:
    """Drums and a tune of two tracks: 120 beats a minute, and 60 from the fourth beat on."""
    file = mido.MidiFile(ticks_per_beat=480)
    tempo, drums, tune = mido.MidiTrack(), mido.MidiTrack(), mido.MidiTrack()
    tempo.append(mido.MetaMessage("set_tempo", tempo=500_000, time=0))
    tempo.append(mido.MetaMessage("set_tempo", tempo=1_000_000, time=4 * 480))
    for beat in range(6):
        note = 38 if beat % 2 else 36
        drums.append(mido.Message("note_on", channel=9, note=note, velocity=127, time=480 if beat else 0))
        drums.append(mido.Message("note_on", channel=9, note=note, velocity=0, time=0))
    tune.append(mido.MetaMessage("track_name", name="Lead Synth 2"))
    tune.append(mido.Message("note_on", channel=0, note=60, velocity=64, time=240))
    tune.append(mido.Message("note_off", channel=0, note=60, time=240))
    tune.append(mido.Message("note_on", channel=0, note=66, velocity=32, time=0))
    file.tracks += [tempo, drums, tune]
    file.save(path)
    return path


def test_notes_have_the_names_that_people_call_them(tmp_path: Path) -> None:
    found = notes(write(tmp_path / "song.mid"))
    assert found["kick"] == found["note_36"] == ((0.0, 1.0), (1.0, 1.0), (2.0, 1.0))
    assert found["snare"] == ((0.5, 1.0), (1.5, 1.0), (3.0, 1.0))  # the last is a slow beat after the fourth
    assert found["lead_synth_2"] == ((0.25, 0.504), (0.5, 0.252))
    assert found["c4"] == ((0.25, 0.504),)
    assert found["fs4"] == ((0.5, 0.252),)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "no such file"),
        (b"", "not a MIDI file"),
        (b"RIFF" + b"\0" * 100, "not a MIDI file"),
        (b"x" * (5 << 20), "larger than 4 MiB"),
    ],
    ids=["none", "empty", "other", "large"],
)
def test_what_is_no_midi_file(tmp_path: Path, content: bytes | None, said: str) -> None:
    path = tmp_path / "song.mid"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SoundError, match=said):
        notes(path)


@pytest.mark.slow
def test_no_file_is_anything_but_an_error_of_ours(tmp_path: Path) -> None:
    path = write(tmp_path / "song.mid")
    content = path.read_bytes()

    refused = list[str]()

    @fuzz
    def read(made: Made) -> None:
        path.write_bytes(mutated(content, made))
        try:
            for times in notes(path).values():
                assert all(time >= 0 and 0 <= height <= 1 for time, height in times)
        except SoundError as error:
            refused.append(str(error))

    read()
    assert refused
    assert all(str(path) in said for said in refused)
