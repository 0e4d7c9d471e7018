"""What a person, a log and a program see of a film that is being rendered."""

import io
import json
from pathlib import Path

import pytest
import torch
from rich.console import Console

from animator.errors import ModelError
from animator.paint.step_info import StepInfo
from animator.report import events, sentences
from animator.report.events import Event
from animator.report.sinks import HEARTBEAT
from animator.report.sinks.jsonl import JsonLines
from animator.report.sinks.plain import EARLY, Plain
from animator.report.sinks.terminal import Terminal
from animator.scene.warnings import UnknownWord, UnsureLanguage


class Clock:
    """Time that tests move."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


INFO = StepInfo(0, 1, 3, {"prompt": torch.tensor(0.5), "drift": torch.tensor(0.25)}, lambda: torch.zeros(1, 3, 8, 8))
FILM = Path("outputs/reef/reef.mp4")


def frame_done(frame: int, scene: str = "reef") -> events.FrameDone:
    return events.FrameDone(scene, frame, 3, 1.5, {"prompt": 0.500004, "drift": 0.25})


def test_a_log_gets_a_line_every_half_minute() -> None:
    stream, clock = io.StringIO(), Clock()
    sink = Plain(stream, clock)
    sink(events.FilmBegan("reef", 0, 6))
    for second in range(1, 95):
        clock.now = float(second)
        sink(INFO)
        if second % 40 == 0:
            sink(frame_done(second // 40 - 1))
    sink(events.FilmDone("reef", FILM, 95))
    lines = stream.getvalue().splitlines()
    assert (EARLY, HEARTBEAT) == (5, 30)
    assert lines == [
        "reef: rendering frames 0 to 5",
        "reef: frame 0/6, step 2 of 3, after 5s; drift 0.25 prompt 0.5",
        "reef: frame 0/6, step 2 of 3, after 35s; drift 0.25 prompt 0.5",
        "reef: frame 1/6, step 2 of 3, after 45s; drift 0.25 prompt 0.5",  # soon after the first frame
        "reef: frame 1/6, step 2 of 3, after 75s; drift 0.25 prompt 0.5",
        f"reef: finished: {FILM} (95s)",
    ]


def test_a_log_says_how_far_it_is_with_what_it_paints_once_more() -> None:
    stream, clock = io.StringIO(), Clock()
    sink = Plain(stream, clock)
    sink(events.PaintingAgain("reef", 60))
    for second in range(1, 61):
        clock.now = float(second)
        sink(events.PaintedAgain("reef", second, 60))
    assert stream.getvalue().splitlines() == [
        "reef: painting 60 frames once more, to show how they were made",
        "reef: 30 of 60 frames painted once more",
        "reef: 60 of 60 frames painted once more",
    ]


def test_a_terminal_has_a_bar_for_what_it_paints_once_more() -> None:
    console = Console(file=io.StringIO(), force_terminal=True, width=100)
    sink = Terminal(console)
    for done in (1, 2, 3):
        sink(events.PaintedAgain("reef", done, 3))
    assert sink.progress is not None
    assert sink.progress.tasks[0].completed == 3
    sink(events.FilmDone("reef", FILM, 1))
    assert sink.progress is None


def test_what_is_left_counts_the_frames_of_this_run_alone_and_not_the_first() -> None:
    stream, clock = io.StringIO(), Clock()
    sink = Plain(stream, clock)
    for event, now in ((events.FilmBegan("reef", 3, 7), 0), (frame_done(3), 20), (frame_done(4), 24), (INFO, 26)):
        clock.now = float(now)
        sink(event)
    assert stream.getvalue().splitlines()[-1].startswith("reef: frame 5/7 after 26s, 12s left; ")


def test_events_are_json_lines() -> None:
    stream = io.StringIO()
    sink = JsonLines(stream)
    seen: list[Event] = [
        events.FilmBegan("reef", 2, 6),
        INFO,
        frame_done(2),
        events.Warned("reef", UnknownWord("pocket", "a\nb", ("ab",))),
        events.FramesKept("reef", 4, 6, 3, ("prompts", "steps")),
        events.SceneFailed("reef", ModelError("no such model"), 0.12345),
        events.FilmDone("reef", FILM, 1.23456),
    ]
    for event in seen:
        sink(event)
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    names = ["film_began", "frame_done", "warned", "frames_kept", "scene_failed", "film_done"]
    assert [line["event"] for line in lines] == names
    assert all(line["scene"].startswith("reef") and line["time"] > 1e9 for line in lines)
    began, frame, warned, kept, failed, done = lines
    assert (began["first"], began["stop"]) == (2, 6)
    assert frame["losses"] == {"drift": 0.25, "prompt": 0.5}
    assert (frame["frame"], frame["steps"], frame["seconds"]) == (2, 3, 1.5)
    assert warned["warning"] == {"kind": "UnknownWord", "encoder": "pocket", "word": "a\nb", "near": ["ab"]}
    assert (kept["kept"], kept["first"], kept["changed"]) == (4, 3, ["prompts", "steps"])
    assert failed["error"] == {"kind": "ModelError", "message": "no such model", "exit_code": 69}
    assert (done["film"], done["seconds"]) == (str(FILM), 1.235)


@pytest.mark.parametrize("text", ["a [red]cat[/blue]", "[bold]x", "[link=x]", "\x1b[31mred\x07", "]["])
def test_prompts_are_printed_as_typed(text: str) -> None:
    stream = io.StringIO()
    sink = Terminal(Console(file=stream, force_terminal=False, width=200))
    for event in (events.FilmBegan(text, 0, 6), INFO, frame_done(0, text), events.ModelsMissing(text, text)):
        sink(event)
    shown = text.replace("\x1b", "\\x1b").replace("\x07", "\\x07")
    assert shown in stream.getvalue()
    sink(events.FilmDone(text, FILM, 1))
    assert stream.getvalue().count(shown) >= 3
    assert "\x1b" not in stream.getvalue()


SENTENCES: list[tuple[Event, str]] = [
    (
        events.Warned("reef", UnknownWord("pocket", "flowr", ("flower",))),
        "reef: warning: 'pocket' is a small model and never saw the word 'flowr' (near it: flower); "
        "`python render.py words` lists what it knows; a full CLIP knows the rest",
    ),
    (
        events.Warned("reef", UnsureLanguage("a/b", "ja")),
        "reef: warning: nobody says whether 'a/b' reads 'ja'; it is asked all the same",
    ),
    (
        events.StatesDamaged("reef", (5, 4)),
        "reef: the stored state of frame 5, 4 is damaged; going on from an older one",
    ),
    (events.ModelsMissing("reef", "reef: not here: RN50"), "reef: not here: RN50"),
    (events.FramesKept("reef", 4, 6, 3), "reef: 4 of 6 frames kept, rendering from frame 3"),
    (
        events.FramesKept("reef", 4, 6, 4, ("prompts", "steps")),
        "reef: 4 of 6 frames kept, rendering from frame 4; changed: prompts, steps",
    ),
    (
        events.FramesKept("reef", 0, 6, 0, ("seed",)),
        "reef: none of the frames that are there can be kept; changed: seed",
    ),
    (
        events.FramesKept("reef", 0, 6, 0, ("format",)),
        "reef: made by another version of the program, so its frames are rendered anew",
    ),
    (
        events.MemoryTight("reef", 3_200_000_000, 3_400_000_000, True, 2),
        "reef: a step takes 3.2 GB, and 3.4 GB are free; "
        "what it frees goes back at once and cutouts go in 2 pieces, which is slower",
    ),
    (events.FilmBegan("reef", 2, 6), "reef: rendering frames 2 to 5"),
    (INFO, ""),
    (frame_done(0), ""),
    (
        events.CutoutsInPieces("reef", 4),
        "reef: out of memory; going on with cutouts in 4 pieces, which is slower",
    ),
    (events.Encoding("reef", 6), ""),
    (events.FilmDone("reef", FILM, 61.4), f"reef: finished: {FILM} (61s)"),
    (events.SceneFailed("reef", ModelError("gone"), 0.2), "reef: FAILED: gone (0s)"),
]


@pytest.mark.parametrize(("event", "sentence"), SENTENCES, ids=lambda part: type(part).__name__)
def test_every_event_has_its_sentence(event: Event, sentence: str) -> None:
    assert sentences.of(event) == sentence


def test_several_films_have_a_bar_each() -> None:
    sink = Terminal(Console(file=io.StringIO(), force_terminal=True, width=120))
    for name in ("reef", "wood"):
        sink(events.FilmBegan(name, 0, 6))
    assert sink.progress is not None
    assert len(sink.progress.tasks) == 4
    sink(events.Beat("reef", 2, 5, 10, {"prompt": 0.5}))
    sink(frame_done(2, "wood"))
    assert [task.completed for task in sink.progress.tasks] == [0, 5, 3, 0]
    sink(events.FilmDone("reef", Path("reef.mp4"), 1.0))
    assert [task.description for task in sink.progress.tasks] == ["wood", "frame"]
    sink(events.FilmDone("wood", Path("wood.mp4"), 1.0))
    assert sink.progress is None


def test_a_log_says_how_each_of_several_films_goes() -> None:
    out, now = io.StringIO(), [0.0]
    sink = Plain(out, lambda: now[0])
    for name in ("reef", "wood"):
        sink(events.FilmBegan(name, 0, 6))
    for now[0] in (6.0, 7.0, 40.0):
        sink(events.Beat("reef", 0, 5, 10, {"prompt": 0.5}))
    sink(events.Beat("wood", 0, 7, 10, {"prompt": 0.25}))
    lines = [line for line in out.getvalue().splitlines() if "step" in line]
    assert [line.partition(",")[0] for line in lines] == ["reef: frame 0/6", "reef: frame 0/6", "wood: frame 0/6"]
