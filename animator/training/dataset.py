"""The picture world as tensors: drawn once by every core into a folder, then mapped into memory.

Each picture comes with several captions and, for each caption, near misses (the caption with one word changed so
that it no longer holds), already as tokens. Held-out combinations of words are drawn only when asked for.
"""

import functools
import itertools
import json
import multiprocessing
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np
import torch
from torch import Tensor

from animator.models.networks.clip.package import tokenize
from animator.models.tokens import encode
from animator.training import pictures

CAPTIONS = 3  # ways to say each picture
MISSES = 1  # near misses for each caption
CONTEXT = 24  # tokens of a caption, start and end included
CHUNK = 256  # pictures a worker draws at a time
ROOM, CLOSE_ROOM = 2, 16  # seeds for each of them; most are rejected where something has to stand in a landscape
CLOSE_STYLED = 0.2  # share of pictures in a style that stays where things stand close: these are about forms
CLOSE_SEEDS = 1 << 36  # how far behind the others' seeds theirs begin
ATTEMPTS, ANOTHER = 50, 1 << 50  # to find a caption that is short enough; how far apart their seeds are
HELD_OUT_SEEDS = 1 << 40  # pictures for testing have seeds from here on; training never reaches them


@dataclass(frozen=True)
class Captioned:
    """N pictures: `images` uint8 (N,3,S,S); `tokens` int32 (N, CAPTIONS, 1 + MISSES, CONTEXT), the true one first."""

    images: Tensor
    tokens: Tensor


def _tokens(picture: pictures.Picture, seed: int) -> np.ndarray:
    rows = [tokenize(_said(picture, seed * CAPTIONS + way), CONTEXT).numpy() for way in range(CAPTIONS)]
    return np.stack(rows).astype(np.int32)


def _said(picture: pictures.Picture, seed: int) -> list[str]:
    """A caption and its near misses. Of some pictures so much can be said that another seed must say it shorter."""
    for attempt in range(ATTEMPTS):
        text = pictures.caption(picture, seed + attempt * ANOTHER)
        misses = pictures.misses(text, picture, seed + attempt * ANOTHER, MISSES)
        said = [text, *misses, *[""] * (MISSES - len(misses))]
        if all(len(encode(each)) <= CONTEXT for each in said):
            break
    return said


def specimens(first: int, held_out: bool, styled: float = 1.0) -> Iterator[tuple[int, pictures.Picture]]:
    """Seeds from `first` on whose picture is (or is not) a held-out combination, with the picture. Of those in a style
    (oil, mosaic and such), a share of `styled`."""
    seed = first
    while True:
        picture = pictures.sample(seed)
        if pictures.held_out(picture) == held_out and (not picture.style or Random(seed).random() < styled):
            yield seed, picture
        seed += 1


def _draw(size: int, styled: float, chunk: tuple[int, bool]) -> tuple[np.ndarray, np.ndarray]:
    """CHUNK pictures for training, from the seeds that start at a first one and leave room for rejected ones; or as
    many landscapes where something stands close."""
    images, tokens = [], []
    first, close = chunk
    found = specimens(first, False, CLOSE_STYLED if close else styled)
    chosen = ((seed, picture) for seed, picture in found if not close or pictures.stands(picture))
    for seed, picture in itertools.islice(chosen, CHUNK):
        images.append(pictures.paint(picture, seed, size, close).transpose(2, 0, 1))
        tokens.append(_tokens(picture, seed))
    return np.stack(images), np.stack(tokens)


def build(
    folder: Path,
    count: int,
    first_seed: int,
    workers: int,
    size: int = pictures.SIZE,
    styled: float = 1.0,
    close: int = 0,
) -> Captioned:
    """Draw `count` pictures (rounded up to whole chunks) into `folder`, or map what is already there.

    `size` is their side in pixels; `styled` is the share that stays of those in a style. Behind them come `close` more
    (rounded up, too): landscapes where something stands close.
    """
    chunks, close_chunks = -(-count // CHUNK), -(-close // CHUNK)
    description: dict[str, float] = {"chunks": chunks, "first_seed": first_seed, "size": size}
    if styled != 1:
        description["styled"] = styled
    if close:
        description["close"] = close_chunks
    whole = (chunks + close_chunks) * CHUNK
    images_shape, tokens_shape = (whole, 3, size, size), (whole, CAPTIONS, 1 + MISSES, CONTEXT)
    done = folder / "done.json"
    folder.mkdir(parents=True, exist_ok=True)
    if not (done.exists() and json.loads(done.read_text()) == description):
        images = np.lib.format.open_memmap(folder / "images.npy", "w+", np.uint8, images_shape)
        tokens = np.lib.format.open_memmap(folder / "tokens.npy", "w+", np.int32, tokens_shape)
        starts = [(first_seed + ROOM * CHUNK * number, False) for number in range(chunks)]
        behind = first_seed + CLOSE_SEEDS
        starts += [(behind + CLOSE_ROOM * CHUNK * number, True) for number in range(close_chunks)]
        with multiprocessing.get_context("spawn").Pool(workers) as pool:
            for number, (drawn, spoken) in enumerate(pool.imap(functools.partial(_draw, size, styled), starts)):
                place = slice(number * CHUNK, (number + 1) * CHUNK)
                images[place], tokens[place] = drawn, spoken
        images.flush()
        tokens.flush()
        done.write_text(json.dumps(description))
    return Captioned(
        torch.from_numpy(np.load(folder / "images.npy", mmap_mode="c")),
        torch.from_numpy(np.load(folder / "tokens.npy", mmap_mode="c")),
    )
