"""Does a denoiser know what a prompt's picture looks like? `python -m bench.sampling --model FILE`.

Draws the 20 prompts of `prompts.txt` from noise, with nothing that guides but the denoiser's own text, `--tries` of
each. `pocket-judge` is asked which of the 20 prompts the first of each shows, and which of eight that differ in one
word. Also writes a labelled sheet of all: look at it.
"""

import argparse
import sys
from pathlib import Path

import torch
from torch import Tensor

from animator.models import store
from animator.models.networks import denoiser
from animator.paint import encoders
from bench import verdict
from bench.steering import PROMPTS, contact_sheet, label, load, named

SHEET = Path("outputs/sampling.png")
HIGHEST = 20.0  # level of noise to begin with, where nothing of a picture is left


def drawn(model: denoiser.Denoiser, text: Tensor, seed: int, steps: int, guidance: float) -> Tensor:
    """Pictures (B,3,side,side) in [0,1] of embeddings (B,D)."""
    levels = denoiser.levels_down(HIGHEST, steps)
    random = torch.Generator().manual_seed(seed)
    noise = levels[0] * torch.randn((len(text), 3, model.shape.side, model.shape.side), generator=random)
    return (model.sample(noise, levels, text, guidance) + 1) / 2


def main() -> bool:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, required=True, help="a denoiser's file")
    parser.add_argument("--sheet", type=Path, default=SHEET, help="where the contact sheet goes")
    parser.add_argument("--tries", type=int, default=4)
    parser.add_argument("--steps", type=int, default=24)
    parser.add_argument("--guidance", type=float, default=3.0)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    model, judge = denoiser.load(chosen.model), load("pocket-judge")
    reader = encoders.build(store.find(model.shape.clip, "clip"), torch.device("cpu"))
    wanted = [prompts[0] for prompts in PROMPTS]
    text = reader.encode_text(wanted)
    tries = [drawn(model, text, chosen.seed + n, chosen.steps, chosen.guidance) for n in range(chosen.tries)]
    right, near, labels = 0, 0, []
    for place, prompts in enumerate(PROMPTS):
        among_all, among_near = named(judge, _large(tries[0][place : place + 1]), prompts)
        right, near = right + (among_all == prompts[0]), near + (among_near == prompts[0])
        labels.append(label(prompts[0], (among_all, among_near)))
    chosen.sheet.parent.mkdir(parents=True, exist_ok=True)
    both = [torch.cat([torch.cat([*one], 2) for one in _pairs(place, tries)], 1) for place in range(len(PROMPTS))]
    contact_sheet([picture[None] for picture in both], labels).save(chosen.sheet)
    print(f"{chosen.sheet}: {near} of 20 among itself and 7 near misses")
    return verdict("samples named by pocket-judge among the 20", right, 18)


def _pairs(place: int, tries: list[Tensor]) -> list[list[Tensor]]:
    """The tries of a prompt, two to a row; an odd one is left out."""
    pictures = [one[place] for one in tries]
    if len(pictures) < 2:
        return [pictures]
    return [list(pair) for pair in zip(pictures[::2], pictures[1::2], strict=False)]


def _large(picture: Tensor) -> Tensor:
    """As large as a CLIP's pictures at least, which are shrunk and not enlarged."""
    return torch.nn.functional.interpolate(picture, scale_factor=4, mode="bicubic").clamp(0, 1)


if __name__ == "__main__":
    sys.exit(not main())
