"""A MIDI file -> its notes, by the names that people call them: a drum, a track, a pitch."""

import re
import stat
from bisect import bisect_right
from dataclasses import dataclass
from pathlib import Path

from animator.errors import SoundError, first_line

LARGEST = 4 << 20  # bytes
MOST = 100_000  # notes
SHARPS = ("c", "cs", "d", "ds", "e", "f", "fs", "g", "gs", "a", "as", "b")
DRUM_CHANNEL = 9  # counted from 0
DRUMS = {  # of General MIDI, by what a scene would call them
    **dict.fromkeys((35, 36), "kick"),
    **dict.fromkeys((38, 40), "snare"),
    39: "clap",
    **dict.fromkeys((42, 44, 46), "hat"),
    **dict.fromkeys((41, 43, 45, 47, 48, 50), "tom"),
    **dict.fromkeys((49, 52, 55, 57), "crash"),
    **dict.fromkeys((51, 53, 59), "ride"),
}
Notes = dict[str, tuple[tuple[float, float], ...]]  # by name: times in seconds, with heights in 0..1


@dataclass(frozen=True)
class _Note:
    tick: int
    track: str
    channel: int
    pitch: int
    velocity: int


def notes(path: Path) -> Notes:
    """Every note under each of its names: its track's, its pitch's (`c4` is the middle C, `fs3` has a sharp), its
    number's (`note_60`) and, on the channel of drums, its drum's. Its velocity is its height.

    Raises: SoundError.
    """
    import mido

    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode) or found.st_size > LARGEST:
            raise SoundError(f"{path}: not a file, or larger than {LARGEST >> 20} MiB")
        file = mido.MidiFile(path, clip=True)
        played, tempi = _read(file)
        clock = _Clock(file.ticks_per_beat, tempi)
    except FileNotFoundError as error:
        raise SoundError(f"{path}: no such file") from error
    except SoundError:
        raise
    except Exception as error:  # mido raises whatever it stumbles on
        raise SoundError(f"{path}: not a MIDI file that can be read: {first_line(error)}") from error
    if len(played) > MOST:
        raise SoundError(f"{path}: {len(played)} notes, at most {MOST}")
    named: dict[str, list[tuple[float, float]]] = {}
    for note in played:
        at = round(clock.seconds(note.tick), 6), round(note.velocity / 127, 3)
        for name in _names(note):
            named.setdefault(name, []).append(at)
    return {name: tuple(sorted(set(times))) for name, times in sorted(named.items())}


def _read(file: "object") -> tuple[list[_Note], list[tuple[int, int]]]:
    """The notes of all tracks, and the changes of tempo: ticks with microseconds a beat."""
    played, tempi = [], []
    for track in file.tracks:  # type: ignore[attr-defined]
        tick, name = 0, ""
        for message in track:
            tick += message.time
            if message.type == "track_name":
                name = message.name
            elif message.type == "set_tempo":
                tempi.append((tick, message.tempo))
            elif message.type == "note_on" and message.velocity:
                played.append(_Note(tick, name, message.channel, message.note, message.velocity))
    return played, tempi


class _Clock:
    """Ticks -> seconds, by the changes of tempo of all tracks together."""

    def __init__(self, ticks_per_beat: int, tempi: list[tuple[int, int]]) -> None:
        if ticks_per_beat <= 0:
            raise ValueError("its times are in frames of a film, which is not read")
        self.ticks, self.starts, self.lengths = [0], [0.0], [0.5 / ticks_per_beat]  # 120 beats a minute until one says
        for tick, tempo in sorted(tempi):
            self.starts.append(self.seconds(tick))
            self.ticks.append(tick)
            self.lengths.append(tempo / 1e6 / ticks_per_beat)

    def seconds(self, tick: int) -> float:
        place = bisect_right(self.ticks, tick) - 1
        return self.starts[place] + (tick - self.ticks[place]) * self.lengths[place]


def _names(note: _Note) -> list[str]:
    octave, step = divmod(note.pitch, 12)
    drum = DRUMS.get(note.pitch, "") if note.channel == DRUM_CHANNEL else ""
    track = re.sub(r"\W+", "_", note.track.strip().lower(), flags=re.ASCII).strip("_")
    if track and not track[0].isalpha():
        track = f"track_{track}"
    return [name for name in (track, drum, f"note_{note.pitch}", f"{SHARPS[step]}{octave - 1}") if name]
