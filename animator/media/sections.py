"""Loudness over bars -> the parts of a song: where it turns quiet or loud."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from animator.media.bands import PER_SECOND
from animator.media.song import Song

NEAR, LONG = 4, 24  # bars before and after a bar that are compared, half of them in a song of fewer bars than LONG
TURN = 0.15  # of a loud bar: less is no turn
SHORT = 0.25  # seconds; what is left of a song after its last beat is no bar
PLAIN = 2.0  # seconds of a bar, where a song has none
LEVELS = ((0.5, "quiet"), (0.75, "middle"), (2.0, "loud"))  # up to these parts of the loudest part


@dataclass(frozen=True)
class Section:
    """A part of a song, in seconds, with its first bar and the one after its last, both from 1, and how loud it is: in
    the mean, in parts of the loudest part, and in a word."""

    start: float
    end: float
    first_bar: int
    end_bar: int
    loudness: float
    level: str


def sections(song: Song) -> list[Section]:
    """The parts of a song. Raises: SoundError."""
    begins = bars(song)
    ends = [*begins, song.seconds]
    loud = [_mean(song.envelopes["loudness"], begin, end) for begin, end in pairwise(ends)]
    usual = sorted(loud)[round(0.9 * (len(loud) - 1))] or 1.0
    loud = [mean / usual for mean in loud]
    cuts = [0, *_turns(loud), len(begins)]
    parts = [(first, last, sum(loud[first:last]) / (last - first)) for first, last in pairwise(cuts)]
    top = max((mean for *_, mean in parts), default=0.0) or 1.0
    found = []
    for first, last, mean in parts:
        level = next(word for most, word in LEVELS if mean / top <= most)
        start = 0.0 if first == 0 else begins[first]
        found.append(Section(start, ends[last], first + 1, last + 1, mean / top, level))
    return found


def bars(song: Song) -> list[float]:
    """When each bar begins, in seconds; where there is no beat, a bar is PLAIN seconds long."""
    rhythm = song.rhythm
    begins = [begin for begin in rhythm.beats[rhythm.bar :: rhythm.beats_per_bar] if song.seconds - begin > SHORT]
    if not begins:
        begins = [number * PLAIN for number in range(max(1, int(song.seconds / PLAIN)))]
    return begins


def _turns(loud: Sequence[float]) -> list[int]:
    """The bars at which it turns louder or quieter, the largest turns first; parts are as long as what is compared."""
    near = NEAR if len(loud) >= LONG else NEAR // 2
    steps = {}
    for bar in range(near, len(loud) - near + 1):
        before, after = loud[bar - near : bar], loud[bar : bar + near]
        steps[bar] = abs(sum(after) - sum(before)) / near
    chosen = list[int]()
    for bar in sorted(steps, key=lambda bar: -steps[bar]):
        if steps[bar] >= TURN and all(abs(bar - other) >= near for other in chosen):
            chosen.append(bar)
    return sorted(chosen)


def _mean(values: Sequence[float], begin: float, end: float) -> float:
    part = values[int(begin * PER_SECOND) : max(int(end * PER_SECOND), int(begin * PER_SECOND) + 1)]
    return sum(part) / len(part) if part else 0.0
