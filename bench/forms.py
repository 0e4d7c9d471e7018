"""Does a judge see forms, or colours alone: `python -m bench.forms`.

Pictures that training never drew, each with its caption, and the same pictures warped as if painted on rubber. A judge
of form finds the true one more like the caption. Pictures of one colour or two, which have no form, are left out. Last,
whether it still finds a picture's caption among 100.
"""

import argparse
import sys

import numpy as np
import torch
from torch import Tensor

from animator.training import dataset, pictures
from animator.training.spoil import warp
from bench import verdict
from bench.retrieval import share_found
from bench.steering import load

JUDGES = "pocket", "pocket-judge", "pocket-form"


def specimens(count: int) -> tuple[Tensor, list[str]]:
    """Pictures float (N,3,S,S) in [0,1] that have a form, and a caption for each."""
    images, captions = [], []
    for seed, picture in dataset.specimens(dataset.HELD_OUT_SEEDS, False):
        if picture.kind != "plain":
            images.append(pictures.paint(picture, seed).transpose(2, 0, 1))
            captions.append(pictures.caption(picture, seed))
        if len(images) == count:
            break
    return torch.from_numpy(np.stack(images)).float() / 255, captions


@torch.no_grad()
def share_told(name: str, images: Tensor, warped: Tensor, captions: list[str]) -> float:
    """Share of the pictures that are more like their captions than the warped ones are."""
    encoder = load(name)
    texts = encoder.encode_text(captions)
    true, other = (
        torch.cat([encoder.encode_image(part) for part in some.split(100)]).mul(texts).sum(1)
        for some in (images, warped)
    )
    return float((true > other).float().mean())


def main() -> bool:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=1000, help="pictures")
    parser.add_argument("--judges", nargs="+", default=JUDGES, help="models that are asked; the last has bars")
    chosen = parser.parse_args()
    images, captions = specimens(chosen.count)
    warped = warp(images, torch.Generator().manual_seed(0))
    for name in chosen.judges[:-1]:
        print(f"{name}, true picture before the warped one, %: {100 * share_told(name, images, warped, captions):.1f}")
    last = chosen.judges[-1]
    told = round(100 * share_told(last, images, warped, captions), 1)
    found = round(100 * share_found(last, images, captions), 1)
    good = verdict(f"{last}, right caption among 100, %", found, 80.0)
    return verdict(f"{last}, true picture before the warped one, %", told, 90.0) and good


if __name__ == "__main__":
    sys.exit(not main())
