"""A film's folder: frames, the states between them, and the journal that says which of them count.

    outputs/reef/frames/000123.png          what people see
    outputs/reef/states/000123.safetensors  latent and optimiser after that frame
    outputs/reef/journal.jsonl              a line a frame: its key, its FrameSpec, the PNG's sha256
    outputs/reef/scene.yaml                 the scene as it was when this run began

A frame's key is a hash chained from everything that came before it: k_t = sha256(k_{t-1} + FrameSpec_t), and k_{-1}
covers what holds for the whole film. A stored frame counts only if its key and its bytes are the ones expected, so
resuming after a crash and rendering anew after an edit are the same thing. Order of writing: PNG, state, journal.
"""

import contextlib
import hashlib
import json
import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import filelock
import numpy as np
import torch
from PIL import Image
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from animator import files, needs, variants
from animator.animate import Frame
from animator.errors import BusyError, OutputError
from animator.generators import Moments
from animator.optimize import State
from animator.pace import Pace
from animator.scene import Scene
from animator.timeline import FrameSpec, canonical

FORMAT = 3  # raised by hand when the same scene would give other pixels
LEAST_FREE = 64 << 20  # bytes; below this a frame is not begun


@dataclass(frozen=True)
class Store:
    """A film's folder, locked by this process."""

    folder: Path

    def frame_path(self, index: int) -> Path:
        return self.folder / "frames" / f"{index:06d}.png"

    def state_path(self, index: int) -> Path:
        return self.folder / "states" / f"{index:06d}.safetensors"

    @property
    def journal_path(self) -> Path:
        return self.folder / "journal.jsonl"


def base_of(scene: Scene) -> dict[str, Any]:
    """What holds for every frame of a film; codec, quality and name are not in it."""
    painters: list[tuple[str, Any]] = [
        (turn.type, variants.config_class("generators", turn.type)(**turn.options)) for _, turn in scene.generator
    ]
    return {
        "format": FORMAT,
        "size": scene.size,
        "generator": [{"type": kind, **config.model_dump(mode="json")} for kind, config in painters],
        "inputs": [files.sha256(path) for _, config in painters for path in getattr(config, "inputs", ())],
        "models": [model.sha256 for _, config in painters for model in getattr(config, "models", ())],
        "encoders": {
            name: [scene.guide.encoders[name].weight, *(part.sha256 for part in (model, *model.companions))]
            for name, model in needs.encoders(scene).items()
        },
        "pictures": [files.sha256(path) for path in needs.images(scene)],
        "losses": {
            name: variants.config_class("losses", name)(**term.options).model_dump(mode="json")
            for name, term in scene.losses.items()
        },
        "precision": scene.optimize.precision,
        "warm_moments": scene.optimize.warm_moments,
        "seed": scene.seed,
    }


def keys_of(base: dict[str, Any], specs: tuple[FrameSpec, ...]) -> list[str]:
    """The chained key of every frame."""
    key = hashlib.sha256(canonical(base).encode()).hexdigest()
    keys = []
    for spec in specs:
        key = hashlib.sha256((key + canonical(spec)).encode()).hexdigest()
        keys.append(key)
    return keys


@contextlib.contextmanager
def open_store(folder: Path, fresh: bool = False) -> Iterator[Store]:
    """Lock a film's folder, making it if need be; `fresh` moves an old one aside first.

    Raises: BusyError when another renderer holds it; OutputError when it cannot be written.
    """
    try:
        if folder.is_symlink():
            raise OutputError(f"{folder}: is a link; films are written only to real folders")
        if fresh and folder.exists():
            with _locked(folder):
                folder.rename(folder.with_name(f"{folder.name}.old-{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}"))
        for part in (folder, folder / "frames", folder / "states"):
            part.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{folder}: cannot be made: {error.strerror}") from error
    with _locked(folder):
        for part in (folder, folder / "frames", folder / "states"):
            files.sweep(part)
        yield Store(folder)


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    lock, holder = filelock.FileLock(folder / ".lock"), folder / ".holder"
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout as error:
        who = holder.read_text().strip() if holder.exists() else "another process"
        raise BusyError(f"{folder}: in use by {who}; wait for it, or choose another folder with --out") from error
    try:
        holder.write_text(f"process {os.getpid()} on {os.uname().nodename}\n")
        yield
    finally:
        lock.release()


def kept(store: Store, keys: list[str]) -> int:
    """How many frames from the film's start on are there, whole and as this scene wants them."""
    lines = _journal(store)
    count = 0
    for line, key in zip(lines, keys, strict=False):
        path = store.frame_path(count)
        if line["key"] != key or not path.is_file() or files.sha256(path) != line["png"]:
            break
        count += 1
    return count


