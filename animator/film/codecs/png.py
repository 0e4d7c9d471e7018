"""PNG: a folder with a file for each picture, for other programs."""

from animator.film.codecs import Coding
from animator.variants import Options


class Config(Options):
    """There is nothing to choose."""


def build(config: Config, threads: int) -> Coding:
    """The very pixels, counted from 000000.png."""
    return Coding(
        suffix="-png",
        container="image2",
        video=("-c:v", "png", "-pix_fmt", "rgb24", "-threads", str(threads), "-start_number", "0"),
        stream=r"png.*, rgb24\(",
        folder=True,
    )
