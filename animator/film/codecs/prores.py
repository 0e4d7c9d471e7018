"""ProRes in MOV: large, and what editing programs like best."""

from typing import Literal

from pydantic import Field

from animator.film.codecs import Coding, in_bt709
from animator.variants import Options

PROFILES = {"proxy": 0, "lt": 1, "standard": 2, "hq": 3}


class Config(Options):
    """How much of the picture is kept."""

    profile: Literal["proxy", "lt", "standard", "hq"] = Field(default="hq", description="from small to large files")


def build(config: Config, threads: int) -> Coding:
    """4:2:2 in 10 bits, with uncompressed sound."""
    chosen = ("-profile:v", str(PROFILES[config.profile]), "-vendor", "apl0", "-threads", str(threads))
    return Coding(
        suffix=".mov",
        container="mov",
        video=(*in_bt709("yuv422p10le"), "-c:v", "prores_ks", *chosen),
        stream=r"prores .*yuv422p10le\((tv, )?bt709",
        sound=("-c:a", "pcm_s16le"),
    )
