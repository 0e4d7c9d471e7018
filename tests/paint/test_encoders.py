"""What holds for every encoder, the shipped models, and the files that pretend to be one."""

import json
import struct
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from animator.errors import ModelError
from animator.models import store
from animator.models.networks.clip.package import ROWS, VOCABULARY
from animator.paint.encoders import Encoder, build

SHIPPED = [name for name, kind in store.SHIPPED.items() if kind == "clip"]


def load(name: str) -> Encoder:
    """The encoder of a model, by its name or the path of its file."""
    return build(store.find(name, "clip"), torch.device("cpu"))


@pytest.mark.parametrize("name", SHIPPED)
def test_unit_rows_and_gradients(name: str) -> None:
    encoder = load(name)
    pictures = torch.rand(3, 3, encoder.input_size, encoder.input_size, requires_grad=True)
    rows = encoder.encode_image(pictures)
    texts = encoder.encode_text(["a red circle", "the sea at night"])
    assert rows.shape == (3, texts.shape[1])
    assert torch.allclose(rows.norm(dim=1), torch.ones(3), atol=1e-5)
    assert torch.allclose(texts.norm(dim=1), torch.ones(2), atol=1e-5)
    (rows @ texts.T).sum().backward()
    assert pictures.grad is not None
    assert torch.isfinite(pictures.grad).all()
    assert not texts.requires_grad


@pytest.mark.parametrize("name", SHIPPED)
def test_a_picture_does_not_depend_on_its_neighbours(name: str) -> None:
    encoder = load(name)
    pictures = torch.rand(4, 3, encoder.input_size, encoder.input_size)
    assert torch.allclose(encoder.encode_image(pictures)[2], encoder.encode_image(pictures[2:3])[0], atol=1e-5)


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_file_is_small_and_says_what_it_knows(name: str) -> None:
    model = store.find(name, "clip")
    assert model.weights.stat().st_size <= 12_000_000
    assert model.words is not None
    assert {"circle", "sea", "purple", "moon"} <= model.words


def test_guide_and_judge_were_made_apart() -> None:
    guide, judge = (load_file(store.find(name, "clip").weights) for name in ("pocket", "pocket-judge"))
    assert {name: t.shape for name, t in guide.items()} != {name: t.shape for name, t in judge.items()}
    assert store.find("pocket", "clip").metadata["seed"] != store.find("pocket-judge", "clip").metadata["seed"]


def test_shipped_files_have_openais_layout(tmp_path: Path) -> None:
    """With the token table filled up, openai-clip's own builder takes the state dict as it is."""
    state = load_file(store.find("pocket", "clip").weights)
    rows = state.pop(ROWS)
    table = torch.zeros(VOCABULARY, state["token_embedding.weight"].shape[1], dtype=torch.float16)
    table[rows.long()] = state["token_embedding.weight"]
    save_file({**state, "token_embedding.weight": table}, tmp_path / "whole.safetensors")
    whole, texts = load(str(tmp_path / "whole.safetensors")), ["a green star on black"]
    assert torch.equal(whole.encode_text(texts), load("pocket").encode_text(texts))


def test_a_prompt_that_is_too_long_says_how_long() -> None:
    with pytest.raises(ModelError, match=r"42 tokens, this encoder reads at most 24"):
        load("pocket").encode_text(["red " * 40])


def test_words_in_capitals_and_spaces_mean_the_same() -> None:
    encoder = load("pocket")
    one, other = encoder.encode_text(["a red circle", "  A Red   CIRCLE "])
    assert torch.equal(one, other)


def test_an_unknown_model_is_named_with_its_neighbours() -> None:
    with pytest.raises(ModelError, match='did you mean "pocket"'):
        store.find("poket", "clip")


def _hostile() -> dict[str, bytes]:
    header = json.dumps({"x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}).encode()
    return {
        "empty": b"",
        "text": b"not a model",
        "pickle": b"cos\nsystem\n(S'touch pwned'\ntR.",
        "long header": struct.pack("<Q", 2**60) + b"{}",
        "cut": struct.pack("<Q", len(header)) + header + b"\0\0",
        "other keys": struct.pack("<Q", len(header)) + header + b"\0" * 8,
        "no json": struct.pack("<Q", 4) + b"{{{{",
    }


@pytest.mark.parametrize("kind", _hostile())
def test_files_that_are_no_model_are_refused(tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "x.safetensors"
    path.write_bytes(_hostile()[kind])
    with pytest.raises(ModelError):
        load(str(path))
    assert [entry.name for entry in tmp_path.iterdir()] == ["x.safetensors"]


@pytest.mark.slow
def test_the_pocket_finds_the_captions_of_new_pictures() -> None:
    """The short form of `python -m bench.retrieval`, far enough below its bars not to depend on luck."""
    from bench.retrieval import share_found, specimens

    images, captions = specimens(150, held_out=False)
    for name in SHIPPED:
        assert share_found(name, images, captions) > 0.7
