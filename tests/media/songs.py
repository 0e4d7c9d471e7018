"""Songs that tests write: clicks, noise and tones, in any container that ffmpeg here can make."""

import subprocess
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import numpy as np

RATE = 44_100
CODECS = {
    ".wav": ["-c:a", "pcm_s16le"],
    ".flac": ["-c:a", "flac"],
    ".mp3": ["-c:a", "libmp3lame"],
    ".m4a": ["-c:a", "aac"],
    ".ogg": ["-c:a", "libvorbis"],
    ".opus": ["-c:a", "libopus"],
}
Samples = np.ndarray[Any, np.dtype[np.float32]]


def tone(seconds: float, pitch: float = 440.0, rate: int = RATE) -> Samples:
    """A quiet sine."""
    times = np.arange(round(seconds * rate)) / rate
    return (0.3 * np.sin(2 * np.pi * pitch * times)).astype(np.float32)


def clicks(times: list[float], seconds: float, rate: int = RATE) -> Samples:
    """Short noises at these times, over silence."""
    made = np.zeros(round(seconds * rate), np.float32)
    noise = np.random.default_rng(5).uniform(-0.8, 0.8, round(0.01 * rate)).astype(np.float32)
    for time in times:
        start = round(time * rate)
        piece = made[start : start + len(noise)]
        piece += noise[: len(piece)]
    return made


def write(path: Path, samples: Samples, *options: str, rate: int = RATE, channels: int = 1) -> Path:
    """Write samples (n,) or (n, channels) as the file's ending says, or as `options` of ffmpeg do."""
    command = [
        imageio_ffmpeg.get_ffmpeg_exe(), "-loglevel", "error", "-y",
        "-f", "f32le", "-ar", str(rate), "-ac", str(channels), "-i", "pipe:0",
        *(options or CODECS[path.suffix]), f"file:{path}",
    ]  # fmt: skip
    subprocess.run(command, input=samples.tobytes(), check=True)
    return path
