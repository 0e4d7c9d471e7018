"""A batch as others share it out: the script and the template hold this program's own commands."""

import json
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import typer

from animator.cli import batch
from animator.report import task_lists
from animator.scene.document import read
from tests.conftest import TINY

PROMPTS = "prompts: {0s: a red circle, 1s: a blue square, fade: 0.5s}"
CUT = TINY.replace(PROMPTS, "prompts: {0s: a tree, 0.5s: a boat, 1s: a sun, cut: true}")


@pytest.fixture
def listed(write_scene: Callable[..., Path]) -> task_lists.Tasks:
    scenes = [write_scene(CUT, "it's cut.yaml"), write_scene(TINY, "plain.yaml")]
    return task_lists.tasks([read(scene) for scene in scenes], ("seed=5",), Path("out put"), "echo")


def test_shots_come_before_films(listed: task_lists.Tasks) -> None:
    assert [task.rpartition(" --")[2] for task in listed.shots] == ["shot 0", "shot 1", "shot 2"]
    assert len(listed.films) == 2
    assert all("--set seed=5" in task and "--out 'out put'" in task for task in (*listed.shots, *listed.films))


def test_a_script_runs_each_task(listed: task_lists.Tasks, tmp_path: Path) -> None:
    script = tmp_path / "tasks.sh"
    script.write_text(task_lists.slurm(listed))
    said = []
    for kind, count in (("shots", 3), ("films", 2)):
        for number in range(count):
            environment = {"SLURM_ARRAY_TASK_ID": str(number), "PATH": "/usr/bin:/bin"}
            done = subprocess.run(["bash", str(script), kind], env=environment, capture_output=True, text=True)
            assert done.returncode == 0, done.stderr
            said.append(done.stdout.strip())
    assert said[0] == f"render {tmp_path}/it's cut.yaml --out out put --set seed=5 --shot 0"
    assert said[4] == f"render {tmp_path}/plain.yaml --out out put --set seed=5"
    assert "--array=0-2 THIS shots" in script.read_text()
    assert "--array=0-1 --dependency" in script.read_text()


def test_a_template_has_a_step_for_each_kind(listed: task_lists.Tasks) -> None:
    template = json.loads(task_lists.openjd(listed))
    assert [(step["name"], "dependencies" in step) for step in template["steps"]] == [("shots", False), ("films", True)]
    (number,) = template["steps"][0]["parameterSpace"]["taskParameterDefinitions"]
    assert (number["type"], number["range"]) == ("INT", "0-2")
    alone = json.loads(task_lists.openjd(task_lists.Tasks((), listed.films[:1])))
    assert [step["name"] for step in alone["steps"]] == ["films"]


def test_a_deadline_is_the_next_time_that_a_clock_shows_it() -> None:
    for hours in (-1, 1):
        there = time.localtime(time.time() + 3600 * hours)
        found = batch._moment(time.strftime("%H:%M", there))
        assert 0 < found - time.time() <= 24 * 3600 + 3600
        assert time.strftime("%H:%M", time.localtime(found)) == time.strftime("%H:%M", there)
    for wrong in ("25:00", "7", "07:61", "soon"):
        with pytest.raises(typer.BadParameter, match="write a time of day"):
            batch._moment(wrong)
