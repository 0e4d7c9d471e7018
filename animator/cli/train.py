"""`train`: models from pictures of one's own."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from animator.cli.arguments import Device
from animator.paint import process

app = typer.Typer(no_args_is_help=True, help="Train models on pictures of your own.")

Images = Annotated[Path | None, typer.Option(help="a folder of pictures; default: the built-in picture world")]
Captions = Annotated[Path | None, typer.Option(help="COCO's captions JSON; default: a .txt beside each picture")]
Clip = Annotated[str, typer.Option(help="which CLIP reads the captions")]
Recipe = Annotated[list[str], typer.Option("--set", metavar="FIELD=VALUE", help="change the recipe")]
Work = Annotated[Path, typer.Option(help="checkpoints, samples and the model")]
Workers = Annotated[int, typer.Option(min=0, help="processes that make or read pictures")]
Minutes = Annotated[float, typer.Option(help="stop after this long; the same command goes on")]


@app.command("vqgan")
def train_vqgan(
    images: Images = None,
    work: Work = Path("outputs/training/vqgan"),
    settings: Recipe = [],  # noqa: B006 - typer reads the default
    lpips: Annotated[
        tuple[Path, Path] | None, typer.Option(help="VGG16's weights and LPIPS's, in place of a CLIP")
    ] = None,
    device: Device = "auto",
    workers: Workers = 2,
    minutes: Minutes = math.inf,
) -> None:
    """Train a VQGAN on pictures of your own; stopped, it goes on with the same command."""
    process.before_torch()
    from animator.training.commands import train_vqgan

    _sitting(
        lambda run, place: train_vqgan(images, work, settings, lpips, place, run, typer.echo),
        (workers, minutes, device),
        work / "vqgan.safetensors",
    )


@app.command("transformer")
def train_transformer(
    images: Images = None,
    captions: Captions = None,
    vqgan: Annotated[str, typer.Option(help="whose codes to draw: a name or a file")] = "pocket-vqgan",
    clip: Clip = "pocket",
    work: Work = Path("outputs/training/transformer"),
    settings: Recipe = [],  # noqa: B006 - typer reads the default
    device: Device = "auto",
    workers: Workers = 2,
    minutes: Minutes = math.inf,
) -> None:
    """Train a transformer that draws a VQGAN's codes from a caption."""
    process.before_torch()
    from animator.training.commands import train_transformer

    _sitting(
        lambda run, place: train_transformer(images, captions, (vqgan, clip), work, settings, place, run, typer.echo),
        (workers, minutes, device),
        work / "transformer.safetensors",
    )


@app.command("denoiser")
def train_denoiser(
    images: Images = None,
    captions: Captions = None,
    clip: Clip = "pocket",
    work: Work = Path("outputs/training/denoiser"),
    settings: Recipe = [],  # noqa: B006 - typer reads the default
    device: Device = "auto",
    workers: Workers = 2,
    minutes: Minutes = math.inf,
) -> None:
    """Train a denoiser, which knows what small pictures of a caption look like."""
    process.before_torch()
    from animator.training.commands import train_denoiser

    _sitting(
        lambda run, place: train_denoiser(images, captions, clip, work, settings, place, run, typer.echo),
        (workers, minutes, device),
        work / "denoiser.safetensors",
    )


def _sitting(train: Callable[[Any, Any], bool], chosen: tuple[int, float, str], made: Path) -> None:
    """One sitting of a training: to its end, for so many minutes, or until somebody stops it."""
    from animator.batch import stop
    from animator.paint.device import pick
    from animator.training.run import Run

    workers, minutes, device = chosen
    with stop.on_signals() as asked:
        done = train(Run(workers, minutes * 60, lambda: asked.signal_number > 0), pick(device))
        if asked.signal_number:
            raise typer.Exit(128 + asked.signal_number)
    typer.echo(f"{made}: {'finished' if done else 'not finished; the same command goes on'}")
