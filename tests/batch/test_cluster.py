"""A Ray cluster of this machine: every frame once, though processes are killed all the time."""

import importlib.util
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from animator.batch import batch, runners
from animator.batch.batch import Batch
from animator.batch.order import Order
from animator.errors import ModelError
from animator.report.events import Event
from tests.batch.test_night import PROMPTS, named
from tests.conftest import TINY

KILLS = """
import os, random, signal
if os.environ.get("ANIMATOR_KILLS"):
    import importlib.abc, sys

    def patched(writer):
        commit = writer.commit

        def commits(opened, packed, states_every):
            commit(opened, packed, states_every)
            with open(os.environ["ANIMATOR_KILLS"], "a") as file:
                file.write(f"{opened.path.name} {packed.index}\\n")
            if random.random() < 0.05:
                os.kill(os.getpid(), signal.SIGKILL)

        writer.commit = commits

    class Finder(importlib.abc.MetaPathFinder):
        def find_spec(self, name, path, target=None):
            if name != "animator.film.writer":
                return None
            sys.meta_path.remove(self)
            import importlib.util

            found = importlib.util.find_spec(name)
            load = found.loader.exec_module

            def exec_module(module):
                load(module)
                patched(module)

            found.loader.exec_module = exec_module
            return found

    sys.meta_path.insert(0, Finder())
"""


@pytest.mark.soak
@pytest.mark.timeout(900)
@pytest.mark.filterwarnings("ignore")
@pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="needs requirements-cluster.txt")
def test_twelve_shots_each_killed_with_one_chance_in_twenty_a_frame(
    write_scene: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cuts = ", ".join(f"{5 * number}s: {{text: picture {number}, cut: true}}" for number in range(12))
    text = TINY.replace(PROMPTS, f"prompts: {{{cuts}}}").replace("6f", "240f")
    (scene,) = named(write_scene, "long", text=text)
    (tmp_path / "faults").mkdir()
    (tmp_path / "faults" / "sitecustomize.py").write_text(KILLS)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "faults"))
    monkeypatch.setenv("ANIMATOR_KILLS", str(tmp_path / "frames.txt"))
    seen: list[Event] = []
    order, options = Order(tmp_path / "out", device="cpu"), {"device": "cpu", "slots": 2, "retries": 40}
    (result,) = batch.render(Batch([scene], order, runner="ray", options=options), seen.append)
    assert result.error is None, result.error
    done = Counter((tmp_path / "frames.txt").read_text().splitlines())
    assert len(list((tmp_path / "out" / "long" / "frames").glob("*.png"))) == 240
    assert len(done) == 240
    assert max(done.values()) == 1  # none twice
    print(f"12 shots, {len(done)} frames, none twice")


def test_without_ray_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(ModelError, match=r"requirements-cluster.txt"):
        runners.build("ray", {}, tmp_path)
