"""Figures, each from a command: `python -m bench.NAME`. The last line of each is `NAME: VALUE (bar VALUE) ok`."""

import os
from collections.abc import Callable

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # as render.py does, before torch is imported


def verdict(name: str, value: float, bar: float, holds: Callable[[float, float], bool] | None = None) -> bool:
    """Print a figure against its bar; at least the bar is good unless `holds` says otherwise."""
    good = holds(value, bar) if holds else value >= bar
    print(f"{name}: {value:g} (bar {bar:g}) {'ok' if good else 'short'}", flush=True)
    return good
