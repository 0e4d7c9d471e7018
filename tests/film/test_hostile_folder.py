"""A film's folder whose notes and states are not what was written."""

import contextlib
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import torch

from animator.film import folder, keys, states, writer
from animator.film.folder import Folder
from animator.paint.animate import animate
from animator.paint.generators import siren
from animator.paint.optimize import fresh
from animator.scene.document import Document, resolve
from animator.scene.yaml_reader import compose
from tests.conftest import TINY
from tests.mutations import Made, fuzz, mutated
from tests.stand_in import guide

CPU = torch.device("cpu")
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def tiny() -> Document:
    return resolve(compose(TINY, "tiny").plain, "tiny")


@pytest.fixture(scope="module")
def film(tiny: Document, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Folder]:
    """A folder with a whole film, as a run leaves it."""
    torch.manual_seed(0)
    base = keys.base_of(tiny)
    generator = siren.build(siren.Config(layers=2, hidden=16, draft=32), (32, 32), CPU)
    frames = animate([generator], guide("a red circle", "a blue square"), tiny.frames, fresh(generator.init(3)))
    with folder.locked(tmp_path_factory.mktemp("out") / "film") as opened:
        for frame, key in zip(frames, keys.keys_of(base, tiny), strict=True):
            writer.commit(opened, writer.pack(frame, key), 1)
        folder.begin(opened, base, TINY, len(tiny.frames))
        yield opened


@contextlib.contextmanager
def other(path: Path, content: bytes) -> Iterator[None]:
    """A file with other content, for as long as this lasts."""
    before = path.read_bytes()
    path.write_bytes(content)
    try:
        yield
    finally:
        path.write_bytes(before)


@dataclass(frozen=True)
class Wanted:
    """A scene, what it is made of, and its keys."""

    scene: Document
    base: dict[str, Any]
    keys: list[str]


def wanted_of(scene: Document) -> Wanted:
    base = keys.base_of(scene)
    return Wanted(scene, base, keys.keys_of(base, scene))


@pytest.fixture(scope="module")
def wanted(tiny: Document) -> Wanted:
    return wanted_of(tiny)


@pytest.fixture(scope="module")
def edited() -> Wanted:
    return wanted_of(resolve({**compose(TINY, "tiny").plain, "optimize": {"steps": 5}}, "tiny"))


def start(film: Folder, wanted: Wanted) -> int:
    """What a run does before its first frame. How many frames it keeps."""
    kept = folder.kept(film, wanted.keys)
    assert all(isinstance(name, str) for name in folder.changes(film, wanted.base, wanted.scene, kept))
    found = states.newest(film, wanted.keys, range(kept), CPU)
    assert found.next <= kept
    return kept


@fuzz
def test_journal(film: Folder, wanted: Wanted, made: Made) -> None:
    with other(film.journal_path, mutated(film.journal_path.read_bytes(), made)):
        kept = start(film, wanted)
        folder.mend_journal(film)
        assert folder.kept(film, wanted.keys) == kept


@fuzz
def test_base(film: Folder, wanted: Wanted, edited: Wanted, made: Made) -> None:
    path = film.path / "base.json"
    with other(path, mutated(path.read_bytes(), made)):
        assert start(film, wanted) == 6
        start(film, edited)


@fuzz
def test_header_of_a_state(film: Folder, wanted: Wanted, made: Made) -> None:
    """Also where its hash was noted: the file may have been wrong when it was written."""
    path = film.state_path(5)
    content = mutated(path.read_bytes(), made, most=2000)
    lines = folder.journal(film)
    lines[5]["state"] = hashlib.sha256(content).hexdigest()
    noted = b"".join(json.dumps(line).encode() + b"\n" for line in lines.values())
    with other(path, content), other(film.journal_path, noted):
        found = states.newest(film, wanted.keys, range(6), CPU)
        assert found.next in (5, 6)
        assert found.state is not None
