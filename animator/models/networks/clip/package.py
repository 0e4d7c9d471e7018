"""OpenAI's CLIP architecture, taken out of the `clip` package without importing it (see `models/tokens.py`)."""

from typing import Any

import torch
from torch import Tensor, nn

from animator.errors import ModelError
from animator.models.networks.reading import refusing
from animator.models.tokens import encode, package

ROWS = "token_embedding.rows"  # our files keep only the rows of the token table that are in use; this key names them
WIDEST = 16_384  # channels of a text tower, and tokens of a text
VOCABULARY = 49_408  # tokens of OpenAI's byte-pair encoding
MEAN = (0.48145466, 0.4578275, 0.40821073)  # of red, green and blue, as OpenAI trained with
STD = (0.26862954, 0.26130258, 0.27577711)


def new_clip(**options: Any) -> Any:
    """A freshly initialised `clip.model.CLIP`; options are its constructor's."""
    return package("model").CLIP(**options)


def build_clip(state: dict[str, Tensor]) -> Any:
    """The model that a state dict in OpenAI's layout describes, frozen, in evaluation mode, float32.

    Raises: ModelError when the keys or shapes are not such a layout.
    """
    state, build = dict(state), package("model").build_model
    with refusing("weights", "a CLIP in OpenAI's layout"):
        rows = state.pop(ROWS, None)
        table = state["token_embedding.weight"]
        if max(len(state["positional_embedding"]), table.shape[1]) > WIDEST:
            raise ValueError("it is wider than any")
        if rows is not None:
            table = torch.empty(VOCABULARY, table.shape[1], device="meta")
        shapes = {**state, "token_embedding.weight": table}
        with torch.device("meta"):  # where what does not fit is found, and takes no memory
            build({name: value.to("meta") for name, value in shapes.items()})
        if rows is not None:
            used = state["token_embedding.weight"]
            table = torch.zeros(VOCABULARY, used.shape[1], dtype=used.dtype)
            state["token_embedding.weight"] = table.index_copy(0, rows.long(), used)
        model = build(state)
    return model.float().eval().requires_grad_(False)


def text_tower(clip: Any) -> Any:
    """The same CLIP without its picture tower, of which its texts need nothing but the type of the first weights."""
    clip.visual = nn.Module()
    clip.visual.conv1 = nn.Conv2d(1, 1, 1).requires_grad_(False)
    return clip


def tokenize(texts: list[str], context: int) -> Tensor:
    """Token ids, int64 (len(texts), context): start, text, end, zeros.

    Raises: ModelError when a text has more tokens than the context holds.
    """
    table = torch.zeros(len(texts), context, dtype=torch.int64)
    for row, text in zip(table, texts, strict=True):
        ids = encode(text)
        if len(ids) > context:
            raise ModelError(f"prompt too long: {len(ids)} tokens, this encoder reads at most {context}: {text!r}")
        row[: len(ids)] = torch.tensor(ids)
    return table
