"""Samples -> tempo, beats, bars, onsets and kicks.

librosa finds onsets, and follows a tempo that is given to it. Which tempo it is, is decided here: its own guess takes
half or double of what people tap to in every second song.
"""

import contextlib
import os
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import filelock
import numpy as np

from animator.media.audio import RATE, Samples

HOP = 256  # samples between two frames of an analysis
SLOWEST, FASTEST = 50.0, 200.0  # beats a minute
PROBABLE = 110.0  # beats a minute: what people tap to, where a song says no more
BANDS = 64  # of the mel spectrogram
LOW, MIDDLE, HIGH = (30.0, 150.0), (200.0, 3000.0), (3500.0, 10_000.0)  # Hz: kicks; snares, chords; hats, snares
LOUDEST = 99.5  # percent: what is louder is as good as this
SHORTEST = 4096  # samples that an analysis needs
NEAR = 3  # frames about a time in which a drum may be
TRIED = 6  # of the peaks of the autocorrelation
# How much counts what speaks for a tempo, as chosen on the songs of `python -m bench.beats`; many near them do as well.
BETWEEN, UNLIKE, UNEVEN, SIMILAR, BACKBEAT, FAR = 0.5, 0.45, 4.0, 0.6, 1.2, 0.08
USER = os.getuid() if hasattr(os, "getuid") else 0  # whose numba's cache is
_COMPILED: list[bool] = []  # whether this process has
CLEAR = 0.2  # of a backbeat: more is not surer, as clicks at every second beat have all of it
COMPRESSED = 20.0  # how much quiet sounds count beside loud ones; with more, the ends of notes count as onsets
NEARLY_ALL = 99.8  # percent of changes, of which the largest is the measure of onsets
SOFTEST = 0.13  # of nearly the largest change; what is below is no onset
WEAKER = 0.35  # of the louder of low and middle: a band is at least as loud as this, or it is no drum's
EARLIER = 0.01  # how much less each later beat of a song is taken for its first bar's, as long as nothing speaks for it
HATS = 0.2  # of the middle, which hats have
WEAK = 0.25  # of the usual strength of beats; weaker ones before the first and after the last are none
HITS = ("onset", "kick")  # a kick is a low drum; snares and hats are not told apart well enough
LOW_HIT = 0.4  # of the loudest drum; what is below is none
Curve = np.ndarray[Any, np.dtype[np.float64]]
Hits = tuple[tuple[float, float], ...]  # times and heights


@dataclass(frozen=True)
class Rhythm:
    """Times in seconds. `tempo` is in beats a minute, 0 where there is no beat; `bar` is the number of the first beat
    that begins a bar of `beats_per_bar`, from 0. `hits` are what happens, by name, each with its height in 0..1."""

    tempo: float
    beats: tuple[float, ...]
    hits: Mapping[str, Hits]
    beats_per_bar: int = 4
    bar: int = 0


def rhythm(samples: Samples, beats_per_bar: int = 4) -> Rhythm:
    """The rhythm of a song at RATE. Its first call compiles for half a minute."""
    with _alone_at_first():
        return _rhythm(samples, beats_per_bar)


@contextlib.contextmanager
def _alone_at_first() -> Iterator[None]:
    """One process at a time makes its first call: two that write what numba compiles into its cache at once crash."""
    if _COMPILED:
        yield
        return
    with filelock.FileLock(Path(tempfile.gettempdir()) / f"animator-compiles-{USER}.lock"):
        yield
    _COMPILED.append(True)


def _rhythm(samples: Samples, beats_per_bar: int) -> Rhythm:
    import librosa

    heard = _listen(np.pad(samples, (0, max(0, SHORTEST - len(samples)))))
    if not heard.changes.any():
        return Rhythm(0.0, (), dict.fromkeys(HITS, ()), beats_per_bar)
    changes = np.concatenate([heard.first[:1], heard.changes[1:]])
    changes = changes / max(float(np.percentile(changes, NEARLY_ALL)), 1e-9)
    frames = librosa.onset.onset_detect(
        onset_envelope=changes, sr=RATE, hop_length=HOP, units="frames", normalize=False, delta=SOFTEST
    )
    low = np.concatenate([heard.first[1:], heard.low[1:]])
    hits = {"onset": _hits(changes, frames), "kick": _hits(low, _peaks(low))}
    beats = _beats(heard)
    if len(beats) < 4:
        return Rhythm(0.0, (), hits, beats_per_bar)
    times = beats * HOP / RATE
    tempo = 60 / float(np.polyfit(np.arange(len(times)), times, 1)[0])
    first = _first_bar(samples, beats, heard, beats_per_bar)
    return Rhythm(tempo, tuple(map(float, times)), hits, beats_per_bar, first)


