"""2,000 small frames: does the renderer hold on to memory, or to files?"""

import os
import tempfile
import time
from pathlib import Path

from bench import verdict
from bench.night import films
from bench.night.films import Asked

FRAMES, SETTLED = 2000, 200
GROWTH = 30.0  # MB


def run(asked: Asked) -> bool:
    """Render, and look at the process from outside, every 20 frames."""
    frames, seen = max(2 * SETTLED, asked.of(FRAMES)), dict[int, tuple[float, int]]()
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        scene = films.short(root, frames=frames)
        child = films.forked(lambda: films.render(scene, root / "out"))
        journal = root / "out" / "short" / "journal.jsonl"
        while (count := _lines(journal)) < frames:
            if count >= SETTLED and count // 20 not in seen:
                seen[count // 20] = _of(child)
            assert os.waitpid(child, os.WNOHANG)[0] == 0, "it ended early"
            time.sleep(0.02)
        code = films.ended(child)
    (first, *_, last), opened = seen.values(), [files for _, files in seen.values()]
    print(f"{frames} frames: {first[0]:.0f} MB after {SETTLED}, {last[0]:.0f} MB at the end; {opened[0]} files open")
    grown = max(memory for memory, _ in seen.values()) - first[0]
    met = verdict(f"MB more than after frame {SETTLED}, at most", grown, GROWTH, lambda value, bar: value < bar)
    more = min(opened[-10:]) - min(opened[:10])  # a look may come while a frame is written
    return verdict("files open that were not before", more, 0, lambda value, bar: value <= bar) and met and code == 0


def _lines(path: Path) -> int:
    return path.read_bytes().count(b"\n") if path.exists() else 0


def _of(process: int) -> tuple[float, int]:
    """MB in memory, and how many files are open."""
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6, len(os.listdir(f"/proc/{process}/fd"))
