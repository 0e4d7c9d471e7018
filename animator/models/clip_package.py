"""OpenAI's CLIP architecture and tokenizer, taken out of the `clip` package without importing it.

`import clip` runs `clip/clip.py`, which needs `pkg_resources` (gone from today's setuptools) and torchvision (which
this project never installs). The two files that matter, `clip/model.py` and `clip/simple_tokenizer.py`, need only
torch, ftfy and regex, so they are loaded by their place inside the package and `clip/__init__.py` never runs.
"""

import functools
import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import torch
from torch import Tensor

from animator.errors import ModelError

ROWS = "token_embedding.rows"  # our files keep only the rows of the token table that are in use; this key names them
VOCABULARY = 49_408  # tokens of OpenAI's byte-pair encoding
MEAN = (0.48145466, 0.4578275, 0.40821073)  # of red, green and blue, as OpenAI trained with
STD = (0.26862954, 0.26130258, 0.27577711)


@functools.cache
def _module(name: str) -> ModuleType:
    package = importlib.util.find_spec("clip")
    if package is None or not package.submodule_search_locations:
        raise ModelError(
            "the package openai-clip is not installed; run: pip install --no-deps -r requirements-nodeps.txt"
        )
    full_name = f"_openai_clip_{name}"
    path = Path(package.submodule_search_locations[0]) / f"{name}.py"
    spec = importlib.util.spec_from_file_location(full_name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[full_name] = module
    spec.loader.exec_module(module)
    return module


@functools.cache
def _tokenizer() -> Any:
    return _module("simple_tokenizer").SimpleTokenizer()


def new_clip(**options: Any) -> Any:
    """A freshly initialised `clip.model.CLIP`; options are its constructor's."""
    return _module("model").CLIP(**options)


def build_clip(state: dict[str, Tensor]) -> Any:
    """The model that a state dict in OpenAI's layout describes, frozen, in evaluation mode, float32.

    Raises: ModelError when the keys or shapes are not such a layout.
    """
    state = dict(state)
    rows = state.pop(ROWS, None)
    if rows is not None:
        used = state["token_embedding.weight"]
        table = torch.zeros(VOCABULARY, used.shape[1], dtype=used.dtype)
        state["token_embedding.weight"] = table.index_copy(0, rows.long(), used)
    try:
        model = _module("model").build_model(state)
    except (KeyError, RuntimeError, ValueError, IndexError) as error:
        raise ModelError(f"not a CLIP in OpenAI's layout: {error}") from error
    return model.float().eval().requires_grad_(False)


def tokenize(texts: list[str], context: int) -> Tensor:
    """Token ids, int64 (len(texts), context): start, text, end, zeros.

    Raises: ModelError when a text has more tokens than the context holds.
    """
    tokenizer = _tokenizer()
    start, end = tokenizer.encoder["<|startoftext|>"], tokenizer.encoder["<|endoftext|>"]
    table = torch.zeros(len(texts), context, dtype=torch.int64)
    for row, text in zip(table, texts, strict=True):
        ids = [start, *tokenizer.encode(text), end]
        if len(ids) > context:
            raise ModelError(f"prompt too long: {len(ids)} tokens, this encoder reads at most {context}: {text!r}")
        row[: len(ids)] = torch.tensor(ids)
    return table
