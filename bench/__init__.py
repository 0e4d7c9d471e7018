"""Figures, each from a command: `python -m bench.NAME`. The last line of each is `NAME: VALUE (bar VALUE) ok`."""

import os
import sys
from collections.abc import Callable

if "reference" not in sys.argv:  # which runs with what torch does by itself
    os.environ.setdefault("GOMP_SPINCOUNT", "3000")  # as render.py does, before torch is imported


def verdict(name: str, value: float, bar: float, holds: Callable[[float, float], bool] | None = None) -> bool:
    """Print a figure against its bar; at least the bar is good unless `holds` says otherwise."""
    good = holds(value, bar) if holds else value >= bar
    print(f"{name}: {value:g} (bar {bar:g}) {'ok' if good else 'short'}", flush=True)
    return good
