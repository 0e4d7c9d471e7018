"""What a player shows of a film."""

import subprocess
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import numpy as np


def grey(film: Path) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """The brightness of every pixel of every frame, one after another."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-loglevel", "error", "-i", film]
    command += ["-f", "rawvideo", "-pix_fmt", "gray", "-"]
    return np.frombuffer(subprocess.run(command, capture_output=True, check=True).stdout, np.uint8)
