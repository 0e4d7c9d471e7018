"""What people type first, who come from other tools or from none: it works, or they are told what to write."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from animator.errors import SceneError
from animator.report import sentences
from animator.scene import foreign
from animator.scene.document import read
from animator.scene.warnings import Foreign

TRIES: list[dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("first_tries.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("number", range(len(TRIES)))
def test_a_first_try(number: int, write_scene: Callable[..., Path]) -> None:
    tried = TRIES[number]
    path = write_scene(tried["scene"], "first.yaml")
    try:
        found = read(path).warnings
        said = [sentences.of_warning(warning) for warning in found if isinstance(warning, Foreign)]
    except SceneError as error:
        said = [problem.message for problem in error.problems]
    said = [re.sub(r" (Options|Types|Losses|Codecs): .*", "", line) for line in said]
    if tried.get("works"):
        assert not said
    assert not [wanted for wanted in tried.get("says", ()) if not any(wanted in line for line in said)], said


def test_there_are_sixty_of_five_tools() -> None:
    assert len(TRIES) >= 60
    assert len({tried["from"] for tried in TRIES}) >= 5


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("the sea at night", ""),
        ("a clock at 12:30", ""),
        ("the year 2001: a film", ""),
        ("a (very) red sun", ""),
        ("a cat:2 | a dog:-1", "[{text: a cat, weight: 2}, {text: a dog, weight: -1}]"),
        ("a cat | a dog", "[a cat, a dog]"),
        ("the sea --neg blurry", "[the sea, {text: blurry, weight: -0.5}]"),
        ("photo.PNG", "{image: photo.PNG}"),
    ],
)
def test_other_tools_weights_in_a_text(text: str, says: str) -> None:
    hint = foreign.in_text(text)
    assert says in hint
    assert bool(says) == bool(hint)
