"""A film that hears its song: times, names and rules in music."""

import math
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from animator.scene import music
from animator.scene.audio import Audio
from animator.scene.clock import Clock, Rule, hear
from animator.scene.document import resolve
from animator.scene.expressions import SHAPES, Expression
from animator.scene.frame_spec import FrameSpec
from animator.scene.music import Grid, Music
from animator.scene.problems import FlawsError
from animator.scene.times import parse_time
from animator.scene.warnings import Unseen
from tests.conftest import ROOT

SWING = tuple(0.4 + 0.5 * place + 0.03 * (place % 3) for place in range(40))  # beats that people play


def clock(fps: float = 12.0, seconds: float = 20.0, **audio: Any) -> Clock:
    """Of a silent film whose beats are known."""
    flaws: list[Any] = []
    heard = hear(Audio(**{"bpm": 120, **audio}), fps, lambda path: None, flaws)
    assert not flaws
    return Clock(fps, seconds, round(seconds * fps), heard)


def by_hand(fps: float = 12.0, **audio: Any) -> Clock:
    return clock(fps, **{"bpm": "auto", "beats": SWING, **audio})


def frames(**fields: Any) -> Sequence[FrameSpec]:
    return resolve({"duration": "8s", "prompts": "a star", "audio": {"bpm": 120}, **fields}, "scene").frames


@given(st.floats(-20, 60), st.sampled_from([SWING, (0.5, 1.0), (1.0, 1.0, 1.5, 2.0)]))
def test_a_grid_goes_on_before_its_first_beat_and_behind_its_last(position: float, beats: tuple[float, ...]) -> None:
    grid = Grid(beats, 4, 0)
    time = grid.time(position)
    assert grid.time(grid.position(time)) == pytest.approx(time, abs=1e-9)
    assert grid.time(position + 1) >= time


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0b", 0.5),
        ("16b", 8.5),
        ("1.5b", 1.25),
        ("4bar", 8.5),
        ("bar 1", 0.5),
        ("bar 9", 16.5),
        ("bar 9 + 2b", 17.5),
        ("bar 9 - 1bar", 14.5),
        ("@drop", 3.0),
        ("@hit[2]", 5.0),
        ("@drop + 2b", 4.0),
        ("@drop - 1s + 6f", 2.5),
        ("@beat[3]", 1.5),
        ("@bar[3]", 4.5),
        ("2s + 1b", 2.5),
        ("1:02.5", 62.5),
    ],
)
def test_times_in_music(text: str, seconds: float) -> None:
    heard = clock(first_beat=0.5, markers={"drop": "3s", "hit": [2, 5]})
    assert heard.point(parse_time(text)) == pytest.approx(seconds)


def test_beats_are_counted_in_the_song_wherever_the_film_begins() -> None:
    late = clock(first_beat=0.5, start="bar 3", markers={"drop": 9})
    assert late.music.begin == pytest.approx(4.5)
    assert late.point(parse_time("bar 3")) == 0.0
    assert late.point(parse_time("bar 4")) == pytest.approx(2.0)
    assert late.point(parse_time("@drop")) == pytest.approx(4.5)
    sooner = clock(first_beat=0.5, start="bar 3", markers={"drop": 9}, lead="250ms", offset="0.5s")
    assert sooner.point(parse_time("@drop")) == pytest.approx(4.75)


def test_lengths_in_music() -> None:
    heard = clock(beats_per_bar=3)
    assert heard.length(parse_time("2b")) == pytest.approx(1.0)
    assert heard.length(parse_time("1bar + 250ms")) == pytest.approx(1.75)
    for text in ("bar 2", "@drop", "+2b"):
        with pytest.raises(ValueError, match="a length is needed"):
            heard.length(parse_time(text))


def test_a_key_may_count_from_the_one_before() -> None:
    heard = clock(first_beat=0.5)
    points = list[float]()
    for text in ("bar 2", "+2b", "+2b", "+1s", "+1bar - 1b"):
        points.append(heard.point(parse_time(text), points[-1] if points else 0.0))
    assert points == pytest.approx([2.5, 3.5, 4.5, 5.5, 7.0])


