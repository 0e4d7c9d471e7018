"""The picture world: numbered pictures, true captions, false near misses."""

from __future__ import annotations

import re
from collections import Counter

import numpy as np
import pytest
from numpy.typing import NDArray

from animator.training import pictures
from animator.training.pictures import Mark, Picture, Thing

SPECS = 3000


@pytest.fixture(scope="module")
def specs() -> list[Picture]:
    return [pictures.sample(seed) for seed in range(SPECS)]


def said(text: str) -> set[str]:
    return set(re.findall("[a-z]+", text))


def mean_of(image: NDArray[np.uint8], rows: slice, columns: slice) -> NDArray[np.float64]:
    return np.asarray(image[rows, columns].reshape(-1, 3).mean(0))


def test_the_same_seed_gives_the_same_picture() -> None:
    for seed in range(40):
        picture = pictures.sample(seed)
        assert picture == pictures.sample(seed)
        assert hash(picture) == hash(pictures.sample(seed))
        text = pictures.caption(picture, seed)
        assert text == pictures.caption(picture, seed)
        assert pictures.misses(text, picture, seed, 6) == pictures.misses(text, picture, seed, 6)
        assert np.array_equal(pictures.paint(picture, seed), pictures.paint(picture, seed))


@pytest.mark.parametrize("size", [32, 64, 96])
def test_pictures_have_their_size_and_type(size: int) -> None:
    for seed in range(25):
        image = pictures.paint(pictures.sample(seed), seed, size)
        assert image.shape == (size, size, 3)
        assert image.dtype == np.uint8


def test_every_kind_in_every_style_can_be_painted() -> None:
    seen: dict[tuple[str, str], tuple[Picture, int]] = {}
    for seed in range(1200):
        picture = pictures.sample(seed)
        seen.setdefault((picture.kind, picture.style or picture.ground or picture.pattern), (picture, seed))
    for picture, seed in seen.values():
        assert pictures.paint(picture, seed, 32).std() >= 0


def test_another_seed_paints_another_picture() -> None:
    for seed in range(30):
        picture = pictures.sample(seed)
        assert not np.array_equal(pictures.paint(picture, 1), pictures.paint(picture, 2))


def test_captions_are_short_lowercase_and_of_known_words(specs: list[Picture]) -> None:
    known = pictures.words()
    for seed, picture in enumerate(specs):
        for telling in (seed, seed + SPECS):
            text = pictures.caption(picture, telling)
            assert text == text.lower().strip()
            assert 1 <= len(text.split()) <= 18
            assert said(text) <= known, text
            assert "  " not in text
            assert not re.search(r"\ba [aeio]|\ban [^aeiou]|\b(a|an|the) (a|an|the)\b", text), text


def test_misses_differ_and_are_of_known_words(specs: list[Picture]) -> None:
    known, rich = pictures.words(), 0
    for seed, picture in enumerate(specs[:600]):
        text = pictures.caption(picture, seed)
        near = pictures.misses(text, picture, seed, 6)
        assert len(near) <= 6
        assert text not in near
        assert len(near) == len(set(near))
        assert all(said(one) <= known for one in near), near
        rich += len(near) == 6
    assert rich > 500


def test_a_miss_changes_colour_shape_or_exchanges_them() -> None:
    picture = Picture("shapes", marks=(Mark("circle", "purple"),), back="yellow")
    near = pictures.misses("a purple circle on a yellow background", picture, 0, 200)
    assert near[0] == "a yellow circle on a purple background"
    assert "a purple square on a yellow background" in near
    assert "a green circle on a yellow background" in near
    assert "a purple circle on a green background" in near
    assert "a purple disc on a yellow background" not in near
    assert "a violet circle on a yellow background" not in near


def test_a_miss_is_not_true_of_what_the_caption_leaves_out() -> None:
    things = (Thing("sun", "red"), Thing("boat"))
    picture = Picture("landscape", sky="sunset", ground="sea", far="mountains", things=things)
    near = pictures.misses("the sea at sunset with the sun", picture, 0, 500)
    for true in ("boat", "mountains", "dusk", "ocean", "sunrise"):
        assert not any(true in one for one in near), true
    assert "the sea at night with the sun" in near
    assert "the desert at sunset with the sun" in near


