"""Do the checks of frames find what is broken, and nothing else? `python -m bench.checks outputs`.

Reads the example scenes that were rendered there, and looks at their frames as a render does. Nothing may be said of
those as they are. Then frames are damaged one at a time, each in one of seven ways, in one of the films: black, grey,
white, drowned in noise, blurred, another film's frame, and a stain of colour; each must be found. Where a film has just
been asked for something new, only the first three can be told from what it was asked for.
"""

import argparse
import random
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageFilter

from animator.film.checks import Checks, Pixels, read
from animator.scene import document
from animator.scene.frame_spec import FrameSpec
from bench import verdict

DAMAGED = 200
ALWAYS = ("black", "grey", "white")
AT_REST = (*ALWAYS, "noise", "blur", "another", "stain")


@dataclass(frozen=True)
class Film:
    """A film that was rendered: its frames as they were asked for, and as they are."""

    name: str
    fps: float
    specs: Sequence[FrameSpec]
    pictures: list[Pixels]


def films(scenes: list[Path], out: Path) -> list[Film]:
    """The scenes of which frames are there."""
    found = []
    for scene in scenes:
        read_scene = document.read(scene)
        pictures = []
        for path in sorted((out / read_scene.scene.name / "frames").glob("*.png")):
            if (pixels := read(path)) is not None:
                pictures.append(pixels)
        if pictures:
            specs = read_scene.frames[: len(pictures)]
            found.append(Film(read_scene.scene.name, float(read_scene.scene.fps), specs, pictures))
    return found


def damaged(pixels: Pixels, other: Pixels, kind: str, rng: np.random.Generator) -> Any:
    """A frame with something wrong."""
    match kind:
        case "black":
            return np.zeros_like(pixels)
        case "grey":
            return np.full_like(pixels, 128)
        case "white":
            return np.full_like(pixels, 255)
        case "noise":
            return np.clip(pixels + rng.normal(0, 60, pixels.shape), 0, 255).astype(np.uint8)
        case "blur":
            return np.asarray(Image.fromarray(pixels).filter(ImageFilter.GaussianBlur(max(pixels.shape) / 25)))
        case "another":
            image = Image.fromarray(other).resize((pixels.shape[1], pixels.shape[0]))
            return np.asarray(image.transpose(Image.Transpose.FLIP_TOP_BOTTOM))
        case _:
            stain = np.array(rng.permutation([90, -90, 40]), np.int16)
            return np.clip(pixels + stain, 0, 255).astype(np.uint8)


def main() -> bool:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path, nargs="?", default=Path("outputs"), help="where the films are")
    parser.add_argument("--scenes", type=Path, nargs="*", default=sorted(Path("scenes").glob("*.yaml")))
    asked = parser.parse_args()
    there = films(asked.scenes, asked.out)
    if not there:
        parser.error(f"no frames of an example scene are in {asked.out}; render some first")
    alarms, frames = 0, 0
    for film in there:
        checks = Checks(film.fps)
        for spec, pixels in zip(film.specs, film.pictures, strict=True):
            frames += 1
            if said := checks.see(spec, pixels):
                alarms += 1
                print(f"{film.name}: frame {spec.index}: {', '.join(said)}", flush=True)
    print(f"{frames} frames of {len(there)} films: {', '.join(film.name for film in there)}")
    missed = 0
    drawn, rng = random.Random(7), np.random.default_rng(7)
    for _ in range(DAMAGED):
        film, other = drawn.choice(there), drawn.choice(there)
        index = drawn.randrange(1, len(film.pictures))
        checks = Checks(film.fps)
        for spec, pixels in zip(film.specs[:index], film.pictures[:index], strict=True):
            checks.see(spec, pixels)
        kind = drawn.choice(AT_REST if checks.compares(film.specs[index]) else ALWAYS)
        bad = damaged(film.pictures[index], drawn.choice(other.pictures), kind, rng)
        if not checks.see(film.specs[index], bad):
            missed += 1
            print(f"missed: {film.name}: frame {index}: {kind}", flush=True)
    bars = {"false alarms": alarms, f"damaged frames of {DAMAGED} that were missed": missed}
    met = [verdict(name, float(count), 0.0, lambda value, bar: value <= bar) for name, count in bars.items()]
    return all(met)


if __name__ == "__main__":
    sys.exit(not main())
