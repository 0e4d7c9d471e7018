"""Render CLIP-guided films from scene files: `python render.py scenes/hello.yaml`."""

import math
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from animator.errors import AnimatorError, ModelError, SceneError

# Threads that wait without spinning: on a busy machine, spinning makes a step many times slower. torch reads this.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

Scenes = Annotated[list[Path], typer.Argument(help="scene files", show_default=False)]
Set = Annotated[list[str], typer.Option("--set", metavar="KEY=VALUE", help="change the scene, e.g. generator.layers=6")]


class _RenderByDefault(typer.core.TyperGroup):
    """`render.py SCENE` is `render.py render SCENE`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and args[0] not in ("--help", "-h"):
            args = ["render", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    cls=_RenderByDefault,
    add_completion=False,
    no_args_is_help=True,
    help=__doc__,
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
)

models_app = typer.Typer(help="The models that scenes may name.")
train_app = typer.Typer(no_args_is_help=True, help="Train models on pictures of your own.")
app.add_typer(models_app, name="models")
app.add_typer(train_app, name="train")


@app.command()
def render(
    scenes: Scenes,
    out: Annotated[Path, typer.Option(help="where the films' folders go")] = Path("outputs"),
    set_: Set = [],  # noqa: B006 - typer reads the default
    frames: Annotated[str, typer.Option(metavar="FROM:TO", help="only these frames, TO not included")] = "",
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:N or mps")] = "auto",
    fresh: Annotated[bool, typer.Option("--fresh", help="move an old folder aside and begin anew")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="events as JSON lines")] = False,
) -> None:
    """Render scenes one after another, going on where an earlier run ended."""
    from animator.batch import Order, render_all
    from animator.report import report_for

    order = Order(out, tuple(set_), _span(frames), device, fresh)
    results = render_all(scenes, order, report_for(as_json))
    errors = [result.error for result in results if result.error is not None]
    if not errors:
        return
    alone = len(scenes) == 1 or errors[-1].exit_code >= 128  # a signal, or the only scene: its own code
    raise typer.Exit(errors[-1].exit_code if alone else 1)


@app.command()
def check(scenes: Scenes, set_: Set = []) -> None:  # noqa: B006
    """Read and resolve scenes without rendering: every problem, one a line."""
    from animator import scene_file, words

    failed = []
    for path in scenes:
        try:
            document = scene_file.read(path, tuple(set_))
            for warning in words.warnings(document):
                typer.echo(str(warning), err=True)
            scene = document.scene
            seconds = len(document.frames) / float(scene.fps)
            typer.echo(f"{path}: ok, {len(document.frames)} frames, {seconds:g}s of {scene.size[0]}x{scene.size[1]}")
        except (SceneError, ModelError) as error:
            typer.echo(str(error), err=True)
            failed.append(error)
    if failed:
        raise typer.Exit(failed[-1].exit_code)


@app.command()
def plan(scene: Annotated[Path, typer.Argument(help="scene file")], set_: Set = []) -> None:  # noqa: B006
    """Print what a scene will do: prompts and curves over time, and what it costs."""
    from animator import scene_file
    from animator.plan import describe

    typer.echo(describe(scene_file.read(scene, tuple(set_))))


@app.command()
def words(name: Annotated[str, typer.Argument(help="model")] = "pocket") -> None:
    """Print the words that a shipped model knows."""
    from animator import models

    known = models.find(name, "clip").words
    typer.echo(" ".join(sorted(known)) if known else f"{name}: learnt from the web, knows no list of words")


@models_app.callback(invoke_without_command=True)
def list_models(context: typer.Context) -> None:
    """List the models that scenes may name, or import one."""
    from animator import models

    if context.invoked_subcommand is None:
        for kind in sorted(set(models.SHIPPED.values())):
            for model in models.models(kind).values():
                size = f"{model.weights.stat().st_size / 1e6:.1f} MB" if model.weights.is_file() else "missing"
                typer.echo(f"{model.name:<24} {kind:<12} {size:>10}  {model.weights}")


@models_app.command("import")
def import_model(
    file: Annotated[Path, typer.Argument(help="a checkpoint of taming-transformers, or a safetensors file")],
    config: Annotated[Path | None, typer.Option(help="its YAML; default: beside it")] = None,
    name: Annotated[str, typer.Option(help="what scenes call it; default: the file's name")] = "",
) -> None:
    """Convert a VQGAN's checkpoint to safetensors, once, so that scenes may name it."""
    from animator import models
    from animator.models.taming_checkpoint import convert

    name = models.allowed_name(name or file.stem)
    made = convert(file, config, models.home() / f"{name}.safetensors")
    typer.echo(f"{name}: {made.n_embed} codes, f{made.factor}; a scene says: generator: {{type: vqgan, model: {name}}}")


