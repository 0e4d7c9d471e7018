"""`new`: a scene to begin with."""

from pathlib import Path
from typing import Annotated

import typer

from animator.errors import OutputError, Problem, SceneError, command, unknown

FOLDER = Path(__file__).parent / "templates"
MODELINE = "# yaml-language-server: $schema={schema}\n"


def new(
    name: Annotated[str, typer.Argument(help="the scene's name, or the path of its file")],
    template: Annotated[
        str, typer.Option("--from", metavar="TEMPLATE", help="zoom, music-video, timelapse or real-models")
    ] = "zoom",
    song: Annotated[str, typer.Option(metavar="FILE", help="the song of a music video")] = "song.flac",
) -> None:
    """Write a commented scene to begin with."""
    from animator import files

    template = template.replace("-", "_").replace(" ", "_")
    known = sorted(path.stem for path in FOLDER.glob("*.yaml"))
    if template not in known:
        raise SceneError([Problem(f"--from {template}", 0, 0, unknown("template", template, known))])
    path = _path(name)
    if path.exists():
        raise OutputError(f"{path}: is there already; choose another name")
    template_text = (FOLDER / f"{template}.yaml").read_text(encoding="utf-8")
    places = {"name": path.stem, "path": str(path), "command": command("").strip(), "song": song}
    path.parent.mkdir(parents=True, exist_ok=True)
    files.write(path, (_modeline(path) + template_text.format(**places)).encode())
    if "{song}" in template_text and not (path.parent / song).is_file():
        typer.echo(f"{path}: there is no {path.parent / song} yet; put the song there, or write another name")
    typer.echo(f"{path}: written; it says how to look at it and to render it")
    typer.echo(f"{command(f'watch {path}')} checks and previews it whenever you save it")


def _path(name: str) -> Path:
    """Where a scene goes: into the folder of scenes, if there is one here and nothing else was said."""
    path = Path(name if name.endswith((".yaml", ".yml")) else f"{name}.yaml")
    return Path("scenes") / path if len(path.parts) == 1 and Path("scenes").is_dir() else path


def _modeline(path: Path) -> str:
    """What tells an editor where the schema is, if it lies near."""
    schema = Path("docs/scene.schema.json")
    if path.is_absolute() or not schema.is_file():
        return ""
    return MODELINE.format(schema="/".join([".."] * (len(path.parts) - 1) + [schema.as_posix()]))
