"""A batch on a page: how far each film is, what came out, and why something did not."""

import os
import time
from dataclasses import dataclass
from pathlib import Path

from animator.report import pages, sentences
from animator.report.ledger import STATES, Entry, Ledger

PLAYS = (".mp4", ".webm", ".mov")
REFRESH = 20  # seconds between looks of a browser, while films are rendered


@dataclass(frozen=True)
class Card:
    """What the page shows of a film; paths are relative to the page, and empty where there is nothing."""

    name: str
    state: str
    done: int
    frames: int
    facts: tuple[str, ...]
    why: str
    film: str
    plays: bool
    latest: str
    page: str


def render(ledger: Ledger, folder: Path, now: float) -> str:
    """The page, which lies in a batch's `folder` beside those of its films."""
    entries = sorted(ledger.entries.values(), key=lambda entry: STATES.index(entry.state))
    counted = [f"{count} {state}" for state in STATES if (count := ledger.count(state))]
    end = ledger.ended or now
    facts = [*counted, sentences.long(end - ledger.began) if ledger.began is not None else "", ledger.ending]
    if ledger.ended is None and ledger.left is not None:
        facts.append(f"about {sentences.long(ledger.left)} left")
    return pages.page(
        "batch.html",
        title=f"{ledger.count('finished')} of {len(ledger.entries)} films",
        refresh=REFRESH if ledger.ended is None else 0,
        facts=list(filter(None, facts)),
        cards=[_card(entry, folder) for entry in entries],
        footer=f"as of {time.strftime('%Y-%m-%d %H:%M:%S', time.localtime(now))}",
    )


def _card(entry: Entry, folder: Path) -> Card:
    beside = folder.parent / entry.name
    film = Path(entry.film) if entry.film else None
    left, took = entry.left, (entry.ended or 0.0) - (entry.began or 0.0)
    facts = [
        f"frame {entry.done} of {entry.frames}" if entry.frames and entry.state != "finished" else "",
        f"about {sentences.long(left)} left" if left else "",
        f"took {sentences.long(took)}" if entry.ended and entry.began else "",
        f"tried {entry.tries + 1} times" if entry.tries else "",
        f"{entry.odd} frame{'s' * (entry.odd != 1)} look{'s' * (entry.odd == 1)} odd" if entry.odd else "",
    ]
    return Card(
        name=entry.name,
        state=entry.state,
        done=entry.done,
        frames=entry.frames,
        facts=tuple(filter(None, facts)),
        why=entry.why,
        film=_relative(film, folder) if film is not None and film.is_file() else "",
        plays=film is not None and film.suffix in PLAYS and film.is_file(),
        latest=_there(beside / "latest.png", folder),
        page=_there(beside / "page.html", folder),
    )


def _there(path: Path, folder: Path) -> str:
    return _relative(path, folder) if path.is_file() else ""


def _relative(path: Path, folder: Path) -> str:
    return Path(os.path.relpath(path, folder)).as_posix()
