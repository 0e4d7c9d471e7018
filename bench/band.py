"""A small band of numpy: songs whose beats and onsets are known to the sample."""

from dataclasses import dataclass
from typing import Any

import numpy as np

RATE = 22_050  # samples a second
Samples = np.ndarray[Any, np.dtype[np.float32]]


@dataclass(frozen=True)
class Song:
    """Samples at RATE, the times of its beats, onsets and kicks in seconds, and its mean tempo in beats a minute."""

    samples: Samples
    beats: tuple[float, ...]
    onsets: tuple[float, ...]
    kicks: tuple[float, ...]
    tempo: float


def _decay(length: float, fall: float) -> Any:
    times = np.arange(round(length * RATE)) / RATE
    return times, np.exp(-times / fall)


def kick() -> Any:
    """A falling sine."""
    times, loud = _decay(0.25, 0.07)
    pitch = 50 + 110 * np.exp(-times / 0.02)
    return 0.9 * loud * np.sin(2 * np.pi * np.cumsum(pitch) / RATE)


def snare(random: np.random.Generator) -> Any:
    """Noise over a short tone."""
    times, loud = _decay(0.2, 0.05)
    return loud * (0.35 * random.uniform(-1, 1, len(times)) + 0.25 * np.sin(2 * np.pi * 190 * times))


def hat(random: np.random.Generator) -> Any:
    """Noise without its low part."""
    times, loud = _decay(0.06, 0.015)
    return 0.3 * loud * np.diff(random.uniform(-1, 1, len(times) + 1))


def beep() -> Any:
    """What a metronome plays."""
    times, loud = _decay(0.03, 0.01)
    return 0.9 * loud * np.sin(2 * np.pi * 1000 * times)


def tone(pitch: float, length: float, loud: float = 0.12) -> Any:
    """A soft string."""
    times, fall = _decay(length, length)
    rise = np.minimum(times / 0.01, 1)
    end = np.minimum((length - times) / 0.02, 1)
    return loud * rise * end * fall * sum(np.sin(2 * np.pi * pitch * n * times) / n for n in (1, 2, 3))


CHORDS = ((0, 4, 7), (9, 12, 16), (5, 9, 12), (7, 11, 14))  # half tones above C, one a bar
PATTERNS = {  # by sixteenths of a bar: where kick, snare, hat and beep are
    "four": ("k...k...k...k...", "....s.......s...", "..h...h...h...h."),
    "rock": ("k.......k.k.....", "....s.......s...", "h.h.h.h.h.h.h.h."),
    "breaks": ("k.........k.....", "....s.......s...", "h.h.h.h.h.h.h.h."),
    "clicks": ("................", "................", "h...h...h...h..."),
    # without bass and chords
    "metronome": ("................", "................", "................", "b...b...b...b..."),
    "kicks": ("k...k...k...k...", "................", "................"),
    "kicks and hats": ("k...k...k...k...", "................", "..h...h...h...h."),
    "drums": ("k.......k.......", "....s.......s...", "..h...h...h...h."),
}
ALONE = ("metronome", "kicks", "kicks and hats", "drums")


def song(
    bpm: float,
    seconds: float = 30.0,
    pattern: str = "four",
    swing: float = 0.0,
    offset: float = 0.0,
    noise: float = 0.0,
    drift: float = 0.0,
    seed: int = 1,
) -> Song:
    """Drums, bass and chords. `swing` moves each second eighth back, by that share of an eighth (0 to 1/3); `offset` is
    the first beat's time; `drift` is how much faster it gets until the end, as a share of the tempo."""
    random = np.random.default_rng(seed)
    mix = np.zeros(round((seconds + 10) * RATE))
    beats, onsets, kicks = [offset], set[float](), list[float]()
    while beats[-1] < seconds:
        share = (beats[-1] - offset) / seconds
        beats.append(beats[-1] + 60 / (bpm * (1 + drift * (share - 0.5))))
    for bar in range(0, len(beats) - 4, 4):
        chord = [131 * 2 ** (half / 12) for half in CHORDS[bar // 4 % 4]]
        if pattern not in ALONE:
            _put(mix, beats[bar], sum(tone(pitch, beats[bar + 4] - beats[bar]) for pitch in chord))
        for place in range(4 if pattern not in ALONE else 0):
            length = beats[bar + place + 1] - beats[bar + place]
            _put(mix, beats[bar + place], tone(chord[0] / 2, 0.8 * length, 0.15))
            onsets.add(beats[bar + place])
        for steps in PATTERNS[pattern]:
            for step, letter in enumerate(steps):
                if letter == ".":
                    continue
                place, part = divmod(step, 4)
                length = beats[bar + place + 1] - beats[bar + place]
                late = swing * length / 2 if part == 2 else 0.0
                time = beats[bar + place] + part / 4 * length + late
                onsets.add(time)
                kicks += [time] if letter == "k" else []
                _put(mix, time, _played(letter, random))
    whole = beats[: (len(beats) - 1) // 4 * 4]  # bars that were played
    length = round(beats[len(whole)] * RATE)
    mix = mix[:length] + noise * random.standard_normal(length)
    mix = mix / max(1.0, float(np.abs(mix).max()))
    tempo = 60 * (len(whole) - 1) / (whole[-1] - whole[0])
    return Song(mix.astype(np.float32), tuple(whole), tuple(sorted(onsets)), tuple(kicks), tempo)


def _played(letter: str, random: np.random.Generator) -> Any:
    """The sound that a letter of a pattern stands for."""
    return {"k": kick, "s": lambda: snare(random), "h": lambda: hat(random), "b": beep}[letter]()


def _put(mix: Any, time: float, sound: Any) -> None:
    start = round(time * RATE)
    piece = mix[start : start + len(sound)]
    piece += sound[: len(piece)]
