"""FFV1 and FLAC in Matroska: without any loss, for an archive or to go on from."""

from animator.film.codecs import Coding
from animator.variants import Options


class Config(Options):
    """There is nothing to choose."""


def build(config: Config, threads: int) -> Coding:
    """The very pixels, as RGB, with a checksum for each slice."""
    chosen = ("-level", "3", "-g", "1", "-slicecrc", "1", "-slices", "4", "-threads", str(threads))
    return Coding(
        suffix=".mkv",
        container="matroska",
        video=("-vf", "format=bgr0", "-c:v", "ffv1", *chosen),
        stream=r"ffv1.* bgr0\(",
        sound=("-c:a", "flac", "-flags:a", "+bitexact"),
    )
