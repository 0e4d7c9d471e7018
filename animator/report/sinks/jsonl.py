"""For programs: one JSON object a line."""

import json
import sys
import time
from collections.abc import Callable
from typing import TextIO

from animator.report import wire
from animator.report.events import Event


class JsonLines:
    """Every event but those within a frame: its name, when it came, in seconds since 1970, and its fields.

    `{"event": "frame_done", "time": 1764000000.1, "scene": "reef", "frame": 7, "steps": 10, ...}`
    """

    def __init__(self, stream: TextIO = sys.stdout, clock: Callable[[], float] = time.time) -> None:
        self.stream, self.clock = stream, clock

    def __call__(self, event: Event) -> None:
        line = wire.to_plain(event)
        if line is not None:
            whole = {"event": line.pop("event"), "time": round(self.clock(), 3), **line}
            print(json.dumps(whole), file=self.stream, flush=True)
