"""Any CLIP or SigLIP of the Hugging Face hub, by its repository: through `transformers`, safetensors only.

Source: Radford et al. 2021; Zhai et al. 2023, Tschannen et al. 2025 for SigLIP.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import Field

from animator.errors import ModelError
from animator.paint import process
from animator.paint.encoders import Encoder, unit_rows
from animator.variants import Options

if TYPE_CHECKING:
    import torch
    from torch import Tensor

CLASSES = {"clip": "CLIPModel", "siglip": "SiglipModel"}


class Config(Options):
    """Where the model is."""

    weights: str = Field(description="folder of a repository")


def build(config: Config, device: torch.device, dtype: torch.dtype | None = None) -> Encoder:
    """Raises: ModelError when the repository is not such a model, or has code of its own."""
    import torch
    import transformers

    from animator.models.networks import reading
    from animator.models.networks.cpu import packed

    process.quiet_transformers()
    folder = Path(config.weights)
    described = reading.described(folder / "config.json")
    kind = described.get("model_type")
    if kind not in CLASSES or "auto_map" in described:
        raise ModelError(f"{folder}: {kind!r} is not read here; {' and '.join(CLASSES)} are, without code of their own")
    with reading.refusing(folder, f"a {kind} that can be read"):
        kind_of_model = getattr(transformers, CLASSES[kind])
        model, loading = kind_of_model.from_pretrained(
            folder,
            local_files_only=True,
            use_safetensors=True,
            attn_implementation="sdpa",
            dtype=torch.float32,
            output_loading_info=True,
        )
        reading.check_loaded(folder, loading)
        tokenizer = transformers.AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    model = model.to(device).eval().requires_grad_(False)
    for name in ("vision_model", "visual_projection"):
        if hasattr(model, name):
            getattr(model, name).to(dtype or torch.float32)
    packed.replace(model.vision_model)
    mean, std = _colours(folder, device)
    size = int(model.config.vision_config.image_size)
    return _HubClip(model, tokenizer, kind, mean, std, size)


def _colours(folder: Path, device: torch.device) -> tuple[Tensor, Tensor]:
    """Mean and standard deviation that pictures are normalised by."""
    import torch

    from animator.models.networks import reading

    described = reading.described(folder / "preprocessor_config.json")
    try:
        mean, std = (
            torch.tensor(described[name], dtype=torch.float32).view(1, 3, 1, 1) for name in ("image_mean", "image_std")
        )
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        raise ModelError(f"{folder}: preprocessor_config.json has no mean and deviation of three colours") from error
    return mean.to(device), std.to(device)


@dataclass(frozen=True)
class _HubClip:
    model: Any  # of transformers, frozen
    tokenizer: Any
    kind: str
    mean: Tensor
    std: Tensor
    input_size: int

    def encode_image(self, pictures: Tensor) -> Tensor:
        return unit_rows(self.model.get_image_features((pictures - self.mean) / self.std).pooler_output)

    def encode_text(self, texts: list[str]) -> Tensor:
        limit = self.model.config.text_config.max_position_embeddings
        if self.kind == "siglip":  # which was trained on small letters; its second tokenizer leaves that to others
            texts = [text.lower() for text in texts]
        padding = "max_length" if self.kind == "siglip" else "longest"  # as SigLIP was trained
        tokens = self.tokenizer(texts, padding=padding, max_length=limit, return_tensors="pt")
        if tokens["input_ids"].shape[1] > limit:
            counts = [len(self.tokenizer(text)["input_ids"]) for text in texts]
            longest = texts[counts.index(max(counts))]
            raise ModelError(f"prompt too long: {max(counts)} tokens, this encoder reads at most {limit}: {longest!r}")
        names = ("input_ids", "attention_mask") if self.kind == "clip" else ("input_ids",)
        read = self.model.get_text_features(**{name: tokens[name].to(self.mean.device) for name in names})
        return unit_rows(read.pooler_output).detach()
