"""`audio`: what is heard in a song."""

from pathlib import Path
from typing import Annotated

import typer

from animator.errors import OutputError


def audio(
    song: Annotated[Path, typer.Argument(help="a wav, flac, mp3, m4a, ogg or opus file")],
    write: Annotated[
        Path | None, typer.Option(metavar="FILE", help="write its rhythm as JSON, to correct it and name it in a scene")
    ] = None,
    beats_per_bar: Annotated[int, typer.Option(min=1, max=64, help="beats of a bar")] = 4,
    out: Annotated[Path, typer.Option(help="where the picture goes")] = Path("outputs"),
) -> None:
    """Print a song's tempo, bars and parts, and draw its beats, onsets and loudness over time."""
    from animator.media import song as songs
    from animator.report import song as report
    from animator.report import streams

    if write is not None and write.exists():
        raise OutputError(f"{write}: is there already, and may be corrected by hand; delete it, or choose another name")
    found = songs.Song(song, beats_per_bar, listening=streams.listening)
    typer.echo(report.describe(found))
    out.mkdir(parents=True, exist_ok=True)
    picture = out / f"{song.name}.png"
    report.draw(found, picture)
    typer.echo(f"\npicture: {picture}")
    if write is not None:
        songs.write(write, found)
        typer.echo(f"rhythm: {write}; a scene says: audio: {{file: {song}, analysis: {write}}}")
