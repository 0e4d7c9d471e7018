"""A film without its painting: a test card as the camera sees it, with the prompts as text. It shows in seconds whether
moves and prompts come when they should. No torch.

The card is a board whose squares halve as the camera comes nearer, so it never ends, however far a film zooms.
"""

import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from animator.film import codecs, encode, soundtrack
from animator.film.encode import Reel
from animator.scene import output
from animator.scene.document import Document
from animator.scene.frame_spec import FrameSpec
from animator.scene.motions import IDENTITY, Matrix, compose
from animator.scene.times import show_time

LONGEST = 480  # pixels of the longer side, whatever the film has
BAND = 20  # pixels of a line of text
HUES = np.array([(214, 106, 82), (226, 176, 92), (122, 166, 108), (84, 150, 168), (110, 112, 178), (176, 98, 148)])
FAR = 2.0**20  # by how much a board is made larger once the camera is so near
Picture = np.ndarray[Any, np.dtype[np.uint8]]


def write(document: Document, path: Path) -> None:
    """Write the film, with its sound. Raises: OutputError, SoundError."""
    scene, count = document.scene, len(document.frames)
    scale = LONGEST / max(scene.size)
    width, height = (max(16, 2 * round(side * scale / 2)) for side in scene.size)
    sound = soundtrack.of(scene.audio, scene.fps, range(count))
    reel = Reel(_pictures(document, (width, height)), count, (width, height + 3 * BAND), scene.fps)
    encode.encode(reel, path, codecs.build(output.read({"preset": "veryfast", "crf": 23})), sound)


def _pictures(document: Document, size: tuple[int, int]) -> Iterator[bytes]:
    x, y = _points(size)
    pose, beat_at = IDENTITY, _beats(document)
    for spec in document.frames:
        pose = _nearer(compose(pose, spec.matrix))
        image = Image.new("RGB", (size[0], size[1] + 3 * BAND), "#101418")
        image.paste(Image.fromarray(_card(pose, x, y)), (0, 0))
        _write(ImageDraw.Draw(image), spec, size, beat_at(spec.time))
        yield image.tobytes()


def _points(size: tuple[int, int]) -> tuple[Any, Any]:
    """The coordinates of a frame's pixels, as motions count them."""
    width, height = size
    x = ((np.arange(width) + 0.5) / width * 2 - 1) * math.sqrt(width / height)
    y = ((np.arange(height) + 0.5) / height * 2 - 1) * math.sqrt(height / width)
    return np.meshgrid(x, y)


def _nearer(pose: Matrix) -> Matrix:
    """A pose on the card; one that is very near or far is one on a card of another size, which looks the same."""
    (a, b, c), (d, e, f), last = pose
    reach = math.sqrt(abs(a * e - b * d)) or 1.0
    factor = FAR if reach < 1 / FAR else 1 / FAR if reach > FAR else 1.0
    period = 2.0 ** math.ceil(math.log2(reach) + 4)  # after which the board repeats itself
    c, f = math.fmod(c, period), math.fmod(f, period)
    return (a * factor, b * factor, c * factor), (d * factor, e * factor, f * factor), last


def _card(pose: Matrix, x: Any, y: Any) -> Picture:
    """The board under a camera: squares of two sizes, of which the smaller fade in as it comes nearer."""
    (a, b, c), (d, e, f), _ = pose
    across, down = a * x + b * y + c, d * x + e * y + f
    level = math.log2(math.sqrt(abs(a * e - b * d)) or 1.0)
    whole = math.floor(level)
    large, small = 2.0**whole, 2.0 ** (whole - 1)
    share = 1 - (level - whole)  # of the smaller squares
    odd_large = (np.floor(across / large) + np.floor(down / large)) % 2
    odd_small = (np.floor(across / small) + np.floor(down / small)) % 2
    light = 0.72 + 0.2 * (1 - share) * odd_large + 0.2 * share * odd_small
    hue = HUES[whole % len(HUES)] * (1 - share) + HUES[(whole - 1) % len(HUES)] * share
    picture: Picture = np.clip(light[..., None] * hue, 0, 255).astype(np.uint8)
    return picture


def _beats(document: Document) -> Callable[[float], str]:
    """Bar and beat at a time, in words; nothing where a song's beats are not known."""
    grid, duration = document.music.known_grid, len(document.frames) / float(document.scene.fps)
    bar, phase = (document.music.function(name, duration) if grid else None for name in ("bar", "bar_phase"))
    if grid is None or bar is None or phase is None:
        return lambda time: ""
    return lambda time: f"bar {bar(time):.0f}, beat {int(phase(time) * grid.per_bar) + 1}" if bar(time) else ""


def _write(pen: ImageDraw.ImageDraw, spec: FrameSpec, size: tuple[int, int], beat: str) -> None:
    """A cross in the middle, and below the picture its time and prompts, heaviest first."""
    width, height = size
    for line in (
        (width / 2 - 8, height / 2, width / 2 + 8, height / 2),
        (width / 2, height / 2 - 8, width / 2, height / 2 + 8),
    ):
        pen.line(line, fill="white", width=1)
    font = ImageFont.load_default(13)
    pen.text((6, height + 3), f"{show_time(spec.time)}  frame {spec.index}  {beat}", fill="#b6c2cc", font=font)
    prompts = sorted(spec.prompts, key=lambda prompt: -abs(prompt.weight))[:2]
    for row, prompt in enumerate(prompts, 1):
        share = f" {prompt.blend:.0%}" if prompt.towards else ""
        towards = f" -> {prompt.towards}" if prompt.towards else ""
        text = f"{prompt.weight:.2g}{share}  {prompt.aim}{towards}"
        pen.text((6, height + 3 + row * BAND), text[: width // 5], fill="white", font=font)
