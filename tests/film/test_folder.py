"""What is on the disk, whatever happens while it is written."""

import dataclasses
import errno
import json
import multiprocessing
import os
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch
from PIL import Image

from animator import files, variants
from animator.errors import BusyError, OutputError
from animator.paint.adaptive_steps import Pace
from animator.paint.animate import Frame, animate
from animator.paint.optimize import fresh
from animator.scene.document import Document
from tests.stand_in import guide


@pytest.fixture
def frames(tiny: Document) -> list[Frame]:
    variant = variants.module("generators", "siren")
    generator = variant.build(variant.Config(layers=2, hidden=16, draft=16), (32, 32), torch.device("cpu"))
    state = fresh(generator.init(1))
    return list(animate([generator], guide("a red circle", "a blue square"), tiny.frames, state))


@pytest.fixture
def keys(tiny: Document) -> list[str]:
    return store.keys_of({"a": 1}, tiny.frames)


def save_all(folder: Path, frames: list[Frame], keys: list[str], states_every: int = 1) -> None:
    with store.open_store(folder) as opened:
        for frame, key in zip(frames, keys, strict=True):
            store.save_frame(opened, store.pack(frame, key), states_every)


def test_what_was_saved_is_kept_and_comes_back(tmp_path: Path, frames: list[Frame], keys: list[str]) -> None:
    paced = dataclasses.replace(frames[-1].state, pace=Pace(1 / 3, 0.1, 0.7))
    frames = [*frames[:-1], dataclasses.replace(frames[-1], state=paced)]
    save_all(tmp_path / "film", frames, keys)
    with store.open_store(tmp_path / "film") as opened:
        assert store.kept(opened, keys) == 6
        count, state = store.last_state(opened, keys, 6, torch.device("cpu"))
    assert count == 6
    assert state is not None
    assert state.age == frames[-1].state.age
    assert state.pace == frames[-1].state.pace
    for name, leaf in frames[-1].state.latent.items():
        assert torch.equal(state.latent[name], leaf)
        assert torch.equal(state.moments.second[name], frames[-1].state.moments.second[name])


def test_a_frame_counts_only_with_its_key_and_its_bytes(tmp_path: Path, frames: list[Frame], keys: list[str]) -> None:
    folder = tmp_path / "film"
    save_all(folder, frames, keys)
    original = (folder / "frames" / "000003.png").read_bytes()
    damaged = [original[:-20], b"", original[:99] + bytes([original[99] ^ 1]) + original[100:], original + b"x"]
    with store.open_store(folder) as opened:
        for content in damaged:
            opened.frame_path(3).write_bytes(content)
            assert store.kept(opened, keys) == 3
        opened.frame_path(3).write_bytes(original)
        assert store.kept(opened, [*keys[:4], "other", keys[5]]) == 4
        opened.frame_path(0).unlink()
        assert store.kept(opened, keys) == 0


def test_a_torn_journal_counts_up_to_the_tear(tmp_path: Path, frames: list[Frame], keys: list[str]) -> None:
    save_all(tmp_path / "film", frames, keys)
    with store.open_store(tmp_path / "film") as opened:
        whole = opened.journal_path.read_bytes()
        lines = whole.splitlines(keepends=True)
        for length in range(0, len(whole), 37):
            opened.journal_path.write_bytes(whole[:length])
            complete = whole[:length].count(b"\n")
            assert store.kept(opened, keys) == complete
        opened.journal_path.write_bytes(b"".join(lines[:2]) + b"garbage\n" + b"".join(lines[3:]))
        assert store.kept(opened, keys) == 2
        store.cut_journal(opened, 2)
        assert opened.journal_path.read_bytes() == b"".join(lines[:2])


def test_states_may_be_thinned(tmp_path: Path, frames: list[Frame], keys: list[str]) -> None:
    save_all(tmp_path / "film", frames, keys, states_every=3)
    there = sorted(int(path.stem) for path in (tmp_path / "film" / "states").iterdir())
    assert there == [0, 3, 4, 5]
    with store.open_store(tmp_path / "film") as opened:
        assert store.last_state(opened, keys, 3, torch.device("cpu"))[0] == 1


def test_a_state_of_another_film_or_half_a_state_is_none(tmp_path: Path, frames: list[Frame], keys: list[str]) -> None:
    save_all(tmp_path / "film", frames, keys)
    with store.open_store(tmp_path / "film") as opened:
        path = opened.state_path(5)
        path.write_bytes(path.read_bytes()[:-50])
        assert store.last_state(opened, keys, 6, torch.device("cpu"))[0] == 5
        assert store.last_state(opened, ["x"] * 6, 6, torch.device("cpu")) == (0, None)


def test_keys_chain(tiny: Document) -> None:
    keys = store.keys_of({"a": 1}, tiny.frames)
    assert len(set(keys)) == len(keys)
    changed = [*tiny.frames[:2], tiny.frames[3], *tiny.frames[3:]]
    others = store.keys_of({"a": 1}, tuple(changed))
    assert [one == other for one, other in zip(keys, others, strict=True)] == [True, True, False, False, False, False]
    assert store.keys_of({"a": 2}, tiny.frames)[0] != keys[0]