def _hits(curve: Curve, frames: Curve) -> Hits:
    """What happens at some frames of a curve, with its height."""
    top = max(float(np.percentile(curve[frames], 95)), 1e-9) if len(frames) else 1.0
    return tuple((float(frame) * HOP / RATE, round(min(float(curve[frame]) / top, 1.0), 3)) for frame in frames)


def _peaks(curve: Curve) -> Curve:
    """The frames at which a curve jumps up, as it does where a drum is hit."""
    import librosa

    found = librosa.util.peak_pick(curve, pre_max=4, post_max=4, pre_avg=20, post_avg=20, delta=LOW_HIT, wait=6)
    return np.asarray(found)


@dataclass(frozen=True)
class Heard:
    """How much comes anew at each frame: of everything, as ears weigh it, and in bands, in parts of their loudest."""

    changes: Curve
    low: Curve
    middle: Curve
    high: Curve
    first: tuple[float, float] = (0.0, 0.0)  # of changes and low: what a song begins with, which no tempo is told by

    @property
    def drums(self) -> Curve:
        """Kicks and snares, and no hats."""
        return np.maximum(self.low, self.middle)

    @property
    def snares(self) -> Curve:
        """What is in the middle and high at once, as neither chords nor hats are."""
        return np.sqrt(np.maximum(0, self.middle - HATS) * self.high)

    @property
    def pulse(self) -> Curve:
        """What beats are looked for in."""
        return self.changes + np.sqrt(self.drums)


def _listen(samples: Samples) -> Heard:
    import librosa

    power = librosa.feature.melspectrogram(
        y=samples, sr=RATE, n_fft=1024, hop_length=HOP, n_mels=BANDS, fmin=LOW[0], fmax=HIGH[1]
    )
    sizes = np.sqrt(power)
    if sizes.max() < 1e-6:
        silence = np.zeros(sizes.shape[1])
        return Heard(silence, silence, silence, silence)
    pitches = librosa.mel_frequencies(BANDS, fmin=LOW[0], fmax=HIGH[1])
    loud = np.log1p(COMPRESSED * sizes / sizes.max())
    changes = np.maximum(0, np.diff(loud, axis=1, prepend=loud[:, :1])).mean(0)
    top = max(float(changes.max()), 1e-9)
    bands = [sizes[(pitches >= low) & (pitches <= high)].sum(0) for low, high in (LOW, MIDDLE, HIGH)]
    rises = [np.maximum(0, np.diff(band, prepend=band[:1])) for band in bands]
    tops = [max(float(np.percentile(rise, LOUDEST)), 1e-9) for rise in rises]
    least = WEAKER * max(tops[:2])
    tops = [max(tops[0], least), max(tops[1], least), tops[2]]
    low, middle, high = (np.minimum(rise / most, 1.2) for rise, most in zip(rises, tops, strict=True))
    first = min(float(loud[:, 0].mean()) / top, 1.0), min(float(bands[0][0]) / tops[0], 1.2)
    return Heard(changes / top, low, middle, high, first)


def _beats(heard: Heard) -> Curve:
    """The frames of the beats: of all tempi that the song repeats itself at, those of the one that fits best."""
    import librosa

    pulse = heard.pulse
    similar = librosa.autocorrelate(pulse - pulse.mean(), max_size=int(4 * RATE / HOP))
    similar = similar / similar[0]
    best, chosen = -np.inf, np.zeros(0)
    for tempo in _tempi(similar):
        found = librosa.beat.beat_track(onset_envelope=pulse, sr=RATE, hop_length=HOP, bpm=tempo, trim=False)[1]
        if len(found) < 4:
            continue
        fit = _fit(found.astype(np.float64), heard, similar) - FAR * np.log2(tempo / PROBABLE) ** 2
        if fit > best:
            best, chosen = fit, found.astype(np.float64)
    return _without_weak_ends(chosen, _near(pulse, chosen)) if len(chosen) else chosen


