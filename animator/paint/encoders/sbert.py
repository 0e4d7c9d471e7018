"""Prompts in many languages: SBERT reads them into the space in which OpenAI's ViT-B/32 sees pictures.

Source: Reimers & Gurevych 2020; the model clip-ViT-B-32-multilingual-v1.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import Field

from animator.errors import ModelError
from animator.paint import process
from animator.paint.encoders import Encoder, openai_clip, unit_rows
from animator.variants import Options

if TYPE_CHECKING:
    import torch
    from torch import Tensor


class Config(Options):
    """Where the two models are."""

    weights: str = Field(description="folder of a sentence-transformers model")
    pictures: str = Field(description="path of the CLIP whose pictures it was trained with")


def build(config: Config, device: torch.device, dtype: torch.dtype | None = None) -> Encoder:
    """Raises: ModelError when a file is not such a model, or the two do not belong together."""
    from sentence_transformers import SentenceTransformer

    from animator.models.networks.reading import refusing

    process.quiet_transformers()
    folder = Path(config.weights)
    with refusing(folder, "a sentence-transformers model"):
        parts = [str(part["type"]) for part in json.loads((folder / "modules.json").read_text(encoding="utf-8"))]
        foreign = [part for part in parts if not part.startswith("sentence_transformers.")]
        if foreign:
            raise ModelError(f"{folder}: it names code of its own, {foreign[0]}; that is not run")
        model = SentenceTransformer(
            str(folder),
            device=str(device),
            local_files_only=True,
            trust_remote_code=False,
            model_kwargs={"use_safetensors": True},
        )
    pictures = openai_clip.build(openai_clip.Config(weights=config.pictures), device, dtype)
    encoder = _Sbert(model.eval().requires_grad_(False), pictures)
    read, seen = encoder.encode_text(["a"]).shape[1], pictures.encode_text(["a"]).shape[1]
    if read != seen:
        raise ModelError(
            f"{folder}: its texts become {read} numbers and the pictures of {config.pictures} {seen}; "
            "it goes with ViT-B/32 alone"
        )
    return encoder


@dataclass(frozen=True)
class _Sbert:
    model: Any  # sentence_transformers.SentenceTransformer, frozen
    pictures: Encoder

    @property
    def input_size(self) -> int:
        return self.pictures.input_size

    def encode_image(self, pictures: Tensor) -> Tensor:
        return self.pictures.encode_image(pictures)

    def encode_text(self, texts: list[str]) -> Tensor:
        for text in texts:  # it would cut them without a word
            count = len(self.model.tokenizer(text)["input_ids"])
            if count > self.model.max_seq_length:
                raise ModelError(
                    f"prompt too long: {count} tokens, this encoder reads at most {self.model.max_seq_length}: {text!r}"
                )
        rows = self.model.encode(texts, convert_to_tensor=True, show_progress_bar=False)
        return unit_rows(rows.clone())
