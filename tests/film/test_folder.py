"""What is on the disk, whatever happens while it is written."""

import dataclasses
import errno
import json
import multiprocessing
import os
import random
import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterator
from multiprocessing.context import SpawnProcess
from multiprocessing.synchronize import Event
from pathlib import Path

import pytest
import torch
from PIL import Image

from animator import files
from animator.errors import BusyError, OutputError
from animator.film import folder, keys, states, writer
from animator.paint import generators
from animator.paint.adaptive_steps import Pace
from animator.paint.animate import Frame, animate
from animator.paint.optimize import fresh
from animator.scene.choices import Painter
from animator.scene.document import Document
from animator.scene.times import Time
from animator.variants import config
from animator.version import VERSION
from tests.stand_in import guide

CPU = torch.device("cpu")


@pytest.fixture
def frames(tiny: Document) -> list[Frame]:
    options = config("generators", "siren").model_validate({"layers": 2, "hidden": 16, "draft": 16})
    painter = Painter(start=Time(0.0), type="siren", config=options)
    generator = generators.build(painter, (32, 32), CPU)
    state = fresh(generator.init(1))
    return list(animate([generator], guide("a red circle", "a blue square"), tiny.frames, state))


@pytest.fixture
def wanted(tiny: Document) -> list[str]:
    return keys.keys_of(keys.base_of(tiny), tiny)


def save_all(path: Path, frames: list[Frame], wanted: list[str], states_every: int = 1) -> None:
    with folder.locked(path) as opened:
        for frame, key in zip(frames, wanted, strict=True):
            writer.commit(opened, writer.pack(frame, key), states_every)


def test_what_was_saved_is_kept_and_comes_back(tmp_path: Path, frames: list[Frame], wanted: list[str]) -> None:
    paced = dataclasses.replace(frames[-1].state, pace=Pace(1 / 3, 0.1, 0.7))
    frames = [*frames[:-1], dataclasses.replace(frames[-1], state=paced)]
    save_all(tmp_path / "film", frames, wanted)
    with folder.locked(tmp_path / "film") as opened:
        assert folder.kept(opened, wanted) == 6
        found = states.newest(opened, wanted, range(6), CPU)
    state = found.state
    assert (found.next, found.damaged) == (6, ())
    assert state is not None
    assert state.age == frames[-1].state.age
    assert state.pace == frames[-1].state.pace
    for name, leaf in frames[-1].state.latent.items():
        assert torch.equal(state.latent[name], leaf)
        assert torch.equal(state.moments.second[name], frames[-1].state.moments.second[name])


def test_a_frame_counts_only_with_its_key_and_its_bytes(tmp_path: Path, frames: list[Frame], wanted: list[str]) -> None:
    save_all(tmp_path / "film", frames, wanted)
    original = (tmp_path / "film" / "frames" / "000003.png").read_bytes()
    damaged = [original[:-20], b"", original[:99] + bytes([original[99] ^ 1]) + original[100:], original + b"x"]
    with folder.locked(tmp_path / "film") as opened:
        for content in damaged:
            opened.frame_path(3).write_bytes(content)
            assert folder.kept(opened, wanted) == 3
        opened.frame_path(3).write_bytes(original)
        assert folder.kept(opened, [*wanted[:4], "other", wanted[5]]) == 4
        opened.frame_path(0).unlink()
        assert folder.kept(opened, wanted) == 0


def test_a_torn_journal_counts_up_to_the_tear(tmp_path: Path, frames: list[Frame], wanted: list[str]) -> None:
    save_all(tmp_path / "film", frames, wanted)
    with folder.locked(tmp_path / "film") as opened:
        whole = opened.journal_path.read_bytes()
        lines = whole.splitlines(keepends=True)
        for length in range(0, len(whole), 37):
            opened.journal_path.write_bytes(whole[:length])
            complete = whole[:length].count(b"\n")
            assert folder.kept(opened, wanted) == complete
        opened.journal_path.write_bytes(b"".join(lines[:2]) + b"garbage\n" + b"".join(lines[3:]))
        assert folder.kept(opened, wanted) == 2
        folder.mend_journal(opened)
        assert opened.journal_path.read_bytes() == b"".join([*lines[:2], *lines[3:]])


