"""Killed at random moments: a renderer of a SIREN, of a VQGAN, and a batch or one of its children."""

import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from bench import verdict
from bench.night import films
from bench.night.films import Asked

ROOT = Path(__file__).parents[2]
KILLS = {"siren": 200, "vqgan": 200, "fft": 20, "batch": 200}


@dataclass
class Tally:
    """What has been seen: all but `kills` and `films` should stay 0."""

    kills: int = 0
    films: int = 0
    broken: int = 0  # a file under a final name that is not the peaceful film's
    lost: int = 0  # frames that the journal knew and no longer does
    different: int = 0  # films that are not the peaceful one when they are whole

    @property
    def bad(self) -> int:
        return self.broken + self.lost + self.different


def run(asked: Asked, generator: str = "siren") -> bool:
    """Kill a renderer, again and again, until its film is whole; then the next film."""
    chance, tally, most = random.Random(asked.seed), Tally(), asked.of(KILLS[generator])
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        scene = films.looped(root, generator=generator)
        began = time.monotonic()
        peaceful = films.rendered(scene, root / "peace")
        length = time.monotonic() - began
        while tally.kills < most:
            tally.films += 1
            _one_film(scene, root / "war", chance, length, peaceful, tally, most)
            shutil.rmtree(root / "war")
    print(f"{generator}, seed {asked.seed}: {tally}")
    return verdict(f"{tally.kills} kills of {generator}, wrong", tally.bad, 0, lambda value, bar: value <= bar)


def _one_film(
    scene: Path, out: Path, chance: random.Random, length: float, peaceful: dict[str, str], tally: Tally, most: int
) -> None:
    committed, code = 0, 1
    while code:
        child = films.forked(lambda: films.render(scene, out))
        limit = chance.uniform(0, 0.7 * length) if tally.kills < most else 600.0
        began, done, status = time.monotonic(), 0, 0
        while not done and time.monotonic() - began < limit:
            done, status = os.waitpid(child, os.WNOHANG)
            time.sleep(0.001)
        if not done:
            os.kill(child, signal.SIGKILL)
            _, status = os.waitpid(child, 0)
            tally.kills += 1
        code = os.waitstatus_to_exitcode(status)
        assert code <= 0, f"a renderer ended with {code}"
        found = films.hashes(out)
        tally.broken += len(films.foreign(found, peaceful))
        now = _lines(out)
        tally.lost, committed = tally.lost + max(0, committed - now), now
    tally.different += found != peaceful


def _lines(out: Path) -> int:
    """Frames that the journals of films know."""
    return sum(path.read_bytes().count(b"\n") for path in out.glob("[!_]*/journal.jsonl"))


def batch(asked: Asked) -> bool:
    """Kill a batch of three films: the batch itself, or one of the two children that render for it."""
    chance, tally, most = random.Random(asked.seed), Tally(), asked.of(KILLS["batch"])
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        scenes = [films.looped(root, name, seed=number) for number, name in enumerate(("one", "two", "three"))]
        peaceful = {}
        for scene in scenes:
            peaceful.update(films.rendered(scene, root / "peace"))
        while tally.kills < most:
            tally.films += len(scenes)
            _one_batch(scenes, root / "war", chance, peaceful, tally, most)
            shutil.rmtree(root / "war")
    print(f"batch, seed {asked.seed}: {tally}")
    return verdict(f"{tally.kills} kills of a batch, wrong", tally.bad, 0, lambda value, bar: value <= bar)


def _one_batch(
    scenes: list[Path], out: Path, chance: random.Random, peaceful: dict[str, str], tally: Tally, most: int
) -> None:
    command = [sys.executable, "render.py", "batch", *map(str, scenes), "--out", str(out)]
    options = {"cwd": ROOT, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    committed, code = 0, 1
    while code:
        parent = subprocess.Popen([*command, "--devices", "cpu", "--per-device", "2"], **options)  # type: ignore[call-overload]
        while parent.poll() is None:
            _wait(parent, chance.uniform(0, 8) if tally.kills < most else 600)
            if parent.poll() is None:
                children = _children(parent.pid)
                victim = chance.choice([parent.pid, *children])
                os.kill(victim, signal.SIGKILL)
                tally.kills += 1
            found = films.hashes(out)
            tally.broken += len(films.foreign(found, peaceful))
            now = _lines(out)
            tally.lost, committed = tally.lost + max(0, committed - now), max(committed, now)
        code = parent.wait()
        assert code in (-9, 0, 1, 73), f"a batch ended with {code}"  # 73: children of the last one are still there
    tally.different += found != peaceful


def _wait(process: "subprocess.Popen[bytes]", seconds: float) -> None:
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return


def _children(number: int) -> list[int]:
    found = Path(f"/proc/{number}/task/{number}/children")
    try:
        return [int(child) for child in found.read_text().split()]
    except OSError:
        return []