@train_app.command("vqgan")
def train_vqgan(
    images: Annotated[
        Path | None, typer.Option(help="a folder of pictures; default: the built-in picture world")
    ] = None,
    work: Annotated[Path, typer.Option(help="checkpoints, samples and the model")] = Path("outputs/training/vqgan"),
    set_: Annotated[list[str], typer.Option("--set", metavar="FIELD=VALUE", help="change the recipe")] = [],  # noqa: B006
    lpips: Annotated[
        tuple[Path, Path] | None, typer.Option(help="VGG16's weights and LPIPS's, in place of a CLIP")
    ] = None,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:N or mps")] = "auto",
    workers: Annotated[int, typer.Option(min=0, help="processes that read pictures")] = 2,
    minutes: Annotated[float, typer.Option(help="stop after this long; the same command goes on")] = math.inf,
) -> None:
    """Train a VQGAN on pictures of your own; stopped, it goes on with the same command."""
    from animator.training.commands import train_vqgan

    _sitting(
        lambda run, place: train_vqgan(images, work, set_, lpips, place, run, typer.echo),
        (workers, minutes, device),
        work / "vqgan.safetensors",
    )


@train_app.command("transformer")
def train_transformer(
    images: Annotated[
        Path | None, typer.Option(help="a folder of pictures; default: the built-in picture world")
    ] = None,
    captions: Annotated[
        Path | None, typer.Option(help="COCO's captions JSON; default: a .txt beside each picture")
    ] = None,
    vqgan: Annotated[str, typer.Option(help="whose codes to draw: a name or a file")] = "pocket-vqgan",
    clip: Annotated[str, typer.Option(help="which CLIP reads the captions")] = "pocket",
    work: Annotated[Path, typer.Option(help="checkpoints, samples and the model")] = Path(
        "outputs/training/transformer"
    ),
    set_: Annotated[list[str], typer.Option("--set", metavar="FIELD=VALUE", help="change the recipe")] = [],  # noqa: B006
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:N or mps")] = "auto",
    workers: Annotated[int, typer.Option(min=0, help="processes that draw pictures")] = 2,
    minutes: Annotated[float, typer.Option(help="stop after this long; the same command goes on")] = math.inf,
) -> None:
    """Train a transformer that draws a VQGAN's codes from a caption."""
    from animator.training.commands import train_transformer

    _sitting(
        lambda run, place: train_transformer(images, captions, (vqgan, clip), work, set_, place, run, typer.echo),
        (workers, minutes, device),
        work / "transformer.safetensors",
    )


def _sitting(train: Callable[[Any, Any], bool], chosen: tuple[int, float, str], made: Path) -> None:
    """One sitting of a training: to its end, for so many minutes, or until somebody stops it."""
    from animator.batch import pick_device, stop_on_signals
    from animator.training.run import Run

    workers, minutes, device = chosen
    with stop_on_signals() as stop:
        done = train(Run(workers, minutes * 60, lambda: stop.signal_number > 0), pick_device(device))
        if stop.signal_number:
            raise typer.Exit(128 + stop.signal_number)
    typer.echo(f"{made}: {'finished' if done else 'not finished; the same command goes on'}")


def _span(text: str) -> tuple[int, int] | None:
    if not text:
        return None
    first, colon, last = text.partition(":")
    if not colon or not all(part.isdigit() or not part for part in (first, last)):
        raise typer.BadParameter(f"--frames {text}: write FROM:TO, e.g. 10:20")
    start, end = int(first or 0), int(last or 2**31)
    if end <= start:
        raise typer.BadParameter(f"--frames {text}: TO must be above FROM")
    return start, end


def main() -> None:
    try:
        app()
    except AnimatorError as error:
        typer.echo(str(error), err=True)
        sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
