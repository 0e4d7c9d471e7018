"""Square crops of pictures, by number: the same number gives the same crop, so a training run can go on anywhere."""

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import numpy as np
import torch
from PIL import Image, ImageOps
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, Sampler

from animator.errors import ModelError

ENDINGS = {".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff"}
TRIES = 20  # pictures that may be broken, one after the other


class Crops(Dataset[Tensor]):
    """Crops uint8 (3,side,side) of pictures 0..count-1: anywhere, and from `side` pixels to the whole short side."""

    def __init__(self, load: Callable[[int], Image.Image], count: int, seed: int) -> None:
        self.load, self.count, self.seed = load, count, seed

    def __getitem__(self, wanted: tuple[int, int]) -> Tensor:
        """A crop by its number and side."""
        number, side = wanted
        random = Random(f"{self.seed}/{number}")
        for _ in range(TRIES):
            try:
                return _crop(self.load(random.randrange(self.count)), side, random)
            except (OSError, ValueError, Image.DecompressionBombError):
                continue  # one broken file among a hundred thousand does not end a night's training
        raise ModelError(f"{TRIES} pictures in a row could not be read; are these pictures?")


def _crop(image: Image.Image, side: int, random: Random) -> Tensor:
    short = min(image.size)
    length = short * (min(1.0, side / short) ** random.random())  # every scale alike
    left, top = (random.random() * (whole - length) for whole in image.size)
    box = (left, top, left + length, top + length)
    small = image.convert("RGB").resize((side, side), Image.Resampling.BICUBIC, box, reducing_gap=3.0)
    return torch.from_numpy(np.array(small).transpose(2, 0, 1))


def folder(path: Path) -> tuple[Callable[[int], Image.Image], int]:
    """What loads the pictures of a folder and its folders, and how many there are. Raises: ModelError if none."""
    files = sorted(file for file in path.rglob("*") if file.suffix.lower() in ENDINGS)
    if not files:
        raise ModelError(f"{path}: no pictures there; it should hold files that end in {', '.join(sorted(ENDINGS))}")

    def load(number: int) -> Image.Image:
        with Image.open(files[number]) as image:
            return ImageOps.exif_transpose(image)

    return load, len(files)


def drawn(images: Tensor) -> tuple[Callable[[int], Image.Image], int]:
    """The same for pictures uint8 (N,3,H,W)."""
    return lambda number: Image.fromarray(images[number].permute(1, 2, 0).numpy()), len(images)


class _Steps(Sampler[list[tuple[int, int]]]):
    """What each training step looks at, from one on, without end."""

    def __init__(self, first: int, batch: int, sides: tuple[int, ...]) -> None:
        self.first = first
        self.each = [(side, max(1, batch * sides[0] ** 2 // side**2)) for side in sides]

    def __iter__(self) -> Iterator[list[tuple[int, int]]]:
        most = max(count for _, count in self.each)
        for step in itertools.count(self.first):
            side, count = self.each[step % len(self.each)]
            yield [(step * most + number, side) for number in range(count)]


def batches(crops: Crops, batch: int, sides: tuple[int, ...], step: int, workers: int) -> Iterator[Tensor]:
    """Float (B,3,S,S) in [-1,1], without end, from training step `step` on.

    S is each of `sides` in turn; B is `batch` at the first of them, and elsewhere what comes to as many pixels.
    """
    for images in DataLoader(crops, batch_sampler=_Steps(step, batch, sides), num_workers=workers):
        yield images.float() / 127.5 - 1
