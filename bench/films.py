"""Are films better with another option? `python -m bench.films scenes/hello.yaml --set optimize.resting=0.25`.

Renders each scene as it is and with what `--set` changes, and prints for both how much the picture boils: the mean
difference of a frame to the one before as the camera moved it, of 255, at rest (where no prompt changes) and over all.
Of every tenth frame, how like its prompt each judge finds it, and how sharp it is. Last, the processor's seconds. The
camera's own part of the boil, from resampling, is in both. The bars: the changed film boils little enough at rest, and
takes at most a quarter longer.
"""

import argparse
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
from animator.scene.frame_spec import FrameSpec, main_text
from bench import verdict
from bench.steering import judges, load


@dataclass(frozen=True)
class Seen:
    """What was measured of a film. Boil is of 255, likeness a cosine by judge, sharpness the mean step to the next
    pixel."""

    resting: list[float]
    boil: list[float]
    likeness: dict[str, list[float]]
    sharpness: list[float]
    seconds: float


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
        name: [_likeness(judge, frame, main_text(spec)) for spec, frame in tenths] for name, judge in asked.items()
    }
    return Seen(resting, boil, likeness, [_sharpness(frame) for _, frame in tenths], seconds)


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


def _sharpness(frame: Tensor) -> float:
    return 255 * float(F.l1_loss(frame[..., 1:], frame[..., :-1]))


def main() -> bool:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scenes", nargs="+", type=Path)
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="the change")
    parser.add_argument("--both", action="append", default=[], metavar="KEY=VALUE", help="set in both, as a size")
    chosen = parser.parse_args()
    asked, worst, slowest = {name: load(name) for name in judges()}, 0.0, 0.0
    print(f"scene, which: boil at rest (median, 90 %), boil, likeness by {', '.join(asked)}, sharpness, seconds")
    for scene in chosen.scenes:
        seconds = list[float]()
        with tempfile.TemporaryDirectory() as name:
            for which, more in (("as it is", []), ("changed", chosen.set)):
                seen = measure(scene, (*chosen.both, *more), Path(name) / which.replace(" ", "-"), asked)
                rest = seen.resting or [float("nan")]
                high = sorted(rest)[int(0.9 * (len(rest) - 1))]
                figures = [statistics.median(rest), high, statistics.median(seen.boil)]
                figures += [
                    *map(statistics.mean, seen.likeness.values()),
                    statistics.mean(seen.sharpness),
                    seen.seconds,
                ]
                print(f"{scene.stem}, {which}: {', '.join(f'{figure:.3g}' for figure in figures)}", flush=True)
                seconds.append(seen.seconds)
        worst, slowest = max(worst, statistics.median(rest)), max(slowest, seconds[1] / seconds[0])
    good = verdict("seconds, changed over as it is, worst scene", round(slowest, 2), 1.25, operator.le)
    return verdict("boil at rest, changed, worst scene", round(worst, 2), 2.0, operator.le) and good


if __name__ == "__main__":
    sys.exit(not main())
