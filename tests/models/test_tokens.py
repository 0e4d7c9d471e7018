"""How many tokens a text can have at most, told without the tokenizer."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from animator.models import store, tokens

POCKET = store.models("clip")["pocket"]
LARGE = store.models("clip")["ViT-B/32"]
words = st.one_of(st.sampled_from(sorted(POCKET.words or ())), st.text(st.characters(codec="ascii"), max_size=9))


@pytest.mark.parametrize("model", [POCKET, LARGE], ids=["pocket", "ViT-B/32"])
@settings(max_examples=300, deadline=None)
@given(texts=st.lists(words, max_size=12))
def test_no_text_has_more(model: store.Model, texts: list[str]) -> None:
    text = " ".join(texts)
    bound = tokens.most(model, text)
    assert bound is None or bound >= len(tokens.encode(text))


def test_no_word_that_came_with_the_program_has_more() -> None:
    assert POCKET.words
    for word in POCKET.words:
        assert (tokens.most(POCKET, word) or 0) >= len(tokens.encode(word))


def test_letters_that_the_tokenizer_changes_are_counted_by_it() -> None:
    assert tokens.most(POCKET, "salt &nGt; pepper") is None
    assert tokens.most(POCKET, "café") is None
    assert tokens.excess(POCKET, "é" * 40) == (len(tokens.encode("é" * 40)), 24)


def test_a_usual_prompt_is_known_to_fit_without_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "encode", lambda text: pytest.fail("loaded"))
    for text in ("the sea at sunset with a red sun", "a forest at night with stars and the moon"):
        assert tokens.excess(POCKET, text) is None
