"""How well the shipped CLIPs find a picture's caption: `python -m bench.retrieval`.

1,000 pictures that training never drew, and 1,000 more whose combinations of words it never saw. For each picture
the right caption is to be found among 100 distinct ones: its own, and 99 of the other pictures'.
"""

import argparse
import sys

import numpy as np
import torch
from torch import Tensor

from animator.training import dataset, pictures
from bench import verdict
from bench.steering import load

CHOICES = 100


def specimens(count: int, held_out: bool) -> tuple[Tensor, list[str]]:
    """Pictures float (N,3,S,S) in [0,1] and a caption for each."""
    images, captions = [], []
    pairs = dataset.specimens(dataset.HELD_OUT_SEEDS, held_out)
    for (seed, picture), _ in zip(pairs, range(count), strict=False):
        images.append(pictures.paint(picture, seed).transpose(2, 0, 1))
        captions.append(pictures.caption(picture, seed))
    return torch.from_numpy(np.stack(images)).float() / 255, captions


def choices(place: int, captions: list[str]) -> list[int]:
    """Places of CHOICES captions, all different, the picture's own first; drawn by its place."""
    order = torch.randperm(len(captions), generator=torch.Generator().manual_seed(place)).tolist()
    distinct = {captions[place]: place}
    for other in order:
        distinct.setdefault(captions[other], other)
        if len(distinct) == CHOICES:
            break
    return list(distinct.values())


def share_found(name: str, images: Tensor, captions: list[str]) -> float:
    """Share of the pictures whose own caption comes first."""
    encoder = load(name)
    with torch.no_grad():
        looks = torch.cat([encoder.encode_image(part) for part in images.split(100)])
    texts = encoder.encode_text(captions)
    hits = [int((texts[choices(place, captions)] @ looks[place]).argmax()) == 0 for place in range(len(captions))]
    return sum(hits) / len(hits)


def main() -> bool:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=1000, help="pictures of each kind")
    chosen = parser.parse_args()
    good = True
    for held_out, bar in ((False, 85.0), (True, 60.0)):
        images, captions = specimens(chosen.count, held_out)
        for name in ("pocket", "pocket-judge"):
            kind = "held-out combinations" if held_out else "unseen pictures"
            figure = round(100 * share_found(name, images, captions), 1)
            good = verdict(f"{name}, {kind}, right caption among 100, %", figure, bar) and good
    return good


if __name__ == "__main__":
    sys.exit(not main())