def test_equal_keys_that_count_on_are_no_duplicates(tmp_path: Any) -> None:
    from animator.scene.document import read

    path = tmp_path / "x.yaml"
    path.write_text(
        "duration: 4s\naudio: {bpm: 120}\nprompts: {0s: a star, +2b: the sea, +2b: a tree}\n"
        "motion: {rotate: {0s: 0, +1b: 5, +1b: 0, ease: hold}}\n"
    )
    specs = read(path).frames
    assert [specs[index].prompts[0].aim.text for index in (0, 11, 12, 23, 24)] == [
        *("a star", "a star", "the sea", "the sea", "a tree")
    ]


RULES = [
    ({"length": "4b"}, [0.0, 2.0, 4.0, 6.0]),
    ({"length": "1bar"}, [0.0, 2.0, 4.0, 6.0]),
    ({"length": "3s"}, [0.0, 3.0, 6.0]),
    ({"onset": "hit"}, [0.0, 1.0, 1.25, 4.0, 6.0]),
    ({"onset": "hit", "at_least": "1.5s"}, [0.0, 4.0, 6.0]),
    ({"onset": "bar"}, [0.0, 2.0, 4.0, 6.0]),
]


@pytest.mark.parametrize(("rule", "times"), RULES, ids=str)
def test_times_by_rule(rule: dict[str, Any], times: list[float]) -> None:
    heard = clock(seconds=8, markers={"hit": [1, 1.25, 4, 6, 9]})
    assert heard.times(Rule.model_validate(rule)) == pytest.approx(times)


def test_a_rule_begins_with_the_last_time_before_the_film() -> None:
    late = clock(seconds=6, start="3s")  # bars of the song begin at 2 s and 4 s
    assert late.times(Rule.model_validate("1bar")) == pytest.approx([-1.0, 1.0, 3.0, 5.0])
    counted = clock(seconds=6, first_beat=1.5)  # nothing is counted before the first beat
    assert counted.times(Rule.model_validate("4b")) == pytest.approx([1.5, 3.5, 5.5])


def test_one_line_for_a_prompt_every_four_bars() -> None:
    specs = frames(duration="18s", prompts={"every": "4bar", "texts": ["a star", "the sea"], "fade": "1b"})
    shown = [spec.prompts[0].aim.text for spec in specs]
    assert (shown[0], shown[92], shown[100], shown[-1]) == ("a star", "a star", "the sea", "a star")
    assert specs[96].prompts[0].blend == pytest.approx(0.5)


def test_values_in_turn() -> None:
    specs = frames(optimize={"steps": {"every": "1b", "values": [9, 5, 2]}})
    assert [spec.steps for spec in specs[1:24]] == [9] * 5 + [5] * 6 + [2] * 6 + [9] * 6


EVENTS = ("16b", "@hit[2]", "bar 3", "@beat[7]", "@bar[2]", "@hit + 3b", "0.7b")


@pytest.mark.parametrize("text", EVENTS)
@given(fps=st.integers(1, 240), begin=st.floats(0, 3))
def test_another_fps_moves_no_time_by_more_than_half_a_frame(text: str, fps: int, begin: float) -> None:
    song = Music(Audio(beats=SWING, markers={"hit": [1.234, 5.678]}), None, begin)
    found = Clock(fps, 20, 20 * fps, Music(song.audio, None, begin, fps)).point(parse_time(text))
    assert found * fps == pytest.approx(round(found * fps), abs=1e-6)  # it is a frame's
    fine = Clock(48_000, 20, 20 * 48_000, Music(song.audio, None, begin, 48_000)).point(parse_time(text))
    assert abs(found - fine) <= 0.5 / fps + 1e-4


@given(fps=st.integers(2, 120), begin=st.floats(0, 3))
def test_another_fps_moves_no_hit_by_more_than_half_a_frame(fps: int, begin: float) -> None:
    """Frame by frame: the beat's number changes, and a pulse is at its top, at the frame that is nearest."""
    song = Music(Audio(beats=SWING, markers={"hit": [4.321, 7.654]}), None, begin, fps)
    film = Clock(fps, 12, 12 * fps, song)
    number, pulse = (Expression(text).bind(film) for text in ("beat", "pulse(hit, 0.5)"))
    numbers = [number(index / fps) for index in range(12 * fps)]
    for beat, time in enumerate(SWING, 1):
        first = next((index for index, value in enumerate(numbers) if value >= beat), None)
        if time > begin + 1 / fps and first is not None:
            assert abs(first / fps + begin - time) <= 0.5 / fps + 1e-9
    tops = [index for index in range(12 * fps) if pulse(index / fps) == 1.0]
    assert len(tops) == 2
    for top, time in zip(tops, (4.321, 7.654), strict=True):
        assert abs(top / fps + begin - time) <= 0.5 / fps + 1e-9


