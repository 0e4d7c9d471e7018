"""Codecs: how a film's pictures and sound are coded. One file is one way, and what it says is all that is known of it.

A variant exposes `Config` (see `animator.variants`) and `build(config, threads) -> Coding`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from animator import variants
from animator.scene.output import Output

AAC = ("-c:a", "aac", "-b:a", "192k", "-flags:a", "+bitexact")


@dataclass(frozen=True)
class Coding:
    """What ffmpeg is told, and what a decoder must find afterwards."""

    suffix: str  # of the film's name, another one for each codec
    container: str  # as ffmpeg's `-f` has it
    video: tuple[str, ...]  # arguments that filter and code the pictures
    stream: str  # how a decoder's line about the pictures goes on after "Video: ", as a regular expression
    sound: tuple[str, ...] | None = None  # arguments that code the sound; None where there can be none
    copied: tuple[str, ...] = ()  # codings of songs that go in as they are
    folder: bool = False  # a file for each picture


def build(output: Output) -> Coding:
    """How a scene wants its film coded."""
    made: Coding = variants.module("codecs", output.codec).build(output.coding, output.threads)
    return made


def in_bt709(pixel_format: str, after: Sequence[str] = ()) -> tuple[str, ...]:
    """The filter that turns RGB into what televisions and players expect of a film, and says so in its tags."""
    steps = (
        "scale=out_color_matrix=bt709:out_range=tv",
        f"format={pixel_format}",
        "setparams=colorspace=bt709:color_primaries=bt709:color_trc=bt709:range=tv",
        *after,
    )
    return ("-vf", ",".join(steps))
