"""For programs: one JSON object a line."""

import dataclasses
import json
import re
import sys
import time
from pathlib import Path
from typing import Any, TextIO

from animator.errors import AnimatorError
from animator.paint.step_info import FrameBegan, StepInfo
from animator.report.events import Event, FrameDone, SceneOpened
from animator.report.sinks import rounded


class JsonLines:
    """Every event but those within a frame: its name, when it came, and its fields.

    `{"event": "frame_done", "time": 1764000000.1, "scene": "reef", "frame": 7, "steps": 10, ...}`
    """

    def __init__(self, stream: TextIO = sys.stdout) -> None:
        self.stream = stream

    def __call__(self, event: Event) -> None:
        if isinstance(event, FrameBegan | StepInfo | SceneOpened):
            return
        name = re.sub(r"(?<!^)(?=[A-Z])", "_", type(event).__name__).lower()
        fields = {field.name: _plain(getattr(event, field.name)) for field in dataclasses.fields(event)}
        if isinstance(event, FrameDone):
            fields["losses"] = rounded(event.losses)
        line = {"event": name, "time": round(time.time(), 3), **fields}
        print(json.dumps(line), file=self.stream, flush=True)


def _plain(value: Any) -> Any:
    if isinstance(value, AnimatorError):
        return {"kind": type(value).__name__, "message": str(value), "exit_code": value.exit_code}
    if isinstance(value, float):
        return round(value, 3)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {"kind": type(value).__name__, **dataclasses.asdict(value)}
    return str(value) if isinstance(value, Path) else value
