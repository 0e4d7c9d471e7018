"""Square crops of pictures, by number: the same number gives the same crop, so a training run can go on anywhere."""

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

    def __init__(self, load: Callable[[int], Image.Image], count: int, side: int, seed: int) -> None:
        self.load, self.count, self.side, self.seed = load, count, side, seed

    def __getitem__(self, number: int) -> Tensor:
        random = Random(f"{self.seed}/{number}")
        for _ in range(TRIES):
            try:
                return self._crop(self.load(random.randrange(self.count)), random)
            except (OSError, ValueError, Image.DecompressionBombError):
                continue  # one broken file among a hundred thousand does not end a night's training
        raise ModelError(f"{TRIES} pictures in a row could not be read; are these pictures?")

    def _crop(self, image: Image.Image, random: Random) -> Tensor:
        short = min(image.size)
        length = short * (min(1.0, self.side / short) ** random.random())  # every scale alike
        left, top = (random.random() * (side - length) for side in image.size)
        box = (left, top, left + length, top + length)
        small = image.convert("RGB").resize((self.side, self.side), Image.Resampling.BICUBIC, box, reducing_gap=3.0)
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


class _From(Sampler[int]):
    def __init__(self, first: int) -> None:
        self.first = first

    def __iter__(self) -> Iterator[int]:
        number = self.first
        while True:
            yield number
            number += 1


def batches(crops: Crops, batch: int, step: int, workers: int) -> Iterator[Tensor]:
    """Float (batch,3,side,side) in [-1,1], without end, from training step `step` on."""
    loader = DataLoader(crops, batch, sampler=_From(step * batch), num_workers=workers)
    for images in loader:
        yield images.float() / 127.5 - 1
