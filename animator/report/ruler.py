"""Bars, beats and markers of a film's music, as rows of text that go under its curves."""

from collections.abc import Iterable

from animator.scene.document import Document

NEAR = 0.25  # seconds
MOST = 2  # columns a beat takes, at least, where beats are drawn


def rows(document: Document, width: int) -> dict[str, str]:
    """Rows of `width` characters, by name; none where nothing is known of a song's beats."""
    duration, music = len(document.frames) / float(document.scene.fps), document.music
    if music.known_grid is None:
        return {}

    def columns(name: str) -> list[tuple[int, int]]:
        """The columns of what happens while the film lasts, with its number in the song, from 1. What begins with the
        film may have begun a moment before."""
        times = enumerate((time for time, _ in music.film_hits(name, duration)), 1)
        return [(max(0, int(time / duration * width)), number) for number, time in times if -NEAR < time < duration]

    bars, beats = columns("bar"), columns("beat")
    found = {"bars": _words(((column, str(number)) for column, number in bars), width)}
    if len(beats) * MOST <= width:
        lines = {**{column: "·" for column, _ in beats}, **{column: "|" for column, _ in bars}}
        found["beats"] = "".join(lines.get(column, " ") for column in range(width))
    marks = sorted((column, name) for name in music.audio.markers for column, _ in columns(name))
    if marks:
        found["markers"] = _words(marks, width)
    return found


def _words(placed: Iterable[tuple[int, str]], width: int) -> str:
    """Words at their columns, upwards; those without room are left out."""
    row = ""
    for column, word in placed:
        if column >= len(row) + bool(row) and column + len(word) <= width:
            row = row.ljust(column) + word
    return row.ljust(width)
