"""H.264 in MP4: plays everywhere."""

from typing import Literal

from pydantic import Field

from animator.film.codecs import AAC, Coding, in_bt709
from animator.variants import Options

Preset = Literal["ultrafast", "veryfast", "fast", "medium", "slow", "veryslow"]


class Config(Options):
    """How much is spent on the film."""

    crf: int = Field(default=17, ge=1, le=51, description="quality, lower is better; 17 hides nothing from an eye")
    preset: Preset = Field(default="slow", description="effort: slower makes smaller files")


def build(config: Config, threads: int) -> Coding:
    """With the index at the front, so that a browser plays it while it loads."""
    chosen = ("-crf", str(config.crf), "-preset", config.preset, "-threads", str(threads))
    return Coding(
        suffix=".mp4",
        container="mp4",
        video=(*in_bt709("yuv420p"), "-c:v", "libx264", *chosen, "-movflags", "+faststart"),
        stream=r"h264 .*yuv420p\(tv, bt709",
        sound=AAC,
        copied=("aac",),  # and not mp3, which many players and editors do not expect in an MP4
    )
