"""A word to somebody who sleeps: how a batch ended, through any service that apprise knows."""

import importlib
from collections.abc import Sequence
from typing import Any

from animator.errors import AnimatorError, ModelError, escaped

MOST = 20  # films that are named
Ending = tuple[str, AnimatorError | None]  # a film's name, and what was wrong


def open_service(address: str) -> Any:
    """What sends to an address, such as `tgram://TOKEN/CHAT`. The address holds secrets: no error and no file names it.

    Raises: ModelError where apprise is not installed, or does not know such an address.
    """
    try:
        apprise: Any = importlib.import_module("apprise")
    except ImportError as error:
        raise ModelError("apprise is not installed; run: python -m pip install -c constraints.txt apprise") from error
    service = apprise.Apprise()
    if not service.add(address):
        raise ModelError("--notify: apprise knows no such address; see its list of services")
    return service


def send(service: Any, results: Sequence[Ending]) -> bool:
    """Say how films ended. Returns whether it was sent: a batch does not fail for it."""
    try:
        return bool(service.notify(title=title(results), body=body(results)))
    except Exception:  # whatever a service's code raises: its text may hold the address
        return False


def title(results: Sequence[Ending]) -> str:
    """`17 of 20 films are there`."""
    return f"{sum(error is None for _, error in results)} of {len(results)} films are there"


def body(results: Sequence[Ending]) -> str:
    """A line for each film, those that failed first."""
    ordered = sorted(results, key=lambda ending: ending[1] is None)
    lines = [escaped(f"{name}: {error or 'finished'}")[:300] for name, error in ordered[:MOST]]
    more = len(ordered) - MOST
    return "\n".join([*lines, *([f"and {more} more"] if more > 0 else [])])
