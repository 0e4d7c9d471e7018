"""OpenAI's byte-pair tokenizer, and how many tokens a prompt is for a model. No torch: `check` counts.

`import clip` runs `clip/clip.py`, which needs `pkg_resources` (gone from today's setuptools) and torchvision (which
this project never installs). The two files that matter, `clip/model.py` and `clip/simple_tokenizer.py`, need only
torch, ftfy and regex, so they are loaded by their place inside the package and `clip/__init__.py` never runs.
"""

import functools
import importlib.util
import json
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from animator.errors import ModelError
from animator.models import header, packages
from animator.models.store import SHIPPED, Model

CONTEXT = 77  # tokens, of OpenAI's models
TEXT_POSITIONS = "text_model.embeddings.position_embedding.weight"  # of a CLIP as transformers writes it
SENTENCE = 128  # of SBERT's, where its folder does not say


@functools.cache
def package(name: str) -> ModuleType:
    """`clip/NAME.py`. Raises: ModelError when openai-clip is not installed."""
    found = importlib.util.find_spec("clip")
    if found is None or not found.submodule_search_locations:
        raise packages.missing("openai-clip")
    full_name = f"_openai_clip_{name}"
    path = Path(found.submodule_search_locations[0]) / f"{name}.py"
    spec = importlib.util.spec_from_file_location(full_name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[full_name] = module
    spec.loader.exec_module(module)
    return module


@functools.cache
def _tokenizer() -> Any:
    return package("simple_tokenizer").SimpleTokenizer()


def encode(text: str) -> list[int]:
    """Start, the text's tokens, end."""
    tokenizer = _tokenizer()
    start, end = tokenizer.encoder["<|startoftext|>"], tokenizer.encoder["<|endoftext|>"]
    return [start, *tokenizer.encode(text), end]


def excess(model: Model, text: str) -> tuple[int, int] | None:
    """How many tokens a text is for a CLIP, and how many it reads, where that is less; None also for one that is not
    here to say."""
    counted = _counted(model, text)
    return counted if counted and counted[0] > counted[1] else None


def most(model: Model, text: str) -> int | None:
    """At least as many as a text has tokens for OpenAI's tokenizer, which takes long to load; None for a text whose
    bytes it changes before it counts.

    A letter is a token at most. Words that came with the program are shorter: a test counts them.
    """
    if not text.isascii() or "&" in text:
        return None
    known = (model.words or frozenset()) if model.name in SHIPPED else frozenset()
    parts = re.findall(r"[a-z]+|[^a-z\s]", text.lower())
    return 2 + sum(min(3, -(-len(part) // 3)) if part in known else len(part) for part in parts)


def _counted(model: Model, text: str) -> tuple[int, int] | None:
    if model.variant == "openai_clip":
        limit = CONTEXT
        if model.here and model.path.suffix == ".safetensors":
            tensors = header.read(model.path)
            table = tensors.get("positional_embedding") or tensors.get(TEXT_POSITIONS)
            limit = table["shape"][0] if table else CONTEXT
        bound = most(model, text)
        return (len(encode(text)) if bound is None or bound > limit else bound), limit
    return _of_folder(model.path, text) if (model.path / "tokenizer.json").is_file() else None


def _of_folder(folder: Path, text: str) -> tuple[int, int]:
    from tokenizers import Tokenizer

    try:
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        tokenizer.no_truncation()
        tokenizer.no_padding()
        return len(tokenizer.encode(text).ids), context(folder)
    except Exception as error:  # tokenizers raises bare Exceptions
        raise ModelError(f"{folder}: its tokenizer cannot be read: {error}") from error


def context(folder: Path) -> int:
    """How many tokens the model of a repository reads."""
    config: dict[str, Any] = {}
    for name in ("config.json", "sentence_bert_config.json"):
        if (folder / name).is_file():
            config |= json.loads((folder / name).read_text(encoding="utf-8"))
    default = {"clip": CONTEXT, "siglip": 64}.get(config.get("model_type", ""), SENTENCE)
    return int(config.get("max_seq_length") or config.get("text_config", {}).get("max_position_embeddings") or default)
