"""A CLIP's weights from any of the files that it comes in, as a state dict in OpenAI's layout.

OpenAI's TorchScript archives; safetensors with OpenAI's keys (open_clip has the same); safetensors with the keys of
`transformers.CLIPModel`, whose three attention matrices were one.
"""

from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor

from animator.errors import ModelError
from animator.models.networks import safetensors_file
from animator.models.networks.clip import archive
from animator.models.networks.clip.package import build_clip
from animator.models.networks.reading import check_tensors, refusing

NUMBERS = ("input_resolution", "context_length", "vocab_size")  # in OpenAI's files, and no weights
TOWERS = {"text_model.": "", "vision_model.": "visual."}
RENAMED = {
    "text_projection.weight": "text_projection",
    "visual_projection.weight": "visual.proj",
    "text_model.embeddings.token_embedding.weight": "token_embedding.weight",
    "text_model.embeddings.position_embedding.weight": "positional_embedding",
    "vision_model.embeddings.class_embedding": "visual.class_embedding",
    "vision_model.embeddings.patch_embedding.weight": "visual.conv1.weight",
    "vision_model.embeddings.position_embedding.weight": "visual.positional_embedding",
    "logit_scale": "logit_scale",
}
NORMS = {
    "text_model.final_layer_norm": "ln_final",
    "vision_model.pre_layrnorm": "visual.ln_pre",  # so it is spelt there
    "vision_model.post_layernorm": "visual.ln_post",
}
PARTS = {
    "self_attn.out_proj": "attn.out_proj",
    "layer_norm1": "ln_1",
    "layer_norm2": "ln_2",
    "mlp.fc1": "mlp.c_fc",
    "mlp.fc2": "mlp.c_proj",
}
FOREIGN = (1280, 1408, 1664)  # widths of ViT-H, -g and -bigG, whose heads are not of 64 channels
TURNED = ("text_projection.weight", "visual_projection.weight")  # OpenAI multiplies from the other side


def read(path: Path) -> dict[str, Tensor]:
    """The state dict in OpenAI's layout. Raises: ModelError when the file is none of these, or damaged."""
    if not path.is_file():
        raise ModelError(f"{path}: no such file")
    if path.suffix != ".safetensors":
        if not archive.is_archive(path):
            raise ModelError(f"{path}: refused, neither safetensors nor a TorchScript archive as OpenAI's are")
        state = archive.tensors(path)
        return {name: value for name, value in state.items() if name not in NUMBERS}
    with refusing(path, "a safetensors file that can be read"):
        state = load_file(path)
        check_tensors(path, state)
        return from_transformers(state) if "vision_model.embeddings.class_embedding" in state else state


def convert(path: Path, target: Path, name: str) -> None:
    """Write any file that `read` reads as one safetensors file, and check that it is a CLIP. Raises: ModelError."""
    state = read(path)
    with refusing(path, "a CLIP"):
        build_clip(state)
    target.parent.mkdir(parents=True, exist_ok=True)
    safetensors_file.save(state, target, {"kind": "clip", "name": name})


def check_architecture(path: Path) -> None:
    """Raises: ModelError for a file of another architecture, which would be read as OpenAI's and see something else.

    Numbers alone tell ViT-H and larger; of the quick GELU only a description beside the file can speak.
    """
    table = read(path).get("visual.class_embedding")
    beside = [path.with_name(name) for name in ("config.json", "open_clip_config.json")]
    descriptions = [place.read_text(encoding="utf-8", errors="replace") for place in beside if place.is_file()]
    quick = any("quick_gelu" in text or "quickgelu" in text for text in descriptions) or not descriptions
    if not quick or (table is not None and table.numel() in FOREIGN):
        raise ModelError(
            f"{path}: not one of OpenAI's architecture, which this would be read as (its GELU, heads of 64 channels); "
            "name its repository on the Hugging Face hub instead"
        )


def from_transformers(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """`transformers.CLIPModel`'s keys -> OpenAI's. Raises: ModelError for a key that a CLIP has not."""
    made: dict[str, Tensor] = {}
    rows: dict[str, dict[str, Tensor]] = {}
    for name, value in state.items():
        base, _, leaf = name.rpartition(".")
        if name in RENAMED:
            made[RENAMED[name]] = value.mT if name in TURNED else value
        elif base in NORMS:
            made[f"{NORMS[base]}.{leaf}"] = value
        elif ".encoder.layers." in name:
            tower, _, rest = name.partition("encoder.layers.")
            number, _, part = rest.rpartition(f".{leaf}")[0].partition(".")
            if tower not in TOWERS:
                raise ModelError(f"not a CLIP as transformers writes it: {name}")
            block = f"{TOWERS[tower]}transformer.resblocks.{number}"
            if part in PARTS:
                made[f"{block}.{PARTS[part]}.{leaf}"] = value
            else:
                rows.setdefault(f"{block}.attn.in_proj_{leaf}", {})[part.removeprefix("self_attn.")] = value
        elif not name.endswith("position_ids"):  # counts from 0, and older files have it
            raise ModelError(f"not a CLIP as transformers writes it: {name}")
    try:
        for name, parts in rows.items():
            made[name] = torch.cat([parts[part] for part in ("q_proj", "k_proj", "v_proj")])
    except KeyError as error:
        raise ModelError(f"not a CLIP as transformers writes it: {error} is missing") from error
    return made
