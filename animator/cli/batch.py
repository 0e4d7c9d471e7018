"""`batch`: many films through the night."""

import contextlib
import os
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from animator.cli.arguments import OUT, AsJson, Changes, Out, sinks

Places = Annotated[
    list[Path], typer.Argument(metavar="SCENE|FOLDER|LIST.txt...", help="scenes, folders of them, or lists of them")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="check all scenes, say what each will take, and stop there")]
Devices = Annotated[str, typer.Option(metavar="cuda:0,cuda:1", help="where to render, a child process on each")]
PerDevice = Annotated[int, typer.Option(min=1, max=64, help="child processes on each device")]
Deadline = Annotated[str, typer.Option(metavar="HH:MM", help="stop then; what is left goes on with the same command")]
MaxHours = Annotated[float, typer.Option(min=0, help="stop after so many hours; 0: never")]
MaxGb = Annotated[float, typer.Option(min=0, help="stop when the films take so much on the disk; 0: never")]
On = Annotated[str, typer.Option(help="child: processes of this machine; ray: a cluster, see docs/cluster.md; here")]
RayAddress = Annotated[str, typer.Option(metavar="HOST:PORT", help="a Ray cluster that runs; default: begin one here")]
Gpus = Annotated[float, typer.Option(min=0, max=16, help="on a cluster, cards for a film; 0.5 puts two on one card")]
PrintTasks = Annotated[str, typer.Option(metavar="slurm|openjd", help="print the batch for another program, and stop")]
Notify = Annotated[
    str,
    typer.Option(
        metavar="URL",
        envvar="ANIMATOR_NOTIFY",
        show_envvar=False,
        help="say how it ended, through apprise; better set as ANIMATOR_NOTIFY, which nobody else sees",
    ),
]
Silence = Annotated[float, typer.Option(min=1, help="seconds without a sign of life after which a child is replaced")]


def batch(
    scenes: Places,
    out: Out = OUT,
    changes: Changes = [],  # noqa: B006 - typer reads the default
    dry_run: DryRun = False,
    devices: Devices = "auto",
    per_device: PerDevice = 1,
    deadline: Deadline = "",
    max_hours: MaxHours = 0.0,
    max_gb: MaxGb = 0.0,
    silence: Silence = 120.0,
    fresh: Annotated[bool, typer.Option("--fresh", help="move old folders aside and begin anew")] = False,
    deterministic: Annotated[bool, typer.Option("--deterministic", help="the same bytes on CUDA, too; slower")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="a frame that looks odd ends its film")] = False,
    on: On = "child",
    ray_address: RayAddress = "",
    gpus: Gpus = 1.0,
    print_tasks: PrintTasks = "",
    notify: Notify = "",
    as_json: AsJson = False,
    live: Annotated[bool, typer.Option("--live", help="a page in the browser, for this machine alone")] = False,
) -> None:
    """Render many scenes, in child processes: whatever happens to one, the others go on."""
    from animator.batch.batch import Batch, exit_code, render, scenes_of
    from animator.batch.limits import Limits
    from animator.batch.order import Order

    if print_tasks:
        _print_tasks(scenes_of(scenes), tuple(changes), out, print_tasks)
        return
    limits = Limits(
        deadline=_moment(deadline) if deadline else None,
        seconds=max_hours * 3600 or None,
        disk=round(max_gb * 1e9) or None,
        silence=silence,
        memory=_most_memory(),
    )
    where = tuple(filter(None, (device.strip() for device in devices.split(","))))
    order = Order(out, fresh=fresh, deterministic=deterministic, strict=strict)
    options: dict[str, dict[str, Any]] = {
        "child": {"devices": where, "per_device": per_device},
        "ray": {"address": ray_address, "device": where[0] if where else "auto", "gpus": gpus},
        "here": {"device": where[0] if where else "auto"},
    }
    if on not in options:
        raise typer.BadParameter(f"--on {on}: choose child, ray or here")
    asked = Batch(scenes_of(scenes), order, tuple(changes), on, options[on], limits, dry_run)
    from animator.report import notify as notices

    service = notices.open_service(notify) if notify else None
    with contextlib.ExitStack() as opened:
        results = render(asked, sinks(as_json, live, opened))
    endings = [(result.scene, result.error) for result in results]
    if service is not None and not dry_run and not notices.send(service, endings):
        typer.echo("--notify: the message could not be sent", err=True)
    raise typer.Exit(exit_code(results))


def _print_tasks(scenes: list[Path], changes: tuple[str, ...], out: Path, form: str) -> None:
    from animator.errors import command
    from animator.report.task_lists import FORMS, tasks
    from animator.scene.document import read

    if form not in FORMS:
        raise typer.BadParameter(f"--print-tasks {form}: choose {' or '.join(FORMS)}")
    documents = [read(scene, changes) for scene in scenes]
    typer.echo(FORMS[form](tasks(documents, changes, out, command("").strip())), nl=False)


def _moment(text: str) -> float:
    """The next time that a clock shows this, in seconds since 1970."""
    try:
        hour, minute = (int(part) for part in text.split(":"))
        there = time.localtime()
        found = time.mktime((*there[:3], hour, minute, 0, 0, 0, -1))
        if not (0 <= hour < 24 and 0 <= minute < 60):
            raise ValueError
    except ValueError as error:
        raise typer.BadParameter(f"--deadline {text}: write a time of day, such as 07:30") from error
    tomorrow = time.mktime((there[0], there[1], there[2] + 1, hour, minute, 0, 0, 0, -1))
    return found if found > time.time() else tomorrow


SHARE = 0.9  # of the machine's memory, that one child may hold


def _most_memory() -> int | None:
    """Bytes after which a child counts as one that leaks."""
    try:
        return round(SHARE * os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    except (ValueError, OSError, AttributeError):
        return None