NAMES = (*music.COUNTS, "beat_length", "bar_length", "hit")


@pytest.mark.parametrize("name", NAMES)
def test_names_of_beats_and_marks(name: str) -> None:
    """By hand, without a file: they are 0 before the song begins."""
    heard = by_hand(offset="2s", markers={"hit": [1, 3]})  # the song begins at 2 s
    value = heard.function(name)
    if not name.endswith("length"):
        assert [value(time) for time in (0.0, 1.0, 1.9)] == [0.0, 0.0, 0.0]
    at = {"beat": (4.0, 4.0), "bar": (4.0, 1.0), "beat_phase": (3.5, None), "bar_phase": (3.5, None), "hit": (6.0, 2.0)}
    time, expected = at.get(name, (0.0, None))
    assert math.isfinite(value(time))
    if expected is not None:
        assert value(time) == expected
    if name.endswith("phase"):
        assert all(0 <= value(step / 12) < 1 for step in range(240))


def test_a_bar_may_begin_on_any_beat() -> None:
    heard = Clock(12, 20, 240, Music(Audio(bpm=120, beats_per_bar=3), None, 0.0))
    bars = [heard.function("bar")(time) for time in (0.0, 1.4, 1.5, 3.0)]
    assert bars == [1.0, 1.0, 2.0, 3.0]
    assert heard.function("bar_phase")(0.75) == pytest.approx(0.5)


MISTAKES = [
    ({"audio": {}, "prompts": {"0s": "a", "16b": "b"}}, "beats and bars need a song, or its tempo"),
    ({"motion": {"zoom": "1 + bass"}}, "'bass' is heard in a song"),
    ({"motion": {"zoom": "1 + pulse(kick)"}}, "'kick' is heard in a song"),
    ({"motion": {"zoom": "pulse(drop)"}}, "unknown marker 'drop'"),
    ({"motion": {"zoom": "pulse(bass)"}}, "happens at no moment"),
    ({"motion": {"zoom": "pulse(2*beat)"}}, "pulse is of something that happens"),
    ({"motion": {"zoom": "env(t)"}}, "write env(x, attack, release)"),
    ({"motion": {"zoom": "env(t, 0, 1)"}}, "env needs attack, release above 0"),
    ({"motion": {"zoom": "hold(t, 0)"}}, "hold needs a length above 0"),
    ({"motion": {"zoom": "beats + 1"}}, "unknown name 'beats'"),
    ({"motion": {"zoom": "t.real"}}, "not an expression"),
    ({"motion": {"zoom": "wobble(t)"}}, "unknown function"),
    ({"prompts": {"0s": "a", "@drop": "b"}}, "unknown mark"),
    ({"prompts": {"every": "0b", "texts": ["a"]}}, "a rule needs a length above 0"),
    ({"prompts": {"every": "@drop", "texts": ["a"]}}, "a rule needs a length above 0"),
    ({"prompts": {"every": "4b"}}, "texts in turn are needed"),
    ({"prompts": {"every": "4b", "text": ["a"]}}, 'unknown option; did you mean "texts"?'),
    ({"prompts": {"every": {"onset": "kick", "length": "4b"}, "texts": ["a"]}}, "a rule is a length"),
    ({"prompts": {"every": "1ms", "texts": ["a"]}, "duration": "60s"}, "more than 20000 times"),
    ({"motion": {"zoom": {"every": "1b"}}}, "values in turn are needed"),
    ({"motion": {"zoom": {"every": "1b", "values": [1], "eas": "hold"}}}, "unknown option"),
    ({"duration": "+4b"}, "this is a moment"),
    ({"audio": {"bpm": 120, "beats": [1, 2]}}, "beats are given once"),
    ({"audio": {"beats": [2, 1]}}, "each later than the one before"),
    ({"audio": {"first_beat": 1}}, "it goes with `bpm`"),
    ({"audio": {"analysis": "x.json"}}, "it is of a song"),
    ({"prompts": {"every": "kick", "texts": ["a"]}}, "write every: {onset: kick}"),
    ({"prompts": {"0s": "a", "bar 0": "b"}}, "bars count from 1"),
    ({"prompts": {"0s": "a", "bar 3": "b", "2b": "c"}}, "2b is 1s and comes after bar 3 is 4s"),
    ({"audio": {"bpm": 120, "markers": {"kick": 3}}}, "it means something else in expressions"),
    ({"audio": {"bpm": "fast"}}, "expected beats a minute from 20 to 400"),
    ({"audio": {"file": "x", "analysis": "y", "beats_per_bar": 3}}, "change it there"),
    ({"audio": {"bpm": 120, "markers": {"beat": 3}}}, "it means something else in expressions"),
    ({"audio": {"bpm": 120, "markers": {"a b": 3}}}, "a name has letters, digits and _"),
    ({"audio": {"bpm": 120, "markers": {"drop": "bar 3"}}}, "a moment of the song"),
    ({"audio": {"bpm": 120, "bands": [{"name": "t", "low": 1, "high": 2}]}}, "it means something else"),
    ({"audio": {"bpm": 120, "bands": [{"name": "sub", "low": 9, "high": 2}]}}, "a band ends above"),
    ({"audio": {"bpm": 120, "lead": "bar 2"}}, "a length is needed"),
    ({"audio": {"midi": "none.mid"}}, "none.mid: no such file"),
]


