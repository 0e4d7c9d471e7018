"""What a cluster's machines do, as far as it can be seen without one."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from animator.batch import runners, worker
from animator.batch.order import Order
from animator.batch.stop import Stop
from animator.batch.tasks import Task
from animator.errors import ModelError
from animator.models import fetch
from tests.conftest import TINY


def test_without_ray_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """With it, `python -m bench.night cluster` renders twelve shots on two nodes of which one is lost."""
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(ModelError, match=r"requirements-cluster.txt"):
        runners.build("ray", {}, tmp_path)


def test_a_machine_fetches_what_it_lacks(
    write_scene: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = write_scene(TINY.replace("guide: {", "guide: {encoders: ViT-B/32, "))
    asked: list[str] = []

    def nothing_there(name: str, way: fetch.Way) -> None:
        asked.append(name)
        raise ModelError(f"{name}: no address has it")

    monkeypatch.setattr(fetch, "fetch", nothing_there)
    task = Task(scene, "tiny", "film", Order(tmp_path / "out", device="cpu"))
    here = worker.do(task, lambda event: None, Stop())
    assert "get them with" in str(here.error)
    assert not asked
    there = worker.do(task, lambda event: None, Stop(), fetches=True)
    assert "no address has it" in str(there.error)
    assert asked == ["ViT-B/32"]
    assert not (tmp_path / "out" / "tiny" / "frames").exists()
