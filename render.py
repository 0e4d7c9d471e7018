"""Render CLIP-guided films from scene files: `python render.py scenes/hello.yaml`."""

import math
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from animator.errors import AnimatorError, ModelError, SceneError

# How often a thread that waits for the others looks before it sleeps; torch reads this. Its own default is a million
# times, which on a busy machine makes a step many times slower; not at all makes it half as fast on a quiet one.
if "OMP_WAIT_POLICY" not in os.environ:
    os.environ.setdefault("GOMP_SPINCOUNT", "3000")

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
    deterministic: Annotated[bool, typer.Option("--deterministic", help="the same bytes on CUDA, too; slower")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="events as JSON lines")] = False,
) -> None:
    """Render scenes one after another, going on where an earlier run ended."""
    from animator.batch import Order, render_all
    from animator.report import report_for

    order = Order(out, tuple(set_), _span(frames), device, fresh, deterministic)
    results = render_all(scenes, order, report_for(as_json))
    errors = [result.error for result in results if result.error is not None]
    if not errors:
        return
    alone = len(scenes) == 1 or errors[-1].exit_code >= 128  # a signal, or the only scene: its own code
    raise typer.Exit(errors[-1].exit_code if alone else 1)


@app.command()
def check(scenes: Scenes, set_: Set = []) -> None:  # noqa: B006
    """Read and resolve scenes without rendering: every problem, one a line."""
    from animator import needs, scene_file, words

    failed: list[AnimatorError] = []
    for path in scenes:
        try:
            document = scene_file.read(path, tuple(set_))
            for warning in words.warnings(document):
                typer.echo(str(warning), err=True)
            scene = document.scene
            seconds = len(document.frames) / float(scene.fps)
            typer.echo(f"{path}: ok, {len(document.frames)} frames, {seconds:g}s of {scene.size[0]}x{scene.size[1]}")
            typer.echo(f"{path}: needs {', '.join(model.name for model in needs.of(scene))}")
            needs.demand(scene)
        except (SceneError, ModelError) as error:
            typer.echo(str(error), err=True)
            failed.append(error)
    if failed:
        raise typer.Exit(failed[-1].exit_code)


@app.command()
def plan(
    scene: Annotated[Path, typer.Argument(help="scene file")],
    set_: Set = [],  # noqa: B006
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:N or mps")] = "auto",
) -> None:
    """Print what a scene will do: prompts and curves over time, and what it costs."""
    from animator import scene_file
    from animator.plan import describe

    document = scene_file.read(scene, tuple(set_))
    typer.echo(describe(document))
    from animator.batch import estimate, pick_device  # with torch: what goes before is there at once

    chosen = pick_device(device)
    try:
        typer.echo(estimate(document, chosen))
    except ModelError as error:
        typer.echo(f"memory: not known yet: {error}")


@app.command()
def words(name: Annotated[str, typer.Argument(help="model")] = "pocket") -> None:
    """Print the words that a shipped model knows."""
    from animator import models

    known = models.find(name, "clip").words
    typer.echo(" ".join(sorted(known)) if known else f"{name}: learnt from the web, knows no list of words")


@models_app.callback(invoke_without_command=True)
def list_models(context: typer.Context) -> None:
    """List the models that scenes may name; fetch, verify, import or remove some."""
    from animator import models

    if context.invoked_subcommand is None:
        for kind in models.KINDS:
            for model in models.models(kind).values():
                typer.echo(_line(model))


def _line(model: Any) -> str:
    from animator import models

    state = "shipped" if model.name in models.SHIPPED else "here" if model.here else "to fetch"
    size = model.entry.size if model.entry else 0
    if model.path.is_file():
        size = model.path.stat().st_size
    told = f"{model.entry.good_for} ({model.entry.licence})" if model.entry else str(model.path)
    return f"{model.name:<26} {model.kind:<12} {state:<9} {f'{size / 1e6:,.1f} MB' if size else '':>10}  {told}"


@models_app.command("fetch")
def fetch_models(
    names: Annotated[
        list[str], typer.Argument(help="names, or OWNER/NAME of the Hugging Face hub", show_default=False)
    ],
    offline: Annotated[
        bool, typer.Option("--offline", help="only what other programs left in the hub's cache")
    ] = False,
) -> None:
    """Download models, once; a download that was stopped goes on."""
    from animator.models.fetch import fetch
    from animator.report import progress

    for name in names:
        with progress(name) as show:
            fetch(name, typer.echo, show, offline)


@models_app.command("verify")
def verify_models(names: Annotated[list[str], typer.Argument(help="default: all that are here")] = []) -> None:  # noqa: B006
    """Compare files with the hashes that were noted when they came."""
    from animator import models

    every = [model for kind in models.KINDS for model in models.models(kind).values()]
    chosen = [model for model in every if (model.name in names if names else model.here)]
    wrong = [f"{name}: no such model" for name in names if name not in {model.name for model in chosen}]
    for model in chosen:
        try:
            same = "ok" if model.noted else "nothing was noted to compare with"
            typer.echo(f"{model.name}: {same}, sha256 {model.sha256}")
        except ModelError as error:
            wrong.append(str(error))
    if wrong:
        raise ModelError("\n".join(wrong))


@models_app.command("remove")
def remove_model(name: Annotated[str, typer.Argument(help="model")]) -> None:
    """Delete a model that was fetched or imported; its hashes stay noted."""
    from animator.models.fetch import remove

    typer.echo(f"{name}: removed, {remove(name)}")


@models_app.command("where")
def where_models(name: Annotated[str, typer.Argument(help="model; default: the folder of all")] = "") -> None:
    """Print where models lie."""
    from animator import models

    typer.echo(str(models.find_any(name).weights if name else models.home()))


@models_app.command("import")
def import_model(
    file: Annotated[Path, typer.Argument(help="taming's .ckpt, OpenAI's .pt, or a safetensors file of either kind")],
    config: Annotated[Path | None, typer.Option(help="a VQGAN's YAML; default: beside it")] = None,
    name: Annotated[str, typer.Option(help="what scenes call it; default: the file's name")] = "",
) -> None:
    """Convert a VQGAN's or a CLIP's file to safetensors, once, so that scenes may name it."""
    from animator.models.fetch import take

    typer.echo(take(file, config, name))


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
