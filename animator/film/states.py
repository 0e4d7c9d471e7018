"""What a frame hands to the next, on disk: latent, Adam's moments, and the pace of a film that spreads its steps."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from animator import files
from animator.film.folder import Folder, journal
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


@dataclass(frozen=True)
class Found:
    """The newest state that can be gone on from, and the frame that comes next: None and the first frame if there is
    none. `damaged` are the frames whose states were there and are not what was written."""

    next: int
    state: State | None
    damaged: tuple[int, ...] = ()


def newest(
    folder: Folder,
    keys: list[str],
    frames: range,
    device: torch.device,
    lines: Mapping[int, Mapping[str, Any]] | None = None,
) -> Found:
    """The newest whole state among those of some frames in a row. `lines` is the journal, for one that was read."""
    lines, damaged = journal(folder) if lines is None else lines, list[int]()
    for index in reversed(frames):
        path = folder.state_path(index)
        if not path.is_file():
            continue  # thinned out, or lost
        state = _read(path, keys[index], lines[index]["state"], device)
        if state is not None:
            return Found(index + 1, state, tuple(damaged))
        damaged.append(index)
    return Found(frames.start, None, tuple(damaged))


def _read(path: Path, key: str, sha256: str, device: torch.device) -> State | None:
    """None for a state of another film, or one that is not what was written."""
    try:
        if files.sha256(path) != sha256:
            return None
        with safe_open(path, framework="pt", device=str(device)) as opened:
            metadata = opened.metadata() or {}
            if metadata.get("key") != key:
                return None
            parts: dict[str, dict[str, Tensor]] = {"latent": {}, "first": {}, "second": {}}
            for name in opened.keys():  # noqa: SIM118 - not a dict
                group, _, leaf = name.partition(".")
                parts[group][leaf] = opened.get_tensor(name)
        if not all(bool(leaf.isfinite().all()) for part in parts.values() for leaf in part.values()):
            return None
        moments, pace = Moments(parts["first"], parts["second"]), Pace(**json.loads(metadata["pace"]))
        return State(parts["latent"], moments, int(metadata["age"]), int(metadata["generator"]), pace)
    except (SafetensorError, OSError, KeyError, ValueError, TypeError):
        return None
