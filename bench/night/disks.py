"""A disk that is full: one in memory, with room for less than the film, at one of twenty points of it each time."""

import contextlib
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from animator import files
from animator.film import writer
from bench import verdict
from bench.night import films
from bench.night.films import Asked

POINTS = 20
FULL = 74


def run(asked: Asked) -> bool:
    """Fill the disk at each point, then make room and render on."""
    points, bad = asked.of(POINTS), 0
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        scene = films.looped(root)
        peaceful = films.rendered(scene, root / "peace")
        whole = files.used(root / "peace")
        for number in range(points):
            share = (number + 0.5) / points * 0.9  # the last tenth of what a film takes is rounding up to pages
            with _disk(root / "disk", round(whole * share)) as place:
                bad += not _one(scene, place, peaceful)
    print(f"a film of {whole >> 10} KiB on disks of less, {points} sizes")
    return verdict(f"{points} full disks, wrong", bad, 0, lambda value, bar: value <= bar)


def _one(scene: Path, place: Path, peaceful: dict[str, str]) -> bool:
    def work() -> int:
        writer.LEAST_FREE = 0  # else nothing is begun on so small a disk
        return films.render(scene, place / "out")

    code = films.ended(films.forked(work))
    found = films.hashes(place / "out")
    left = [path for path in place.rglob(f"{files.TEMPORARY}*") if path.is_file()]
    _mount(place, "remount,size=100m")
    after = films.ended(films.forked(work))
    fine = code == FULL and not films.foreign(found, peaceful) and not left
    if not fine or after or films.hashes(place / "out") != peaceful:
        print(f"  {place}: exit code {code}, then {after}; {films.foreign(found, peaceful)} {left}")
        return False
    return True


@contextlib.contextmanager
def _disk(place: Path, size: int) -> Iterator[Path]:
    place.mkdir(exist_ok=True)
    _mount(place, f"size={size}")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


def _mount(place: Path, options: str) -> None:
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(place)]
    if shutil.which("mount") is None or subprocess.run(command, capture_output=True).returncode:
        raise SystemExit("this row needs the right to mount a disk")
