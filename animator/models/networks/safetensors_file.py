"""Safetensors with the same bytes for the same content: the library writes metadata in any order."""

import json
import struct
from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import save_file
from torch import Tensor

from animator import files
from animator.errors import OutputError, first_line


def save(state: dict[str, Tensor], path: Path, metadata: dict[str, str]) -> None:
    """Write tensors as a whole file, its header's metadata in order. Raises: OutputError."""
    with files.atomic(path) as temporary:
        try:
            save_file({name: value.contiguous() for name, value in state.items()}, temporary, metadata)
        except SafetensorError as error:
            raise OutputError(f"{path}: cannot be written: {first_line(error)}") from error
        with temporary.open("r+b") as file:
            (length,) = struct.unpack("<Q", file.read(8))
            header = json.loads(file.read(length))
            header["__metadata__"] = dict(sorted(header["__metadata__"].items()))
            text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
            assert len(text) <= length, "the same header, and no longer"
            file.seek(8)
            file.write(text.ljust(length))
