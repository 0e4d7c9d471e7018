"""What a safetensors file says of itself, without its tensors."""

import json
import struct
from pathlib import Path
from typing import Any

from animator.errors import ModelError

LARGEST = 10_000_000  # bytes of a header


def read(path: Path) -> dict[str, Any]:
    """A safetensors file's JSON header: eight bytes of length, then the text. Raises: ModelError."""
    try:
        with path.open("rb") as file:
            (length,) = struct.unpack("<Q", file.read(8))
            if length > LARGEST:
                raise ModelError(f"{path}: not a safetensors file")
            header = json.loads(file.read(length))
    except (OSError, ValueError, RecursionError, struct.error) as error:
        raise ModelError(f"{path}: not a safetensors file") from error
    if not isinstance(header, dict):
        raise ModelError(f"{path}: not a safetensors file")
    return header
