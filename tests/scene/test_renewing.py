"""Where a film comes to show something else, there is one picture that it is on the way to."""

from pathlib import Path

import pytest
from PIL import Image

from animator.scene import renewing
from animator.scene.document import resolve
from animator.scene.frame_spec import Coming, DenoiserAt
from animator.scene.motions import IDENTITY, Matrix, compose


def said(**options: object) -> dict[str, object]:
    return {"encoders": "pocket", "denoisers": {"pocket-transformer": options}}


PLAIN = {"name": "new", "size": [48, 32], "fps": 4, "duration": "6s", "generator": "siren", "guide": said(hold=0)}
TREE_TO_BOAT = {"0s": "a tree", "3s": "a boat", "fade": "1s"}


def targets(**more: object) -> list[DenoiserAt | None]:
    film = resolve({**PLAIN, **more}, "new")
    return [frame.denoisers[0] if frame.denoisers else None for frame in film.frames]


def changes(**more: object) -> dict[int, Coming]:
    film = resolve({**PLAIN, **more}, "new")
    return {frame.index: at.coming for frame in film.frames for at in frame.denoisers if at.coming and not frame.starts}


def test_a_fade_is_on_the_way_to_one_picture_until_it_has_settled() -> None:
    found = changes(prompts=TREE_TO_BOAT)
    assert list(found) == list(range(11, 20))  # from 2.5 s to 3.5 s, and almost 1.5 s
    assert len({coming.seed for coming in found.values()}) == 1
    assert {prompt.aim.text for coming in found.values() for prompt in coming.prompts} == {"a boat"}
    shares = [coming.share for coming in found.values()]
    assert shares == [0.25, 0.5, 0.75, 1, *(pytest.approx(1 - n / 6) for n in range(1, 6))]
    assert changes(prompts=TREE_TO_BOAT, seed=1)[11].seed != found[11].seed


def test_the_picture_is_seen_straight_in_the_first_frame_and_as_the_camera_moves_behind_it() -> None:
    film = resolve({**PLAIN, "prompts": TREE_TO_BOAT, "motion": {"zoom": 1.5, "rotate": 30, "pan_x": 0.1}}, "new")
    poses = {frame.index: at.coming.pose for frame in film.frames[1:] for at in frame.denoisers if at.coming}
    assert poses[11] == IDENTITY
    for index in range(12, 20):
        assert poses[index] == compose(poses[index - 1], film.frames[index].matrix)


def test_a_film_adds_up_the_cameras_moves_once(monkeypatch: pytest.MonkeyPatch) -> None:
    added = list[Matrix]()

    def counted(first: Matrix, second: Matrix) -> Matrix:
        added.append(second)
        return compose(first, second)

    monkeypatch.setattr(renewing, "compose", counted)
    film = resolve({**PLAIN, "prompts": {"0s": "a tree", "3s": "a boat", "fade": "3s"}, "motion": {"zoom": 1.5}}, "new")
    assert sum(bool(frame.denoisers) for frame in film.frames) > 12
    assert 12 < len(added) < len(film.frames)


def test_back_to_back_changes_have_a_picture_each() -> None:
    found = changes(prompts={"0s": "a tree", "2s": "a boat", "3s": "a house", "fade": "1s"})
    texts = {index: coming.prompts[0].aim.text for index, coming in found.items()}
    assert {texts[index] for index in range(7, 11)} == {"a boat"}
    assert {texts[index] for index in range(11, 20)} == {"a house"}


def test_a_weight_that_pulses_asks_for_nothing_new_and_one_that_wins_does() -> None:
    pulse = {"text": "stars", "weight": {"0s": 0, "1s": 0.9, "2s": 0, "3s": 0.9, "4s": 0}}
    assert targets(prompts=["a tree", pulse])[1:] == [None] * 23
    comes = {"text": "a boat", "weight": {"0s": 0, "4s": 2}}
    found = changes(prompts=["a tree", comes])
    assert list(found) == list(range(9, 15))  # it is more than 1 behind 2 s
    assert [prompt.aim.text for prompt in found[9].prompts] == ["a boat"]  # without the one that lost
    assert found[9].share == 1


def test_where_another_generator_takes_over_the_picture_stays_what_it_is() -> None:
    found = targets(prompts="a tree", generator={"0s": "siren", "2s": "fft"})
    assert found[7] is None
    assert [(at.level, at.coming) for at in found[8:10] if at] == [(1, None), (pytest.approx(5 / 6), None)]


