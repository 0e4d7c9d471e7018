"""Two renderers that begin in one folder at the same moment: one renders, the other says who does."""

import os
import re
import shutil
import tempfile
from pathlib import Path

from bench import verdict
from bench.night import films
from bench.night.films import Asked

RACES = 50
BUSY = 73


def run(asked: Asked) -> bool:
    """Race until so many pairs met; a pair of which one was done before the other began is none."""
    races, met, bad, tries = asked.of(RACES), 0, 0, 0
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        scene = films.looped(root)
        peaceful = films.rendered(scene, root / "peace")
        while met < races:
            tries += 1
            assert tries < 10 * races + 10, "they never meet"
            codes, said = _race(scene, root)
            found = films.hashes(root / "out")
            shutil.rmtree(root / "out")
            if codes == [0, 0]:
                continue
            met += 1
            named = re.search(r"in use by process \d+ on ", said)
            bad += sorted(codes) != [0, BUSY] or not named or found != peaceful
    print(f"{met} races in {tries} tries")
    return verdict(f"{met} races of two renderers, wrong", bad, 0, lambda value, bar: value <= bar)


def _race(scene: Path, root: Path) -> tuple[list[int], str]:
    """The exit codes of both, and what they said."""
    ready, go = os.pipe()

    def work(number: int) -> int:
        os.close(go)
        os.read(ready, 1)  # until nobody can write any more
        return films.render(scene, root / "out", said=root / f"said-{number}")

    pair = [films.forked(lambda number=number: work(number)) for number in range(2)]  # type: ignore[misc]
    os.close(ready)
    os.close(go)
    codes = [films.ended(child) for child in pair]
    return codes, " ".join((root / f"said-{number}").read_text() for number in range(2))
