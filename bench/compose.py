"""The song of scenes/song.yaml, composed: `python -m bench.compose` writes scenes/song.ogg and its rhythm beside it.

Twenty seconds at 120 beats a minute: four bars of drums, bass and chords, a break of two bars without drums, and a drop
into four bars of all together. Nobody else's music is in it, so everybody may use it.
"""

import argparse
import subprocess
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import numpy as np

from animator import files
from animator.media import song as songs
from animator.media.song import Song
from bench.band import RATE, hat, kick, snare, tone

BEAT = 0.5  # seconds
BARS = 10
BREAK, DROP = 4, 6  # the bars, from 0, that these begin with
CHORDS = ((57, 60, 64), (53, 57, 60), (48, 52, 55), (55, 59, 62))  # A minor, F, C, G, as MIDI counts keys
LEAD = (76, 72, 69, 72, 76, 79, 76, 72)  # eighths of a bar in the drop
TAIL = 0.3  # seconds of silence at the end of the samples, in which the last notes fade


def pitch(key: float) -> float:
    """Hz of a key; 69 is the A of 440 Hz."""
    return 440.0 * 2 ** ((key - 69) / 12)


def compose() -> Any:
    """The samples at RATE, in [-1, 1]."""
    random = np.random.default_rng(7)
    mix = np.zeros(round((BARS * 4 * BEAT + 2) * RATE))
    for bar in range(BARS):
        start, chord = bar * 4 * BEAT, CHORDS[bar % 4]
        quiet = BREAK <= bar < DROP
        loud = 0.07 if quiet else 0.10 if bar < BREAK else 0.12
        for key in chord:
            _add(mix, start, tone(pitch(key), 4 * BEAT, loud))
        if quiet:
            _rise(mix, start, random, (bar - BREAK) / (DROP - BREAK))
            continue
        for beat in range(4):
            _add(mix, start + beat * BEAT, kick())
            _add(mix, start + (beat + 0.5) * BEAT, hat(random) * (1.0 if bar < BREAK else 1.5))
            for eighth in (0.25, 0.5, 0.75):
                _add(mix, start + (beat + eighth) * BEAT, tone(pitch(chord[0] - 24), BEAT / 4, 0.22))
        for beat in (1, 3):
            _add(mix, start + beat * BEAT, snare(random))
        if bar >= DROP:
            for eighth, key in enumerate(LEAD):
                _add(mix, start + eighth * BEAT / 2, tone(pitch(key + (bar % 2) * 3), BEAT / 2, 0.09))
            for sixteenth in range(16):
                _add(mix, start + sixteenth * BEAT / 4, 0.5 * hat(random))
    mix = mix[: round(BARS * 4 * BEAT * RATE)]
    fade = round(TAIL * RATE)
    mix[-fade:] *= np.linspace(1, 0, fade)
    return (0.9 * mix / np.abs(mix).max()).astype(np.float32)


def _rise(mix: Any, start: float, random: np.random.Generator, share: float) -> None:
    """A bar of the break: noise that swells, and hats that come faster."""
    length = round(4 * BEAT * RATE)
    swell = np.linspace(share, share + 0.5, length) ** 2
    _add(mix, start, 0.12 * swell * random.uniform(-1, 1, length))
    steps = 8 if share == 0 else 16
    for step in range(steps):
        _add(mix, start + step * 4 * BEAT / steps, hat(random) * (0.3 + 0.7 * share))


def _add(mix: Any, time: float, sound: Any) -> None:
    start = round(time * RATE)
    piece = mix[start : start + len(sound)]
    piece += sound[: len(piece)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("scenes"), help="where the two files go")
    path = parser.parse_args().out / "song.ogg"
    with files.atomic(path) as temporary:
        command = [
            *(imageio_ffmpeg.get_ffmpeg_exe(), "-loglevel", "error", "-y"),
            *("-f", "f32le", "-ar", str(RATE), "-ac", "1", "-i", "pipe:0"),
            *("-c:a", "libvorbis", "-q:a", "5", "-fflags", "+bitexact", "-flags:a", "+bitexact", "-f", "ogg"),
            f"file:{temporary.absolute()}",
        ]
        subprocess.run(command, input=compose().tobytes(), check=True)
    songs.write(path.with_suffix(".beats.json"), Song(path))
    print(f"wrote {path} and {path.with_suffix('.beats.json')}")


if __name__ == "__main__":
    main()
