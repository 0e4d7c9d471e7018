"""A batch for other programs that share out work: a Slurm array, or an OpenJD job, over this program's own command.

Shots come first, and the films that take them in come after. Both can be done again at any time: what is there is kept.
"""

import json
import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from animator.scene import frame_spec
from animator.scene.document import Document

SLURM = """\
#!/bin/bash
# Shots:  sbatch --array=0-{last_shot} THIS shots
# Films:  sbatch --array=0-{last_film} --dependency=afterany:JOB THIS films
#SBATCH --job-name=animator
#SBATCH --gres=gpu:1
#SBATCH --requeue
#SBATCH --signal=TERM@30
shots=(
{shots}
)
films=(
{films}
)
declare -n tasks="${{1:-films}}"
eval "exec ${{tasks[$SLURM_ARRAY_TASK_ID]}}"
"""


@dataclass(frozen=True)
class Tasks:
    """Commands of this program: those of shots, and those of films."""

    shots: tuple[str, ...]
    films: tuple[str, ...]


def tasks(documents: Sequence[Document], changes: Sequence[str], out: Path, program: str) -> Tasks:
    """What is to be done for some scenes. `program` is how this program is started."""
    shots, films = list[str](), list[str]()
    for document in documents:
        words = ["render", str(document.path), "--out", str(out)]
        words += [word for change in changes for word in ("--set", change)]
        command = f"{program} {shlex.join(words)}"
        count = len(frame_spec.shots(document.frames))
        shots += [f"{command} --shot {number}" for number in range(count)] if count > 1 else []
        films.append(command)
    return Tasks(tuple(shots), tuple(films))


def slurm(listed: Tasks) -> str:
    """A script for `sbatch`."""
    shots, films = ("\n".join(f"  {shlex.quote(task)}" for task in each) for each in (listed.shots, listed.films))
    last_shot, last_film = max(0, len(listed.shots) - 1), len(listed.films) - 1
    return SLURM.format(shots=shots, films=films, last_shot=last_shot, last_film=last_film)


def openjd(listed: Tasks) -> str:
    """A job template of Open Job Description, 2023-09, as JSON."""
    steps = []
    for name, commands in (("shots", listed.shots), ("films", listed.films)):
        if commands:
            after = {"dependencies": [{"dependsOn": "shots"}]} if name == "films" and listed.shots else {}
            steps.append({"name": name, **after, **_step(commands)})
    template = {"specificationVersion": "jobtemplate-2023-09", "name": "animator", "steps": steps}
    return json.dumps(template, indent=2, ensure_ascii=False) + "\n"


def _step(commands: Sequence[str]) -> dict[str, object]:
    numbers = f"0-{len(commands) - 1}" if len(commands) > 1 else "0"
    listed = "\n".join(f"  {shlex.quote(command)}" for command in commands)
    script = f'#!/bin/bash\ntasks=(\n{listed}\n)\neval "exec ${{tasks[$1]}}"\n'
    number = {"name": "Number", "type": "INT", "range": numbers}
    run = {"command": "bash", "args": ["{{Task.File.Run}}", "{{Task.Param.Number}}"]}
    cancel = {"mode": "NOTIFY_THEN_TERMINATE", "notifyPeriodInSeconds": 30}
    return {
        "parameterSpace": {"taskParameterDefinitions": [number]},
        "script": {
            "actions": {"onRun": {**run, "cancelation": cancel}},
            "embeddedFiles": [{"name": "Run", "type": "TEXT", "data": script}],
        },
    }


FORMS: dict[str, Callable[[Tasks], str]] = {"slurm": slurm, "openjd": openjd}
