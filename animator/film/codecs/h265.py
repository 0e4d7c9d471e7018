"""H.265 in MP4: about half as large as H.264, for newer players."""

from pydantic import Field

from animator.film.codecs import AAC, Coding, in_bt709
from animator.film.codecs.h264 import Preset
from animator.variants import Options


class Config(Options):
    """How much is spent on the film."""

    crf: int = Field(default=20, ge=1, le=51, description="quality, lower is better")
    preset: Preset = Field(default="medium", description="effort: slower makes smaller files")


def build(config: Config, threads: int) -> Coding:
    """Tagged as Apple's players want it."""
    own = f"pools={threads}:frame-threads=1:log-level=error"
    chosen = ("-crf", str(config.crf), "-preset", config.preset, "-x265-params", own, "-tag:v", "hvc1")
    return Coding(
        suffix=".h265.mp4",
        container="mp4",
        video=(*in_bt709("yuv420p"), "-c:v", "libx265", *chosen, "-movflags", "+faststart"),
        stream=r"hevc .*yuv420p\(tv, bt709",
        sound=AAC,
        copied=("aac",),
    )
