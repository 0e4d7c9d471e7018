"""Does a prompt become a picture of it? `python -m bench.steering`.

The first frames of 20 scenes with one prompt each, default settings, guided by `pocket`. A model that did not guide,
`pocket-judge`, is then asked which of the 20 prompts each frame shows and, the real question, which of eight that
differ in one word (prompts.txt: the prompt first, then seven near misses). Also writes a labelled contact sheet: look
at it. A film that scores well and looks like noise is a failure.
"""

import argparse
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import torch
from PIL import Image, ImageDraw
from torch import Tensor

from animator import variants
from animator.models import store
from animator.paint import encoders, generators, guide, pixels, process
from animator.paint.animate import animate
from animator.paint.cutouts import shrink
from animator.paint.device import working_type
from animator.paint.encoders import Encoder
from animator.paint.optimize import fresh
from animator.scene.document import resolve
from animator.scene.frame_spec import main_text
from bench import verdict

PROMPTS = [line.split("|") for line in Path(__file__).with_name("prompts.txt").read_text().splitlines()]
SHEET = Path("outputs/steering.png")
NEAR = {"vqgan": 16}  # bars; 13 for the others
SIDE = 192  # pixels of a picture on the sheet


def first_frames(prompts: list[str], generator: str, seed: int, overrides: dict[str, object]) -> Iterator[Tensor]:
    """(1,3,H,W) each: the first frames of scenes that say nothing but their prompt, seeded from `seed` on."""
    device = torch.device("cpu")
    plain: dict[str, object] = {"duration": "1f", "generator": {"type": generator}, **overrides}
    films = [resolve({**plain, "seed": seed + n, "prompts": text}, "steering") for n, text in enumerate(prompts)]
    process.prepare()
    dtype = working_type(films[0].scene.optimize.precision, device)
    aims = guide.aims_of(tuple(spec for film in films for spec in film.frames))
    built = guide.build(films[0], device, dtype, aims)
    for film in films:
        painter = generators.build(film.scene.generator[0], film.scene.size, device, dtype)
        start = fresh(painter.init(film.scene.seed, main_text(film.frames[0])))
        (frame,) = animate([painter], built, film.frames, start)
        yield frame.picture


def load(name: str) -> Encoder:
    """A model of the store on the CPU."""
    return encoders.build(store.find(name, "clip"), torch.device("cpu"))


def contact_sheet(pictures: list[Tensor], labels: list[str]) -> Image.Image:
    """Pictures five to a row, each with its label below."""
    rows = -(-len(pictures) // 5)
    sheet = Image.new("RGB", (5 * (SIDE + 8), rows * (SIDE + 40)), "white")
    draw = ImageDraw.Draw(sheet)
    for place, (picture, label) in enumerate(zip(pictures, labels, strict=True)):
        x, y = place % 5 * (SIDE + 8) + 4, place // 5 * (SIDE + 40) + 4
        sheet.paste(Image.fromarray(pixels.to_bytes(picture)).resize((SIDE, SIDE)), (x, y))
        draw.multiline_text((x, y + SIDE + 2), label, "black")
    return sheet


def main() -> bool:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--generator", default="siren", choices=variants.names("generators"))
    parser.add_argument("--sheet", type=Path, default=SHEET, help="where the contact sheet goes")
    parser.add_argument("--seed", type=int, default=0, help="of the scenes")
    chosen = parser.parse_args()
    judge, began = load("pocket-judge"), time.monotonic()
    wanted = [prompts[0] for prompts in PROMPTS]
    every = judge.encode_text(wanted)
    pictures, labels, named, told_apart = [], [], 0, 0
    frames = first_frames(wanted, chosen.generator, chosen.seed, {})
    for prompts, picture in zip(PROMPTS, frames, strict=True):
        pictures.append(picture)
        with torch.no_grad():
            look = judge.encode_image(shrink(picture, judge.input_size))[0]
        among_all = wanted[int((every @ look).argmax())]
        among_near = prompts[int((judge.encode_text(prompts) @ look).argmax())]
        named += among_all == prompts[0]
        told_apart += among_near == prompts[0]
        wrong = [f"not: {text}" for text in dict.fromkeys((among_all, among_near)) if text != prompts[0]]
        labels.append("\n".join([prompts[0], *wrong[:1]]))
        print(f"{prompts[0]}: {'; '.join(wrong) or 'right'}", flush=True)
    chosen.sheet.parent.mkdir(parents=True, exist_ok=True)
    contact_sheet(pictures, labels).save(chosen.sheet)
    print(f"{chosen.sheet}, {time.monotonic() - began:.0f}s")
    good = verdict("right prompt among the 20", named, 20)
    return verdict("right prompt among itself and 7 near misses", told_apart, NEAR.get(chosen.generator, 13)) and good


if __name__ == "__main__":
    sys.exit(not main())
