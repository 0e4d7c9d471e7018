"""Are steps well spent where the loss falls? `python -m bench.pace`.

scenes/hello.yaml with `optimize: {adapt: true}`, then with just as many steps in all, spread evenly. `pocket-judge`,
which did not guide, says how much each frame is what its prompt asks for: on the mean, and at the worst frame, which is
always in the middle of a change. Change is what differs from frame to frame, in 64 x 64 pixels: flicker, for one.
"""

import argparse
import dataclasses
import statistics
import sys
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor

from animator.paint import guide, process
from animator.paint.animate import animate
from animator.paint.cutouts import shrink
from animator.paint.device import working_type
from animator.paint.encoders import Encoder
from animator.paint.generators import siren
from animator.paint.guide import Guide
from animator.paint.optimize import fresh
from animator.paint.step_info import Observed, StepInfo
from animator.scene.document import read
from animator.scene.frame_spec import FrameSpec
from bench import verdict
from bench.steering import load

SCENE = Path("scenes/hello.yaml")
CPU = torch.device("cpu")


def wanted(spec: FrameSpec) -> str:
    """What a frame is to show: in a cross-fade, what is nearer."""
    (prompt,) = spec.prompts
    nearer = prompt.towards if prompt.towards and prompt.blend >= 0.5 else prompt.aim
    return nearer.text


def film(specs: Sequence[FrameSpec], guided: Guide, seed: int, judge: Encoder, dtype: torch.dtype) -> list[float]:
    """(steps, mean score, worst score, mean change) of all frames but the first."""
    painter = siren.build(siren.Config(), (256, 256), CPU, dtype)
    steps: list[int] = []
    scores: list[float] = []
    changes: list[float] = []
    before: Tensor | None = None

    def observe(info: Observed) -> None:
        if isinstance(info, StepInfo):
            steps.append(info.frame)

    for frame in animate([painter], guided, specs, fresh(painter.init(seed)), observe=observe):
        small = shrink(frame.picture, judge.input_size)
        with torch.no_grad():
            look = judge.encode_image(small)[0]
        scores.append(float(look @ judge.encode_text([wanted(frame.spec)])[0]))
        if before is not None:
            changes.append(float((small - before).square().mean().sqrt()))
        before = small
    count = sum(index > 0 for index in steps)
    return [count, statistics.mean(scores[1:]), min(scores[1:]), statistics.mean(changes)]


def even(specs: Sequence[FrameSpec], total: int) -> tuple[FrameSpec, ...]:
    """The frames with so many steps in all after the first, spread evenly."""
    frames = len(specs) - 1
    counts = [total * (place + 1) // frames - total * place // frames for place in range(frames)]
    plain = [dataclasses.replace(spec, adapt=False) for spec in specs]
    return (plain[0], *(dataclasses.replace(spec, steps=n) for spec, n in zip(plain[1:], counts, strict=True)))


def main() -> bool:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=5, help="that a frame may take on the mean")
    parser.add_argument("--seeds", type=int, nargs="+", default=[4, 5, 6])
    chosen = parser.parse_args()
    process.prepare()
    judge, better, steadier = load("pocket-judge"), [], []
    for seed in chosen.seeds:
        overrides = (f"seed={seed}", f"optimize.steps={chosen.steps}", "optimize.adapt=true")
        scene = read(SCENE, overrides)
        dtype = working_type("auto", CPU)
        guided = guide.build(scene, CPU, dtype)
        own = film(scene.frames, guided, seed, judge, dtype)
        plain = film(even(scene.frames, int(own[0])), guided, seed, judge, dtype)
        for name, (steps, mean, worst, change) in (("where it falls", own), ("evenly", plain)):
            print(
                f"seed {seed}, {steps:.0f} steps {name:<14} {mean:.4f} worst {worst:.3f} change {change:.4f}",
                flush=True,
            )
        better.append(own[1] - plain[1])
        steadier.append(own[2] - plain[2])
    good = verdict("the judge's worst frame, gain", statistics.mean(steadier), 0.0)
    return verdict("the judge's mean over frames, gain", statistics.mean(better), 0.0) and good


if __name__ == "__main__":
    sys.exit(not main())
