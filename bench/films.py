"""How still and how quick are films? `python -m bench.films scenes/hello.yaml --against optimize.resting=1`.

Renders each scene as `--set` asks, and as it would be with what `--against` changes, and prints for both how much the
picture boils: the mean difference of a frame to the one before as the camera moved it, of 255, at rest (where no
prompt changes) and over all. Of every tenth frame, how like its prompt each judge finds it, in a fade the nearer one,
and how sharp it is. Of each change of prompts, how many frames after its middle `pocket-judge` finds the new one more
likely than the old. Last, the processor's seconds. The camera's own part of the boil, from resampling, is in both. The
bars: a film boils little enough at rest, its prompts change at most three frames later, no judge likes it less, and it
takes at most a quarter longer.
"""

import argparse
import math
import operator
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from animator.batch.order import Order
from animator.batch.run import render_all
from animator.paint import pixels
from animator.paint.cutouts import shrink
from animator.paint.encoders import Encoder
from animator.paint.resample import reach, resample
from animator.scene.document import Document, read
from animator.scene.frame_spec import FrameSpec, seen_text
from bench import verdict
from bench.steering import judges, load

EARLY = 12  # frames before a change's middle that are looked at


@dataclass(frozen=True)
class Seen:
    """What was measured of a film. Boil is of 255, likeness a cosine by judge, sharpness the mean step to the next
    pixel, lateness in frames for each change of prompts."""

    resting: list[float]
    boil: list[float]
    likeness: dict[str, list[float]]
    sharpness: list[float]
    lateness: list[float]
    seconds: float

    @property
    def late(self) -> float:
        """Mean of all changes; 0 where there are none."""
        return statistics.mean(self.lateness or [0])


def measure(scene: Path, changes: tuple[str, ...], out: Path, asked: dict[str, Encoder]) -> Seen:
    """Render a film and look at it."""
    began = time.process_time()
    (result,) = render_all([scene], changes, Order(out, device="cpu"), lambda event: None)
    if result.error:
        raise result.error
    seconds = time.process_time() - began
    document = read(scene, changes)
    frames = [_picture(path) for path in sorted((out / document.scene.name / "frames").glob("*.png"))]
    boil, resting, before = list[float](), list[float](), frames[0]
    for spec, frame in zip(document.frames, frames, strict=True):
        if not spec.starts:
            boil.append(_difference(before, frame, spec, document))
            if _rests(document, spec.index):
                resting.append(boil[-1])
        before = frame
    tenths = list(zip(document.frames, frames, strict=True))[::10]
    likeness = {
        name: [_likeness(judge, frame, seen_text(spec)) for spec, frame in tenths] for name, judge in asked.items()
    }
    sharpness = [_sharpness(frame) for _, frame in tenths]
    return Seen(resting, boil, likeness, sharpness, _lateness(asked["pocket-judge"], document, frames), seconds)


def _picture(path: Path) -> Tensor:
    with Image.open(path) as image:
        return pixels.from_image(image.convert("RGB"))


def _difference(before: Tensor, frame: Tensor, spec: FrameSpec, document: Document) -> float:
    moved = resample(before, spec.matrix, reach(document.scene.size))
    return 255 * float((moved - frame).abs().mean())


def _rests(document: Document, index: int) -> bool:
    """Whether no prompt changed within the last two seconds, nor changes now."""
    first = max(0, index - round(2 * float(document.scene.fps)))
    return document.frames[first].prompts == document.frames[index].prompts


def _likeness(judge: Encoder, frame: Tensor, text: str) -> float:
    with torch.no_grad():
        return float(judge.encode_image(shrink(frame, judge.input_size))[0] @ judge.encode_text([text])[0])


@torch.no_grad()
def _lateness(judge: Encoder, document: Document, frames: list[Tensor]) -> list[float]:
    """For each change from one prompt to another, how many frames after its middle the new one is more likely. Where
    it never is before the next change, as many as there are."""
    texts = [seen_text(spec) for spec in document.frames]
    turns = [index for index in range(1, len(texts)) if texts[index] != texts[index - 1]]
    found = list[float]()
    for before, turn, end in zip([0, *turns], turns, [*turns[1:], len(texts)], strict=False):
        if document.frames[turn].starts:
            continue
        new, old = judge.encode_text([texts[turn], texts[turn - 1]])
        shown = range(max(before, turn - EARLY), end)
        looks = ((at, judge.encode_image(shrink(frames[at], judge.input_size))[0]) for at in shown)
        found.append(next((at for at, look in looks if look @ new > look @ old), end) - turn)
    return found


def _sharpness(frame: Tensor) -> float:
    return 255 * float(F.l1_loss(frame[..., 1:], frame[..., :-1]))


def report(which: str, seen: Seen) -> None:
    """Print a film's figures in a line."""
    rest = sorted(seen.resting or [math.nan])
    figures = [statistics.median(rest), rest[int(0.9 * (len(rest) - 1))], statistics.median(seen.boil)]
    figures += map(statistics.mean, seen.likeness.values())
    figures += [statistics.mean(seen.sharpness), seen.late, seen.seconds]
    print(f"{which}: {', '.join(f'{figure:.3g}' for figure in figures)}", flush=True)


def main() -> bool:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scenes", nargs="+", type=Path)
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="an option of both, as a size")
    parser.add_argument("--against", action="append", default=[], metavar="KEY=VALUE", help="what is compared with")
    chosen = parser.parse_args()
    asked = {name: load(name) for name in judges()}
    columns = "boil at rest (median, 90 %)", "boil", *(f"likeness by {name}" for name in asked), "sharpness", "lateness"
    print(f"scene: {', '.join(columns)}, seconds")
    worst = later = slower = lost = -math.inf
    for scene in chosen.scenes:
        with tempfile.TemporaryDirectory() as name:
            other = measure(scene, (*chosen.set, *chosen.against), Path(name) / "against", asked)
            report(f"{scene.stem}, against", other)
            seen = measure(scene, (*chosen.set,), Path(name) / "as-asked", asked)
            report(f"{scene.stem}, as asked", seen)
        worst = max(worst, statistics.median(seen.resting or [0]))
        later, slower = max(later, seen.late - other.late), max(slower, seen.seconds / other.seconds)
        lost = max(
            lost, *(statistics.mean(other.likeness[name]) - statistics.mean(seen.likeness[name]) for name in asked)
        )
    good = verdict("frames that prompts change later, mean, worst scene", round(later, 1), 3.0, operator.le)
    good &= verdict("likeness to the prompt lost by the stricter judge, worst scene", round(lost, 3), 0.0, operator.le)
    good &= verdict("seconds over those of what it is compared with, worst scene", round(slower, 2), 1.25, operator.le)
    return verdict("boil at rest, worst scene", round(worst, 2), 2.0, operator.le) and good


if __name__ == "__main__":
    sys.exit(not main())
