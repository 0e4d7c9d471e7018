"""Without Ray."""

import sys
from pathlib import Path

import pytest

from animator.batch import runners
from animator.errors import ModelError


def test_without_ray_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """With it, `python -m bench.night cluster` renders twelve shots on two nodes of which one is lost."""
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(ModelError, match=r"requirements-cluster.txt"):
        runners.build("ray", {}, tmp_path)
