"""One side of a measurement, in a process of its own: `python -m bench.side WORK SIDE DEVICE`, then orders on stdin.

Each order is answered by a line of JSON. A process each, because the renderer tunes its own (memory, threads) and the
reference is to run as a program does that nobody tuned; and because the peak of memory is a process's.
"""

import json
import math
import resource
import sys
import time
from typing import Any

import torch
from torch.utils.flop_counter import FlopCounterMode, register_flop_formula

from animator.models.networks.cpu import winograd
from animator.paint import process
from bench.works import SIDES, WORKS, Parts

TURN = 8.0  # seconds; the first step after another process had the caches is not what a film's steps are
PEAK = 2048  # side of the matrices whose product says what the device can do


@register_flop_formula(torch.ops.animator.winograd)
def _of_winograd(pixels: Any, inward: Any, weights: Any, outward: Any, bias: Any, fold: int, *_: Any, **__: Any) -> Any:
    """The operations that it does, which are fewer than those of the convolution that it stands for."""
    tiles = winograd.layout(pixels, inward, outward, fold)[2:]
    places, channels, answers = weights
    products = places * places * channels + places * channels * answers + outward[0] * places * answers
    return 2 * pixels[0] * math.prod(tiles) * products


def _of_packed(rows: Any, *_: Any, out_shape: Any, **__: Any) -> Any:
    return 2 * math.prod(out_shape) * rows[-1]


if torch.backends.mkldnn.is_available():
    register_flop_formula(torch.ops.mkldnn._linear_pointwise)(_of_packed)


def peak(device: torch.device, dtype: torch.dtype) -> float:
    """Operations a second of one large product, the best of some."""
    one, other = (torch.rand(PEAK, PEAK, device=device).to(dtype) for _ in range(2))
    best = 0.0
    for _ in range(6):
        parts = Parts(time.perf_counter, device)
        parts.begin()
        one @ other
        parts("product")
        best = max(best, 2 * PEAK**3 / parts.seconds["product"])
    return best


def memory(device: torch.device) -> float:
    """The most that was in use so far, in MB."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device) / 1e6
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


def turn(side: Any, parts: Parts) -> dict[str, float]:
    """Seconds of each part of a step: the mean of as many as follow on each other in TURN seconds, and at least one."""
    parts.begin()
    count = 0
    while sum(parts.seconds.values()) < TURN:
        side.step()
        count += 1
    return {name: seconds / count for name, seconds in parts.seconds.items()}


def serve(work: str, name: str, place: str) -> None:
    """Answer orders until there are no more."""
    device = torch.device(place)
    dtype = torch.bfloat16 if name.endswith("bf16") else torch.float32
    if name != "reference":
        process.prepare()
    parts = Parts(time.perf_counter, device)
    side = SIDES[name](WORKS[work], device, dtype, parts)
    for line in sys.stdin:
        order, answer = line.strip(), dict[str, Any]()
        parts.begin()
        if order == "turn":
            answer = turn(side, parts)
        elif order == "frame":
            side.frame()
            answer = {key: seconds for key, seconds in parts.seconds.items() if key}
        elif order == "count":
            with FlopCounterMode(display=False) as counter:
                side.step()
            answer = {"operations": float(counter.get_total_flops())}
        elif order == "limits":
            answer = {"peak": peak(device, dtype), "memory": memory(device)}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    serve(*sys.argv[1:])
