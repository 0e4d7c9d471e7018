"""A write, a sync or a rename that fails: the first of a run, then the second, until a run does not get that far.

Source: how SQLite is tested (sqlite.org/testing.html).
"""

import errno
import random
import shutil
import tempfile
from pathlib import Path

from bench import verdict
from bench.night import films
from bench.night.disk import Disk
from bench.night.films import Asked

ERRORS = (("ENOSPC", errno.ENOSPC, False), ("EIO", errno.EIO, False), ("EDQUOT", errno.EDQUOT, False))
ALL = (*ERRORS, ("a short write, then ENOSPC", errno.ENOSPC, True))
SECOND = 50  # runs that fail once, and once more while they recover
FAILED = 74


def run(asked: Asked) -> bool:
    """Every call of a new film, of each error; of a film that is edited; and some that fail twice."""
    chance, wrong, points = random.Random(asked.seed), 0, 0
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        edited = films.short(root, change=("blue square", "green square")).rename(root / "edited.yaml")
        scene = films.short(root)  # of the same name
        new, old = films.rendered(edited, root / "new"), films.rendered(scene, root / "old")
        for title, number, short in ALL:
            done, bad = _each(asked, root, scene, number, short, None, old, {})
            points, wrong = points + done, wrong + bad
            print(f"{title}: {done} calls of a new film, {bad} wrong", flush=True)
        done, bad = _each(asked, root, edited, errno.ENOSPC, False, root / "old", new, old)
        points, wrong = points + done, wrong + bad
        print(f"ENOSPC: {done} calls of a film that is edited, {bad} wrong", flush=True)
        bad = sum(_twice(root, scene, chance, old) for _ in range(asked.of(SECOND)))
        print(f"failed again while recovering: {asked.of(SECOND)} films, {bad} wrong")
    total, wrong = points + asked.of(SECOND), wrong + bad
    return verdict(f"{total} writes, syncs and renames that failed, wrong", wrong, 0, lambda value, bar: value <= bar)


def _each(
    asked: Asked,
    root: Path,
    scene: Path,
    number: int,
    short: bool,
    before: Path | None,
    peaceful: dict[str, str],
    old: dict[str, str],
) -> tuple[int, int]:
    """How many calls failed, one in a run each, and how many of those runs left something wrong."""
    points, bad, nth, stride = 0, 0, 1, max(1, round(1 / asked.share))
    while True:
        out = root / "out"
        if before:
            shutil.copytree(before, out)
        reached, wrong = _once(out, scene, Disk(out, nth, number, short), peaceful, old)
        bad += wrong or not _recovers(out, scene, peaceful)
        shutil.rmtree(out, ignore_errors=True)
        if not reached:
            assert nth > 20, "so few calls are no film"
            return points, bad
        points, nth = points + 1, nth + stride


def _once(out: Path, scene: Path, disk: Disk, peaceful: dict[str, str], old: dict[str, str]) -> tuple[bool, bool]:
    """Render on a disk that fails: whether it did, and whether that ended in another way than it should."""

    def work() -> int:
        disk.install()
        return films.render(scene, out)

    code = films.ended(films.forked(work))
    found = films.hashes(out)
    wrong = bool(films.foreign(found, peaceful, old))
    wrong |= found != peaceful if code == 0 else code != FAILED
    if wrong:
        print(f"  call {disk.fail_at} of {disk.root.name}: exit code {code}, {films.foreign(found, peaceful, old)}")
    return disk.failed, wrong


def _recovers(out: Path, scene: Path, peaceful: dict[str, str]) -> bool:
    code = films.ended(films.forked(lambda: films.render(scene, out)))
    fine = code == 0 and films.hashes(out) == peaceful
    if not fine:
        print(f"  not recovered: exit code {code}")
    return fine


def _twice(root: Path, scene: Path, chance: random.Random, peaceful: dict[str, str]) -> bool:
    out, bad = root / "out", False
    for _ in range(2):
        disk = Disk(out, chance.randint(1, 70), chance.choice([errno.ENOSPC, errno.EIO]))
        bad |= _once(out, scene, disk, peaceful, {})[1]
    bad |= not _recovers(out, scene, peaceful)
    shutil.rmtree(out, ignore_errors=True)
    return bad