def test_exchanged_colours_of_an_even_pattern_are_no_miss() -> None:
    picture = Picture("pattern", colour="red", back="white", pattern="stripes", way="vertical")
    near = pictures.misses("red and white stripes", picture, 0, 500)
    assert "white and red stripes" not in near
    assert not any(said(one) >= {"red", "white", "stripes"} for one in near)


def test_relations_are_turned_about() -> None:
    picture = Picture("shapes", marks=(Mark("circle", "red"), Mark("square", "blue")), relation="left", back="white")
    near = pictures.misses("a red circle left of a blue square", picture, 0, 500)
    assert "a red circle right of a blue square" in near
    assert "a blue circle left of a red square" in near


def test_a_share_is_held_out_and_every_word_stays(specs: list[Picture]) -> None:
    kept = [(seed, picture) for seed, picture in enumerate(specs) if not pictures.held_out(picture)]
    assert 0.04 < 1 - len(kept) / len(specs) < 0.12
    counts: Counter[str] = Counter()
    for seed, picture in kept:
        for telling in range(4):
            counts.update(said(pictures.caption(picture, seed * 4 + telling)))
    assert pictures.words() - set(counts) == set()


def test_words_that_users_write_are_known() -> None:
    prompts = (
        "the sea at sunset with a red sun", "a forest at night with stars and the moon", "red and white spiral",
        "a yellow flower on a blue background", "mountains under a blue sky with clouds", "a green star on black",
        "a city at night with stars", "a desert at dawn with the sun", "a campfire at night", "blue and white stripes",
        "a snowy mountain under the northern lights", "a red heart on white", "a sailing boat on the sea",
    )  # fmt: skip
    assert said(" ".join(prompts)) <= pictures.words()


def test_a_red_circle_on_white_is_red_in_the_middle() -> None:
    picture = Picture("shapes", marks=(Mark("circle", "red"),), back="white")
    for seed in range(12):
        image = pictures.paint(picture, seed)
        red, green, blue = mean_of(image, slice(28, 36), slice(28, 36))
        assert red > green + 70
        assert red > blue + 70
        assert mean_of(image, slice(0, 4), slice(0, 4)).min() > 150


def test_the_sky_lies_above_the_sea() -> None:
    picture = Picture("landscape", sky="colour", sky_colour="yellow", ground="sea")
    for seed in range(12):
        image = pictures.paint(picture, seed)
        top, low = mean_of(image, slice(0, 8), slice(0, 64)), mean_of(image, slice(56, 64), slice(0, 64))
        assert top[0] - top[2] > low[0] - low[2] + 40  # More yellow above than below.


def test_positions_are_where_they_are_said_to_be() -> None:
    for place, (rows, columns) in {"left": (slice(24, 40), slice(8, 26)), "top": (slice(8, 26), slice(24, 40))}.items():
        picture = Picture("shapes", marks=(Mark("square", "blue"),), place=place, back="white")
        for seed in range(6):
            image = pictures.paint(picture, seed)
            inside = mean_of(image, rows, columns)
            outside = mean_of(image, slice(48, 64), slice(48, 64))
            assert inside[0] < 120 < outside[0]


def test_what_stands_close_is_larger() -> None:
    picture = Picture("landscape", sky="clear", ground="snow", things=(Thing("campfire"),))
    assert pictures.stands(picture)
    assert not pictures.stands(Picture("landscape", sky="clear", ground="snow", things=(Thing("clouds"),)))

    def burning(close: bool) -> float:
        seen = np.stack([pictures.paint(picture, seed, close=close).astype(int) for seed in range(6)])
        return float((seen[..., 0] - seen[..., 2] > 90).mean())

    assert burning(True) > 2 * burning(False) > 0


def test_night_is_darker_than_day() -> None:
    for ground in ("sea", "forest", "mountains", "snow", "desert"):
        day, night = (
            np.mean([pictures.paint(Picture("landscape", sky=sky, ground=ground), seed).mean() for seed in range(4)])
            for sky in ("clear", "night")
        )
        assert day > night + 40
