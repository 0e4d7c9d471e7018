"""AV1 in MP4: the smallest files, for players of the last years."""

from pydantic import Field

from animator.film.codecs import AAC, Coding, in_bt709
from animator.variants import Options


class Config(Options):
    """How much is spent on the film."""

    crf: int = Field(default=24, ge=1, le=63, description="quality, lower is better")
    preset: int = Field(default=6, ge=0, le=12, description="speed of SVT-AV1: lower makes smaller files")


def build(config: Config, threads: int) -> Coding:
    """By SVT-AV1, in 10 bits, which keeps soft gradients free of steps and costs nothing."""
    chosen = ("-crf", str(config.crf), "-preset", str(config.preset), "-svtav1-params", f"lp={min(threads, 6)}")
    return Coding(
        suffix=".av1.mp4",
        container="mp4",
        video=(*in_bt709("yuv420p10le"), "-c:v", "libsvtav1", *chosen, "-movflags", "+faststart"),
        stream=r"av1 .*yuv420p10le\(tv, bt709",
        sound=AAC,
        copied=("aac",),
    )
