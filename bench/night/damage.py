"""Frames and states that are missing, cut, empty, of another size or with a flipped bit, before the film is made."""

import random
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from PIL import Image

from bench import verdict
from bench.night import films
from bench.night.films import Asked

CASES = 100


def _cut(path: Path, chance: random.Random) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: chance.randrange(1, len(content))])


def _flipped(path: Path, chance: random.Random) -> None:
    content = bytearray(path.read_bytes())
    content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    path.write_bytes(content)


def _resized(path: Path, chance: random.Random) -> None:
    if path.suffix == ".png":
        with Image.open(path) as picture:
            picture.resize((picture.width // 2, picture.height)).save(path)
    else:
        path.write_bytes(path.read_bytes() + bytes(chance.randrange(1, 100)))


KINDS: dict[str, Callable[[Path, random.Random], object]] = {
    "missing": lambda path, chance: path.unlink(),
    "empty": lambda path, chance: path.write_bytes(b""),
    "cut": _cut,
    "of another size": _resized,
    "with a flipped bit": _flipped,
}


def run(asked: Asked) -> bool:
    """Damage one frame or state each time; `encode` must refuse frames, `render` must paint them again."""
    chance, bad, cases = random.Random(asked.seed), 0, asked.of(CASES)
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        scene = films.short(root, frames=4, change=films.DENOISED)
        peaceful = films.rendered(scene, root / "peace")
        for number in range(cases):
            kind = list(KINDS)[number % len(KINDS)]
            frame = number // len(KINDS) % 2 == 0
            out = root / "out"
            shutil.copytree(root / "peace", out)
            (out / "short" / "short.mp4").unlink()
            target = chance.choice(sorted((out / "short" / ("frames" if frame else "states")).iterdir()))
            KINDS[kind](target, chance)
            code = films.ended(films.forked(lambda: films.command("encode", scene, "--out", out)))  # noqa: B023
            refused = code != 0 and not list(out.glob("*/*.mp4"))
            fine = refused if frame else code == 0  # a film is made of frames alone
            after = films.ended(films.forked(lambda: films.render(scene, out)))  # noqa: B023
            if not fine or after or films.hashes(out) != peaceful:
                print(f"  {target.name} {kind}: encode ended with {code}, render with {after}")
                bad += 1
            shutil.rmtree(out)
    print(f"seed {asked.seed}: {cases} damaged frames and states")
    return verdict(f"{cases} damaged frames and states, wrong", bad, 0, lambda value, bar: value <= bar)
