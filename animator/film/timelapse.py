"""A film of how frames were made, from their stages on disk; and the start of one beside its result. No torch."""

import math
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from animator import files
from animator.errors import MovieError
from animator.film import labels
from animator.film.encode import Reel
from animator.film.labels import Labelled
from animator.film.making import Stage
from animator.scene.document import Document
from animator.scene.frame_spec import seen_text
from animator.scene.timelapse import Lapse

WIPE = 2.0  # seconds
SMALL = (64, 64)  # pixels in which pictures are compared
WIDTH = 480  # pixels of a picture that is shown beside another


def reel(document: Document, lapse: Lapse, makings: Sequence[Sequence[Stage]]) -> Reel:
    """The film of some frames' making, one after another."""
    order = sequence(lapse, makings)
    width, height = document.scene.size
    tall = 2 * labels.line(height) if lapse.caption else 0
    return Reel(_pictures(document, lapse, order), len(order), (width, height + tall), lapse.fps)


def sequence(lapse: Lapse, makings: Sequence[Sequence[Stage]]) -> list[Stage]:
    """What each picture of the film shows."""
    hold = round(lapse.hold * lapse.fps)
    parts = [[stage for stages in makings for stage in stages]] if lapse.whole else makings
    order = list[Stage]()
    for stages in parts:
        count = len(stages) if lapse.seconds is None else max(1, round(lapse.seconds * lapse.fps))
        order += [stages[place] for place in spread(moments(lapse.ease, stages), count)]
        order += [stages[-1]] * hold
    return order


def moments(ease: str, stages: Sequence[Stage]) -> list[float]:
    """When each stage is seen, as a share of the time that they have together: upwards from 0 to 1."""
    last = max(1, len(stages) - 1)
    if ease == "start":
        return [math.sqrt(place / last) for place in range(len(stages))]
    if ease == "even":
        return [place / last for place in range(len(stages))]
    pictures = (_small(stage.picture) for stage in stages)
    way = [0.0]
    for before, after in pairwise(pictures):
        way.append(way[-1] + float(np.abs(after - before).mean()))
    return [place / last for place in range(len(stages))] if way[-1] == 0 else [each / way[-1] for each in way]


def spread(moments: Sequence[float], count: int) -> list[int]:
    """Of `count` pictures of a film, which of the stages with these moments each shows: the nearest, the last one at
    the end."""
    chosen = []
    for number in range(count):
        share = number / (count - 1) if count > 1 else 1.0
        place = bisect_left(moments, share)
        if place == len(moments) or (place and share - moments[place - 1] < moments[place] - share):
            place -= 1
        chosen.append(place)
    return [*chosen[:-1], len(moments) - 1]


def _small(path: Path) -> np.ndarray:
    return np.asarray(_read(path).resize(SMALL, Image.Resampling.BOX), np.float32)


def _read(path: Path) -> Image.Image:
    try:
        with Image.open(path, formats=["PNG"]) as image:
            return image.convert("RGB")
    except (OSError, SyntaxError, ValueError) as error:
        raise MovieError(f"{path}: not a whole picture: {error}") from error


def _pictures(document: Document, lapse: Lapse, order: Sequence[Stage]) -> Iterator[bytes]:
    for stage in order:
        picture = _read(stage.picture)
        whole = labels.captioned(picture, (_count(stage), _asked(document, stage))) if lapse.caption else picture
        yield whole.tobytes()


def _count(stage: Stage) -> str:
    lost = "" if stage.loss is None else f"  loss {stage.loss:.3f}"
    return f"step {stage.step}/{stage.steps}{lost}  frame {stage.frame}"


def _asked(document: Document, stage: Stage) -> str:
    return seen_text(document.frames[stage.frame])


def write_pair(document: Document, makings: Sequence[Sequence[Stage]], path: Path) -> None:
    """Write the start and the result of each making side by side, as a PNG. Raises: OutputError, MovieError."""
    cells = []
    for stages in makings:
        for stage, name in ((stages[0], "before"), (stages[-1], "after")):
            lines = (f"{name}: step {stage.step} of {stage.steps}", _asked(document, stage))
            cells.append(Labelled(_read(stage.picture), lines))
    with files.atomic(path) as temporary:
        labels.sheet(cells, 2, WIDTH).save(temporary, "PNG")


def wipe(document: Document, lapse: Lapse, makings: Sequence[Sequence[Stage]]) -> Reel:
    """The start of each making giving way to its result: a line that crosses the picture within WIPE seconds."""
    count = max(2, round(WIPE * lapse.fps))
    return Reel(_wiped(makings, count), count * len(makings), document.scene.size, lapse.fps)


def _wiped(makings: Sequence[Sequence[Stage]], count: int) -> Iterator[bytes]:
    for stages in makings:
        before, after = _read(stages[0].picture), _read(stages[-1].picture)
        for number in range(count):
            share = (1 - math.cos(math.pi * number / (count - 1))) / 2
            edge = round(share * before.width)
            picture = before.copy()
            picture.paste(after.crop((0, 0, edge, after.height)), (0, 0))
            if 0 < edge < before.width:
                ImageDraw.Draw(picture).line([(edge, 0), (edge, before.height)], fill="white", width=2)
            yield picture.tobytes()
