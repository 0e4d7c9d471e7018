"""VQGANs from files: our safetensors, and the checkpoints that taming-transformers wrote, with their YAML.

A checkpoint is a pickle, so only tensors and plain values are let in; Lightning's `ModelCheckpoint`, which the real
files name, becomes an inert class. A YAML's `target:` is compared with known names, and never imported.
"""

import warnings
import zipfile
from pathlib import Path
from typing import Any

import torch
import yaml
from safetensors import safe_open
from torch import Tensor

from animator.errors import ModelError, first_line
from animator.models import store
from animator.models.networks import reading, safetensors_file
from animator.models.networks.vqgan.network import VQGAN, Architecture

TAMING, OURS = "taming.models.vqgan.VQModel", "animator.models.networks.vqgan.network.VQGAN"
KINDS = {
    TAMING: "vq",
    "taming.models.vqgan.GumbelVQ": "gumbel",
    OURS: "vq",
    "animator.models.taming_package.VQGAN": "vq",  # as 0.1 wrote it
}
PAIR = "taming.models.cond_transformer.Net2NetTransformer"  # a transformer with a VQGAN inside
INSIDE = "first_stage_model."
PARTS = ("encoder.", "decoder.", "quantize.", "quant_conv.", "post_quant_conv.")
LARGEST_YAML = 1 << 20  # bytes
MOST_NODES = 10_000
TAGS = {"map", "seq", "str", "int", "float", "bool", "null"}
CALLBACKS = ("pytorch_lightning.callbacks.model_checkpoint", "lightning.pytorch.callbacks.model_checkpoint")


class _Inert:
    """Stands where a checkpoint names Lightning's callback."""


def load(weights: Path, config: Path | None = None) -> VQGAN:
    """The model, frozen, float32, on the CPU. `config` is taming's YAML; default: beside the weights, its name or
    model.yaml. Files of ours need none.

    Raises: ModelError when a file is missing, is not such a model, or holds anything but tensors and plain values.
    """
    architecture, state = read(weights, config)
    with reading.refusing(weights, "a VQGAN"), torch.device("meta"):  # where shapes take no memory
        wanted = VQGAN(architecture).state_dict()
    state = {name: value for name, value in state.items() if name.startswith(PARTS)}
    odd = sorted(name for name in wanted if name not in state or state[name].shape != wanted[name].shape)
    odd += sorted(set(state) - set(wanted))
    if odd:
        shown = ", ".join(odd[:3]) + (f" and {len(odd) - 3} more" if len(odd) > 3 else "")
        raise ModelError(
            f"{weights}: not the VQGAN that its description says; missing, spare or of other size: {shown}"
        )
    model = VQGAN(architecture)
    model.load_state_dict({name: value.float() for name, value in state.items()})
    return model.eval().requires_grad_(False)


def convert(weights: Path, config: Path | None, output: Path) -> Architecture:
    """Write any file that `load` reads as one safetensors file of ours, and check that it is whole."""
    model = load(weights, config)
    output.parent.mkdir(parents=True, exist_ok=True)
    metadata = {"kind": "vqgan", "architecture": model.architecture.model_dump_json()}
    safetensors_file.save(dict(model.state_dict()), output, metadata)
    return model.architecture


def read(weights: Path, config: Path | None = None) -> tuple[Architecture, dict[str, Tensor]]:
    """What a file says and holds, with taming's names for the weights of a VQGAN. See `load`."""
    if not weights.is_file():
        raise ModelError(f"{weights}: no such file")
    described = None
    if weights.suffix == ".safetensors":
        described, state = _safetensors(weights)
    else:
        state = _checkpoint(weights)
    if any(name.startswith(INSIDE) for name in state):
        state = {name.removeprefix(INSIDE): value for name, value in state.items() if name.startswith(INSIDE)}
    if described is None or config is not None:
        described = _described(config or _beside(weights))
    return described, state


def _safetensors(path: Path) -> tuple[Architecture | None, dict[str, Tensor]]:
    with reading.refusing(path, "a safetensors file of a VQGAN"):
        with safe_open(path, "pt") as file:
            described = (file.metadata() or {}).get("architecture")
            state = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a dict
        reading.check_tensors(path, state)
        return (Architecture.model_validate_json(described) if described else None), state


def _checkpoint(path: Path) -> dict[str, Tensor]:
    if zipfile.is_zipfile(path):
        reading.check_zip(path)
    allowed = [(_Inert, f"{module}.ModelCheckpoint") for module in CALLBACKS]
    try:
        with torch.serialization.safe_globals(allowed), warnings.catch_warnings():  # type: ignore[arg-type]
            warnings.simplefilter("ignore")  # of a TorchScript archive, which is refused all the same
            whole = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # the unpickler raises whatever a hostile file makes it raise
        raise ModelError(
            f"{path}: refused, not a checkpoint of tensors and plain values alone: {first_line(error)}"
        ) from error
    state = whole.get("state_dict", whole) if isinstance(whole, dict) else None
    if not isinstance(state, dict) or not all(isinstance(name, str) for name in state):
        raise ModelError(f"{path}: holds no state_dict")
    tensors = {name: value for name, value in state.items() if isinstance(value, Tensor)}
    reading.check_tensors(path, tensors)
    return tensors


def _beside(weights: Path) -> Path:
    found = store.description_of(weights)
    if found is None:
        raise ModelError(
            f"{weights}: its YAML is not beside it ({weights.stem}.yaml or model.yaml); name it with `config`"
        )
    return found


def _described(path: Path) -> Architecture:
    try:
        if path.stat().st_size > LARGEST_YAML:
            raise ModelError(f"{path}: too large for a description of a model")
        node = yaml.compose(path.read_text(encoding="utf-8"), yaml.SafeLoader)
        model = _plain(node, 0, [MOST_NODES]).get("model", {})
        if model.get("target") == PAIR:
            model = model["params"]["first_stage_config"]
        target, numbers = model.get("target"), model["params"]
        if target not in KINDS:
            raise ModelError(f"{path}: target {target!r} is unknown here; known: {', '.join([*KINDS, PAIR])}")
        described = {**numbers["ddconfig"], **{name: numbers[name] for name in ("embed_dim", "n_embed")}}
        return Architecture(kind=KINDS[target], **described)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError, yaml.YAMLError) as error:
        raise ModelError(f"{path}: not the YAML of a VQGAN: {reading.reason(error)}") from error


def _plain(node: yaml.Node | None, depth: int, room: list[int]) -> Any:
    """Mappings, lists and plain values of a YAML file. `room` counts down, as aliases can make a small file large."""
    room[0] -= 1
    if depth > 16 or room[0] < 0:
        raise ValueError("too large or too deep")
    if node is None or node.tag.removeprefix("tag:yaml.org,2002:") not in TAGS:
        raise ValueError(f"{'an empty file' if node is None else node.tag} is not read")
    if isinstance(node, yaml.MappingNode):
        return {_plain(key, depth + 1, room): _plain(value, depth + 1, room) for key, value in node.value}
    if isinstance(node, yaml.SequenceNode):
        return [_plain(value, depth + 1, room) for value in node.value]
    return yaml.SafeLoader("").construct_object(node)
