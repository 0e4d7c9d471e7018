"""Are beats found? `python -m bench.beats`: songs of a small band, whose beats are known; librosa's own guess beside.

Printed are the F-measure of the beats (within 70 ms), the tempo, the F-measures of the onsets and kicks (within 50 ms),
and whether bars begin where they do. A song counts as found with 0.95, within 1 % and not at half or double, 0.9, 0.9,
and bars at their place.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from animator.media.beats import Rhythm, rhythm
from bench import verdict
from bench.band import ALONE, PATTERNS, RATE, Song, song

TEMPI = (60, 84, 97, 120, 140, 174)
UNBARRED = ("clicks", *ALONE)  # nobody can tell where their bars begin
WAYS: dict[str, dict[str, Any]] = {
    "plain": {},
    "swing": {"swing": 0.33},
    "offset": {"offset": 0.37},
    "noise": {"noise": 0.05},
    "drift": {"drift": 0.03},
}


def f_measure(found: Sequence[float], true: Sequence[float], within: float) -> float:
    """Times that pair up, over the mean of both counts. Source: Dixon 2001."""
    left, hits = sorted(found), 0
    for one in true:
        near = [other for other in left if abs(other - one) <= within]
        if near:
            left.remove(min(near, key=lambda other: abs(other - one)))
            hits += 1
    return 2 * hits / max(len(found) + len(true), 1)


def in_bar(found: Rhythm, true: Sequence[float]) -> bool:
    """Whether bars of four begin where the song's do."""
    begin = found.beats[found.bar]
    return min(range(len(true)), key=lambda place: abs(true[place] - begin)) % 4 == 0


def late(found: Sequence[float], true: Sequence[float]) -> float:
    """Milliseconds by which times are late, in the median."""
    return float(1000 * np.median([min((one - other for other in true), key=abs) for one in found] or [0]))


def guess(made: Song) -> tuple[float, list[float]]:
    """librosa's tempo and beats, as it has them by default."""
    import librosa

    tempo, beats = librosa.beat.beat_track(y=made.samples, sr=RATE, units="time")
    return float(np.atleast_1d(tempo)[0]), [float(beat) for beat in beats]


def main() -> bool:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="songs with this in their names")
    parser.add_argument("--tempi", type=float, nargs="+", default=TEMPI, help="beats a minute")
    chosen, bad, began = parser.parse_args(), 0, time.monotonic()
    songs = [(pattern, way, tempo) for pattern in PATTERNS for way in WAYS for tempo in chosen.tempi]
    print("| song | tempo | found | beats | late, ms | onsets | kicks | bars | librosa's tempo | its beats |")
    print("|---|---:|---:|---:|---:|---:|---:|---|---:|---:|")
    for pattern, way, tempo in songs:
        name = f"{pattern} {way} {tempo:g}"
        if chosen.only not in name:
            continue
        made = song(tempo, pattern=pattern, **WAYS[way])
        found, (their_tempo, theirs) = rhythm(made.samples), guess(made)
        beats, onsets = (
            f_measure(found.beats, made.beats, 0.07),
            f_measure([time for time, _ in found.hits["onset"]], made.onsets, 0.05),
        )
        kicks = f_measure([time for time, _ in found.hits["kick"]], made.kicks, 0.05)
        bars = bool(found.beats) and in_bar(found, made.beats)
        good = beats >= 0.95 and onsets >= 0.9 and abs(found.tempo / made.tempo - 1) <= 0.01
        good = good and (not made.kicks or kicks >= 0.9) and (pattern in UNBARRED or bars)
        bad += not good
        figures = [f"{made.tempo:.1f}", f"{found.tempo:.1f}", f"{beats:.2f}", f"{late(found.beats, made.beats):.0f}"]
        figures += [
            f"{onsets:.2f}",
            f"{kicks:.2f}",
            "yes" if bars else "no",
            f"{their_tempo:.1f}",
            f"{f_measure(theirs, made.beats, 0.07):.2f}",
        ]
        print(f"| {' | '.join([name, *figures])} |{'' if good else ' short'}", flush=True)
    print(f"{time.monotonic() - began:.0f} s")
    return verdict("songs whose rhythm was not found", bad, 0, lambda value, bar: value <= bar)


if __name__ == "__main__":
    sys.exit(not main())