@pytest.mark.parametrize(("fields", "said"), MISTAKES, ids=str)
def test_mistakes_are_said(fields: dict[str, Any], said: str) -> None:
    with pytest.raises(FlawsError) as caught:
        frames(**fields)
    assert any(said in flaw.message for flaw in caught.value.flaws), caught.value.flaws


def test_a_mistake_in_the_song_brings_no_others() -> None:
    with pytest.raises(FlawsError) as caught:
        frames(audio={"bpm": 120, "offset": 80}, motion={"zoom": "1 + bass"}, duration="4bar")
    assert [flaw.path for flaw in caught.value.flaws] == [("audio", "offset")]


def test_what_begins_with_the_film_takes_the_place_of_what_did_before() -> None:
    plain = {"audio": {"bpm": 120, "start": "bar 3", "markers": {"drop": 4}}, "duration": "4s"}
    specs = frames(**plain, prompts={"0s": "a", "@drop": "b"}, motion={"rotate": {"0s": 1, "bar 3": 2, "bar 4": 3}})
    assert {spec.prompts[0].aim.text for spec in specs} == {"b"}


def test_a_prompt_that_comes_after_the_end_is_warned_of() -> None:
    plain = {
        "duration": "8s",
        "audio": {"bpm": 120},
        "prompts": {"0s": "a star", "bar 3": "the sea", "+4bar": "a tree"},
    }
    (warning,) = [each for each in resolve(plain, "x").warnings if isinstance(each, Unseen)]
    assert (warning.prompt, warning.start, warning.end) == ("a tree", 12.0, 8.0)


def test_a_marker_may_lie_after_the_song() -> None:
    audio = Audio(file=str(ROOT / "scenes" / "song.ogg"), bpm=120, markers={"drop": "1:02.5"})
    found = Clock(12, 20, 240, hear(audio, 12, lambda path: None, []))
    with pytest.raises(ValueError, match=r"@drop is at 62.5s, and the song ends at 20s"):
        found.point(parse_time("@drop"))


def test_what_would_hardly_be_seen_is_left_out() -> None:
    late = clock(seconds=8, start="3.9s")  # bars begin at 0.1 s, 2.1 s and so on
    assert late.turns(Rule.model_validate("1bar")) == pytest.approx([0.1, 2.1, 4.1, 6.1], abs=0.05)
    assert clock(seconds=8.1).turns(Rule.model_validate("1bar")) == pytest.approx([0, 2, 4, 6])


