"""Does a step hold what was predicted? `python -m bench.memory`.

For each piece of work of `python -m bench`, in bfloat16 and float32, with all cutouts at once and in four pieces: what
`animator.paint.memory` predicts that a step will hold, and what the process holds more at the peak of a real one; the
first also with what is freed given back at once, as pieces always have it. Each in a process of its own; augmentations
are left out of the prediction and part of what is held. The bars are what the renderer relies on (`SHARE` and `AMPLE`
there).
"""

import argparse
import ctypes
import dataclasses
import subprocess
import sys
from pathlib import Path

import torch

from animator.paint import allocator, memory, process
from animator.paint.encoders.openai_clip import encoder_of
from animator.paint.optimize import fresh, optimize
from bench import verdict
from bench.works import TEXT, WORKS, clip_of, film, guide_of, painter

ROOT = Path(__file__).parents[1]
KINDS = {"bf16": torch.bfloat16, "fp32": torch.float32}
WAYS = ((1, "kept", memory.AMPLE), (1, "given back", memory.SHARE), (4, "given back", memory.SHARE))


def both(work: str, kind: str, pieces: int, kept: bool, device: torch.device) -> tuple[float, float]:
    """Predicted and held, in MB."""
    process.prepare()
    if not kept:
        allocator.give_back_at_once()
    (spec, *_), size = film(WORKS[work], 1)[1], WORKS[work].size
    generator = painter(WORKS[work], device, KINDS[kind])
    guide = dataclasses.replace(guide_of(encoder_of(clip_of(device), device, KINDS[kind])), pieces=pieces)
    predicted = memory.of_step(guide, generator, spec, torch.empty(1, 3, size, size, device=device))
    assert predicted is not None
    state = fresh(generator.init(1, TEXT))
    objective = guide.objective(spec, generator, state.latent)
    optimize(generator, state, objective, spec, lambda info: None)  # what is made once is made
    before = _now(device)
    optimize(generator, state, objective, spec, lambda info: None)
    return predicted / 1e6, (_most(device) - before) / 1e6


def _now(device: torch.device) -> int:
    """Bytes in use; what was freed is given back, and the peak is forgotten."""
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
        return torch.cuda.memory_allocated(device)
    ctypes.CDLL(None).malloc_trim(0)
    Path("/proc/self/clear_refs").write_text("5")
    return _line("VmRSS")


def _most(device: torch.device) -> int:
    return torch.cuda.max_memory_allocated(device) if device.type == "cuda" else _line("VmHWM")


def _line(name: str) -> int:
    lines = dict(line.split(":") for line in Path("/proc/self/status").read_text().splitlines() if ":" in line)
    return 1024 * int(lines[name].split()[0])


def main() -> bool:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", default="cpu", choices=["cpu", "cuda"])
    parser.add_argument("--works", nargs="*", choices=list(WORKS), default=["vqgan 256", "siren 256", "siren 512"])
    parser.add_argument("--one", nargs=4, metavar=("WORK", "KIND", "PIECES", "WAY"), help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.one:
        work, kind, pieces, way = chosen.one
        print(*both(work, kind, int(pieces), way == "kept", torch.device(chosen.device)))
        return True
    met = []
    for work in chosen.works:
        for kind in KINDS:
            for pieces, way, share in WAYS:
                command = [sys.executable, "-m", "bench.memory", "--device", chosen.device]
                command += ["--one", work, kind, str(pieces), way]
                done = subprocess.run(command, check=True, cwd=ROOT, capture_output=True, text=True)
                predicted, held = (float(word) for word in done.stdout.split())
                which = f"{work}, {kind}, pieces {pieces}, what is freed {way}"
                print(f"{which}: predicted {predicted:.0f} MB, held {held:.0f} MB", flush=True)
                met.append(verdict(f"{which}: held over predicted", held / predicted, 1 / share, _near))
    return all(met)


def _near(value: float, bar: float) -> bool:
    return 1 / bar <= value <= bar


if __name__ == "__main__":
    sys.exit(not main())
