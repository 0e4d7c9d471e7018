"""The small films of these tests, and how they are rendered: by the command line, in processes that are forked after
the imports, which is what makes hundreds of them affordable."""

import importlib
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from animator import cli, files
from animator.models.networks.clip.package import tokenize

for part in ("torch._dynamo", "animator.batch.shot", "animator.report.sinks.plain"):  # else each child imports them
    importlib.import_module(part)
tokenize(["and the words that it knows"], 77)

SCENE = """\
name: NAME
size: [48, 48]
fps: 6
duration: 16f
seed: SEED
generator: GENERATOR
guide: {cutouts: {count: 2}, denoisers: {}}
optimize: {first_steps: 3, steps: 2}
prompts: {0s: a red circle, 1.5s: a blue square, fade: 1s}
motion: {zoom: "exp(0.3*sin(2*pi*t/duration))", rotate: 135}
loop: true
losses: {drift: 0.1}
output: {preset: ultrafast, threads: 1}
"""
SHORT = """\
name: NAME
size: [32, 32]
fps: 4
duration: FRAMESf
seed: SEED
generator: {type: siren, layers: 2, hidden: 16, draft: 32}
guide: {cutouts: {count: 2}, denoisers: {}}
optimize: {first_steps: 3, steps: 2}
prompts: {0s: a red circle, 0.5s: a blue square, fade: 0.25s}
output: {preset: ultrafast, threads: 1}
"""
DENOISED = ("denoisers: {}", "denoisers: {pocket-transformer: {weight: 15, tries: 1}}")  # a change of SHORT
SMALL = {"siren": "{type: siren, layers: 2, hidden: 24, draft: 32}"}


@dataclass(frozen=True)
class Asked:
    """What somebody asked for: the seed of all chances, and which share of the whole test."""

    seed: int = 1
    share: float = 1.0

    def of(self, whole: int) -> int:
        """How many of so many."""
        return max(1, round(whole * self.share))


def looped(folder: Path, name: str = "killed", generator: str = "siren", seed: int = 1) -> Path:
    """Write the scene of a film of 16 frames with a camera and a loop; its path."""
    return _written(folder, name, SCENE.replace("GENERATOR", SMALL.get(generator, generator)), seed)


def short(
    folder: Path, name: str = "short", frames: int = 3, seed: int = 1, change: tuple[str, str] = ("", "")
) -> Path:
    """Write the scene of a film of some frames, as small as can be, maybe with a `change` of its text; its path."""
    return _written(folder, name, SHORT.replace("FRAMES", str(frames)).replace(*change), seed)


def _written(folder: Path, name: str, text: str, seed: int) -> Path:
    path = folder / f"{name}.yaml"
    path.write_text(text.replace("NAME", name).replace("SEED", str(seed)))
    return path


def forked(work: Callable[[], int]) -> int:
    """Run `work` in a child; its process number."""
    child = os.fork()
    if child == 0:
        os._exit(work())
    return child


def ended(child: int) -> int:
    """Wait for a child: its exit code, or minus the number of the signal that ended it."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def command(*arguments: object, said: Path | None = None) -> int:
    """Run a command of the command line in this process, which it ends. Returns the exit code; `said` gets its text."""
    words = os.open(said or os.devnull, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    for stream in (1, 2):
        os.dup2(words, stream)
    sys.argv = ["render.py", *map(str, arguments)]
    try:
        cli.main()
    except SystemExit as ending:
        return ending.code if isinstance(ending.code, int) else int(bool(ending.code))
    finally:
        for written in (sys.stdout, sys.stderr):
            written.flush()
    return 0


def render(scene: Path, out: Path, *options: object, said: Path | None = None) -> int:
    """Render a film on the CPU, in this process, which it ends. Returns the exit code."""
    return command("render", scene, "--out", out, "--device", "cpu", *options, said=said)


def rendered(scene: Path, out: Path) -> dict[str, str]:
    """Render a film in peace, in a child; the hashes of what is there then."""
    code = ended(forked(lambda: render(scene, out)))
    assert code == 0, f"the peaceful render ended with {code}"
    return hashes(out)


def hashes(out: Path) -> dict[str, str]:
    """By its path, the hash of every frame and film under a final name."""
    paths = [*out.glob("*/frames/*.png"), *out.glob("*/*.mp4")]
    return {str(path.relative_to(out)): files.sha256(path) for path in sorted(paths) if _final(path)}


def _final(path: Path) -> bool:
    return files.TEMPORARY not in path.name


def foreign(found: dict[str, str], *good: dict[str, str]) -> list[str]:
    """Which files are neither of these films'."""
    return [name for name, digest in found.items() if all(one.get(name) != digest for one in good)]
