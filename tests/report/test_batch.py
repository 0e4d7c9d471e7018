"""A batch as others see it: events as lines, a ledger, a status, and a page."""

import dataclasses
import io
import json
import typing
from pathlib import Path
from typing import Any

import pytest

from animator.errors import AnimatorError, LeftError, ModelError, RenderError
from animator.report import batch_page, events, ledger, status, wire
from animator.report.events import Event
from animator.report.sinks import together
from animator.report.sinks.jsonl import JsonLines
from animator.report.sinks.summary import NAME, Summary
from animator.scene.warnings import Foreign, SceneWarning
from tests.report import browser
from tests.report.test_gallery import PAYLOADS, Texts

HOSTILE = "<img src=x onerror=alert(1)>\x1b[31m\"'&{{7*7}}"
KINDS = [kind for kind in typing.get_args(Event) if kind not in wire.STAY]
SAMPLES: dict[Any, Any] = {
    str: "reef",
    int: 3,
    float: 1.5,
    Path: Path("out/a b.mp4"),
    bool: True,
    AnimatorError: ModelError("no such model"),
    SceneWarning: Foreign("angle", "write rotate"),
    dict[str, float]: {"prompt": 0.5},
    tuple[str, ...]: ("a", "b"),
    tuple[int, ...]: (1, 2),
    tuple[int, int]: (64, 32),
}


def sample(kind: Any) -> Event:
    """An event of a kind, with something in each field."""
    hints = typing.get_type_hints(kind)
    values = {}
    for field in dataclasses.fields(kind):
        hint = hints[field.name]
        known = next((one for one in (hint, *typing.get_args(hint)) if one in SAMPLES), None)
        values[field.name] = SAMPLES[known]
    made: Event = kind(**values)
    return made


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_event_goes_through_a_line(kind: Any) -> None:
    event = sample(kind)
    line = wire.to_plain(event)
    back = wire.from_plain(json.loads(json.dumps(line)))
    assert type(back) is kind
    for field in dataclasses.fields(event):
        before, after = getattr(event, field.name), getattr(back, field.name)
        if isinstance(before, AnimatorError):
            assert (type(before), str(before), before.exit_code) == (type(after), str(after), after.exit_code)
        else:
            assert before == after, field.name


@pytest.mark.parametrize("line", [{}, {"event": "odd"}, {"event": "frame_done"}, {"event": "film_done", "film": 7}])
def test_a_line_may_be_anything(line: dict[str, Any]) -> None:
    wire.from_plain(line)


def night(tell: Any) -> None:
    """What happens in a small batch."""
    for event in (
        events.SceneWrong("typo", ModelError("a mistake")),
        events.Estimated("reef", 100, 80, 800.0, 1000),
        events.Estimated("wood", 10, 10, 100.0, 1000),
        events.BatchBegan(("reef", "wood", "typo", HOSTILE), Path("out/_batch"), 2),
        events.TaskBegan("reef", None, "cpu"),
        events.FramesKept("reef", 20, 100, 20),
        events.FilmBegan("reef", 20, 100),
        *(events.FrameDone("reef", frame, 10, 2.0, {"prompt": 0.5}) for frame in range(20, 30)),
        events.FrameOdd("reef", 29, ("black",)),
        events.TaskEnded("reef", None),
        events.Retrying("reef", "it was killed", 1, 1.0),
        events.TaskBegan("reef", None, "cpu"),
        events.SceneFailed("typo", ModelError("a mistake"), 0.0),
        events.SceneFailed(HOSTILE, RenderError(HOSTILE), 0.0),
    ):
        tell(event)


def test_a_ledger_knows_how_far_everything_is() -> None:
    kept = ledger.Ledger(lambda: 1000.0)
    night(kept)
    reef, wood = kept.entries["reef"], kept.entries["wood"]
    assert (reef.state, reef.done, reef.frames, reef.tries, reef.odd) == ("rendering", 30, 100, 1, 1)
    assert reef.left == 140.0
    assert (wood.state, wood.left) == ("waiting", 100.0)
    assert kept.left == 120.0  # on two slots
    assert [kept.count(state) for state in ledger.STATES] == [1, 0, 2, 0, 1, 0]


