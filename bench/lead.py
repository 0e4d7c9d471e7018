"""How late does a film answer its song? `python -m bench.lead SCENE --out outputs`, of a film that was rendered.

Printed is how the change from frame to frame goes with the kicks, by how many frames it comes later, and how much more
changes from a kick to two frames after it than elsewhere. With `--prompts`, it is the mean change before and after a
prompt changes, in place of a kick.
"""

import argparse
import sys
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from animator.scene.document import Document, read
from animator.scene.frame_spec import main_text
from bench import verdict

LAGS = range(-3, 5)  # frames
WINDOW = range(-3, 13)  # frames about a change of the prompt
AFTER = 2  # frames after that of a kick that count as its own


def changes(frames: list[Path]) -> Any:
    """The mean difference of each frame to the one before, of 255; nothing for the first."""
    found, before = [0.0], None
    for path in frames:
        with Image.open(path) as image:
            picture = np.asarray(image.convert("RGB"), np.float32)
        if before is not None:
            found.append(float(np.abs(picture - before).mean()))
        before = picture
    return np.array(found)


def kicks(document: Document) -> list[int]:
    """The frames that are nearest to the kicks of a film's song."""
    scene, music = document.scene, document.music
    begin = music.audio.start.seconds(scene.fps) - music.audio.offset.seconds(scene.fps)  # as heard, without the lead
    times = (time - begin for time, _ in music.hits("kick", music.length))
    return [index for index in (round(time * float(scene.fps)) for time in times) if 0 <= index < len(document.frames)]


def turns(document: Document) -> list[int]:
    """The frames from which another text is the heaviest."""
    texts = [main_text(spec) for spec in document.frames]
    return [index for index in range(1, len(texts)) if texts[index] != texts[index - 1]]


def ratio(moved: Any, hit: list[int]) -> float:
    """The mean change from the frame of a kick to AFTER frames later, over that elsewhere."""
    near = sorted({index + after for index in hit for after in range(AFTER + 1)} & set(range(1, len(moved))))
    elsewhere = sorted(set(range(1, len(moved))) - set(near))
    return float(moved[near].mean() / moved[elsewhere].mean())


def correlations(moved: Any, hit: list[int]) -> dict[int, float]:
    """How well changes go with kicks, by how many frames they come later."""
    train = np.zeros(len(moved))
    train[hit] = 1
    window = slice(max(LAGS) + 1, len(moved) + min(LAGS) - 1)
    return {lag: float(np.corrcoef(np.roll(train, lag)[window], moved[window])[0, 1]) for lag in LAGS}


def main() -> bool:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scene", type=Path, nargs="?", default=Path("scenes/song.yaml"))
    parser.add_argument("--out", type=Path, default=Path("outputs"), help="where the film's folder is")
    parser.add_argument("--set", action="append", default=[], help="as it was rendered")
    parser.add_argument("--prompts", action="store_true", help="after changes of the prompt, not after kicks")
    chosen = parser.parse_args()
    document = read(chosen.scene, tuple(chosen.set))
    moved = changes(sorted((chosen.out / document.scene.name / "frames").glob("[0-9]*.png")))
    if chosen.prompts:
        changed = [index for index in turns(document) if index < len(moved) - max(WINDOW)]
        for after in WINDOW:
            print(f"{after:+d} frames: {np.mean([moved[index + after] for index in changed]):.2f} of 255")
        return True
    hit = [index for index in kicks(document) if index < len(moved)]
    found = correlations(moved, hit)
    for lag, value in found.items():
        print(f"{lag:+d} frames: {value:+.2f} {'#' * max(0, round(20 * value))}")
    best, fps = max(found, key=lambda lag: found[lag]), float(document.scene.fps)
    print(f"the picture answers {best} frames ({1000 * best / fps:.0f} ms) after the kick")
    return verdict("change after kicks over that elsewhere", ratio(moved, hit), 2, lambda value, bar: value >= bar)


if __name__ == "__main__":
    sys.exit(not main())
