import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from animator.film.keys import canonical
from animator.scene.document import read, resolve
from animator.scene.frame_spec import FrameSpec
from animator.scene.motions import IDENTITY, Matrix, compose
from animator.scene.problems import FlawsError
from animator.seeds import derive
from tests.conftest import ROOT

BASE = {"duration": "4s", "prompts": "a star"}


def frames(**fields: object) -> Sequence[FrameSpec]:
    return resolve({**BASE, **fields}, "scene").frames


def camera(specs: Sequence[FrameSpec]) -> list[Matrix]:
    """Where the camera is at each frame, seen from the first."""
    poses = [IDENTITY]
    for spec in specs[1:]:
        poses.append(compose(poses[-1], spec.matrix))
    return poses


def near(one: Matrix, other: Matrix, slack: float) -> bool:
    return all(abs(a - b) < slack for r, s in zip(one, other, strict=True) for a, b in zip(r, s, strict=True))


def test_the_first_frame_stands_still_and_has_its_own_steps() -> None:
    specs = frames(motion={"zoom": 2}, optimize={"first_steps": 99, "steps": 7})
    assert specs[0].matrix == IDENTITY
    assert [spec.steps for spec in specs] == [99] + [7] * 47


MOVING = {
    "zoom": {"0s": 1, "1s": 1.5, "3s": 0.8, "ease": "smooth"},
    "rotate": "30*sin(t)",
    "pan_x": {"0s": 0.1, "2s": -0.3, "ease": "ease-in-out"},
    "pan_y": 0.05,
    "center_x": 0.2,
}


