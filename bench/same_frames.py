"""Do two checkouts render the same frames? `python -m bench.same_frames OTHER_CHECKOUT`.

Every example scene whose models are shipped is rendered by both, and the sha256 of each frame's PNG is compared. With
`--frames N`, only the first N frames of each. Films in `--work` are moved aside first; with `--go-on`, a run that was
stopped goes on, which is right only while neither checkout has changed.
"""

import argparse
import subprocess
import sys
from pathlib import Path

from animator import files, read
from bench import verdict

ROOT = Path(__file__).parents[1]


def frames_of(checkout: Path, scene: Path, out: Path, count: int | None, fresh: bool) -> dict[str, str]:
    """The sha256 of each frame, by its name."""
    command = [sys.executable, "render.py", str(scene), "--out", str(out), "--device", "cpu"]
    command += ["--frames", f"0:{count}"] if count else []
    command += ["--fresh"] if fresh else []
    subprocess.run(command, check=True, cwd=checkout, stderr=subprocess.DEVNULL)
    found = sorted((out / scene.stem / "frames").glob("*.png"))[:count]
    return {path.name: files.sha256(path) for path in found}


def main() -> bool:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("other", type=Path, help="a checkout of another version, with its packages in this environment")
    parser.add_argument("--frames", type=int, help="of each scene; default: all")
    parser.add_argument("--work", type=Path, default=Path("outputs/same_frames"), help="where films go")
    parser.add_argument("--go-on", action="store_true", help="with the films that are in --work")
    chosen = parser.parse_args()
    different = 0
    for scene in sorted((ROOT / "scenes").glob("*.yaml")):
        if not all(model.here for model in read(scene).models):
            continue
        out = chosen.work.absolute()
        ours = frames_of(ROOT, scene, out / "ours", chosen.frames, not chosen.go_on)
        theirs = frames_of(chosen.other.absolute(), scene, out / "theirs", chosen.frames, not chosen.go_on)
        wrong = sum(ours.get(name) != digest for name, digest in theirs.items()) + len(ours.keys() - theirs.keys())
        print(f"{scene.stem}: {len(theirs)} frames, {wrong} different", flush=True)
        different += wrong
    return verdict("frames that differ", different, 0, lambda value, bar: value <= bar)


if __name__ == "__main__":
    sys.exit(not main())