def test_a_line_of_the_journal_says_what_its_frame_is(tmp_path: Path, frames: list[Frame], wanted: list[str]) -> None:
    save_all(tmp_path / "film", frames, wanted)
    with folder.locked(tmp_path / "film") as opened:
        lines = [json.loads(line) for line in opened.journal_path.read_text().splitlines()]
        assert [line["png"] for line in lines] == [files.sha256(opened.frame_path(index)) for index in range(6)]
    assert [line["frame"] for line in lines] == list(range(6))
    assert [line["key"] for line in lines] == wanted
    assert [keys.canonical(line["spec"]) for line in lines] == [keys.canonical(frame.spec) for frame in frames]


def test_states_may_be_thinned(tmp_path: Path, frames: list[Frame], wanted: list[str]) -> None:
    save_all(tmp_path / "film", frames, wanted, states_every=3)
    there = sorted(int(path.stem) for path in (tmp_path / "film" / "states").iterdir())
    assert there == [0, 3, 4, 5]
    with folder.locked(tmp_path / "film") as opened:
        assert states.newest(opened, wanted, range(3), CPU).next == 1


def test_a_state_of_another_film_or_half_a_state_is_none(
    tmp_path: Path, frames: list[Frame], wanted: list[str]
) -> None:
    save_all(tmp_path / "film", frames, wanted)
    with folder.locked(tmp_path / "film") as opened:
        path = opened.state_path(5)
        path.write_bytes(path.read_bytes()[:-50])
        found = states.newest(opened, wanted, range(6), CPU)
        assert (found.next, found.damaged) == (5, (5,))
        assert states.newest(opened, ["x"] * 6, range(6), CPU).state is None


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
def test_every_single_write_may_fail(tmp_path: Path, frames: list[Frame], wanted: list[str], number: int) -> None:
    """Fail the first call, the second, ... until a run passes without reaching the fault. Source: SQLite's tests."""
    for nth in range(1, 200):
        path = tmp_path / f"film-{nth}"
        with pytest.MonkeyPatch.context() as patch, folder.locked(path) as opened:
            fault, saved = Fault(patch, nth, number), 0
            try:
                for frame, key in zip(frames[:3], wanted, strict=False):
                    writer.commit(opened, writer.pack(frame, key), 1)
                    saved += 1
            except OutputError:
                assert fault.hit
        with folder.locked(path) as opened:
            kept = folder.kept(opened, wanted)
            assert kept >= saved
            for picture in opened.path.rglob("*.png"):
                with Image.open(picture) as image:
                    image.load()
            assert not list(opened.path.rglob(f"*{files.TEMPORARY}*"))
            folder.mend_journal(opened)
            for frame, key in zip(frames[kept:], wanted[kept:], strict=True):
                writer.commit(opened, writer.pack(frame, key), 1)
            assert folder.kept(opened, wanted) == 6
        if not fault.hit:
            assert nth > 15
            return
    pytest.fail("no run passed without reaching its fault")


def test_a_disk_that_is_nearly_full_stops_before_the_frame(
    tmp_path: Path, frames: list[Frame], wanted: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with folder.locked(tmp_path / "film") as opened:
        monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(1, 1, 1000))
        with pytest.raises(OutputError, match="64 MiB free"):
            writer.commit(opened, writer.pack(frames[0], wanted[0]), 1)
        assert not opened.frame_path(0).exists()


def _hold(path: Path, ready: Event) -> None:
    with folder.locked(path):
        ready.set()
        time.sleep(600)


@pytest.fixture
def holder(tmp_path: Path) -> Iterator[SpawnProcess]:
    context = multiprocessing.get_context("spawn")
    ready = context.Event()
    process = context.Process(target=_hold, args=(tmp_path / "film", ready))
    process.start()
    assert ready.wait(60)
    yield process
    process.kill()
    process.join()


def test_two_renderers_never_share_a_folder(tmp_path: Path, holder: SpawnProcess) -> None:
    with pytest.raises(BusyError, match=f"process {holder.pid}") as caught, folder.locked(tmp_path / "film"):
        pass
    assert caught.value.exit_code == 73
    with pytest.raises(BusyError), folder.locked(tmp_path / "film", fresh=True):
        pass
    assert holder.pid is not None
    os.kill(holder.pid, signal.SIGKILL)
    holder.join()
    with folder.locked(tmp_path / "film"):
        pass


def test_who_has_just_begun_is_waited_for(tmp_path: Path, holder: SpawnProcess) -> None:
    """Between locking a folder and saying who does, there is a moment."""
    note = tmp_path / "film" / ".holder"
    said = note.read_text()
    note.unlink()
    later = threading.Timer(0.2, note.write_text, [said])
    later.start()
    with pytest.raises(BusyError, match=f"process {holder.pid}"), folder.locked(tmp_path / "film"):
        raise AssertionError("locked twice")
    later.join()


