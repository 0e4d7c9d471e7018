"""`python -m bench.look`: the figures of docs/looking.md.

- a scene of a minute at 24 fps in a preview: seconds from the command to the small film
- starts: the slowest of `check`, `schema` and `--help`, and the first line of `plan`, in seconds; the median of three
- a timelapse that was painted once more is a recorded one: pictures that differ
- seconds of rendering with a recording, over those without
- the seam of a loop: mean difference of its last frame to its first one, over the median one between neighbours, worst
  of the generators
"""

import argparse
import itertools
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from animator import files, variants
from animator.batch import shot
from animator.batch.order import Order
from animator.batch.run import render_all
from animator.report.sinks.plain import Plain
from bench import verdict

MINUTE = """\
name: minute
size: 512x288
fps: 24
duration: 60s
generator: siren
prompts: {0s: the sea at sunset with a red sun, 20s: mountains under a blue sky with clouds, 40s: a forest at night}
motion: {zoom: 1.1, rotate: "5*sin(t/3)"}
"""
SHORT = """\
name: short
size: 128x96
fps: 4
duration: 3s
generator: {type: siren, layers: 3, hidden: 64}
guide: {cutouts: {count: 8}}
optimize: {first_steps: 60, steps: 10}
prompts: {0s: the sea at sunset with a red sun, 1s: mountains under a blue sky with clouds}
motion: {zoom: 1.2}
"""
LOOP = """\
name: loop
size: 128x96
fps: 12
duration: 3s
generator: GENERATOR
optimize: {first_steps: 80, steps: 8}
prompts: {0s: the sea at sunset with a red sun, 1.3s: a forest at night with stars and the moon, fade: 0.6s}
motion: {zoom: exp(0.2*sin(2*pi*t/duration))}
loop: true
"""
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
RECORDED = "timelapse: {of: process, every: 2}\n"


def run(*arguments: object) -> float:
    """Seconds that a command takes."""
    began = time.perf_counter()
    command = [sys.executable, "render.py", *map(str, arguments)]
    subprocess.run(command, check=True, capture_output=True, env=ENVIRONMENT)
    return time.perf_counter() - began


def first_line(*arguments: object) -> float:
    """Seconds until a command says something."""
    began = time.perf_counter()
    command = [sys.executable, "-u", "render.py", *map(str, arguments)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=ENVIRONMENT) as process:
        assert process.stdout is not None
        process.stdout.readline()
        seconds = time.perf_counter() - began
        process.kill()
    return seconds


def starts(scene: Path) -> dict[str, float]:
    """How long commands that only read take, each the shortest of five: what else the machine does only adds to it."""
    ways: dict[str, Callable[[], float]] = {
        "check": lambda: run("check", scene),
        "schema": lambda: run("schema"),
        "--help": lambda: run("--help"),
        "plan": lambda: first_line("plan", scene),
    }
    return {name: min(way() for _ in range(5)) for name, way in ways.items()}


def render(text: str, folder: Path) -> float:
    """Seconds that rendering a scene takes, without loading."""
    scene = folder / "scene.yaml"
    folder.mkdir(parents=True, exist_ok=True)
    scene.write_text(text)
    began = time.perf_counter()
    (result,) = render_all([scene], (), Order(folder, device="cpu"), Plain(sys.stderr), shot.render)
    if result.error is not None:
        raise result.error
    return time.perf_counter() - began


def different(one: Path, other: Path) -> int:
    """Files of two makings that are not the same."""
    names = {path.relative_to(folder) for folder in (one, other) for path in folder.rglob("*") if path.is_file()}
    both = [(one / name, other / name) for name in names]
    return sum(not (a.exists() and b.exists() and files.sha256(a) == files.sha256(b)) for a, b in both)


def seam(folder: Path) -> float:
    """How much more a loop's first frame differs from its last one than frames from their neighbours do."""
    paths = sorted(folder.glob("frames/*.png"))
    pictures = [np.asarray(Image.open(path)).astype(np.float32) for path in paths]
    steps = [float(np.abs(after - before).mean()) for before, after in itertools.pairwise([*pictures, pictures[0]])]
    return steps[-1] / statistics.median(steps)


def main() -> bool:
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    with tempfile.TemporaryDirectory() as place:
        root = Path(place)
        minute = root / "minute.yaml"
        minute.write_text(MINUTE)
        began = starts(minute)
        print("starts: " + ", ".join(f"{name} {seconds:.2f} s" for name, seconds in began.items()), flush=True)
        render(SHORT, root / "warm")
        plain = render(SHORT, root / "again")
        recorded = render(SHORT + RECORDED, root / "recorded")
        print(f"a recording of every second step: {recorded / plain:.2f} times as long", flush=True)
        render(SHORT + RECORDED, root / "again")
        wrong = different(root / "recorded" / "short" / "making", root / "again" / "short" / "making")
        seams = {}
        for name in variants.names("generators"):
            render(LOOP.replace("GENERATOR", name), root / name)
            seams[name] = seam(root / name / "loop")
        print("seams: " + ", ".join(f"{name} {value:.2f}" for name, value in seams.items()), flush=True)
        seconds = run("preview", minute, "--out", root)
        met = [
            verdict("slowest start, seconds", max(began.values()), 0.7, lambda value, bar: value <= bar),
            verdict("pictures painted again that differ", float(wrong), 0.0, lambda value, bar: value <= bar),
            verdict("seam of a loop, over the median", max(seams.values()), 1.2, lambda value, bar: value <= bar),
            verdict("preview of a minute, seconds", seconds, 60.0, lambda value, bar: value <= bar),
        ]
    return all(met)


if __name__ == "__main__":
    sys.exit(not main())
