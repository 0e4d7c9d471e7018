"""What many tests share: small scenes, written as files, and a process that each test leaves as it was."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch
from hypothesis import settings

from animator.paint import process
from animator.scene.document import Document, read

ROOT = Path(__file__).parents[1]
settings.register_profile("any machine", deadline=None, derandomize=True)
settings.load_profile("any machine")
torch.set_num_threads(1)  # the nets here are tiny, and several tests run at a time

TINY = """\
name: tiny
size: [32, 32]
fps: 4
duration: 6f
seed: 3
generator: {type: siren, layers: 2, hidden: 16, draft: 32}
guide: {cutouts: {count: 4}, denoisers: {}}
optimize: {first_steps: 4, steps: 3}
prompts: {0s: a red circle, 1s: a blue square, fade: 0.5s}
motion: {zoom: 1.5, rotate: 20}
losses: {total_variation: 0.1, drift: 0.2}
output: {preset: ultrafast, threads: 1}
"""


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--record`: tests that compare with a file write it anew."""
    parser.addoption("--record", action="store_true", help="write files such as tests/film/keys.json anew")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Slow tests first, and the slowest before them, each time in the same order, so that no core waits for one of them
    at the end. Without a card, those that need one are skipped."""
    items.sort(key=lambda item: (item.get_closest_marker("slow") is None, "test_night" not in item.nodeid))  # stable
    for item in items:
        if item.get_closest_marker("gpu") and not torch.cuda.is_available():
            item.add_marker(pytest.mark.skip(reason="needs a CUDA card"))


@pytest.fixture(autouse=True, scope="session")
def _songs(tmp_path_factory: pytest.TempPathFactory) -> None:
    """What is found in songs is remembered for as long as the tests last, by all processes that run them."""
    base = tmp_path_factory.getbasetemp()
    songs = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "songs"
    songs.mkdir(exist_ok=True)
    os.environ["ANIMATOR_SONGS"] = str(songs)


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    """What a test sets for the whole process is undone after it, and what it draws does not depend on those before."""
    torch.manual_seed(0)
    with process.restored():
        yield


@pytest.fixture
def write_scene(tmp_path: Path) -> Callable[..., Path]:
    """Write a scene file; without a text, the tiny one."""

    def write(text: str = TINY, name: str = "tiny.yaml") -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.fixture
def tiny(write_scene: Callable[..., Path]) -> Document:
    return read(write_scene())


@pytest.fixture
def run_cli() -> Callable[..., "subprocess.CompletedProcess[str]"]:
    """Run render.py as a person would."""

    def run(*arguments: object, **options: object) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, str(ROOT / "render.py"), *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, timeout=250, cwd=ROOT, **options)  # type: ignore[call-overload,no-any-return]

    return run