def _without_weak_ends(beats: Curve, strengths: Curve) -> Curve:
    """Beats from the first to the last that is as strong as most."""
    strong = np.flatnonzero(strengths > WEAK * np.median(strengths))
    return beats[strong[0] : strong[-1] + 1] if len(strong) else beats


def _tempi(similar: Curve) -> list[float]:
    """Beats a minute at the highest peaks of an autocorrelation, with half and double of them."""
    lags = [lag for lag in range(2, len(similar) - 1) if similar[lag - 1] <= similar[lag] > similar[lag + 1]]
    per_minute = 60 * RATE / HOP
    lags = [lag for lag in lags if SLOWEST <= per_minute / lag <= FASTEST]
    found = set()
    for lag in sorted(lags, key=lambda lag: -similar[lag])[:TRIED]:
        before, here, after = similar[lag - 1 : lag + 2]
        tempo = per_minute / (lag + 0.5 * (before - after) / (before - 2 * here + after))  # the top of a parabola
        found |= {round(tempo * times, 2) for times in (0.5, 1, 2)}
    return sorted(tempo for tempo in found if SLOWEST <= tempo <= FASTEST)


def _fit(beats: Curve, heard: Heard, similar: Curve) -> float:
    """How well beats fit: drums are on all of them alike and not between, snares on every second one, all are even, and
    the song repeats itself."""
    here, steps = _near(heard.drums, beats), np.diff(beats)
    usual = float(np.median(steps))
    between = max(_near(heard.drums, beats[:-1] + share * steps).mean() for share in (1 / 3, 1 / 2, 2 / 3))
    unlike = abs(here[::2].mean() - here[1::2].mean())
    uneven = np.abs(steps - usual).mean() / usual
    repeats = similar[max(0, round(usual) - 2) : round(usual) + 3].max()
    for_it = here.mean() + SIMILAR * repeats + BACKBEAT * _backbeat(_near(heard.snares, beats), _near(heard.low, beats))
    return float(for_it - BETWEEN * between - UNLIKE * unlike - UNEVEN * uneven)


def _backbeat(snares: Curve, low: Curve) -> float:
    """By how much nearly all snares of every second beat are louder than nearly all of the others, up to CLEAR; and
    whether these have kicks."""
    quiet, loud = sorted((slice(0, None, 2), slice(1, None, 2)), key=lambda half: snares[half].mean())
    clear = np.clip(np.percentile(snares[loud], 25) - np.percentile(snares[quiet], 75), 0, CLEAR)
    return float(clear * min(1.0, low[quiet].mean()))


def _near(curve: Curve, frames: Curve) -> Curve:
    """The most of a curve about some frames."""
    places = np.clip(np.round(frames).astype(int), 0, len(curve) - 1)
    return np.array([curve[max(0, place - NEAR) : place + NEAR + 1].max() for place in places])


def _first_bar(samples: Samples, beats: Curve, sound: Heard, beats_per_bar: int) -> int:
    """The beat that begins the first bar: where the harmony changes, and kicks are and no snares; else the first."""
    import librosa

    chroma = librosa.feature.chroma_stft(y=samples, sr=RATE, n_fft=4096, hop_length=HOP)
    ends = [*beats[1:].astype(int), chroma.shape[1]]
    parts = [chroma[:, begin:end] for begin, end in zip(beats.astype(int), ends, strict=True) if end > begin]
    heard = np.stack([np.median(part, axis=1) for part in parts], axis=1)
    heard = heard / np.maximum(np.linalg.norm(heard, axis=0), 1e-9)
    change = 1 - (heard[:, 1:] * heard[:, :-1]).sum(0)  # at each beat but the first, from the one before
    change = np.concatenate([[change.mean()], change])
    weight = change / max(float(change.max()), 1e-9)
    weight = weight + (0.5 * _near(sound.low, beats) - 0.15 * _near(sound.snares, beats))[: len(change)]
    sums = [weight[place::beats_per_bar].mean() for place in range(beats_per_bar)]
    return int(np.argmax(np.array(sums) - EARLIER * np.arange(len(sums))))
