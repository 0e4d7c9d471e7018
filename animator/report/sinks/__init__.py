"""Sinks: ways to show what happens. One file is one way.

A sink is called with each event and answers nothing: `sink(event)`.
"""

import sys
from collections.abc import Callable, Mapping
from typing import SupportsFloat

from animator.report.events import Event
from animator.report.streams import forgiving, is_terminal

Sink = Callable[[Event], None]

HEARTBEAT = 30.0  # seconds between lines of a log


def choose(as_json: bool) -> Sink:
    """JSON lines if asked for; bars where somebody watches; else lines of a log. It never raises for its stream."""
    if as_json:
        from animator.report.sinks.jsonl import JsonLines

        return forgiving(JsonLines(sys.stdout))
    if is_terminal(sys.stderr):
        from animator.report.sinks.terminal import Terminal

        return forgiving(Terminal())
    from animator.report.sinks.plain import Plain

    return forgiving(Plain(sys.stderr))


def together(*sinks: Sink) -> Sink:
    """Several sinks as one."""

    def see(event: Event) -> None:
        for sink in sinks:
            sink(event)

    return see


def rounded(losses: Mapping[str, SupportsFloat]) -> dict[str, float]:
    """Losses by name, in order, as a person reads them. Those that are on a device are waited for."""
    return {name: round(float(loss), 4) for name, loss in sorted(losses.items())}
