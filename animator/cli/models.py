"""`models`: the models that scenes may name."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from animator.errors import ModelError

if TYPE_CHECKING:
    from animator.models.facts import Fact
    from animator.models.store import Model

app = typer.Typer(help="The models that scenes may name.")


@app.callback(invoke_without_command=True)
def list_models(context: typer.Context) -> None:
    """List the models that scenes may name; fetch, verify, import or remove some."""
    from animator.models import store

    if context.invoked_subcommand is None:
        for kind in store.KINDS:
            for model in store.models(kind).values():
                typer.echo(_line(model))


def _line(model: "Model") -> str:
    from animator.models import store

    state = "shipped" if model.name in store.SHIPPED else "here" if model.here else "to fetch"
    size = model.entry.size if model.entry else 0
    if model.path.is_file():
        size = model.path.stat().st_size
    described = f"{model.entry.good_for} ({model.entry.licence})" if model.entry else str(model.path)
    return f"{model.name:<26} {model.kind:<12} {state:<9} {f'{size / 1e6:,.1f} MB' if size else '':>10}  {described}"


@app.command("fetch")
def fetch_models(
    names: Annotated[
        list[str], typer.Argument(help="names, or OWNER/NAME of the Hugging Face hub", show_default=False)
    ],
    offline: Annotated[
        bool, typer.Option("--offline", help="only what other programs left in the hub's cache")
    ] = False,
) -> None:
    """Download models, once; a download that was stopped goes on."""
    from animator.models.fetch import Way, fetch
    from animator.report.downloads import progress

    for name in names:
        with progress(name) as show:
            fetch(name, Way(_tell, show, offline))


def _tell(fact: "Fact") -> None:
    from animator.report import sentences

    typer.echo(sentences.of_fact(fact))


@app.command("verify")
def verify_models(names: Annotated[list[str], typer.Argument(help="default: all that are here")] = []) -> None:  # noqa: B006
    """Compare files with the hashes that were noted when they came."""
    from animator.models import store

    every = [model for kind in store.KINDS for model in store.models(kind).values()]
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


@app.command("remove")
def remove_model(name: Annotated[str, typer.Argument(help="model")]) -> None:
    """Delete a model that was fetched or imported; its hashes stay noted."""
    from animator.models.fetch import remove

    typer.echo(f"{name}: removed, {remove(name, _tell)}")


@app.command("where")
def where_models(name: Annotated[str, typer.Argument(help="model; default: the folder of all")] = "") -> None:
    """Print where models lie."""
    from animator.models import lockfile, store

    typer.echo(str(store.find_any(name).weights if name else lockfile.home()))


@app.command("import")
def import_model(
    file: Annotated[Path, typer.Argument(help="taming's .ckpt, OpenAI's .pt, or a safetensors file of either kind")],
    config: Annotated[Path | None, typer.Option(help="a VQGAN's YAML; default: beside it")] = None,
    name: Annotated[str, typer.Option(help="what scenes call it; default: the file's name")] = "",
) -> None:
    """Convert a VQGAN's or a CLIP's file to safetensors, once, so that scenes may name it."""
    from animator.models.importing import convert

    _tell(convert(file, config, name, _tell))
