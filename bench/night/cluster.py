"""Ray on this machine: twelve shots whose processes are killed at one frame in twenty, and a node that is lost."""

import contextlib
import os
import secrets
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

from animator.batch import batch
from animator.batch.batch import Batch
from animator.batch.order import Order
from animator.batch.runners.ray import SAFE
from bench import verdict
from bench.night import films
from bench.night.films import Asked

SHOTS, FRAMES = 12, 20
PORT = 6391
NOTES = """
import os, random, signal, sys
if os.environ.get("ANIMATOR_FRAMES"):
    import importlib.abc, importlib.util

    def patched(writer):
        commit = writer.commit

        def commits(opened, packed, states_every):
            commit(opened, packed, states_every)
            with open(os.environ["ANIMATOR_FRAMES"], "a") as file:
                file.write(f"{opened.path.name} {packed.index}\\n")
            if random.random() < float(os.environ["ANIMATOR_KILLS"]):
                os.kill(os.getpid(), signal.SIGKILL)

        writer.commit = commits

    class Finder(importlib.abc.MetaPathFinder):
        def find_spec(self, name, path, target=None):
            if name != "animator.film.writer":
                return None
            sys.meta_path.remove(self)
            found = importlib.util.find_spec(name)
            load = found.loader.exec_module

            def exec_module(module):
                load(module)
                patched(module)

            found.loader.exec_module = exec_module
            return found

    sys.meta_path.insert(0, Finder())
"""
"""For the processes of a cluster: each frame that is committed is written down, and now and then one is the last."""


def run(asked: Asked) -> bool:
    """Both, one after the other, and with one token: a process reads it once."""
    with mock.patch.dict(os.environ, {**SAFE, "RAY_AUTH_TOKEN": secrets.token_hex(32)}):
        killed = _killed()
        return _lost_node() and killed


def _killed() -> bool:
    with tempfile.TemporaryDirectory() as name, _noted(Path(name), 0.05) as frames:
        began = time.monotonic()
        _render(Path(name), {"slots": 2, "retries": 60})
        done = Counter(frames.read_text().splitlines())
        print(f"{SHOTS} shots on Ray, killed at one frame in twenty: {time.monotonic() - began:.0f} s")
    return _verdict(done, "shots that were killed")


def _lost_node() -> bool:
    """Two nodes of one core each; the second is killed after some frames, and the first does the rest."""
    with (
        tempfile.TemporaryDirectory() as name,
        _noted(Path(name), 0.0) as frames,
        _node("--head", f"--port={PORT}"),
        _node(f"--address=127.0.0.1:{PORT}") as second,
    ):
        lose = threading.Thread(target=_lose, args=(second, frames))
        lose.start()
        _render(Path(name), {"address": f"127.0.0.1:{PORT}", "retries": 10})
        lose.join()
        done = Counter(frames.read_text().splitlines())
    return _verdict(done, "shots of which a node was lost")


def _verdict(done: Counter[str], what: str) -> bool:
    twice = sum(count > 1 for count in done.values())
    met = verdict(f"frames of {what}", len(done), SHOTS * FRAMES, lambda value, bar: value == bar)
    return verdict(f"frames of {what}, done twice", twice, 0, lambda value, bar: value <= bar) and met


def _render(root: Path, options: dict[str, object]) -> None:
    cuts = ", ".join(f"{5 * number}s: {{text: picture {number}, cut: true}}" for number in range(SHOTS))
    change = ("{0s: a red circle, 0.5s: a blue square, fade: 0.25s}", f"{{{cuts}}}")
    scene = films.short(root, frames=SHOTS * FRAMES, change=change)
    order = Order(root / "out", device="cpu")
    asked_for = Batch([scene], order, runner="ray", options={"device": "cpu", **options})
    (result,) = batch.render(asked_for, lambda event: None)
    if result.error:
        raise result.error
    assert len(list((root / "out" / "short" / "frames").glob("*.png"))) == SHOTS * FRAMES


@contextlib.contextmanager
def _noted(root: Path, kills: float) -> Iterator[Path]:
    """Processes that are begun meanwhile write down their frames, and are killed at a frame with some chance."""
    (root / "notes").mkdir()
    (root / "notes" / "sitecustomize.py").write_text(NOTES)
    frames = root / "frames.txt"
    frames.touch()
    with mock.patch.dict(
        os.environ, PYTHONPATH=str(root / "notes"), ANIMATOR_FRAMES=str(frames), ANIMATOR_KILLS=str(kills)
    ):
        yield frames


@contextlib.contextmanager
def _node(*options: str) -> Iterator["subprocess.Popen[bytes]"]:
    """A node of a cluster, in a group of processes of its own; gone afterwards."""
    ray = str(Path(sys.executable).with_name("ray"))
    command = [ray, "start", *options, "--num-cpus=1", "--block", "--disable-usage-stats", "--include-dashboard=false"]
    if "--head" not in options:
        command.remove("--include-dashboard=false")
    with tempfile.NamedTemporaryFile() as said:
        node = subprocess.Popen(command, start_new_session=True, stdout=said, stderr=said)
        try:
            until = time.monotonic() + 120
            while b"runtime started" not in Path(said.name).read_bytes():
                if node.poll() is not None or time.monotonic() > until:
                    raise RuntimeError(Path(said.name).read_text())
                time.sleep(0.2)
            yield node
        finally:
            _kill(node)


def _kill(node: "subprocess.Popen[bytes]") -> None:
    """The node, and all that it started: it is a machine of which the plug is pulled."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(node.pid, 9)
    node.wait()


def _lose(node: "subprocess.Popen[bytes]", frames: Path) -> None:
    while (done := _count(frames)) < SHOTS * FRAMES // 4:
        time.sleep(0.2)
    print(f"a node is lost after {done} frames", flush=True)
    _kill(node)


def _count(frames: Path) -> int:
    return frames.read_text().count("\n") if frames.exists() else SHOTS * FRAMES