def test_a_journal_says_the_same(tmp_path: Path) -> None:
    text = io.StringIO()
    live = ledger.Ledger(lambda: 1000.0)
    lines = JsonLines(text, lambda: 1000.0)
    night(together(live, lines))
    path = tmp_path / "journal.jsonl"
    path.write_text("no line\n[1]\n" + text.getvalue() + '{"event": "frame_do')
    assert ledger.read(path).entries == live.entries


def test_status_in_words() -> None:
    kept = ledger.Ledger(lambda: 1000.0)
    night(kept)
    shown = status.lines(kept, True, 1300.0)
    assert shown[0] == "4 films: 1 rendering, 2 failed, 1 waiting"
    assert "5 min" in shown[1]
    assert any("about 2 min left" in line for line in shown)
    assert any("the last word came 5 min ago" in line for line in shown)
    assert any(line.startswith("  reef") and "30/100" in line and "tried 2 times" in line for line in shown)
    assert not any("\x1b" in line for line in shown)
    assert "it ended without a word" in status.lines(kept, False, 1300.0)[2]
    kept(events.SceneFailed("reef", LeftError("left at the deadline"), 1.0))
    kept(events.BatchEnding("it is 07:30, the deadline"))
    kept(events.BatchDone(0, 2, 2, 5.0))
    assert status.lines(kept, False, 1300.0)[0] == "4 films: 2 failed, 1 left, 1 waiting"


def test_a_page_of_the_batch(tmp_path: Path) -> None:
    moment = [1000.0]
    summary = Summary(tmp_path / "_batch", lambda: moment[0])
    (tmp_path / "_batch").mkdir()
    (tmp_path / "reef").mkdir()
    (tmp_path / "reef" / "reef.mp4").write_bytes(b"film")
    (tmp_path / "reef" / "latest.png").write_bytes(b"picture")
    night(summary)
    page = (tmp_path / "_batch" / NAME).read_text()
    assert '<meta http-equiv="refresh"' in page
    assert "<img src=x" not in page
    assert "&lt;img src=x" in page
    summary(events.FilmDone("reef", tmp_path / "reef" / "reef.mp4", 5.0))
    summary(events.BatchDone(1, 2, 1, 5.0))
    page = (tmp_path / "_batch" / NAME).read_text()
    assert "refresh" not in page
    assert '<video controls preload="none" playsinline poster="../reef/latest.png" src="../reef/reef.mp4">' in page
    assert str(tmp_path) not in page
    assert batch_page.render(summary.ledger, tmp_path / "_batch", 2000.0).count("<li>") == 4


@browser.needed
@pytest.mark.slow
def test_a_browser_runs_nothing_of_the_page_and_asks_nobody(tmp_path: Path) -> None:
    with browser.served(tmp_path) as (elsewhere, asked):
        payloads = [payload.replace("ADDRESS", elsewhere) for payload in PAYLOADS if "\x00" not in payload]
        (tmp_path / "_batch").mkdir()
        summary = Summary(tmp_path / "_batch")
        summary(events.BatchBegan(tuple(payloads), tmp_path / "_batch", 2))
        for payload in payloads:
            summary(events.SceneFailed(payload, RenderError(f"wrong: {payload}"), 1.0))
        summary(events.BatchEnding(payloads[0]))
        summary(events.BatchDone(0, len(payloads), 0, 10.0))
        page = browser.dom(f"file://{tmp_path}/_batch/{NAME}")
    assert "data-hit" not in page.split("<head>")[0]
    assert not asked
    found = Texts()
    found.feed(page)
    whole = "".join(found.texts)
    assert not found.tags & {"iframe", "object", "embed", "base", "form", "link", "svg", "math", "script"}
    assert all(payload in whole and f"wrong: {payload}" in whole for payload in payloads)


def test_a_disk_that_refuses_the_page_ends_no_batch(tmp_path: Path) -> None:
    night(Summary(tmp_path / "missing"))


def test_shots_are_counted_as_they_come() -> None:
    kept = ledger.Ledger(lambda: 1000.0)
    kept(events.Estimated("reef", 6, 6, 60.0))
    for shot in (0, 4):
        kept(events.TaskBegan("reef", shot, "cpu"))
    for frame in (4, 0, 5):
        kept(events.FrameDone("reef", frame, 10, 2.0))
    reef = kept.entries["reef"]
    assert (reef.done, reef.children, reef.left) == (3, 2, 3.0)
    kept(events.TaskEnded("reef", 4))
    assert (reef.children, reef.left) == (1, 6.0)