def cut_journal(store: Store, count: int) -> None:
    """Forget all frames from `count` on, and a torn last line."""
    lines = store.journal_path.read_bytes().splitlines(keepends=True) if store.journal_path.exists() else []
    if len(lines) > count:
        files.write(store.journal_path, b"".join(lines[:count]))


def _journal(store: Store) -> list[dict[str, Any]]:
    """The lines up to the first that is torn or not ours."""
    entries: list[dict[str, Any]] = []
    if store.journal_path.exists():
        for text in store.journal_path.read_bytes().splitlines(keepends=True):
            try:
                line = json.loads(text)
                whole = text.endswith(b"\n") and {"frame", "key", "png", "spec"} <= set(line)
            except (ValueError, TypeError):
                whole = False
            if not whole or line["frame"] != len(entries):
                break
            entries.append(line)
    return entries


def changes(store: Store, base: dict[str, Any], specs: tuple[FrameSpec, ...], count: int) -> list[str]:
    """Which fields keep the stored frame `count` from being the one wanted; empty when it is just not there."""
    lines = _journal(store)
    if count >= len(lines) or count >= len(specs):
        return []
    old_base = _read_json(store.folder / "base.json")
    new_base = json.loads(canonical(base))
    if old_base != new_base:
        return sorted(name for name in new_base if old_base.get(name) != new_base[name])
    wanted = json.loads(canonical(specs[count]))
    return sorted(name for name, value in wanted.items() if lines[count]["spec"].get(name) != value)


def begin(store: Store, base: dict[str, Any], scene_text: str) -> None:
    """Note down what this run renders from."""
    files.write(store.folder / "base.json", canonical(base).encode())
    files.write(store.folder / "scene.yaml", scene_text.encode())


@dataclass(frozen=True)
class Packed:
    """A frame as bytes: all that is left to do is to write them."""

    index: int
    pixels: np.ndarray[Any, np.dtype[np.uint8]]
    state: bytes
    key: str
    spec: FrameSpec


def pack(frame: Frame, key: str) -> Packed:
    """Bring a frame into memory as bytes. Tensors end here: a second thread that computes with them slows both."""
    return Packed(frame.spec.index, to_bytes(frame.picture), _pack(frame.state, key), key, frame.spec)


def save_frame(store: Store, frame: Packed, states_every: int) -> None:
    """Commit a frame. Raises: OutputError, with everything before this frame safe."""
    if shutil.disk_usage(store.folder).free < LEAST_FREE:
        raise OutputError(f"{store.folder}: less than {LEAST_FREE >> 20} MiB free; make room and run the same command")
    index = frame.index
    with files.atomic(store.frame_path(index)) as temporary:
        Image.fromarray(frame.pixels).save(temporary, "PNG", compress_level=4)
        digest = files.sha256(temporary)
    files.write(store.state_path(index), frame.state)
    line = json.dumps({"frame": index, "key": frame.key, "png": digest, "spec": asdict(frame.spec)}) + "\n"
    try:
        with store.journal_path.open("ab") as journal:
            journal.write(line.encode())
            journal.flush()
            os.fsync(journal.fileno())
    except OSError as error:
        raise OutputError(f"{store.journal_path}: cannot be written: {error.strerror}") from error
    if index >= 2 and (index - 2) % states_every:
        store.state_path(index - 2).unlink(missing_ok=True)


def to_bytes(picture: Tensor) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """(1,3,H,W) in [0,1] -> (H,W,3) uint8. The only place where a picture becomes 8 bits."""
    array: np.ndarray[Any, np.dtype[np.uint8]] = (
        picture[0].permute(1, 2, 0).mul(255).round().to(torch.uint8).cpu().numpy()
    )
    return array


def _pack(state: State, key: str) -> bytes:
    tensors = {f"latent.{name}": leaf for name, leaf in state.latent.items()}
    tensors |= {f"first.{name}": leaf for name, leaf in state.moments.first.items()}
    tensors |= {f"second.{name}": leaf for name, leaf in state.moments.second.items()}
    tensors = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    pace = json.dumps(asdict(state.pace))
    return save(tensors, {"age": str(state.age), "generator": str(state.generator), "pace": pace, "key": key})


def last_state(store: Store, keys: list[str], count: int, device: torch.device) -> tuple[int, State | None]:
    """The newest stored state among the first `count` frames, and the number of frames up to it; (0, None) if none."""
    for index in range(count - 1, -1, -1):
        state = _unpack(store.state_path(index), keys[index], device)
        if state is not None:
            return index + 1, state
    return 0, None


def _unpack(path: Path, key: str, device: torch.device) -> State | None:
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


def _read_json(path: Path) -> dict[str, Any]:
    try:
        value: dict[str, Any] = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return value