@pytest.mark.parametrize("slow_and_fast", [(12, 24), (10, 30), (8, 48)])
def test_the_same_scene_at_another_fps_is_the_same_film(slow_and_fast: tuple[int, int]) -> None:
    slow, fast = slow_and_fast
    fields: dict[str, object] = {
        "motion": MOVING,
        "prompts": [{"0s": "a", "2s": "b", "fade": "1s"}, {"text": "c", "weight": {"0s": 0, "4s": -1}}],
        "losses": {"drift": "0.5 + 0.1*t"},
        "optimize": {"steps_per_second": 96, "step_size": {"0s": 1, "4s": 2}},
        "guide": {"cutouts": {"noise": {"0s": 0, "4s": 0.1}}},
        "size": [320, 180],
    }
    few, many = frames(fps=slow, **fields), frames(fps=fast, **fields)
    often = many[:: fast // slow]
    assert len(often) == len(few)
    for one, other in zip(few, often, strict=True):
        assert one.time == pytest.approx(other.time)
        assert one.prompts == other.prompts
        assert dict(one.losses) == pytest.approx(dict(other.losses))
        assert asdict(one.cutouts) == pytest.approx(asdict(other.cutouts))
        assert one.step_size == pytest.approx(other.step_size)
    for here, there in zip(camera(few), camera(many)[:: fast // slow], strict=True):
        assert near(here, there, 2e-3), (here, there)
    assert sum(s.steps for s in few[1:]) == pytest.approx(sum(s.steps for s in many[1:]), abs=96 / slow)


def test_constant_rates_are_exact_at_any_fps() -> None:
    motion = {"zoom": 1.3, "rotate": 40, "pan_x": 0.2}
    few, many = camera(frames(fps=5, motion=motion)), camera(frames(fps=240, motion=motion))
    assert near(few[15], many[15 * 48], 1e-9)


@settings(max_examples=50)
@given(st.integers(1, 60), st.floats(0.5, 40))
def test_steps_per_second_loses_none(fps: int, rate: float) -> None:
    specs = frames(fps=fps, duration="3s", optimize={"steps_per_second": rate})
    assert abs(sum(spec.steps for spec in specs[1:]) - rate * (len(specs) - 1) / fps) <= rate / fps + 1


def test_cross_fades_are_centred_and_end() -> None:
    specs = frames(fps=10, prompts={"0s": "a", "2s": "b", "fade": "1s"})
    shares = {
        spec.index: (str(spec.prompts[0].aim), str(spec.prompts[0].towards or ""), spec.prompts[0].blend)
        for spec in specs
    }
    assert shares[14] == ("a", "", 0.0)
    assert shares[20] == ("a", "b", 0.5)
    assert shares[26] == ("b", "", 0.0)
    assert [round(shares[index][2], 3) for index in (16, 18, 22, 24)] == [0.1, 0.3, 0.7, 0.9]


def test_no_fade_is_a_hard_cut() -> None:
    specs = frames(fps=10, prompts={"0s": "a", "2s": "b"})
    assert {spec.prompts[0].aim.text for spec in specs[:20]} == {"a"}
    assert {spec.prompts[0].aim.text for spec in specs[20:]} == {"b"}


def test_seeds_depend_on_the_place_and_nothing_else() -> None:
    specs = frames(seed=5)
    assert len({spec.seed for spec in specs}) == len(specs)
    assert specs[7].seed == frames(seed=5, duration="1s")[7].seed != frames(seed=6)[7].seed
    assert derive(1, 23) != derive(12, 3)
    assert all(0 <= derive(0, n) < 2**63 for n in range(100))


@settings(max_examples=40)
@given(st.sampled_from(["prompts", "zoom", "steps", "weight", "noise", "step_size"]), st.integers(1, 46))
def test_an_edit_changes_frames_from_its_time_on_and_none_before(what: str, frame: int) -> None:
    """What the chained keys stand on."""

    def scene(late: float) -> Sequence[FrameSpec]:
        curve = [{"at": "0f", "value": 1, "ease": "hold"}, {"at": f"{frame}f", "value": late}]
        texts = {"0f": "a", f"{frame}f": f"b{late}"}
        given: dict[str, dict[str, object]] = {
            "prompts": {"prompts": texts},
            "zoom": {"motion": {"zoom": curve}},
            "steps": {"optimize": {"steps": curve}},
            "weight": {"losses": {"drift": curve}},
            "noise": {"guide": {"cutouts": {"noise": f"where(f < {frame}, 0.1, {late / 9})"}}},
            "step_size": {"optimize": {"step_size": curve}},
        }
        return frames(**given[what])

    one, other = scene(2), scene(3)
    same = [canonical(a) == canonical(b) for a, b in zip(one, other, strict=True)]
    first = same.index(False)
    # a rate is felt by the first frame whose way there it changes
    assert first in (frame, frame + 1)
    assert all(same[:first])


def test_reordering_comments_and_spelling_change_no_frame(write_scene: Callable[..., Path]) -> None:
    one = "duration: 2s\nprompts: a star\nmotion: {zoom: 1.50, rotate: 3}\nlosses: {drift: 1}\n"
    other = "# other\nlosses:\n  drift: 1.0\nmotion:\n  rotate: 3e0\n  zoom: 15e-1\n"
    other += "prompts:\n  - 'a star'\nduration: 24f\n"
    assert read(write_scene(one)).frames == read(write_scene(other)).frames


@settings(max_examples=60)
@given(
    value=st.floats(0.5, 2).map(lambda value: round(value, 3)),
    times=st.lists(st.integers(0, 40), min_size=1, max_size=4, unique=True).map(sorted),
    ease=st.sampled_from(["linear", "hold", "smooth", "ease-in-out", "cubic-bezier(0.3, -2, 0.6, 3)"]),
)
def test_keyframes_of_one_value_are_that_value(value: float, times: list[int], ease: str) -> None:
    """To the last bit: so a constant that becomes keyframes has no frame rendered anew."""
    keyframes = {**{f"{time / 10}s": value for time in times}, "ease": ease}
    fields = [
        {"motion": {"zoom": curve, "rotate": 7}, "losses": {"drift": curve}, "optimize": {"step_size": curve}}
        for curve in (value, keyframes)
    ]
    one, other = (frames(**each) for each in fields)
    assert list(map(canonical, one)) == list(map(canonical, other))


def test_a_frame_can_be_asked_for_alone() -> None:
    specs = frames(motion=MOVING, generator={"0s": "siren", "2s": "fft"}, prompts={"0s": "a", "2s": "b", "fade": "1s"})
    whole = list(specs)
    assert len(whole) == len(specs) == 48
    assert [specs[place] for place in (30, 3, -1)] == [whole[30], whole[3], whole[47]]
    assert list(specs[20:25]) == whole[20:25]
    assert list(specs[20:][2:4]) == whole[22:24]
    with pytest.raises(IndexError):
        specs[48]


LONG = """
import sys
from pathlib import Path
from animator.scene.document import resolve
prompts = ["a red circle", {"text": "stars", "weight": {"0s": 0, "9s": 1}}, {"0s": "a", "9s": "b", "fade": "1s"}] * 3
film = resolve({"duration": "200000f", "fps": 24, "prompts": [*prompts, "x"], "motion": {"zoom": 1.02}}, "long")
assert film.frames[199_999].matrix == film.frames[1].matrix and len(film.frames[5].prompts) == 10
assert "torch" not in sys.modules
print(next(line.split()[1] for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")))
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs Linux's /proc")
def test_a_film_of_hours_takes_little_memory() -> None:
    done = subprocess.run([sys.executable, "-c", LONG], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < 200 * 1024


def test_what_nobody_would_wait_for_is_refused_at_once() -> None:
    with pytest.raises(FlawsError, match="200000 frames with 1000 prompts and 0 curves that change are too much"):
        resolve({"duration": "200000f", "fps": 24, "prompts": ["a red circle"] * 1000}, "huge")
    assert len(resolve({"duration": "2400f", "fps": 24, "prompts": ["a red circle"] * 1000}, "large").frames) == 2400
