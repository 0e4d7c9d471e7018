"""Does a film slow down or grow? `python -m bench.steady`: frame 1,000 over frame 10, in seconds and in memory.

Two processes render the same small film, one of them 990 frames ahead. Then they take turns, a few frames each, so that
both see the same minutes of the machine; printed are the ratios of the medians of processor time and of memory in use.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import torch

from animator.film import writer
from animator.film.folder import locked
from animator.paint import generators, guide, process
from animator.paint.animate import animate
from animator.paint.device import working_type
from animator.paint.optimize import fresh
from animator.scene.document import resolve
from animator.scene.frame_spec import main_text
from bench import verdict

ROOT = Path(__file__).parents[1]
AHEAD, EARLY, TURNS = 990, 10, 30
SCENE: dict[str, Any] = {
    "size": [64, 64],
    "duration": f"{AHEAD + EARLY + TURNS}f",
    "prompts": {"0s": "a red circle", "40s": "a blue square", "fade": "2s"},
    "motion": {"zoom": 1.2, "rotate": 5},
    "optimize": {"first_steps": 2, "steps": 2},
    "losses": {"drift": 0.1},
}


def render(place: str) -> None:
    """Frames, one for each line on stdin; answers (seconds, bytes in use)."""
    process.prepare()
    torch.set_num_threads(1)  # two processes take turns, and threads that wake up are noise
    device = torch.device(place)
    document = resolve(SCENE, "steady")
    scene, specs = document.scene, document.frames
    dtype = working_type(scene.optimize.precision, device)
    painter = generators.build(scene.generator[0], scene.size, device, dtype)
    guided = guide.build(document, device, dtype)
    with tempfile.TemporaryDirectory() as place_, locked(Path(place_) / "film") as opened:
        frames = animate([painter], guided, specs, fresh(painter.init(1, main_text(specs[0]))))
        began = time.process_time()
        for frame in frames:
            writer.commit(opened, writer.pack(frame, "key"), 1000)
            sys.stdin.readline()
            print(json.dumps([time.process_time() - began, _in_use(device)]), flush=True)
            began = time.process_time()


def _in_use(device: torch.device) -> int:
    if device.type == "cuda":
        return torch.cuda.memory_allocated(device)
    return int(Path("/proc/self/statm").read_text().split()[1])


def growth(place: str = "cpu") -> dict[str, float]:
    """Frame 1,000 over frame 10: processor time, and memory."""
    command = [sys.executable, "-m", "bench.steady", "--render", place]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "cwd": ROOT}
    early, late = (subprocess.Popen(command, **pipes) for _ in range(2))  # type: ignore[call-overload]

    def frame(process: Any) -> list[float]:
        process.stdin.write("\n")
        process.stdin.flush()
        answer: list[float] = json.loads(process.stdout.readline())
        return answer

    try:
        for _ in range(EARLY + AHEAD):
            frame(late)
        for _ in range(EARLY):
            frame(early)
        turns = [(frame(early), frame(late)) for _ in range(TURNS)]
    finally:
        for process in (early, late):
            process.kill()
            process.wait()
    seconds, memory = (
        statistics.median(new[place] for _, new in turns) / statistics.median(old[place] for old, _ in turns)
        for place in (0, 1)
    )
    return {"processor time": seconds, "memory": memory}


if __name__ == "__main__":
    if "--render" in sys.argv:
        render(sys.argv[-1])
    else:
        met = [
            verdict(f"frame 1,000 over frame 10, {name}", value, 1.02, lambda value, bar: value <= bar)
            for name, value in growth().items()
        ]
        sys.exit(not all(met))
