"""Captioned pictures by number: what is in a picture, ways to say it, ways to paint it, and near misses."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache, partial
from random import Random
from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from animator.training.world import (
    captions,
    landscapes,
    looks,
    objects,
    patterns,
    sampling,
    shapes,
    styles,
    templates,
    things,
)
from animator.training.world import misses as near
from animator.training.world import words as tables
from animator.training.world.spec import Mark, Picture, Thing

__all__ = ["SIZE", "Mark", "Picture", "Thing", "caption", "held_out", "misses", "paint", "sample", "words"]

SIZE = 64
HELD_SHARE = 0.033  # Of pairs of words.
SPEC, SAY, BRUSH, MISS = 1, 2, 3, 4  # Streams of random numbers.


def draws(seed: int, stream: int) -> Random:
    """Random numbers of a stream."""
    return Random(seed * 8 + stream)


def sample(seed: int) -> Picture:
    """What is in picture number `seed`."""
    return sampling.draw(draws(seed, SPEC))


def caption(picture: Picture, seed: int) -> str:
    """One of many ways to say what is in the picture: lowercase, 18 words at most."""
    return captions.caption(picture, draws(seed, SAY))


def paint(picture: Picture, seed: int, size: int = SIZE, close: bool = False) -> NDArray[np.uint8]:
    """The picture, (size, size, 3) sRGB; every seed composes and paints it differently. `close`: what stands in a
    landscape is large."""
    rng = np.random.default_rng((seed, BRUSH))
    n = size * 2
    painters: dict[str, Callable[[np.random.Generator, Picture, int], Image.Image]] = {
        "landscape": partial(landscapes.paint_landscape, close=close),
        "shapes": shapes.paint_shapes,
        "thing": things.paint_thing,
        "pattern": patterns.paint_pattern,
        "plain": patterns.paint_plain,
    }
    return np.asarray(styles.finish(rng, painters[picture.kind](rng, picture, n), picture.style, size))


def misses(caption: str, picture: Picture, seed: int, count: int) -> list[str]:
    """Up to `count` captions that differ from this one in one thing and are false of the picture."""
    return near.misses(caption, picture, draws(seed, MISS), count)


def pairs(picture: Picture) -> list[str]:
    """The combinations of words of which some are kept out of training."""

    def family(colour: str) -> str:
        return tables.FAMILY_OF.get(colour, "")

    found = [f"{family(mark.colour)} {mark.shape}" for mark in picture.marks]
    found += [f"{family(mark.colour)} on {family(picture.back)}" for mark in picture.marks[:1]]
    if picture.kind == "pattern":
        found.append(f"{family(picture.colour)} {picture.pattern}")
        found.append(" and ".join(sorted((family(picture.colour), family(picture.back)))))
    if picture.kind == "thing" and len(objects.OBJECTS[picture.things[0].name][2]) > 4:  # Few colours all stay.
        found.append(f"{family(picture.things[0].colour)} {picture.things[0].name}")
    if picture.kind == "landscape":
        found.append(f"{picture.ground} under {picture.sky}")
        found += [f"{picture.ground} with {thing.name}" for thing in picture.things]
    return found


def stands(picture: Picture) -> bool:
    """Whether it is a landscape where something stands."""
    return picture.kind == "landscape" and any(thing.name in landscapes.DRAW for thing in picture.things)


def held_out(picture: Picture) -> bool:
    """Whether a combination of words in the picture is kept out of training; every single word stays in."""
    return any(crc32(pair.encode()) % 10_000 < HELD_SHARE * 10_000 for pair in pairs(picture))


@cache
def words() -> frozenset[str]:
    """Every lowercase word the captions can contain."""
    phrases: list[str] = [phrase for kind in near.KINDS for phrase in near.lexicon(kind)[1]]
    phrases += [
        *templates.PLAIN_WORDS,
        *templates.LANDSCAPE,
        *templates.SHAPES,
        *templates.PLACED,
        *templates.PAIRED,
        *templates.NESTED,
        *templates.PATTERN,
        *templates.ON_GROUND,
        *templates.STYLED,
        *templates.STYLED_BARE,
        *templates.PREFIXES,
        *templates.OUTLINES,
    ]
    phrases += [phrase for group in templates.GRADIENT.values() for phrase in group]
    phrases += [phrase for group in templates.STANDS.values() for phrase in group]
    phrases += [phrase for names in (*looks.SIZES.values(), *looks.WAYS.values()) for phrase in names]
    return frozenset(word for phrase in phrases for word in re.findall("[a-z]+", re.sub(r"{\w+}", " ", phrase)))
