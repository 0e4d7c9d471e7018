"""VP9 and Opus in WebM: for web pages, free of patents."""

from pydantic import Field

from animator.film.codecs import Coding, in_bt709
from animator.variants import Options


class Config(Options):
    """How much is spent on the film."""

    crf: int = Field(default=24, ge=0, le=63, description="quality, lower is better")
    speed: int = Field(default=2, ge=0, le=5, description="lower makes smaller files")


def build(config: Config, threads: int) -> Coding:
    """Of constant quality, whatever size that gives."""
    chosen = ("-crf", str(config.crf), "-b:v", "0", "-cpu-used", str(config.speed), "-row-mt", "1")
    return Coding(
        suffix=".webm",
        container="webm",
        video=(*in_bt709("yuv420p"), "-c:v", "libvpx-vp9", *chosen, "-threads", str(threads)),
        stream=r"vp9 .*yuv420p\(tv, bt709",
        sound=("-c:a", "libopus", "-b:a", "160k", "-flags:a", "+bitexact"),
    )
