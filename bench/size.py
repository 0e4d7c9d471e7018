"""Does a step cost more in a larger film? `python -m bench.size`.

First frames of some prompts, guided by `pocket` and judged by `pocket-judge`, at sizes from 256x256 to 3840x2160. SIREN
is evaluated for a step in three ways: on a draft of the whole frame, as the renderer does; at the coordinates of each
cutout's own pixels; and at every pixel of the frame (of the smallest alone). Printed are the judge's score and the
time of a step, with the part that the network takes.
"""

import argparse
import dataclasses
import itertools
import math
import statistics
import sys
import time
from collections.abc import Callable

import torch
from torch import Tensor

from animator.paint import guide, process
from animator.paint.cutouts import draw_boxes, shrink
from animator.paint.device import working_type
from animator.paint.encoders import Encoder
from animator.paint.generators import Latent, siren
from animator.paint.generators.siren.generator import Siren
from animator.paint.generators.siren.network import evaluate
from animator.paint.guide import Guide, Objective
from animator.paint.losses import Candidate, View
from animator.paint.optimize import fresh, optimize
from animator.paint.step_info import Observed
from animator.scene.document import resolve
from animator.scene.frame_spec import FrameSpec
from animator.seeds import derive
from bench import verdict
from bench.steering import load

PROMPTS = (
    "a purple circle on yellow",
    "mountains under a blue sky with clouds",
    "a campfire at night",
    "a red heart on white",
)
SIZES = ((256, 256), (512, 512), (1280, 720), (1920, 1080), (3840, 2160))
CPU = torch.device("cpu")


def own_coordinates(guided: Guide, spec: FrameSpec, painter: Siren) -> Objective:
    """An objective whose cutouts the network draws itself, pixel by pixel, each at a random place in its cell."""
    ((name, encoder),) = guided.encoders.items()
    targets = guided._targets(name, spec.prompts)
    side = encoder.input_size

    def terms(latent: Latent, step: int) -> dict[str, Tensor]:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(derive(spec.seed, step))
            points = _points(painter.size, draw_boxes(*painter.size, spec.cutouts), spec.cutouts.turn, side)
            scale = guide.noise(spec, step)
            colours = evaluate(latent, points, painter.dtype)[0].view(-1, side, side, 3).movedim(3, 1)
            crops = colours + torch.rand(len(colours), 1, 1, 1) * scale * torch.randn_like(colours)
        view = View(name, 1.0, encoder.encode_image(crops), *targets)
        return {"prompt": guided.losses["prompt"](Candidate(colours, latent, (view,), lambda: colours))}

    return terms


def _points(size: tuple[int, int], boxes: Tensor, turn: float, side: int) -> Tensor:
    """(N * side * side, 2): where SIREN is evaluated for boxes (N,4) in pixels, each turned by up to `turn` degrees."""
    width, height = size
    count = len(boxes)
    cells = torch.stack(torch.meshgrid(torch.arange(side), torch.arange(side), indexing="xy"), -1)
    places = (cells + torch.rand(count, side, side, 2)) / side - 0.5
    angle = torch.deg2rad((2 * torch.rand(count) - 1) * turn)
    across = torch.stack([angle.cos(), angle.sin(), -angle.sin(), angle.cos()], 1).view(count, 1, 2, 2)
    turned = (places.flatten(1, 2)[:, :, None] @ across)[:, :, 0]
    pixels = boxes[:, None, :2] + boxes[:, None, 2:] * (turned + 0.5)
    unit = 2 * pixels / torch.tensor([width, height]) - 1
    return (unit * torch.tensor([math.sqrt(width / height), math.sqrt(height / width)])).flatten(0, 1)


def render(way: str, size: tuple[int, int], steps: int, judge: Encoder, text: str) -> tuple[float, float]:
    """(the judge's score of the frame, median seconds of a step)."""
    plain = {"size": list(size), "duration": "1f", "prompts": text, "optimize": {"first_steps": steps}}
    document = resolve({**plain, "generator": {"type": "siren"}}, "size")
    scene, (spec,) = document.scene, document.frames
    dtype = working_type(scene.optimize.precision, CPU)
    config = siren.Config(draft=0) if way == "every pixel" else siren.Config()
    painter = Siren(config, size, CPU, dtype)
    guided = guide.build(document, CPU, dtype)
    state = fresh(painter.init(scene.seed))
    objective = guided.objective(spec, painter, state.latent)
    if way == "own coordinates":
        objective = own_coordinates(guided, spec, painter)
    times = list[float]()
    observe: Callable[[Observed], None] = lambda info: times.append(time.perf_counter())  # noqa: E731
    state = optimize(painter, state, objective, spec, observe).state
    with torch.no_grad():
        # at most a million pixels: the judge looks at 64 x 64 anyhow
        scale = min(1.0, math.sqrt(2**20 / (size[0] * size[1])))
        shown = dataclasses.replace(painter, size=(round(size[0] * scale), round(size[1] * scale)))
        look = judge.encode_image(shrink(shown.decode(state.latent), judge.input_size))[0]
        score = float(look @ judge.encode_text([text])[0])
    return score, statistics.median(new - old for old, new in itertools.pairwise(times))


def main() -> bool:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=150)
    chosen = parser.parse_args()
    process.prepare()
    judge = load("pocket-judge")
    rows: dict[tuple[str, tuple[int, int]], tuple[float, float]] = {}
    works = [("draft", size) for size in SIZES] + [("own coordinates", SIZES[0]), ("every pixel", SIZES[0])]
    for way, size in works:
        found = [render(way, size, chosen.steps, judge, text) for text in PROMPTS]
        score, seconds = (statistics.mean(part) for part in zip(*found, strict=True))
        rows[way, size] = score, seconds
        print(f"{way:<16} {size[0]:>4}x{size[1]:<4} judge {score:.3f}, {1000 * seconds:6.1f} ms a step", flush=True)
    small, large = rows["draft", SIZES[0]], rows["draft", SIZES[-1]]
    good = verdict(
        "a step at 3840x2160 over one at 256x256, time", large[1] / small[1], 1.15, lambda value, bar: value <= bar
    )
    return (
        verdict(
            "the judge's score of a draft over that of every pixel", small[0] / rows["every pixel", SIZES[0]][0], 0.97
        )
        and good
    )


if __name__ == "__main__":
    sys.exit(not main())
