"""What a frame hands to the next, on disk: latent, Adam's moments, and the pace of a film that spreads its steps."""

import json
from dataclasses import asdict
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from animator.film.folder import Folder
from animator.paint.adaptive_steps import Pace
from animator.paint.generators import Moments
from animator.paint.optimize import State


def to_bytes(state: State, key: str) -> bytes:
    """A safetensors file of a state, which belongs to the frame with this key."""
    tensors = {f"latent.{name}": leaf for name, leaf in state.latent.items()}
    tensors |= {f"first.{name}": leaf for name, leaf in state.moments.first.items()}
    tensors |= {f"second.{name}": leaf for name, leaf in state.moments.second.items()}
    tensors = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    pace = json.dumps(asdict(state.pace))
    return save(tensors, {"age": str(state.age), "generator": str(state.generator), "pace": pace, "key": key})


def newest(folder: Folder, keys: list[str], count: int, device: torch.device) -> tuple[int, State | None]:
    """The newest stored state among the first `count` frames, and the number of frames up to it; (0, None) if none."""
    for index in range(count - 1, -1, -1):
        state = _read(folder.state_path(index), keys[index], device)
        if state is not None:
            return index + 1, state
    return 0, None


def _read(path: Path, key: str, device: torch.device) -> State | None:
    if not path.is_file():
        return None
    try:
        with safe_open(path, framework="pt", device=str(device)) as opened:
            metadata = opened.metadata() or {}
            if metadata.get("key") != key:
                return None
            parts: dict[str, dict[str, Tensor]] = {"latent": {}, "first": {}, "second": {}}
            for name in opened.keys():  # noqa: SIM118 - not a dict
                group, _, leaf = name.partition(".")
                parts[group][leaf] = opened.get_tensor(name)
    except (SafetensorError, OSError, KeyError):
        return None
    moments, pace = Moments(parts["first"], parts["second"]), Pace(**json.loads(metadata["pace"]))
    return State(parts["latent"], moments, int(metadata["age"]), int(metadata["generator"]), pace)
