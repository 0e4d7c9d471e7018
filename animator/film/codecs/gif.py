"""GIF: repeats, in 256 colours, without sound; for short films of few pixels."""

from typing import Literal

from pydantic import Field

from animator.film.codecs import Coding
from animator.variants import Options


class Config(Options):
    """How colours are chosen."""

    dither: Literal["none", "bayer", "sierra2_4a"] = Field(
        default="sierra2_4a", description="how colours that are missing are mixed; none makes the smallest files"
    )


def build(config: Config, threads: int) -> Coding:
    """With a palette for each picture: one for all would need all pictures in memory. GIF counts in hundredths of a
    second, so 24 fps are 25 for two pictures of three."""
    palette = f"split[a][b];[a]palettegen=stats_mode=single[p];[b][p]paletteuse=new=1:dither={config.dither}"
    return Coding(
        suffix=".gif",
        container="gif",
        video=("-filter_complex", palette, "-c:v", "gif", "-loop", "0", "-threads", str(threads)),
        stream="gif, ",
    )
