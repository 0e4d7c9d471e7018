"""`encode`: a film from frames that are there, in another codec or another size."""

from typing import Annotated

import typer

from animator.cli.arguments import OUT, AsJson, Changes, Out, Scenes, leave
from animator.paint import process


def encode(
    scenes: Scenes,
    codec: Annotated[str, typer.Option(help="h264, h265, av1, prores, webm, gif, ffv1 or png")] = "",
    interpolate: Annotated[str, typer.Option(metavar="2x", help="pictures for each frame")] = "",
    upscale: Annotated[str, typer.Option(metavar="2x", help="times wider and higher than the frames")] = "",
    changes: Changes = [],  # noqa: B006 - typer reads the default
    out: Out = OUT,
    as_json: AsJson = False,
) -> None:
    """Encode films again without rendering: `--codec webm`, `--set output.crf=20`, `--upscale 2x`."""
    process.before_torch()
    from animator.batch import shot
    from animator.batch.order import Order
    from animator.batch.run import render_all
    from animator.report import sinks

    asked = {"codec": codec, "interpolate": interpolate, "upscale": upscale}
    made = (*(f"output.{name}={value}" for name, value in asked.items() if value), *changes)
    results = render_all(scenes, made, Order(out), sinks.choose(as_json), shot.encode)
    leave(results, len(scenes))
