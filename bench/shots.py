"""How many films an hour, one at a time or several side by side? `python -m bench.shots --at-once 1 2 4`.

The same short film, with another seed for each process; the processes start together, and share the processor's threads
between them, or the one GPU. Starting up is not counted: a night is long.
"""

import argparse
import dataclasses
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import torch

from animator.paint import guide, process
from animator.paint.animate import animate
from animator.paint.device import pick, working_type
from animator.paint.generators import siren
from animator.paint.optimize import fresh
from animator.scene.document import resolve
from bench import verdict
from bench.works import WORKS, Ours

ROOT = Path(__file__).parents[1]
TURNS = 12  # frames of the pocket film, or steps of a work, that are one film here


def render(work: str, place: str) -> None:
    """A film, a turn of it after another: "ready" on stdout, a line on stdin, then "done" on stdout."""
    device = pick(place)
    process.prepare()
    dtype = working_type("auto", device)
    turn = _frames(device, dtype) if work == "pocket" else Ours(WORKS[work], device, dtype, lambda part: None).step
    turn()
    print("ready", flush=True)
    sys.stdin.readline()
    for _ in range(TURNS):
        turn()
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    print("done", flush=True)


def _frames(device: torch.device, dtype: torch.dtype) -> Callable[[], object]:
    """Frames of the renderer's defaults, one a call."""
    document = resolve({"duration": f"{TURNS + 1}f", "prompts": "a red circle"}, "shot")
    painter = siren.build(siren.Config(), document.scene.size, device, dtype)
    guided = guide.build(document, device, dtype)
    short = (dataclasses.replace(spec, steps=min(spec.steps, 10)) for spec in document.frames)
    frames = animate([painter], guided, short, fresh(painter.init(os.getpid())))
    return lambda: next(frames)


def films_an_hour(work: str, device: str, at_once: int) -> float:
    """Of `at_once` processes side by side."""
    threads = max(1, (os.cpu_count() or 1) // at_once)
    command = [sys.executable, "-m", "bench.shots", "--render", work, "--device", device]
    environment = {**os.environ, "OMP_NUM_THREADS": str(threads)}
    pipes = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment)
        for _ in range(at_once)
    ]
    try:
        for process in pipes:
            assert process.stdout is not None
            process.stdout.readline()
        began = time.perf_counter()
        for process in pipes:
            assert process.stdin is not None
            process.stdin.write("\n")
            process.stdin.flush()
        for process in pipes:
            assert process.stdout is not None
            assert process.stdout.readline() == "done\n"
        return at_once * 3600 / (time.perf_counter() - began)
    finally:
        for process in pipes:
            process.kill()
            process.wait()


def main() -> bool:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", default="pocket", choices=["pocket", *WORKS])
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--at-once", type=int, nargs="+", default=[1, 2, 4, 8])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--render", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.render:
        render(chosen.render, chosen.device)
        return True
    best: dict[int, float] = {}
    for _ in range(chosen.rounds):
        for count in chosen.at_once:
            best[count] = max(best.get(count, 0.0), films_an_hour(chosen.work, chosen.device, count))
    for count, films in best.items():
        print(f"{count} at once: {films:.1f} films an hour, {films / best[chosen.at_once[0]]:.2f} times as many")
    return verdict("several at once over one, films an hour", max(best.values()) / best[chosen.at_once[0]], 1.0)


if __name__ == "__main__":
    sys.exit(not main())
