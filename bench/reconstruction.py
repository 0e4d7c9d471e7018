"""How much of a picture does a VQGAN keep? `python -m bench.reconstruction`.

256 drawn pictures that no training saw, of combinations of words that none saw either: encoded, each cell replaced by
its nearest code, decoded. Figures: PSNR in dB of the mean squared error of all of them together, which a few pictures
of noise and weave decide (and beside it the mean of the pictures' own, which others report); and the share of the
codebook that they use. Also writes a grid: pictures, and under each what comes back.
"""

import argparse
import sys
from itertools import islice
from pathlib import Path

import numpy as np
import torch

from animator.models import store
from animator.models.networks.vqgan.checkpoint import load
from animator.training import pictures
from animator.training.dataset import HELD_OUT_SEEDS, specimens
from animator.training.vqgan import grid
from bench import verdict

COUNT, PIECE = 256, 16


def main() -> bool:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="pocket-vqgan", help="a name or a file")
    parser.add_argument("--side", type=int, default=128, help="of the pictures, in pixels")
    parser.add_argument("--grid", type=Path, default=Path("outputs/reconstruction.png"))
    chosen = parser.parse_args()
    model = load(store.find(chosen.model, "vqgan").weights)
    drawn = islice(specimens(HELD_OUT_SEEDS, held_out=True), COUNT)
    images = torch.from_numpy(np.stack([pictures.paint(p, seed, chosen.side).transpose(2, 0, 1) for seed, p in drawn]))
    errors, used = [], torch.zeros(len(model.codebook), dtype=torch.bool)
    with torch.no_grad():
        for part in images.split(PIECE):
            latent = model.encode(part.float() / 127.5 - 1)
            made = (model.decode(model.snap(latent)).clamp(-1, 1) + 1) / 2
            errors.append((made - part / 255).square().mean((1, 2, 3)))
            used[model.nearest(latent).flatten()] = True
    chosen.grid.parent.mkdir(parents=True, exist_ok=True)
    grid(model, images[:16]).save(chosen.grid)
    error = torch.cat(errors)
    print(f"mean of the pictures' own PSNR, dB: {-10 * float(error.log10().mean()):.2f}")
    good = verdict("PSNR, dB", -10 * float(error.mean().log10()), 24)
    return verdict("codes in use, %", 100 * float(used.float().mean()), 80) and good


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
