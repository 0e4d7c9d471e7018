"""The sound of a film: its song from the right moment on, as long as the pictures.

The song goes through ffmpeg's filters, which count samples, and not through its seeking, which jumps to packets. So the
sound lies where it was asked for in every container.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from animator import files
from animator.media import audio
from animator.scene.audio import Audio
from animator.scene.times import MOMENT

PACKET = 0.03  # seconds; AAC comes in packets of 1024 samples


@dataclass(frozen=True)
class Soundtrack:
    """A song under a film: `begin` is the moment in the song, in seconds, at which the film's first picture is seen; it
    is negative where the song begins later."""

    path: Path
    begin: float
    seconds: float  # of the film
    fade_out: float  # seconds

    @property
    def inputs(self) -> list[str]:
        """Arguments of ffmpeg that open the song. Raises: SoundError."""
        return audio.source(self.path)

    def copied(self, codings: Sequence[str]) -> bool:
        """Whether the song's own packets lie in the film as they are: where the film is the whole song, unchanged, in
        one of the codings that its container takes. Raises: SoundError."""
        whole = abs(self.begin) < MOMENT and not self.fade_out and abs(audio.seconds(self.path) - self.seconds) < PACKET
        return whole and audio.codec(self.path) in codings

    def outputs(self, coded: Sequence[str], copied: Sequence[str] = ()) -> list[str]:
        """Arguments of ffmpeg for its second input: cut or delayed, filled up with silence, and as long as the film;
        `coded` with these, if it need not be because it is `copied`. Raises: SoundError."""
        if self.copied(copied):
            return ["-map", "0:v:0", "-map", "1:a:0", "-c:a", "copy"]
        filters = [f"atrim=start={max(self.begin, 0):.9f}", "asetpts=PTS-STARTPTS"]
        if self.begin < 0:
            # in whole milliseconds, which is what the filter takes
            filters.append(f"adelay=delays={round(-1000 * self.begin)}:all=1")
        filters += ["apad", f"atrim=end={self.seconds:.9f}"]
        if self.fade_out > 0:
            length = min(self.fade_out, self.seconds)
            filters.append(f"afade=t=out:st={self.seconds - length:.9f}:d={length:.9f}")
        return ["-map", "0:v:0", "-map", "1:a:0", "-af", ",".join(filters), *coded]

    @property
    def made_from(self) -> list[Any]:
        """What it depends on, as plain values."""
        return [files.sha256(self.path), self.begin, self.seconds, self.fade_out]


def of(sound: Audio, fps: Fraction, frames: range) -> Soundtrack | None:
    """The sound of some frames of a film; None for a silent one."""
    if not sound.file:
        return None
    begin = sound.start.seconds(fps) + frames.start / float(fps) - sound.offset.seconds(fps)
    return Soundtrack(Path(sound.file), begin, len(frames) / float(fps), sound.fade_out.seconds(fps))
