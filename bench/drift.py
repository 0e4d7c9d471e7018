"""What does the camera do to a VQGAN's picture when nothing guides it? `python -m bench.drift`.

100 frames of zoom 1.01 and 0.5 degrees a frame, from pictures that the model never saw, without one step of
optimisation: the generator's way, other ways that were tried, and the peers' (decode, 8 bits, bilinear warp, 8 bits,
encode).

- colour: mean colour against what the exact camera shows (the first frame resampled once), worst channel, in 1/255.
- since first: the same against the first frame. No bar is on it: 100 such frames enlarge the middle 2.7 times and leave
  the rest of the picture behind, so an exact camera changes it, too.
- sharpness: mean gradient magnitude over the first frame's. A zoom spreads edges out, so the exact one loses it too.
- distance: mean absolute difference to what the exact camera shows, in 1/255.
- flicker: mean absolute difference of a frame to the warped one before, in 1/255.
"""

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import torch
from PIL import Image
from torch import Tensor

from animator.models import store
from animator.models.networks.vqgan.checkpoint import load
from animator.paint import pixels
from animator.paint.generators import vqgan
from animator.paint.generators.vqgan.generator import Vqgan, make
from animator.paint.resample import reach, resample
from animator.scene.motions import IDENTITY, Matrix, affine, compose
from animator.training import pictures
from animator.training.dataset import HELD_OUT_SEEDS, specimens
from bench import verdict

FRAMES, FPS, COUNT, SIDE = 100, 10, 4, 128
CAMERA = affine.Config(zoom=1.01**FPS, rotate=0.5 * FPS)
SHEET = Path("outputs/drift.png")
EVERY = 10  # frames; how often `grid, at times picture` encodes
CORRECTIONS, CORRECTION = 2, 0.1  # steps, and their size in the generator's own
Move = Callable[[Vqgan, Tensor, Matrix, int], Tensor]


@dataclass(frozen=True)
class Figures:
    """Of the last frame, means over the pictures; flicker is over all frames."""

    colour: float
    since_first: float
    sharpness: float
    distance: float
    flicker: float


def ours(generator: Vqgan, z: Tensor, matrix: Matrix, frame: int) -> Tensor:
    """The generator's own verb."""
    return generator.warp({"z": z}, None, matrix, 0)[0]["z"]


def grid(generator: Vqgan, z: Tensor, matrix: Matrix, frame: int) -> Tensor:
    """The latent itself is resampled."""
    return resample(z, matrix, reach(generator.size))


def picture(generator: Vqgan, z: Tensor, matrix: Matrix, frame: int) -> Tensor:
    """Decoded, moved and encoded, in floats."""
    encoded: Tensor = generator.model.encode(
        resample(generator.decode({"z": z}), matrix, reach(generator.size)) * 2 - 1
    )
    return encoded


def in_turn(generator: Vqgan, z: Tensor, matrix: Matrix, frame: int) -> Tensor:
    """The grid, and at times the picture."""
    return (grid if frame % EVERY else picture)(generator, z, matrix, frame)


def corrected(move: Move) -> Move:
    """A way, followed by a few steps towards the moved picture."""

    def moved(generator: Vqgan, z: Tensor, matrix: Matrix, frame: int) -> Tensor:
        wanted = resample(generator.decode({"z": z}), matrix, reach(generator.size))
        z = move(generator, z, matrix, frame).clone().requires_grad_(True)
        adam = torch.optim.Adam([z], lr=CORRECTION * generator.step_size, betas=generator.betas)
        with torch.enable_grad():
            for _ in range(CORRECTIONS):
                adam.zero_grad()
                (generator.decode({"z": z}) - wanted).square().mean().backward()
                adam.step()
        return z.detach()

    return moved


def peers(generator: Vqgan, z: Tensor, matrix: Matrix, frame: int) -> Tensor:
    """What VQGAN-CLIP's makers of films do between frames."""
    seen = (generator.decode({"z": z}) * 255).round() / 255
    seen = (resample(seen, matrix, reach(generator.size), "bilinear") * 255).round() / 255
    encoded: Tensor = generator.model.encode(seen * 2 - 1)
    return encoded


