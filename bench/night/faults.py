"""Faults for children: a module that each of them imports at its start, and a plan of what is to go wrong.

A plan is JSON in the folder that ANIMATOR_FAULTS names: `{"reef": {"frame": 2, "what": "kill", "times": 1}}`. Each time
that a fault happens is counted in a file there, so that it ends.
"""

import contextlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

CODE = """
import contextlib, json, os, signal, time
from pathlib import Path

folder = os.environ.get("ANIMATOR_FAULTS")
if folder:
    from animator.film import writer
    from animator.media import ffmpeg

    plan, commit, process = json.loads((Path(folder) / "plan.json").read_text()), writer.commit, ffmpeg.process
    grown = []

    def due(name):
        count = Path(folder) / f"{name}.count"
        seen = int(count.read_text()) if count.exists() else 0
        if seen >= plan[name]["times"]:
            return False
        count.write_text(str(seen + 1))
        return True

    def commits(opened, packed, states_every):
        name = opened.path.name
        fault = plan.get(name) or plan.get(opened.path.parents[1].name)
        if fault and packed.index == fault.get("frame") and due(name if name in plan else opened.path.parents[1].name):
            what = fault["what"]
            if what == "kill":
                os.kill(os.getpid(), signal.SIGKILL)
            if what == "hang":
                time.sleep(3600)
            if what == "grow":
                grown.append(bytearray(b"x") * (fault["megabytes"] << 20))
                time.sleep(4)
            if what == "full":
                raise OSError(28, os.strerror(28), str(opened.path))
            if what == "signal":
                os.kill(os.getpid(), signal.SIGTERM)
            if what == "lost":
                raise RuntimeError("CUDA error: an illegal memory access was encountered\\n...")
        commit(opened, packed, states_every)

    @contextlib.contextmanager
    def processes(arguments, **streams):
        name = Path(str(arguments[-1])).name
        film = next((film for film in plan if plan[film]["what"] == "ffmpeg" and f"-{film}.mp4" in name), None)
        with process(arguments, **streams) as running:
            if film and due(film):
                running.kill()
            yield running

    writer.commit = commits
    ffmpeg.process = processes
"""


@contextlib.contextmanager
def laid(folder: Path, plan: dict[str, dict[str, Any]]) -> Iterator[None]:
    """Children that are started meanwhile have these faults."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "sitecustomize.py").write_text(CODE)
    (folder / "plan.json").write_text(json.dumps(plan))
    with mock.patch.dict(os.environ, ANIMATOR_FAULTS=str(folder), PYTHONPATH=str(folder)):
        yield


def happened(folder: Path, name: str) -> int:
    """How often a film's fault happened."""
    count = folder / f"{name}.count"
    return int(count.read_text()) if count.exists() else 0