class Fault:
    """Fails the n-th of the file system's calls that the store makes, with a given error."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, nth: int, number: int) -> None:
        self.left, self.number, self.hit = nth, number, False
        for name in ("fsync", "replace"):
            monkeypatch.setattr(os, name, self.wrap(getattr(os, name)))
        monkeypatch.setattr(Path, "write_bytes", self.wrap(Path.write_bytes, short=True))

    def wrap(self, real: Callable[..., object], short: bool = False) -> Callable[..., object]:
        def call(*arguments: object) -> object:
            self.left -= 1
            if self.left == 0:
                self.hit = True
                if short:  # the disk takes half of it first
                    path, content = arguments
                    real(path, content[: len(content) // 2])  # type: ignore[index,arg-type]
                raise OSError(self.number, os.strerror(self.number))
            return real(*arguments)

        return call


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO, errno.EDQUOT])
def test_every_single_write_may_fail(tmp_path: Path, frames: list[Frame], keys: list[str], number: int) -> None:
    """Fail the first call, the second, ... until a run passes without reaching the fault. Source: SQLite's tests."""
    for nth in range(1, 200):
        folder = tmp_path / f"film-{nth}"
        with pytest.MonkeyPatch.context() as patch, store.open_store(folder) as opened:
            fault, saved = Fault(patch, nth, number), 0
            try:
                for frame, key in zip(frames[:3], keys, strict=False):
                    store.save_frame(opened, store.pack(frame, key), 1)
                    saved += 1
            except OutputError:
                assert fault.hit
        with store.open_store(folder) as opened:
            kept = store.kept(opened, keys)
            assert kept >= saved
            for path in opened.folder.rglob("*.png"):
                with Image.open(path) as image:
                    image.load()
            assert not list(opened.folder.rglob(f"*{files.TEMPORARY}*"))
            store.cut_journal(opened, kept)
            for frame, key in zip(frames[kept:], keys[kept:], strict=True):
                store.save_frame(opened, store.pack(frame, key), 1)
            assert store.kept(opened, keys) == 6
        if not fault.hit:
            assert nth > 15
            return
    pytest.fail("no run passed without reaching its fault")


def test_a_disk_that_is_nearly_full_stops_before_the_frame(
    tmp_path: Path, frames: list[Frame], keys: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with store.open_store(tmp_path / "film") as opened:
        monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(1, 1, 1000))  # type: ignore[attr-defined]
        with pytest.raises(OutputError, match="64 MiB free"):
            store.save_frame(opened, store.pack(frames[0], keys[0]), 1)
        assert not opened.frame_path(0).exists()


def _hold(folder: Path, ready: "multiprocessing.synchronize.Event") -> None:
    with store.open_store(folder):
        ready.set()
        time.sleep(600)


@pytest.fixture
def holder(tmp_path: Path) -> Iterator["multiprocessing.context.SpawnProcess"]:
    context = multiprocessing.get_context("spawn")
    ready = context.Event()
    process = context.Process(target=_hold, args=(tmp_path / "film", ready))
    process.start()
    assert ready.wait(60)
    yield process
    process.kill()
    process.join()


def test_two_renderers_never_share_a_folder(tmp_path: Path, holder: "multiprocessing.context.SpawnProcess") -> None:
    with pytest.raises(BusyError, match=f"process {holder.pid}") as caught, store.open_store(tmp_path / "film"):
        pass
    assert caught.value.exit_code == 73
    with pytest.raises(BusyError), store.open_store(tmp_path / "film", fresh=True):
        pass
    assert holder.pid is not None
    os.kill(holder.pid, signal.SIGKILL)
    holder.join()
    with store.open_store(tmp_path / "film"):
        pass


def test_fresh_moves_the_old_folder_aside(tmp_path: Path, frames: list[Frame], keys: list[str]) -> None:
    save_all(tmp_path / "film", frames, keys)
    with store.open_store(tmp_path / "film", fresh=True) as opened:
        assert store.kept(opened, keys) == 0
    (old,) = tmp_path.glob("film.old-*")
    assert len(list((old / "frames").iterdir())) == 6


def test_leftovers_of_a_killed_writer_are_swept(tmp_path: Path) -> None:
    with store.open_store(tmp_path / "film") as opened:
        leftover = opened.folder / "frames" / f"000001{files.TEMPORARY}99.png"
        leftover.write_bytes(b"half")
    with store.open_store(tmp_path / "film"):
        assert not leftover.exists()


def test_a_folder_that_is_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "film").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OutputError, match="link"), store.open_store(tmp_path / "film"):
        pass


def test_what_changed_is_named(tmp_path: Path, tiny: Document, frames: list[Frame]) -> None:
    base = store.base_of(tiny.scene)
    keys = store.keys_of(base, tiny.frames)
    save_all(tmp_path / "film", frames, keys)
    with store.open_store(tmp_path / "film") as opened:
        store.begin(opened, base, tiny.text)
        assert store.changes(opened, base, tiny.frames, 6) == []
        edited = (*tiny.frames[:4], *(dataclasses.replace(spec, steps=9) for spec in tiny.frames[4:]))
        assert store.changes(opened, base, edited, 4) == ["steps"]
        assert store.changes(opened, {**base, "seed": 9}, tiny.frames, 0) == ["seed"]
        assert json.loads((opened.folder / "base.json").read_text())["seed"] == 3
