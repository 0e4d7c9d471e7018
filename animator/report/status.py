"""A batch as text: what `status` prints, and what is said at its end."""

import math
import time

from animator.errors import escaped
from animator.report import sentences
from animator.report.ledger import STATES, Entry, Ledger

SILENT = 120.0  # seconds without a word after which somebody should look


def lines(ledger: Ledger, running: bool, now: float) -> list[str]:
    """What is known of a batch. `running`: whether somebody holds its folder."""
    entries = sorted(ledger.entries.values(), key=lambda entry: STATES.index(entry.state))
    width = max((len(entry.name) for entry in entries), default=0)
    return [*_head(ledger, running, now), "", *(_line(entry, width) for entry in entries)]


def _head(ledger: Ledger, running: bool, now: float) -> list[str]:
    counted = ", ".join(f"{count} {state}" for state in STATES if (count := ledger.count(state)))
    said = [f"{len(ledger.entries)} films: {counted}"]
    if ledger.began is not None:
        since = f"since {_clock(ledger.began)}"
        end = ledger.ended or (now if running else ledger.heard or now)
        said.append(f"{since}, {sentences.long(end - ledger.began)}")
    if ledger.ending:
        said.append(f"ended early: {ledger.ending}")
    if ledger.ended is not None:
        said.append(f"ended at {_clock(ledger.ended)}")
    elif not running:
        said.append("it ended without a word; the same command goes on")
    elif ledger.left is not None:
        said.append(f"about {sentences.long(ledger.left)} left, until {_clock(now + ledger.left)}")
    if running and ledger.ended is None and ledger.heard is not None and now - ledger.heard > SILENT:
        said.append(f"the last word came {sentences.long(now - ledger.heard)} ago")
    return said


def _line(entry: Entry, width: int) -> str:
    share = f"{entry.done}/{entry.frames}" if entry.frames else ""
    left = entry.left
    facts = [
        f"about {sentences.long(left)} left" if left and math.isfinite(left) else "",
        f"tried {entry.tries + 1} times" if entry.tries else "",
        f"{entry.odd} look odd" if entry.odd else "",
        entry.film,
        entry.why.replace("\n", " | "),
    ]
    text = "; ".join(filter(None, facts))
    return escaped(f"  {entry.name:<{width}}  {entry.state:<9}  {share:>11}  {text}".rstrip())


def _clock(moment: float) -> str:
    """A moment as a clock has it, with the day where it is not today's."""
    there = time.localtime(moment)
    today = time.strftime("%Y-%m-%d", there) == time.strftime("%Y-%m-%d")
    return time.strftime("%H:%M" if today else "%Y-%m-%d %H:%M", there)
