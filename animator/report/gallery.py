"""All films of a folder on one page, read off what lies in their folders."""

import contextlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from animator import files
from animator.film import folder, progress
from animator.film.folder import OLD, Folder
from animator.report import pages, sentences
from animator.scene.times import show_time

PAGE = "index.html"
PLAYS = (".mp4", ".webm", ".mov", ".gif", ".h265.mp4", ".av1.mp4", ".mkv")  # the best to look at first
MOST = 200  # prompts of a film that are shown


@dataclass(frozen=True)
class Card:
    """What the page shows of a film; paths are relative to the page, and empty where there is nothing."""

    name: str
    film: str
    others: tuple[tuple[str, str], ...]  # films in other codecs: what each is, and where
    loops: bool
    page: str
    poster: str
    sheet: str
    timelapse: str
    pair: str
    wipe: str
    prompts: tuple[tuple[str, str], ...]  # when, and what
    settings: tuple[tuple[str, str], ...]
    facts: tuple[str, ...]
    changed: int  # seconds since 1970
    seconds: float  # of the film
    spent: float  # seconds that rendering its frames took


def write(out: Path) -> tuple[Path, int]:
    """Write the page of a folder of films. Returns its path, and how many there are. Raises: OutputError."""
    cards = sorted(films(out), key=lambda card: -card.changed)
    text = pages.page("gallery.html", "gallery.js", title=f"Films in {out.resolve().name}", cards=cards)
    path = out / PAGE
    files.write(path, text.encode("utf-8", "replace"))
    return path, len(cards)


def films(out: Path) -> Iterator[Card]:
    """The films of a folder, also those that are not finished; none that was moved aside."""
    for path in sorted(out.iterdir()):
        if path.is_dir() and not path.is_symlink() and OLD not in path.name and (path / "journal.jsonl").is_file():
            with contextlib.suppress(OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
                yield _card(path)


def _card(path: Path) -> Card:
    opened, name = Folder(path), path.name
    lines = folder.journal(opened)
    specs = [lines[index]["spec"] for index in sorted(lines)]
    base = json.loads((path / "base.json").read_bytes()) if (path / "base.json").is_file() else {}
    times = [float(spec.get("time", 0.0)) for spec in specs]
    fps = 1 / times[1] if len(times) > 1 and times[1] > 0 else 0.0
    known = {frame: line for frame, line in progress.read(opened).items() if frame in lines}
    spent, odd = sum(line["seconds"] for line in known.values()), sum(bool(line["odd"]) for line in known.values())
    film = _there(path, *(f"{name}{ending}" for ending in PLAYS), f"{name}.so-far.mp4")
    seconds = len(specs) / fps if fps else 0.0
    frame = opened.frame_path(sorted(lines)[len(lines) // 2]) if lines else path
    facts = [
        show_time(seconds) if seconds else "",
        f"{len(specs)} frame{'s' * (len(specs) != 1)}" + (f" at {fps:.3g} fps" if fps else ""),
        "x".join(map(str, base.get("size", ()))),
        "" if film and ".so-far." not in film else "not finished",
        f"rendered in {sentences.long(spent)}" if spent else "",
        f"{odd} frame{'s' * (odd != 1)} look{'s' * (odd == 1)} odd" if odd else "",
    ]
    return Card(
        name=name,
        film=film,
        others=tuple(_others(path, film)),
        loops=bool(specs and specs[-1].get("home")),
        page=_there(path, "page.html"),
        poster=_there(path, f"frames/{frame.name}"),
        sheet=_there(path, "sheet.png"),
        timelapse=_there(path, f"{name}.timelapse.mp4", f"{name}.timelapse.webm"),
        pair=_there(path, f"{name}.before-after.png"),
        wipe=_there(path, f"{name}.before-after.mp4", f"{name}.before-after.webm"),
        prompts=tuple(_prompts(specs))[:MOST],
        settings=tuple(_settings(base, specs)),
        facts=tuple(filter(None, facts)),
        changed=int(max(path.stat().st_mtime, *((path / part).stat().st_mtime for part in ("journal.jsonl",)))),
        seconds=round(seconds, 2),
        spent=round(spent, 1),
    )


def _there(path: Path, *names: str) -> str:
    """The first of these that is a file, relative to the page."""
    return next((f"{path.name}/{name}" for name in names if (path / name).is_file()), "")


def _others(path: Path, film: str) -> Iterator[tuple[str, str]]:
    for ending in PLAYS:
        place = _there(path, f"{path.name}{ending}")
        if place and place != film:
            yield ending.removeprefix(".").removesuffix(".mp4"), place


def _prompts(specs: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    """What is asked for, whenever something new is."""
    before: list[str] = []
    for spec in specs:
        aims = [aim for prompt in spec.get("prompts", ()) for aim in (prompt.get("towards"), prompt["aim"])]
        now = [_text(aim) for aim in aims if aim]
        for text in now:
            if text not in before:
                yield show_time(float(spec.get("time", 0.0))), text
        before = now


def _text(aim: Mapping[str, Any]) -> str:
    return str(aim.get("text") or f"[{aim.get('image', '')}]")


def _settings(base: Mapping[str, Any], specs: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    for painter in base.get("generator", ()):
        options = ", ".join(f"{name} {value}" for name, value in painter.items() if name != "type")
        yield "generator", f"{painter.get('type')}{f' ({options})' if options else ''}"
    yield "encoders", ", ".join(map(str, base.get("encoders", ())))
    if base.get("losses"):
        yield "losses", ", ".join(map(str, base["losses"]))
    yield "seed", str(base.get("seed", ""))
    steps = [int(spec.get("steps", 0)) for spec in specs]
    if steps:
        yield "steps", f"{sum(steps)} in all, {steps[0]} for the first frame"
    yield "version", str(base.get("version", ""))
