"""What is known of a song: how long it is, its rhythm and its envelopes. Each is found once and remembered.

What was found lies in the user's cache, by the hash of the song and by what was asked for. A rhythm can be written to a
file, too, which a person reads and corrects: then it is taken from there, and nothing is looked for.
"""

import functools
import hashlib
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from animator import files
from animator.errors import OutputError, SoundError, first_line
from animator.media import audio, bands, beats
from animator.media.bands import Band
from animator.media.beats import Hits, Rhythm

FORMAT = 1  # raised when the same song would give other values
LARGEST = 16 << 20  # bytes of a written rhythm
MOST = 200_000  # times in one of its lists
Found = dict[str, Any]


def cache() -> Path:
    """Where what was found lies: $ANIMATOR_SONGS, or the user's cache."""
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return Path(os.environ.get("ANIMATOR_SONGS") or home / "animator" / "songs")


@dataclass(frozen=True)
class Song:
    """A song and what is asked of it. `analysis` is a file with its rhythm, if there is one. `listening` is called
    before what takes long. Every property raises a SoundError for a file that cannot be read."""

    path: Path
    beats_per_bar: int = 4
    bands: tuple[Band, ...] = bands.BANDS
    analysis: Path | None = None
    listening: Callable[[Path], None] = field(default=lambda path: None, compare=False)

    @functools.cached_property
    def sha256(self) -> str:
        """The hash of the file."""
        audio.source(self.path)  # that it is a file, and not too large
        try:
            return files.sha256(self.path)
        except OSError as error:
            raise SoundError(f"{self.path}: cannot be read: {error.strerror or error}") from error

    @functools.cached_property
    def seconds(self) -> float:
        """How long it is."""
        return float(self._found("length", {}, lambda: {"seconds": audio.seconds(self.path)})["seconds"])

    @functools.cached_property
    def rhythm(self) -> Rhythm:
        """Its tempo, beats, bars and hits. The first one that a machine looks for takes half a minute."""
        if self.analysis is not None:
            return read(self.analysis, self.sha256)
        asked = {"beats_per_bar": self.beats_per_bar}
        return _rhythm(self._found("rhythm", asked, self._listen))

    @functools.cached_property
    def envelopes(self) -> Mapping[str, list[float]]:
        """How loud it is, by the name of a band or of `bands.OTHERS`, `bands.PER_SECOND` values a second."""
        asked = {"bands": [[band.name, band.low, band.high] for band in self.bands]}
        return self._found("envelopes", asked, lambda: dict(bands.envelopes(audio.decode(self.path), self.bands)))

    def _listen(self) -> Found:
        samples = audio.decode(self.path)
        self.listening(self.path)
        return plain(beats.rhythm(samples, self.beats_per_bar))

    def _found(self, what: str, asked: Found, find: Callable[[], Found]) -> Found:
        """What was found before, or is found now; a cache that cannot be written does no harm."""
        wanted = json.dumps([FORMAT, what, asked], sort_keys=True)
        place = cache() / self.sha256[:32] / f"{what}-{hashlib.sha256(wanted.encode()).hexdigest()[:16]}.json"
        try:
            remembered = json.loads(place.read_bytes())
            if isinstance(remembered, dict) and remembered.get("asked") == wanted:
                return dict(remembered["found"])
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            pass  # it was not looked for yet, or the file is damaged
        found = find()
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            files.write(place, json.dumps({"asked": wanted, "found": found}).encode())
        except (OutputError, OSError):
            pass
        return found


def plain(rhythm: Rhythm) -> Found:
    """A rhythm as plain values, with times in whole tenths of a millisecond. Its first bar is counted from 1."""
    return {
        "tempo": round(rhythm.tempo, 3),
        "beats_per_bar": rhythm.beats_per_bar,
        "first_bar_at_beat": rhythm.bar + 1,
        "beats": [round(time, 4) for time in rhythm.beats],
        "hits": {name: [[round(time, 4), height] for time, height in hits] for name, hits in rhythm.hits.items()},
    }


def _rhythm(found: Found) -> Rhythm:
    """Raises: ValueError, KeyError or TypeError for what is no rhythm."""
    tempo, bar = float(found["tempo"]), int(found["first_bar_at_beat"]) - 1
    per_bar, times = int(found["beats_per_bar"]), _ascending(found["beats"])
    hits = {str(name): _hits(listed) for name, listed in dict(found["hits"]).items()}
    if not 0 <= tempo <= 1000 or not 1 <= per_bar <= 64 or not 0 <= bar < max(per_bar, len(times)):
        raise ValueError("tempo, beats_per_bar or first_bar_at_beat is out of range")
    return Rhythm(tempo, times, hits, per_bar, bar)


def _ascending(listed: list[Any]) -> tuple[float, ...]:
    times = tuple(float(time) for time in listed)
    if len(times) > MOST or any(not 0 <= time <= audio.LONGEST for time in times):
        raise ValueError("a time is out of range")
    if any(after <= before for before, after in pairwise(times)):
        raise ValueError("times do not go up")
    return times


def _hits(listed: list[Any]) -> Hits:
    times = _ascending([time for time, _ in listed])
    heights = [float(height) for _, height in listed]
    if any(not 0 <= height <= 1 for height in heights):
        raise ValueError("a height is not in 0..1")
    return tuple(zip(times, heights, strict=True))


def write(path: Path, song: Song) -> None:
    """Write a song's rhythm where a person can correct it: a list a line. Raises: OutputError, SoundError."""
    found = plain(song.rhythm)
    head = {"song": song.path.name, "sha256": song.sha256, **{key: found[key] for key in found if key != "hits"}}
    lines = [f"  {json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}" for key, value in head.items()]
    hits = ",\n".join(f"    {json.dumps(name)}: {json.dumps(times)}" for name, times in found["hits"].items())
    lines.append(f'  "hits": {{\n{hits}\n  }}')
    files.write(path, ("{\n" + ",\n".join(lines) + "\n}\n").encode())


def read(path: Path, sha256: str) -> Rhythm:
    """A rhythm that was written, for the song with this hash. Raises: SoundError."""
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
        if len(content) > LARGEST:
            raise SoundError(f"{path}: larger than {LARGEST >> 20} MiB")
        found = json.loads(content)
        rhythm = _rhythm(found)
    except OSError as error:
        raise SoundError(f"{path}: cannot be read: {error.strerror or error}") from error
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        said = f"{error} is missing" if isinstance(error, KeyError) else first_line(error)
        raise SoundError(f"{path}: not a rhythm as `audio SONG --write` makes one: {said}") from error
    if found.get("sha256", sha256) != sha256:
        raise SoundError(f"{path}: was made from another song; write it anew, or take its line sha256 out")
    return rhythm
