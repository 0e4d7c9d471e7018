"""Batches in which scenes are broken, and children are killed, hang, grow, or lose their ffmpeg."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from animator.batch import batch, limits
from animator.batch.batch import Batch
from animator.batch.order import Order
from animator.report import events
from animator.report.events import Event
from bench import verdict
from bench.night import faults, films
from bench.night.films import Asked

ROOT = Path(__file__).parents[2]
SCENES, BROKEN = 20, 3
KILLED = {"once": 1, "twice": 2, "thrice": 3}


def broken(asked: Asked) -> bool:
    """Scenes of one frame, of which one has a wrong word, one wants a picture that is not there, and one may not write.

    All but those must be rendered, and those named with their reasons.
    """
    count = max(BROKEN + 1, asked.of(SCENES))
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        scenes = [films.short(root, f"film{number}", 1, number) for number in range(count)]
        scenes[0].write_text(scenes[0].read_text().replace("prompts:", "promts:"))
        text = scenes[1].read_text().replace("0s: a red circle", "0s: {image: nowhere.png}")
        scenes[1].write_text(text)
        (root / "out").mkdir()
        (root / "out" / "film2").write_text("not a folder")
        reasons = {"film0": "promts: unknown option", "film1": "nowhere.png", "film2": "film2"}
        command = [sys.executable, "render.py", "batch", *map(str, scenes), "--out", str(root / "out"), "--json"]
        done = subprocess.run([*command, "--devices", "cpu"], cwd=ROOT, capture_output=True, text=True)
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        failed = {line["scene"]: line["error"]["message"] for line in lines if line["event"] == "scene_failed"}
        made = len(list((root / "out").glob("*/*.mp4")))
    named = failed.keys() == reasons.keys() and all(reason in failed[name] for name, reason in reasons.items())
    print(f"{count} scenes, exit code {done.returncode}, {made} films; failed: {failed}")
    met = verdict(f"films of {count} scenes, {BROKEN} broken", made, count - BROKEN, lambda value, bar: value == bar)
    return met and named and done.returncode == 1


def children(asked: Asked) -> bool:
    """A batch of films whose children are killed once, twice and three times, hang, grow, and lose their ffmpeg."""
    plan = {name: {"frame": 1, "what": "kill", "times": times} for name, times in KILLED.items()}
    plan["hangs"] = {"frame": 2, "what": "hang", "times": 1}
    plan["grows"] = {"frame": 2, "what": "grow", "times": 1, "megabytes": 1500}
    plan["ffmpeg"] = {"what": "ffmpeg", "times": 1}
    seen: list[Event] = []
    with tempfile.TemporaryDirectory() as name:
        root, peaceful = Path(name), dict[str, str]()
        scenes = [films.short(root, each, 4, number) for number, each in enumerate([*plan, "well"])]
        for scene in scenes:
            peaceful.update(films.rendered(scene, root / "peace"))
        strict = limits.Limits(silence=10.0, memory=1_400_000_000)
        asked_for = Batch(scenes, Order(root / "out", device="cpu"), options={"devices": ("cpu",)}, limits=strict)
        with faults.laid(root / "faults", plan):
            results = batch.render(asked_for, seen.append)
        happened = {name: faults.happened(root / "faults", name) for name in plan}
        found = films.hashes(root / "out")
    failed = {result.scene: str(result.error) for result in results if result.error}
    wrong = failed.keys() != {"thrice"} or "SIGKILL" not in failed.get("thrice", "")
    wrong |= happened != {name: one["times"] for name, one in plan.items()}
    wrong |= bool(films.foreign(found, peaceful)) or {name for name in peaceful if name not in found} != {
        name for name in peaceful if name.startswith("thrice/") and ("mp4" in name or int(Path(name).stem) > 0)
    }
    reasons = {event.scene: event.reason for event in seen if isinstance(event, events.Retrying)}
    for each, reason in reasons.items():
        print(f"{each}: {happened[each]} times, {reason}; {'failed' if each in failed else 'finished'}")
    return verdict("children that came to harm, wrong", int(wrong), 0, lambda value, bar: value <= bar)