def test_a_film_may_be_as_long_as_its_bars() -> None:
    assert len(frames(duration="4bar")) == 96
    assert len(frames(duration="bar 5", audio={"bpm": 120, "first_beat": 0.5})) == 102
    assert len(frames(duration="bar 5", audio={"bpm": 120, "start": "bar 3"})) == 48
    assert len(frames(duration="@end", audio={"bpm": 120, "markers": {"end": 3}, "lead": "1s"})) == 36


def test_what_is_known_by_hand_asks_for_no_search() -> None:
    program = (
        "import sys; from animator.scene.document import resolve\n"
        "resolve({'duration': '4s', 'prompts': {'every': '1bar', 'texts': ['a star']},\n"
        "  'audio': {'file': 'scenes/song.ogg', 'bpm': 120, 'markers': {'drop': '0:02'}},\n"
        "  'motion': {'rotate': 'pulse(beat) + bass + drop'}}, 'x')\n"
        "sys.exit(repr({'librosa', 'numba', 'torch'} & set(sys.modules)) if 'librosa' in sys.modules else 0)"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60, cwd=ROOT)


def test_a_longer_film_changes_nothing_before() -> None:
    """What looks at times around sees the same, however long the film goes on."""
    for text in (
        *("smooth(beat_phase, 2s)", "ahead(env(beat_phase, 0.1, 0.5), 1s)", "ahead(slide(bar, 1, 1), 3s)"),
        *("ahead(hit, 1s)", "ahead(pulse(hit, 1s), 3s)", "hold(t, 1bar)", "ahead(hold(t, 1bar), 2s)", "hold(t, 300ms)"),
    ):
        films = (clock(seconds=seconds, markers={"hit": [3, 8.05, 9]}) for seconds in (8.1, 16.0))
        short, long = (Expression(text).bind(film) for film in films)
        assert [short(index / 12) for index in range(96)] == [long(index / 12) for index in range(96)]


def test_generators_take_turns_in_music() -> None:
    specs = frames(generator={"0s": "siren", "bar 3": "fft", "+1bar": "siren"})
    assert [specs[index].generator for index in (47, 48, 71, 72)] == [0, 1, 1, 2]


def test_every_shape_is_tried_here() -> None:
    assert set(SHAPES) == {"pulse", "env", "smooth", "slide", "hold", "ahead"}


ENDS = (*music.NAMES, "sub", "drop", "fs4")


@pytest.fixture(scope="module")
def heard(tmp_path_factory: pytest.TempPathFactory) -> Clock:
    """The song of the examples from one second of the film on, with everything that a scene may add to it."""
    import mido

    path = tmp_path_factory.mktemp("notes") / "notes.mid"
    track = mido.MidiTrack([mido.Message("note_on", note=66, velocity=100, time=ticks) for ticks in (480, 960, 480)])
    mido.MidiFile(tracks=[track]).save(path)
    flaws: list[Any] = []
    song = Audio(
        file=str(ROOT / "scenes" / "song.ogg"),
        analysis=str(ROOT / "scenes" / "song.beats.json"),
        offset="1s",
        midi=str(path),
        markers={"drop": 12},
        bands=[{"name": "sub", "low": 20, "high": 60}],
    )
    found = hear(song, 24.0, lambda path: None, flaws)
    assert not flaws
    return Clock(24.0, 30.0, 720, found)


@pytest.mark.parametrize("name", ENDS)
def test_every_name_is_0_before_the_song_and_after_it(heard: Clock, name: str) -> None:
    value = heard.function(name)
    assert {value(index / 24) for index in range(24)} == {0.0}  # the song begins at 1 s
    assert {value(index / 24) for index in range(21 * 24 + 1, 30 * 24)} == {0.0}  # and lasts 20 s
    inside = [value(index / 24) for index in range(24, 21 * 24)]
    assert max(inside) > 0.5
    assert all(math.isfinite(each) for each in inside)
    for shape in ("smooth({}, 1s)", "env({}, 1s, 2s)", "ahead({}, 3s)", "hold({}, 1bar)", "slide({}, 1, 1)"):
        shaped = Expression(shape.format(name)).bind(heard)
        assert all(math.isfinite(shaped(time)) for time in (0.0, 0.9, 20.99, 21.0, 29.99))


def test_every_name_that_is_known_is_tried_at_the_ends(heard: Clock) -> None:
    assert set(ENDS) >= set(heard.music.names) - {"note_66"}
