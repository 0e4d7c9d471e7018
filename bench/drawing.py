"""Does the transformer draw what it is told? `python -m bench.drawing`.

The 20 prompts of `bench.steering`, drawn and not optimised at all: scenes with `start: transformer` and no steps. A
model that took no part, `pocket-judge`, is asked which of the 20 each picture shows. Also writes a contact sheet.
"""

import argparse
import sys
from pathlib import Path

from bench import verdict
from bench.steering import PROMPTS, contact_sheet, first_frames, label, load, named


def main() -> bool:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sheet", type=Path, default=Path("outputs/drawing.png"), help="where the contact sheet goes")
    parser.add_argument("--seed", type=int, default=0, help="of the scenes")
    chosen = parser.parse_args()
    judge, wanted = load("pocket-judge"), [prompts[0] for prompts in PROMPTS]
    drawn = {"generator": {"type": "vqgan", "start": "transformer"}, "optimize": {"first_steps": 0}}
    pictures, labels, right = [], [], 0
    for prompts, picture in zip(PROMPTS, first_frames(wanted, "vqgan", chosen.seed, dict(drawn)), strict=True):
        among_all, _ = named(judge, picture, prompts)
        right += among_all == prompts[0]
        pictures.append(picture)
        labels.append(label(prompts[0], (among_all, among_all)))
        print(labels[-1].replace("\n", "; "), flush=True)
    chosen.sheet.parent.mkdir(parents=True, exist_ok=True)
    contact_sheet(pictures, labels).save(chosen.sheet)
    return verdict("right prompt among the 20", right, 15)


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
