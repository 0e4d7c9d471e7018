"""Files of models that anybody may have written: bounds before work, and an error of ours whatever they hold."""

import contextlib
import json
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import torch
from pydantic import ValidationError
from safetensors import safe_open
from torch import Tensor

from animator.errors import AnimatorError, ModelError, first_line, ran_out

MOST_TENSORS = 10_000
MOST_PACKED = 64 << 20  # bytes that a zip's packed entries may be
SPARE = 1 << 20  # bytes that tensors may have beyond those of their file; some are shared


@contextlib.contextmanager
def refusing(place: object, what: str) -> Iterator[None]:
    """Whatever a file makes its reader raise meanwhile becomes a ModelError: `place: not <what>: the reason`. A lack of
    memory stays what it is, as the file may be good."""
    try:
        yield
    except AnimatorError:
        raise
    except Exception as error:
        if ran_out(error):
            raise
        raise ModelError(f"{place}: not {what}: {reason(error)}") from error


def shaped(path: Path, what: str, shape: Any, build: Any, spare: Callable[[str], bool] = lambda name: False) -> Any:
    """The frozen model of a file of ours, on the CPU: `build(shape)`, of the shape that its metadata has. Tensors
    whose names are `spare` follow from the shape, and need not be there. Raises: ModelError."""
    with refusing(path, what):
        with safe_open(path, "pt") as file:
            found = shape.model_validate_json((file.metadata() or {}).get("shape", ""))
            state = {name: file.get_tensor(name).float() for name in file.keys()}  # noqa: SIM118 - not a dict
        check_tensors(path, state)
        with torch.device("meta"):  # where what does not fit is found, and takes no memory
            build(found).load_state_dict({name: one.to("meta") for name, one in state.items()}, strict=False)
        model = build(found)
        missing, more = model.load_state_dict(state, strict=False)
    if more or not all(map(spare, missing)):
        raise ModelError(f"{path}: not {what} as it says: {', '.join([*more, *missing][:3])}")
    return model.eval().requires_grad_(False)


def described(path: Path) -> dict[str, Any]:
    """A JSON file that describes a model of the hub. Raises: ModelError."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise ModelError(f"{path}: cannot be read: {first_line(error)}") from error
    if not isinstance(found, dict):
        raise ModelError(f"{path}: cannot be read: it does not describe a model")
    return found


def check_loaded(folder: Path, loading: Mapping[str, Any]) -> None:
    """Raises: ModelError where a library of the hub made up tensors; `loading` is what it says of those it read."""
    absent = [str(key) for part in ("missing_keys", "mismatched_keys") for key in loading[part]]
    if absent:  # they would be random numbers
        raise ModelError(f"{folder}: {len(absent)} of its tensors are missing or of other size, {absent[0]} first")


def reason(error: Exception) -> str:
    """What is wrong, in a line."""
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False)[0]
        return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    return f"{type(error).__name__}: {first_line(error)}" if isinstance(error, KeyError) else first_line(error)


def check_zip(path: Path) -> None:
    """Raises: ModelError for a zip that makes much more of itself than it is: by entries that are packed, beyond the
    program of a TorchScript archive, or by several entries of the same bytes."""
    with refusing(path, "a whole archive"), zipfile.ZipFile(path) as archive:
        entries = archive.infolist()
        stored = sum(entry.file_size for entry in entries if entry.compress_type == zipfile.ZIP_STORED)
        packed = sum(entry.file_size for entry in entries if entry.compress_type != zipfile.ZIP_STORED)
        if stored > path.stat().st_size or packed > MOST_PACKED:
            raise ModelError(f"{path}: refused, its entries are much larger than the file")


def check_tensors(path: Path, tensors: Mapping[str, Tensor]) -> None:
    """Raises: ModelError for tensors that no file of a network has: too many, empty, or of more bytes than the file."""
    if len(tensors) > MOST_TENSORS:
        raise ModelError(f"{path}: refused, more than {MOST_TENSORS} tensors")
    odd = [name for name, one in tensors.items() if one.layout != torch.strided or one.is_meta or not one.numel()]
    if odd:
        raise ModelError(f"{path}: refused, {odd[0]} is an empty tensor, or one of another kind")
    if sum(one.numel() * one.element_size() for one in tensors.values()) > 2 * path.stat().st_size + SPARE:
        raise ModelError(f"{path}: refused, its tensors are larger than the file")
