import io
import json

import torch
from rich.console import Console

from animator.paint.optimize import StepInfo
from animator.report.sinks import HEARTBEAT, JsonReport, PlainReport, TerminalReport
from animator.scene.document import Document


class Clock:
    """Time that tests move."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


INFO = StepInfo(0, 1, 3, {"prompt": torch.tensor(0.5), "drift": torch.tensor(0.25)})


def test_a_log_gets_a_line_every_half_minute(tiny: Document) -> None:
    stream, clock = io.StringIO(), Clock()
    report = PlainReport(stream, clock)
    report.begin("reef", 6, 0)
    for second in range(1, 95):
        clock.now = float(second)
        report.step(INFO)
        if second % 40 == 0:
            report.frame(tiny.frames[second // 40 - 1])
    report.end("reef", "finished", 95)
    lines = stream.getvalue().splitlines()
    assert HEARTBEAT == 30
    assert len(lines) == 5
    assert lines[1] == "reef: frame 0/6 after 30s; drift 0.25 prompt 0.5"
    assert lines[2] == "reef: frame 1/6 after 60s, 300s left; drift 0.25 prompt 0.5"


def test_events_are_json_lines(tiny: Document) -> None:
    stream = io.StringIO()
    report = JsonReport(stream)
    report.begin("reef", 6, 2)
    report.step(INFO)
    report.frame(tiny.frames[2])
    report.note("a note with a\nline break")
    report.end("reef", "finished", 1)
    events = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [event["event"] for event in events] == ["begin", "frame", "note", "end"]
    assert events[1]["losses"] == {"drift": 0.25, "prompt": 0.5}


def test_prompts_are_printed_as_typed(tiny: Document) -> None:
    for text in ("a [red]cat[/blue]", "[bold]x", "[link=x]", "\x1b[31mred\x07", "]["):
        stream = io.StringIO()
        report = TerminalReport(Console(file=stream, force_terminal=False, width=200))
        report.begin(text, 6, 0)
        report.step(INFO)
        report.frame(tiny.frames[0])
        report.note(text)
        report.end(text, "finished", 1)
        assert text.replace("\x1b", "?").replace("\x07", "?") in stream.getvalue()
        assert "\x1b" not in stream.getvalue()
