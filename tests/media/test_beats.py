"""Rhythm of songs whose beats are known; `python -m bench.beats` tries many more."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from animator.media import audio
from animator.media.beats import rhythm
from bench import band
from bench.beats import f_measure
from tests.mutations import MUTATIONS

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(MUTATIONS < 20_000, reason="librosa compiles for a minute; `make soak` runs it"),
]


@pytest.mark.parametrize(
    ("bpm", "options"),
    [(60, {"pattern": "rock"}), (120, {"offset": 0.37}), (174, {"pattern": "breaks", "drift": 0.03})],
    ids=str,
)
def test_beats_tempo_and_onsets(bpm: float, options: dict[str, object]) -> None:
    made = band.song(bpm, seconds=20, **options)  # type: ignore[arg-type]
    found = rhythm(made.samples)
    assert f_measure(found.beats, made.beats, 0.07) >= 0.95
    assert f_measure([time for time, _ in found.hits["onset"]], made.onsets, 0.05) >= 0.9
    assert f_measure([time for time, _ in found.hits["kick"]], made.kicks, 0.05) >= 0.9
    assert found.tempo == pytest.approx(made.tempo, rel=0.01)
    late = np.median([min((one - other for other in made.beats), key=abs) for one in found.beats])
    assert abs(late) < 0.01
    assert found.bar % 4 == 0


def test_the_command_hears_the_song_of_the_examples(run_cli: Callable[..., Any], tmp_path: Path) -> None:
    done = run_cli("audio", "scenes/song.ogg", "--out", tmp_path, "--write", tmp_path / "song.json")
    assert done.returncode == 0, done.stderr
    assert "120.0 beats a minute" in done.stdout
    assert (tmp_path / "song.ogg.png").is_file()
    assert json.loads((tmp_path / "song.json").read_text()) == json.loads(Path("scenes/song.beats.json").read_text())


@pytest.mark.parametrize("samples", [np.zeros(audio.RATE), np.zeros(10), np.full(audio.RATE, 0.5)], ids=["a", "b", "c"])
def test_what_has_no_beat(samples: audio.Samples) -> None:
    found = rhythm(samples.astype(np.float32))
    assert (found.tempo, found.beats) == (0.0, ())
