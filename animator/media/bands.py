"""Samples -> how loud a song is over time: as a whole, in bands of pitch, and in its tones and its beats apart."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from animator.media.audio import RATE, Samples

HOP = 220  # samples between two values of an envelope
PER_SECOND = RATE / HOP
WINDOW = 1024  # samples that a value is made of, centred on its time
PIECE = 4096  # values that are computed at once
LOUDEST = 99.5  # percent of the values; what is above counts as 1
LAST_DIGIT = 3  # of a value, in decimals
ROWS = 48  # bands of pitch in which tones and beats are told apart
LONG, TALL = 31, 11  # values in a row, and rows, over which medians are taken: 0.3 s, and about 2.5 octaves
Values = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True)
class Band:
    """A part of what is heard, between two pitches in Hz."""

    name: str
    low: float
    high: float


BANDS = (Band("bass", 20, 200), Band("mid", 200, 3000), Band("treble", 3000, RATE / 2))
OTHERS = ("loudness", "harmonic", "percussive")  # that are there besides bands


def envelopes(samples: Samples, bands: Sequence[Band]) -> dict[str, list[float]]:
    """Values in 0..1 by name, PER_SECOND of them a second from the song's start on: of each band, and of OTHERS.

    Source: Fitzgerald 2010 for what is harmonic (tones: long in time) and percussive (drums: wide in pitch).
    """
    from scipy.ndimage import median_filter

    pitches = np.fft.rfftfreq(WINDOW, 1 / RATE)
    inside = np.array([(pitches >= band.low) & (pitches < band.high) for band in bands], np.float64)
    edges = np.searchsorted(pitches, np.geomspace(40, RATE / 2, ROWS + 1)[:-1])
    edges = np.maximum(edges, np.arange(1, ROWS + 1))  # each row has a pitch of its own
    found: dict[str, list[Values]] = {name: [] for name in (*(band.name for band in bands), *OTHERS)}
    for power in _spectra(samples):
        for band, values in zip(bands, np.sqrt(inside @ power), strict=True):
            found[band.name].append(values)
        found["loudness"].append(np.sqrt(power.sum(0)))
        rows = np.sqrt(np.add.reduceat(power, edges, axis=0))
        long, tall = median_filter(rows, (1, LONG)) ** 2, median_filter(rows, (TALL, 1)) ** 2
        share = long / np.maximum(long + tall, 1e-12)
        found["harmonic"].append(np.sqrt((rows**2 * share**2).sum(0)))
        found["percussive"].append(np.sqrt((rows**2 * (1 - share) ** 2).sum(0)))
    return {name: _scaled(np.concatenate(pieces)) for name, pieces in found.items()}


def _spectra(samples: Samples) -> Iterator[Values]:
    """Power by pitch and time, some seconds at once: (WINDOW / 2 + 1, up to PIECE)."""
    padded = np.pad(samples, WINDOW // 2)
    windows = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::HOP]
    hann = np.hanning(WINDOW) / (WINDOW / 2)
    for start in range(0, len(windows), PIECE):
        yield np.abs(np.fft.rfft(windows[start : start + PIECE] * hann, axis=1).T) ** 2


def _scaled(values: Values) -> list[float]:
    """Values in parts of nearly the loudest; nothing where all is silence."""
    top = float(np.percentile(values, LOUDEST))
    if top < 1e-5:
        return [0.0] * len(values)
    return [round(float(value), LAST_DIGIT) for value in np.minimum(values / top, 1.0)]
