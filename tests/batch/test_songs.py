"""Films with songs, as they are rendered: killed, gone on with, and in step with what is heard."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from animator.batch.order import Order
from animator.batch.run import render_one
from animator.scene.document import read
from bench import lead
from tests.conftest import ROOT

HEARD = """\
name: heard
size: [32, 32]
fps: 12
duration: 1s
generator: {type: siren, layers: 2, hidden: 16, draft: 32}
guide: {cutouts: {count: 4}, denoisers: {}}
audio: {file: scenes/song.ogg, start: 7s, analysis: scenes/song.beats.json}
prompts: [{every: 1b, texts: [a star, the sea], fade: 0.2s}, {text: red, weight: "env(bass, 0.01, 0.2)"}]
motion: {zoom: "1 + pulse(kick, 0.2)", rotate: 20*treble}
optimize: {first_steps: 4, steps: 2 + 3*pulse(onset)}
output: {preset: ultrafast, threads: 1}
"""


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (*folder.glob("frames/*.png"), *folder.glob("*.mp4"))}


@pytest.mark.slow
def test_a_film_that_was_killed_is_the_same_byte_for_byte(tmp_path: Path, write_scene: Callable[..., Path]) -> None:
    path = write_scene(HEARD, "heard.yaml")
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    render_one(read(path), Order(whole, device="cpu"), lambda event: None)
    command = [sys.executable, "render.py", str(path), "--out", str(killed), "--device", "cpu"]
    one_thread = {**os.environ, "OMP_NUM_THREADS": "1"}  # as tests have
    for frames in (4,):
        running = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL, env=one_thread)
        journal, began = killed / "heard" / "journal.jsonl", time.monotonic()
        while running.poll() is None and time.monotonic() - began < 60:
            if journal.is_file() and journal.read_bytes().count(b"\n") >= frames:
                running.send_signal(signal.SIGKILL)
                break
            time.sleep(0.005)
        running.wait()
    subprocess.run(command, cwd=ROOT, check=True, stderr=subprocess.DEVNULL, env=one_thread)
    assert contents(killed / "heard") == contents(whole / "heard")


@pytest.mark.slow
def test_the_example_moves_with_its_kicks(tmp_path: Path) -> None:
    """Smaller than it is, and its first two seconds: what changes within two frames after a kick, over the rest."""
    changes = ("size=96x54", "optimize.first_steps=30", "guide.cutouts.count=6", "output.preset=ultrafast")
    document = read(ROOT / "scenes" / "song.yaml", changes)
    render_one(document, Order(tmp_path, (0, 48), "cpu"), lambda event: None)
    moved = lead.changes(sorted((tmp_path / "song" / "frames").glob("*.png")))
    hit = [index for index in lead.kicks(document) if index < 46]
    assert len(hit) == 4
    assert lead.ratio(moved, hit) >= 2
    found = lead.correlations(moved, hit)
    assert max(found, key=lambda lag: found[lag]) == 0  # it looks ahead by just what the camera is late
