"""The words of a song as prompts."""

from pathlib import Path
from typing import Any

import pytest

from animator.scene.document import resolve
from animator.scene.problems import FlawsError

LRC = "[00:01]baby the sea\n[00:02]the sea\n[00:04]\n[00:06]a tree\n"


@pytest.fixture
def words(tmp_path: Path) -> str:
    path = tmp_path / "words.lrc"
    path.write_text(LRC)
    return str(path)


def shown(words: str, **options: Any) -> list[str]:
    """What is to be seen at each half second."""
    audio = {"audio": options.pop("audio")} if "audio" in options else {}
    plain = {"duration": "8s", "prompts": {"from": words, **options}, **audio}
    specs = resolve(plain, "x").frames
    return [spec.prompts[0].aim.text for spec in specs[::6]]


def test_each_line_is_seen_while_it_is_sung(words: str) -> None:
    assert shown(words) == ["baby the sea"] * 4 + ["the sea"] * 8 + ["a tree"] * 4


def test_gaps_have_a_picture_of_their_own(words: str) -> None:
    expected = ["dark"] * 2 + ["baby the sea"] * 2 + ["the sea"] * 4 + ["dark"] * 4 + ["a tree"] * 4
    assert shown(words, gaps="dark") == expected


def test_a_template_and_other_words(words: str) -> None:
    found = shown(words, template="{line}, oil painting", replace={"Baby": "star", "sea": "moon", "the": "a"})
    assert found[2] == "star a moon, oil painting"


def test_words_lie_in_the_song(words: str) -> None:
    """Where the film begins later in the song, or hears it later, lines come with it."""
    assert shown(words, audio={"bpm": 120, "start": "3s"}) == ["the sea"] * 6 + ["a tree"] * 10
    assert shown(words, audio={"bpm": 120, "offset": "1s"})[:7] == ["baby the sea"] * 6 + ["the sea"]


def test_fades_are_shorter_between_lines_that_are_near(tmp_path: Path) -> None:
    path = tmp_path / "words.lrc"
    path.write_text("[00:02]a star\n[00:04]the sea\n[00:04.5]a tree\n")
    specs = resolve({"duration": "8s", "fps": 24, "prompts": {"from": str(path), "fade": "2s"}}, "x").frames
    assert specs[4 * 24].prompts[0].blend == pytest.approx(0.5)
    assert specs[4 * 24 - 7].prompts[0].towards is None
    assert specs[4 * 24 + 6].prompts[0].aim.text == "the sea"


@pytest.mark.parametrize(
    ("options", "path", "said"),
    [
        ({"from": "none.lrc"}, ("prompts", "from"), "no such file"),
        ({"template": "oil"}, ("prompts", "template"), "has no {line} in it"),
        ({"templat": "oil"}, ("prompts", "templat"), "did you mean"),
        ({"fade": 3}, ("prompts", "fade"), "a time needs a unit"),
        ({"replace": {"sea": "x" * 3000}}, ("prompts", "from"), "at most 2000"),
    ],
)
def test_mistakes_are_placed(words: str, options: dict[str, Any], path: tuple[str, ...], said: str) -> None:
    with pytest.raises(FlawsError) as caught:
        resolve({"duration": "8s", "prompts": {"from": words, **options}}, "x")
    assert any(flaw.path == path and said in flaw.message for flaw in caught.value.flaws), caught.value.flaws
