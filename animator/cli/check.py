"""`check`: is a scene right, and is all here that it needs?"""

from typing import Annotated

import typer

from animator.cli.arguments import Changes, Scenes
from animator.errors import AnimatorError, ModelError, SceneError


def check(
    scenes: Scenes,
    changes: Changes = [],  # noqa: B006 - typer reads the default
    deterministic: Annotated[
        bool, typer.Option("--deterministic", help="also whether a card can make the same bytes each time")
    ] = False,
) -> None:
    """Read and resolve scenes without rendering: every problem, one a line."""
    from animator.report import sentences, streams
    from animator.scene import needs
    from animator.scene.document import read

    failed: list[AnimatorError] = []
    for path in scenes:
        try:
            document = read(path, tuple(changes), streams.listening)
            scene = document.scene
            for warning in document.warnings:
                streams.print_error(f"{path}: {sentences.of_warning(warning)}")
            seconds = len(document.frames) / float(scene.fps)
            typer.echo(f"{path}: ok, {len(document.frames)} frames, {seconds:g}s of {scene.size[0]}x{scene.size[1]}")
            back = next((spec.time for spec in document.frames if spec.home), None)
            if back is not None:
                typer.echo(f"{path}: repeats; from {back:g}s on it goes back to its start")
            typer.echo(f"{path}: needs {', '.join(model.said for model in document.models)}")
            if deterministic:
                needs.demand_deterministic(path, scene, document.frames)
            needs.demand(scene.name, document.models)
        except (SceneError, ModelError) as error:
            streams.print_error(str(error))
            failed.append(error)
    if failed:
        raise typer.Exit(failed[-1].exit_code)
