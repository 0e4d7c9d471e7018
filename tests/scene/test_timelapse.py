"""Which frames a timelapse shows."""

from typing import Any

import pytest

from animator.scene.document import resolve
from animator.scene.problems import FlawsError

SCENE: dict[str, Any] = {
    "fps": 4,
    "duration": "4s",
    "prompts": {"0s": "a", "2s": "b", "fade": "1s"},
    "generator": {"0s": "siren", "3s": "fft"},
}


def lapse(written: Any, **more: Any) -> Any:
    return resolve({**SCENE, "timelapse": written, **more}, "film").lapse


def test_the_forms_of_a_timelapse() -> None:
    assert resolve(SCENE, "film").lapse is None
    assert lapse(False) is None
    assert lapse(True).frames == (0,)
    assert lapse("process").frames == tuple(range(16))
    assert lapse("process").whole
    assert lapse("shots").frames == (0, 7, 12)  # the fade to b has begun; the other generator takes over
    assert lapse({"at": "3.5s"}).frames == (14,)
    assert lapse({"at": ["3.5s", "0s", "3f"]}).frames == (0, 3, 14)
    made = lapse({"fps": 24, "duration": "3s", "hold": "500ms", "every": 5})
    assert (made.fps, made.seconds, made.hold, made.every) == (24, 3.0, 0.5, 5)
    assert lapse(True).fps == 4


def test_times_may_lie_in_music() -> None:
    song = {"audio": {"file": "scenes/song.ogg", "bpm": 120}}
    made = lapse({"at": ["bar 2", "+1b"], "hold": "1b"}, **song)
    assert made.frames == (8, 10)
    assert made.hold == 0.5


@pytest.mark.parametrize(
    ("written", "path", "says"),
    [
        ({"at": "9s"}, ("timelapse", "at", 0), "9s is not in the film, which ends at 4s"),
        ({"at": ["1s", "bar 2"]}, ("timelapse", "at", 1), "song"),
        ({"at": 3}, ("timelapse", "at", 0), "write 3s for seconds"),
        ("all", ("timelapse", "of"), "'first', 'shots' or 'process'"),
        ({"duration": "bar 3"}, ("timelapse", "duration"), "a length is needed here"),
        ({"evry": 3}, ("timelapse", "evry"), 'did you mean "every"'),
        ({"every": 0}, ("timelapse", "every"), "greater than or equal to 1"),
    ],
)
def test_what_is_wrong_is_said(written: Any, path: tuple[Any, ...], says: str) -> None:
    with pytest.raises(FlawsError) as caught:
        lapse(written)
    assert [flaw.path for flaw in caught.value.flaws] == [path]
    assert says in caught.value.flaws[0].message