def test_fresh_moves_the_old_folder_aside(tmp_path: Path, frames: list[Frame], wanted: list[str]) -> None:
    save_all(tmp_path / "film", frames, wanted)
    with folder.locked(tmp_path / "film", fresh=True) as opened:
        assert folder.kept(opened, wanted) == 0
    (old,) = tmp_path.glob("film.old-*")
    assert len(list((old / "frames").iterdir())) == 6


def test_leftovers_of_a_killed_writer_are_swept(tmp_path: Path) -> None:
    with folder.locked(tmp_path / "film") as opened:
        leftover = opened.path / "frames" / f"{files.TEMPORARY}99-000001.png"
        leftover.write_bytes(b"half")
    with folder.locked(tmp_path / "film"):
        assert not leftover.exists()


def test_a_folder_that_is_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "film").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OutputError, match="link"), folder.locked(tmp_path / "film"):
        pass


@pytest.fixture
def film(tmp_path: Path, tiny: Document, frames: list[Frame]) -> Iterator[folder.Folder]:
    """A folder with a whole film, as a run leaves it."""
    base = keys.base_of(tiny)
    save_all(tmp_path / "film", frames, keys.keys_of(base, tiny))
    with folder.locked(tmp_path / "film") as opened:
        folder.begin(opened, base, tiny.text, len(tiny.frames))
        yield opened


def test_what_changed_is_named(film: folder.Folder, tiny: Document) -> None:
    base = keys.base_of(tiny)
    assert folder.changes(film, base, tiny, 6) == ()
    specs = (*tiny.frames[:4], *(dataclasses.replace(spec, steps=9) for spec in tiny.frames[4:]))
    edited = dataclasses.replace(tiny, frames=specs)
    assert folder.changes(film, base, edited, 4) == ("steps",)
    assert folder.changes(film, {**base, "seed": 9}, tiny, 0) == ("seed",)
    assert folder.changes(film, {**base, "seed": 9, "size": (64, 64)}, tiny, 0) == ("seed", "size")


def test_a_field_that_went_to_or_from_its_default_is_named(film: folder.Folder, tiny: Document) -> None:
    """Such a field is on one side alone: in the journal, or in what is wanted."""
    base = keys.base_of(tiny)
    assert tiny.frames[4].losses
    specs = tuple(dataclasses.replace(spec, losses=(), step_size=2.0) for spec in tiny.frames)
    still = dataclasses.replace(tiny, frames=specs)
    assert folder.changes(film, base, still, 4) == ("losses", "step_size")


def test_a_frame_at_rest_is_painted_anew_in_a_film_that_has_a_denoiser(film: folder.Folder, tiny: Document) -> None:
    base = {**keys.base_of(tiny), "denoisers": {"d": "its hash"}}
    (film.path / "base.json").write_text(keys.canonical(base))
    assert not tiny.frames[4].denoisers
    assert folder.changes(film, base, tiny, 4) == ()


def test_a_folder_says_what_made_it(film: folder.Folder, tiny: Document) -> None:
    noted = json.loads((film.path / "base.json").read_text())
    assert noted["version"] == VERSION
    assert noted["format"] == keys.FORMAT
    assert noted["seed"] == 3
    assert (film.path / "scene.yaml").read_text() == tiny.text


@pytest.mark.parametrize("old", [{"format": keys.FORMAT - 1}, {"format": keys.FORMAT + 1}, {"format": None}, {}])
def test_a_film_in_another_format_differs_in_that_alone(
    film: folder.Folder, tiny: Document, old: dict[str, object]
) -> None:
    base = keys.base_of(tiny)
    kept = {name: value for name, value in base.items() if name != "format"}
    (film.path / "base.json").write_text(json.dumps({**kept, "seed": 9, **old}))
    assert folder.changes(film, base, tiny, 0) == ("format",)


def test_another_version_in_the_same_format_goes_on(film: folder.Folder, tiny: Document) -> None:
    base = keys.base_of(tiny)
    noted = json.loads((film.path / "base.json").read_text())
    (film.path / "base.json").write_text(json.dumps({**noted, "version": "0.0.1"}))
    assert folder.changes(film, base, tiny, 3) == ()
    assert folder.kept(film, keys.keys_of(base, tiny)) == 6


