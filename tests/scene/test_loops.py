"""Films that repeat: what their last second asks for, and what cannot be a loop."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from animator.film.keys import canonical
from animator.scene.document import resolve
from animator.scene.frame_spec import FrameSpec
from animator.scene.motions import IDENTITY, compose
from animator.scene.problems import FlawsError
from animator.scene.timeline import Timeline
from tests.scene.test_timeline import near

BASE = {"duration": "4s", "fps": 6, "prompts": {"0s": "a", "2s": "b", "fade": "1s"}}
BACK = "exp(0.5*sin(2*pi*t/duration))"


def frames(**fields: object) -> Timeline:
    found = resolve({**BASE, "loop": True, **fields}, "scene").frames
    assert isinstance(found, Timeline)
    return found


def shown(spec: FrameSpec) -> tuple[str, str, float]:
    (prompt,) = spec.prompts
    return prompt.aim.text, prompt.towards.text if prompt.towards else "", prompt.blend


@settings(max_examples=30, deadline=None)
@given(st.integers(2, 40), st.sampled_from([1, 5, 24]), st.integers(-2, 2), st.floats(-0.5, 0.5))
def test_the_first_frame_is_seen_from_where_the_camera_is(count: int, fps: int, turns: int, pan: float) -> None:
    """With the move after the last frame, the camera is back."""
    motion = {
        "zoom": "exp(sin(2*pi*t/duration))",
        "pan_x": f"{pan}*sin(2*pi*t/duration)",
        "rotate": turns * 360 * fps / count,
    }
    still = {**motion, "rotate": 0} if pan else {**motion, "pan_x": 0}
    specs = frames(duration=f"{count}f", fps=fps, motion=still, prompts="a")
    pose = IDENTITY
    for spec in specs:
        pose = compose(pose, spec.matrix)
        assert spec.home is None or near(spec.home.pose, pose, 1e-12)
    assert near(compose(pose, specs.moves[count]), IDENTITY, 0.01)
    lead = [spec.home.share for spec in specs if spec.home]
    assert len(lead) == max(1, min(fps, count // 2))
    assert lead == sorted(lead)
    assert 0 < lead[0] <= lead[-1] < 1
    assert specs[count - 1].home is not None


def test_prompts_and_weights_go_back_to_the_first() -> None:
    specs = frames(prompts=[BASE["prompts"]])
    assert [shown(spec) for spec in (specs[17], specs[18])] == [("b", "", 0.0), ("b", "", 0.0)]
    assert [shown(spec)[:2] for spec in specs[19:]] == [("b", "a")] * 5
    assert shown(specs[21])[2] == pytest.approx(0.5)
    steady = frames(prompts=[{"text": "c", "weight": {"0s": 1, "3s": 4}}])
    weights = [spec.prompts[0].weight for spec in steady]
    assert weights[18] == pytest.approx(4 - 3 / 7)
    assert weights[23] == pytest.approx(1 + 3 / 7)


def test_what_takes_turns_by_a_rule_ends_with_the_first() -> None:
    specs = frames(prompts={"every": "0.9s", "texts": ["a", "b", "c"]})
    assert shown(specs[23])[:2] == ("a", "")  # the fourth turn is the first prompt again
    specs = frames(prompts={"every": "1.6s", "texts": ["a", "b", "c"], "fade": "0.5s"})
    assert shown(specs[17])[0] == "b"
    assert shown(specs[23])[:2] == ("b", "a")


def test_a_loop_changes_nothing_before_its_last_second() -> None:
    one, other = frames(), frames(loop=False)
    same = [canonical(a) == canonical(b) for a, b in zip(one, other, strict=True)]
    assert same == [True] * 18 + [False] * 6


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        (
            {"motion": {"zoom": 1.1}},
            r"1\.464 times as close, .*corner \d+\.\d pixels off, of 1 at most; .*exp\(",
        ),
        ({"motion": {"rotate": 80}}, r"turned by -40 degrees"),
        ({"motion": {"pan_x": 0.05}}, r"0\.2 frame widths aside"),
        ({"motion": {"pan_y": -0.05}}, r"-0\.2 frame heights down"),
        ({"motion": {"zoom": "1 + 0.1*sin(2*pi*t/duration)"}}, r"0\.99 times as close"),
        ({"prompts": {"0s": "a", "3.5s": "b"}}, r"from 3s on the film goes back to its start, and 'b' comes at 3\.5s"),
        ({"loop": "yes"}, r"valid boolean"),
    ],
)
def test_what_cannot_be_a_loop_is_said(fields: dict[str, object], says: str) -> None:
    with pytest.raises(FlawsError, match=says) as caught:
        frames(**fields)
    assert caught.value.flaws[0].path == ("loop",)


def test_whole_turns_and_breathing_cameras_are_loops() -> None:
    for motion in ({"rotate": 90}, {"zoom": BACK}, {"zoom": BACK, "center_x": 0.2}, {}):
        assert frames(motion=motion)[23].home is not None


def test_a_film_of_one_frame_is_a_loop() -> None:
    assert frames(duration="1f", prompts="a")[0].home is None