WAYS: dict[str, Move] = {
    "ours": ours,
    "ours, corrected": corrected(ours),
    "grid": grid,
    "grid, corrected": corrected(grid),
    "picture": picture,
    "picture, corrected": corrected(picture),
    "grid, at times picture": in_turn,
    "peers": peers,
}


def sharpness(picture: Tensor) -> float:
    """Mean gradient magnitude of (B,3,H,W)."""
    across, down = picture[..., :-1, 1:] - picture[..., :-1, :-1], picture[..., 1:, :-1] - picture[..., :-1, :-1]
    return float((across.square() + down.square()).sqrt().mean())


def colour(one: Tensor, other: Tensor) -> float:
    """How far the mean colours of (B,3,H,W) are apart in the worst channel, in 1/255."""
    return float((one - other).mean((0, 2, 3)).abs().max()) * 255


@torch.no_grad()
def follow(generator: Vqgan, z: Tensor, move: Move) -> tuple[Figures, list[Tensor]]:
    """Film one latent; its figures, and the first frame, the last, and what the last should be."""
    matrix, whole = affine.matrix(CAMERA, 1 / FPS, generator.size), IDENTITY
    first = last = generator.decode({"z": z})
    flicker = 0.0
    for frame in range(1, FRAMES + 1):
        z, whole = move(generator, z, matrix, frame), compose(whole, matrix)
        before, last = resample(last, matrix, reach(generator.size)), generator.decode({"z": z})
        flicker += float((last - before).abs().mean()) / FRAMES
    exact = resample(first, whole, reach(generator.size)).clamp(0, 1)
    figures = Figures(
        colour=colour(last, exact),
        since_first=colour(last, first),
        sharpness=sharpness(last) / sharpness(first),
        distance=float((last - exact).abs().mean()) * 255,
        flicker=flicker * 255,
    )
    return figures, [first, exact, last]


def main() -> bool:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="pocket-vqgan")
    parser.add_argument("--sheet", type=Path, default=SHEET, help="first frames, exact last frames, each way's last")
    chosen = parser.parse_args()
    drawn = islice(specimens(HELD_OUT_SEEDS, held_out=True), COUNT)
    starts = [torch.from_numpy(pictures.paint(p, seed, SIDE).copy()).permute(2, 0, 1)[None] / 255 for seed, p in drawn]
    columns: list[list[Tensor]] = []
    found: dict[str, Figures] = {}
    config, weights = vqgan.Config(model=chosen.model), store.find(chosen.model, "vqgan").weights
    generator = make(config, (SIDE, SIDE), load(weights))
    print(f"{'way':<22} {'colour':>8} {'since first':>12} {'sharpness':>10} {'distance':>9} {'flicker':>8}")
    for name, move in WAYS.items():
        films = [follow(generator, generator.model.encode(start * 2 - 1), move) for start in starts]
        columns = columns or [[film[1][0] for film in films], [film[1][1] for film in films]]
        columns.append([film[1][2] for film in films])
        parts = [[getattr(film[0], part) for film in films] for part in Figures.__dataclass_fields__]
        found[name] = Figures(*(sum(part) / len(part) for part in parts))
        print("{:<22} {:8.2f} {:12.2f} {:10.2f} {:9.2f} {:8.2f}".format(name, *vars(found[name]).values()), flush=True)
    pairs = list(zip(*columns[:2], strict=True))
    apart = sum(colour(last, first) for first, last in pairs) / COUNT
    sharp = sum(sharpness(last) / sharpness(first) for first, last in pairs) / COUNT
    print(f"{'exact camera':<22} {0:8.2f} {apart:12.2f} {sharp:10.2f} {0:9.2f} {0:8.2f}")
    sheet = torch.cat([torch.cat(row, 3) for row in columns], 2)
    chosen.sheet.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels.to_bytes(sheet)).save(chosen.sheet)
    good = verdict("colour", found["ours"].colour, 2.0, lambda value, bar: value <= bar)
    return verdict("sharpness", found["ours"].sharpness, 0.7) and good


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
