"""OpenAI's own CLIP files are TorchScript archives: programs with their tensors. The tensors are read, nothing is run.

Such a file is a zip of uncompressed entries: `data.pkl` pickles a tree of modules, and `data/N` are the bytes of their
tensors. The pickle is read by an unpickler that knows four functions, all of them ours, and makes an inert object
of everything that calls itself a module; any other name in it is refused.
"""

import math
import pickle
import zipfile
from collections import OrderedDict
from pathlib import Path
from typing import Any, BinaryIO

import torch
from torch import Tensor

from animator.errors import ModelError, first_line
from animator.models.networks import reading

STORAGES = {
    "FloatStorage": torch.float32,
    "HalfStorage": torch.float16,
    "BFloat16Storage": torch.bfloat16,
    "DoubleStorage": torch.float64,
    "LongStorage": torch.int64,
    "IntStorage": torch.int32,
    "ByteStorage": torch.uint8,
    "BoolStorage": torch.bool,
}
DEEPEST = 32  # modules within modules
MOST_MODULES = 20_000
LARGEST_PICKLE = 64 << 20  # bytes


class _Module:
    """A module of the archive: attributes, and no behaviour."""

    def __init__(self, *ignored: Any) -> None:
        self.attributes: dict[str, Any] = {}

    def __setstate__(self, state: Any) -> None:
        self.attributes = state if isinstance(state, dict) else {}


class _Reader(pickle.Unpickler):
    """Reads `data.pkl`."""

    def __init__(self, file: BinaryIO, archive: zipfile.ZipFile, root: str) -> None:
        super().__init__(file)
        self.archive, self.root = archive, root
        self.storages: dict[str, Tensor] = {}

    def find_class(self, module: str, name: str) -> Any:
        if module.split(".")[0] == "__torch__":
            return type("Module", (_Module,), {})
        if module == "torch" and name in STORAGES:
            return STORAGES[name]
        known = {  # made anew each time: a pickle may try to change what it is given
            ("torch._utils", "_rebuild_tensor_v2"): lambda *parts: _tensor(*parts),
            ("torch._utils", "_rebuild_parameter"): lambda value, *ignored: value,
            ("torch.jit._pickle", "restore_type_tag"): lambda value, *ignored: value,
            ("collections", "OrderedDict"): OrderedDict,
        }
        if module == "torch.jit._pickle" and name.startswith("build_") and name.endswith("list"):
            return list
        if (module, name) not in known:
            raise pickle.UnpicklingError(f"it names {module}.{name}")
        return known[module, name]

    def persistent_load(self, described: Any) -> Tensor:
        """The storage that the pickle speaks of: one dimension, of the type that it says."""
        kind, dtype, key, _, count = described
        if kind != "storage" or not isinstance(dtype, torch.dtype) or not str(key).isdigit():
            raise pickle.UnpicklingError(f"it has a {kind!r} where a tensor's bytes should be")
        if key not in self.storages:
            info = self.archive.getinfo(f"{self.root}/data/{key}")
            if info.compress_type != zipfile.ZIP_STORED or info.file_size != count * dtype.itemsize:
                raise pickle.UnpicklingError(f"the bytes of tensor {key} are not as many as it says")
            content = bytearray(self.archive.read(info))
            self.storages[key] = torch.frombuffer(content, dtype=dtype) if count else torch.empty(0, dtype=dtype)
        return self.storages[key]


def _tensor(storage: Tensor, offset: int, size: tuple[int, ...], stride: tuple[int, ...], *ignored: Any) -> Tensor:
    last = offset + sum((n - 1) * step for n, step in zip(size, stride, strict=True)) if math.prod(size) else 0
    if offset < 0 or any(step < 0 for step in stride) or last >= max(len(storage), 1):
        raise pickle.UnpicklingError("a tensor reaches beyond its bytes")
    return storage.as_strided(size, stride, offset)


def is_archive(path: Path) -> bool:
    """Whether a file is TorchScript: a zip with code in it."""
    try:
        with zipfile.ZipFile(path) as archive:
            return any("/code/" in name or name.endswith("/constants.pkl") for name in archive.namelist())
    except (zipfile.BadZipFile, OSError):
        return False


def tensors(path: Path) -> dict[str, Tensor]:
    """Every tensor of a TorchScript archive by its name in the tree of modules. Raises: ModelError."""
    reading.check_zip(path)
    try:
        with zipfile.ZipFile(path) as archive:
            (pickled,) = [name for name in archive.namelist() if name.count("/") == 1 and name.endswith("/data.pkl")]
            info = archive.getinfo(pickled)
            if info.compress_type != zipfile.ZIP_STORED or info.file_size > LARGEST_PICKLE:
                raise pickle.UnpicklingError("its pickle is packed, or huge")
            with archive.open(pickled) as file:
                tree = _Reader(file, archive, pickled.split("/")[0]).load()  # type: ignore[arg-type]
    except Exception as error:  # a hostile pickle makes the reader raise whatever it likes
        raise ModelError(f"{path}: refused, not a TorchScript archive of tensors alone: {first_line(error)}") from error
    found: dict[str, Tensor] = {}
    _collect(tree, "", found, DEEPEST, [MOST_MODULES])
    if not found:
        raise ModelError(f"{path}: holds no tensors")
    reading.check_tensors(path, found)
    return found


def _collect(module: Any, prefix: str, found: dict[str, Tensor], depth: int, room: list[int]) -> None:
    """`room` counts modules down: shared ones can make a small file a tree without end."""
    room[0] -= 1
    if not isinstance(module, _Module) or depth < 0 or room[0] < 0:
        return
    for name, value in module.attributes.items():
        if isinstance(value, Tensor):
            found[f"{prefix}{name}"] = value
        else:
            _collect(value, f"{prefix}{name}.", found, depth - 1, room)
