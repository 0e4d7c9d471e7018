"""Kill the renderer at random moments and see what is left: `python -m bench.kills --kills 100`.

A small film is rendered once in peace. Then it is rendered again and again by processes that are killed with SIGKILL
after a random time, each going on where the last one died. After every kill each frame under a final name must be a
whole picture, the very one of the peaceful film, and no committed frame may be gone; when a film is complete its MP4
must have the peaceful one's bytes. Processes are forked after the imports, which is what makes 100 kills affordable.
"""

import argparse
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from animator import files, variants
from animator.batch.order import Order
from animator.batch.run import render_all
from animator.report.sinks.plain import Plain
from bench import verdict

SCENE = """\
name: killed
size: [48, 48]
fps: 6
duration: 16f
generator: GENERATOR
guide: {cutouts: {count: 2}}
optimize: {first_steps: 3, steps: 2}
prompts: {0s: a red circle, 1.5s: a blue square, fade: 1s}
motion: {zoom: "exp(0.3*sin(2*pi*t/duration))", rotate: 135}
loop: true
losses: {drift: 0.1}
output: {preset: ultrafast, threads: 1}
"""
SMALL = {"siren": "{type: siren, layers: 2, hidden: 24, draft: 32}"}


@dataclass
class Tally:
    """What has been seen: all but `kills` and `films` should stay 0."""

    kills: int = 0
    films: int = 0
    broken: int = 0  # a file under a final name that is not the peaceful film's
    lost: int = 0  # frames that the journal knew and no longer does
    different: int = 0  # films whose MP4 is not the peaceful one's

    @property
    def bad(self) -> int:
        return self.broken + self.lost + self.different


def forked(work: Callable[[], int]) -> int:
    """Run `work` in a child; its process number."""
    child = os.fork()
    if child == 0:
        os._exit(work())
    return child


def render(scene: Path, out: Path) -> int:
    """Render a film without a word. Returns the exit code."""
    with open(os.devnull, "w") as nowhere:
        (result,) = render_all([scene], (), Order(out, device="cpu"), Plain(nowhere))
    return result.error.exit_code if result.error else 0


def compare(folder: Path, peaceful: dict[str, str], tally: Tally, committed: int) -> int:
    """Check what a killed process left. Returns how many frames are committed now."""
    for path in folder.glob("frames/*.png"):
        if files.TEMPORARY not in path.name:
            tally.broken += files.sha256(path) != peaceful[path.name]
    for film in folder.glob("*.mp4"):
        if files.TEMPORARY not in film.name:
            tally.broken += files.sha256(film) != peaceful[film.name]
    journal = folder / "journal.jsonl"
    now = journal.read_bytes().count(b"\n") if journal.exists() else 0
    tally.lost += max(0, committed - now)
    return now


def main() -> bool:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--generator", default="siren", choices=variants.names("generators"))
    chosen = parser.parse_args()
    chance, tally = random.Random(chosen.seed), Tally()
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        scene = root / "killed.yaml"
        scene.write_text(SCENE.replace("GENERATOR", SMALL.get(chosen.generator, chosen.generator)))
        began = time.monotonic()
        assert os.waitpid(forked(lambda: render(scene, root / "peace")), 0)[1] == 0, "the peaceful render failed"
        length = time.monotonic() - began
        peace = root / "peace" / "killed"
        peaceful = {path.name: files.sha256(path) for path in [*peace.glob("frames/*.png"), *peace.glob("*.mp4")]}
        while tally.kills < chosen.kills:
            tally.films += 1
            one_film(scene, root / "war", chance, length, peaceful, tally, chosen.kills)
            shutil.rmtree(root / "war")
    print(f"seed {chosen.seed}: {tally}")
    return verdict("kills that left something wrong", tally.bad, 0, lambda value, bar: value <= bar)


def one_film(
    scene: Path, out: Path, chance: random.Random, length: float, peaceful: dict[str, str], tally: Tally, most: int
) -> None:
    """Render one film through kills; once there have been enough, to its end."""
    committed = 0
    while True:
        child = forked(lambda: render(scene, out))
        limit = chance.uniform(0, 0.7 * length) if tally.kills < most else 600.0
        began, status = time.monotonic(), None
        while time.monotonic() - began < limit:
            done, status = os.waitpid(child, os.WNOHANG)
            if done:
                break
            time.sleep(0.001)
        else:
            os.kill(child, signal.SIGKILL)
            _, status = os.waitpid(child, 0)
            tally.kills += 1
        committed = compare(out / "killed", peaceful, tally, committed)
        if status == 0:
            film = out / "killed" / "killed.mp4"
            whole = sorted(path.name for path in (out / "killed").glob("frames/*.png"))
            tally.different += files.sha256(film) != peaceful["killed.mp4"] or len(whole) != len(peaceful) - 1
            return
        assert status is not None
        assert os.WIFSIGNALED(status), f"a renderer ended with {status}"


if __name__ == "__main__":
    sys.exit(not main())