def test_where_it_takes_over_while_a_change_settles_the_pull_of_the_change_does_not_come_back() -> None:
    found = targets(prompts=TREE_TO_BOAT, generator={"0s": "siren", "4s": "fft"})
    assert [at.coming.share for at in found[14:16] if at and at.coming] == [1, pytest.approx(5 / 6)]
    assert [(at.level, at.coming) for at in found[16:18] if at] == [(1, None), (pytest.approx(5 / 6), None)]


def test_a_picture_is_held_at_rest() -> None:
    found = targets(prompts=TREE_TO_BOAT, guide=said(hold=0.4))
    shares = [at.coming.share for at in found if at and at.coming]
    assert shares[:11] == [1, *[0.4] * 10]
    assert shares[11:] == [0.25, 0.5, 0.75, 1, *(pytest.approx(1 - n / 6) for n in range(1, 4)), *[0.4] * 6]
    first, begin, last = found[0], found[1], found[-1]
    assert first and first.coming and begin and begin.coming and last and last.coming  # noqa: PT018 - for the types
    assert first.coming.seed == begin.coming.seed != last.coming.seed
    assert {prompt.aim.text for prompt in begin.coming.prompts} == {"a tree"}


@pytest.mark.parametrize("motion", [{"zoom": 1.5}, {"zoom": 0.6}, {"pan_x": 0.3}])
def test_it_is_held_for_as_long_as_the_camera_sees_it(motion: dict[str, float]) -> None:
    found = targets(prompts="a tree", motion=motion, guide=said(hold=1))
    shares = [at.coming.share if at and at.coming else 0.0 for at in found]
    assert shares[0] == 1
    assert shares == sorted(shares, reverse=True)
    assert 0.5 < shares[2] < 1
    assert shares[-1] == 0


@pytest.mark.parametrize("zoom", [40, 0.02])
def test_a_camera_that_goes_on_for_long_leaves_every_picture_behind(zoom: float) -> None:
    fade = {"0s": "a tree", "10s": "a boat", "fade": "10s"}
    for prompts in ("a tree", fade):
        found = targets(prompts=prompts, motion={"zoom": zoom}, duration="400s", guide=said(hold=1))
        assert found[-1] is None
    assert [at.level for at in found[34:38] if at] == [1] * 4  # of a change, each frame has a target of its own then


def test_at_rest_a_level_of_noise_takes_the_place_of_what_is_held() -> None:
    found = targets(prompts=TREE_TO_BOAT, guide=said(level=0.2))
    assert [at.level for at in found[1:11] if at] == [0.2] * 10
    assert all(at and at.coming for at in found[11:20])


def test_one_drawing_has_one_guidance() -> None:
    found = targets(prompts=TREE_TO_BOAT, guide=said(guidance={"0s": 1, "6s": 7}))
    guidances = [at.guidance for at in found if at]
    assert guidances == [1.0] * 11 + [guidances[11]] * 13


def test_a_change_ends_with_its_shot() -> None:
    cut = {"0s": "a tree", "2s": "a boat", "3s": {"text": "a house", "cut": True}, "fade": "1s"}
    assert max(changes(prompts=cut)) == 11
    assert targets(prompts=cut)[13:] == [None] * 11


def test_a_film_that_repeats_goes_back_to_its_first_frame() -> None:
    found = targets(prompts={"0s": "a tree", "2s": "a boat", "fade": "1s"}, loop=True)
    assert not any(at.coming for at in found[-4:] if at)


def test_without_it_each_frame_of_a_change_has_its_own() -> None:
    found = targets(prompts=TREE_TO_BOAT, guide=said(ahead=False))
    assert not any(at.coming for at in found if at)
    assert [at.level for at in found[11:18] if at] == [pytest.approx(min(1, 1 - n / 6)) for n in (0, 0, 0, 0, 1, 2, 3)]
    assert found[18:] == [None] * 6


def test_a_prompt_that_is_a_picture_tells_a_denoiser_nothing(tmp_path: Path) -> None:
    Image.new("RGB", (16, 16)).save(tmp_path / "black.png")
    prompts = {"0s": "a tree", "3s": {"image": f"{tmp_path}/black.png"}, "fade": "1s"}
    assert {coming.prompts for coming in changes(prompts=prompts).values()} == {()}
