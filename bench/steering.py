"""Does a prompt become a picture of it? `python -m bench.steering`.

The first frames of 20 scenes with one prompt each, default settings, guided by `pocket`. Models that did not guide are
then asked which of the 20 prompts each frame shows and, the real question, which of eight that differ in one word
(prompts.txt: the prompt first, then seven near misses). Also writes a labelled contact sheet: look at it. A film that
scores well and looks like noise is a failure. With `--against guide.denoisers={}` each prompt is painted that way, too,
and stands on the left.
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
from animator.scene.overrides import apply
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
    """Pictures of one size five to a row, each with its label below."""
    rows = -(-len(pictures) // 5)
    wide = SIDE * pictures[0].shape[-1] // pictures[0].shape[-2]
    sheet = Image.new("RGB", (5 * (wide + 8), rows * (SIDE + 40)), "white")
    draw = ImageDraw.Draw(sheet)
    for place, (picture, text) in enumerate(zip(pictures, labels, strict=True)):
        x, y = place % 5 * (wide + 8) + 4, place // 5 * (SIDE + 40) + 4
        sheet.paste(Image.fromarray(pixels.to_bytes(picture)).resize((wide, SIDE)), (x, y))
        draw.multiline_text((x, y + SIDE + 2), text, "black")
    return sheet


def judges() -> list[str]:
    """The shipped models that only measure."""
    return [name for name in ("pocket-judge", "pocket-form") if name in store.SHIPPED]


@torch.no_grad()
def named(judge: Encoder, picture: Tensor, prompts: list[str]) -> tuple[str, str]:
    """Which of the 20 prompts a picture (1,3,H,W) shows, and which of its own and seven near misses."""
    look = judge.encode_image(shrink(picture, judge.input_size))[0]
    among_all, among_near = (
        texts[int((judge.encode_text(texts) @ look).argmax())] for texts in ([own[0] for own in PROMPTS], prompts)
    )
    return among_all, among_near


def label(prompt: str, seen: tuple[str, str]) -> str:
    """A picture's prompt, and what a judge took it for."""
    wrong = [f"not: {text}" for text in dict.fromkeys(seen) if text != prompt]
    return "\n".join([prompt, *wrong[:1]])


def main() -> bool:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--generator", default="siren", choices=variants.names("generators"))
    parser.add_argument("--sheet", type=Path, default=SHEET, help="where the contact sheet goes")
    parser.add_argument("--seed", type=int, default=0, help="of the scenes")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="an option of the scenes")
    parser.add_argument("--against", action="append", default=[], metavar="KEY=VALUE", help="painted with this, too")
    chosen = parser.parse_args()
    ways = [("", chosen.set)] + ([("against", [*chosen.set, *chosen.against])] if chosen.against else [])
    counts = {}
    pictures: dict[str, list[Tensor]] = {}
    labels = [prompts[0] for prompts in PROMPTS]
    for way, changes in ways:
        began = time.process_time()
        plain, _ = apply({}, tuple(changes))
        pictures[way] = list(first_frames([prompts[0] for prompts in PROMPTS], chosen.generator, chosen.seed, plain))
        print(f"{way or 'as asked'}: {(time.process_time() - began) / len(PROMPTS):.1f} s of the processor a picture")
        for name in judges():
            judge = load(name)
            seen = [named(judge, *each) for each in zip(pictures[way], PROMPTS, strict=True)]
            right = [(one == own[0], other == own[0]) for (one, other), own in zip(seen, PROMPTS, strict=True)]
            counts[way, name] = tuple(map(sum, zip(*right, strict=True)))
            print(f"{way or 'as asked'}, {name}: {counts[way, name][0]} of 20, {counts[way, name][1]} of near misses")
            if (way, name) == ("", "pocket-judge"):
                labels = [label(own[0], each) for own, each in zip(PROMPTS, seen, strict=True)]
    chosen.sheet.parent.mkdir(parents=True, exist_ok=True)
    pairs = [torch.cat(list(each), 3) for each in zip(*reversed(pictures.values()), strict=True)]
    contact_sheet(pairs, labels).save(chosen.sheet)
    print(chosen.sheet)
    among_all, among_near = counts["", "pocket-judge"]
    good = verdict("right prompt among the 20", among_all, 20)
    return verdict("right prompt among itself and 7 near misses", among_near, NEAR.get(chosen.generator, 13)) and good


if __name__ == "__main__":
    sys.exit(not main())