def test_every_flipped_bit_of_a_state_is_seen(film: folder.Folder, tiny: Document) -> None:
    """A damaged state would make another film; the newest good one before it is taken, and the damage is named."""
    wanted = keys.keys_of(keys.base_of(tiny), tiny)
    path, chance = film.state_path(5), random.Random(1)
    whole = path.read_bytes()
    for _ in range(200):
        place = chance.randrange(len(whole))
        path.write_bytes(whole[:place] + bytes([whole[place] ^ (1 << chance.randrange(8))]) + whole[place + 1 :])
        found = states.newest(film, wanted, range(6), CPU)
        assert (found.next, found.damaged) == (5, (5,))
    path.unlink()
    assert states.newest(film, wanted, range(6), CPU).next == 5
    film.state_path(4).write_bytes(b"")
    assert states.newest(film, wanted, range(6), CPU).damaged == (4,)


def test_a_state_that_is_not_finite_is_not_gone_on_from(tmp_path: Path, frames: list[Frame], wanted: list[str]) -> None:
    state = frames[-1].state
    broken = dataclasses.replace(state, latent={name: leaf * torch.nan for name, leaf in state.latent.items()})
    save_all(tmp_path / "film", [*frames[:-1], dataclasses.replace(frames[-1], state=broken)], wanted)
    with folder.locked(tmp_path / "film") as opened:
        assert states.newest(opened, wanted, range(6), CPU).damaged == (5,)


def test_a_shorter_film_keeps_its_tail_out_of_sight(film: folder.Folder, tiny: Document) -> None:
    base = keys.base_of(tiny)
    wanted = keys.keys_of(base, tiny)
    assert folder.kept(film, wanted[:4]) == 4
    folder.begin(film, base, tiny.text, 4)
    assert len(list((film.path / "frames").iterdir())) == 4
    assert folder.kept(film, wanted) == 6  # what is out of sight still counts
    folder.begin(film, base, tiny.text, 6)
    assert len(list((film.path / "frames").iterdir())) == 6
    assert folder.kept(film, wanted) == 6


def test_of_two_lines_for_a_frame_the_last_counts(film: folder.Folder, tiny: Document, frames: list[Frame]) -> None:
    wanted = keys.keys_of(keys.base_of(tiny), tiny)
    others = [*wanted[:3], "x", "y", "z"]
    for frame, key in zip(frames[3:], others[3:], strict=True):
        writer.commit(film, writer.pack(frame, key), 1)
    assert folder.kept(film, others) == 6
    assert folder.kept(film, wanted) == 3
    assert len(folder.journal(film)) == 6


def test_frames_that_are_rendered_anew_take_nothing_from_a_run_before(film: folder.Folder, tiny: Document) -> None:
    wanted = keys.keys_of(keys.base_of(tiny), tiny)
    folder.forget(film, range(6, 9))
    assert folder.kept(film, wanted) == 6
    folder.forget(film, range(4, 6))
    assert folder.kept(film, wanted) == 4
    assert sorted(folder.journal(film)) == [0, 1, 2, 3]


@pytest.mark.parametrize("line", ["null", "[]", "1", '"x"', "{}", '{"frame": "1"}', "[" * 9999, '{"frame": {}}'])
def test_a_journal_may_hold_any_json(film: folder.Folder, tiny: Document, line: str) -> None:
    wanted = keys.keys_of(keys.base_of(tiny), tiny)
    film.journal_path.write_text(f"{line}\n{film.journal_path.read_text()}{line}")
    assert folder.kept(film, wanted) == 6
    folder.mend_journal(film)
    assert film.journal_path.read_text().count("\n") == 6


@pytest.mark.parametrize("part", ["frames", "states", ".holder", "journal.jsonl"])
def test_links_inside_a_films_folder_are_refused(tmp_path: Path, part: str) -> None:
    (tmp_path / "film").mkdir()
    (tmp_path / "elsewhere").write_text("mine")
    (tmp_path / "film" / part).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OutputError, match="link"), folder.locked(tmp_path / "film"):
        pass
    assert (tmp_path / "elsewhere").read_text() == "mine"


def test_the_sweep_takes_only_what_is_ours(tmp_path: Path) -> None:
    """No film, frame or model can be named like something half written."""
    for name in ("cat.tmp-2.mp4", "cat.tmp-2.made-from.json", "notes.txt"):
        (tmp_path / name).write_text("mine")
    (tmp_path / f"{files.TEMPORARY}1-x").mkdir()
    (tmp_path / f"{files.TEMPORARY}1-x" / "half.png").write_text("half")
    (tmp_path / f"{files.TEMPORARY}3-x").symlink_to(tmp_path)
    (tmp_path / f"{files.TEMPORARY}2-x").write_text("half")
    files.sweep(tmp_path)
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {"cat.tmp-2.mp4", "cat.tmp-2.made-from.json", "notes.txt"}
