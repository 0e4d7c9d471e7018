"""models.lock: what every downloaded model was, so that the same name is the same bytes for good.

A line for each name: the address that answered, the revision of a repository, the sha256 of what came, and that of what
was kept of it. It outlives the files: fetched again, a model must be the one that it was. A copy of this file pins the
models of another machine.
"""

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path

from pydantic import TypeAdapter

from animator import files
from animator.errors import ModelError, first_line


@dataclass(frozen=True)
class Record:
    """What a model's first download was. Hashes are by file name, sha256 in hexadecimal."""

    address: str
    revision: str = ""
    downloaded: dict[str, str] = field(default_factory=dict)
    kept: dict[str, str] = field(default_factory=dict)


_RECORDS = TypeAdapter(dict[str, Record])


def home() -> Path:
    """Where models lie that did not come with the program: $ANIMATOR_MODELS, or the user's cache."""
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return _real("ANIMATOR_MODELS", os.environ.get("ANIMATOR_MODELS") or Path(cache) / "animator" / "models")


def _real(variable: str, folder: str | Path) -> Path:
    """A folder that a variable of the environment may name. Raises: ModelError for one of nobody's."""
    try:
        return Path(folder).expanduser().resolve()
    except (RuntimeError, OSError, ValueError) as error:
        raise ModelError(f"{variable}: {folder}: {first_line(error)}") from error


def hub_cache() -> Path:
    """Where repositories of the Hugging Face hub lie, shared with other programs unless $ANIMATOR_MODELS is set."""
    if os.environ.get("ANIMATOR_MODELS"):
        return home() / "hub"
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    hub = Path(os.environ.get("HF_HOME") or cache / "huggingface") / "hub"
    return _real("HF_HUB_CACHE", os.environ.get("HF_HUB_CACHE") or hub)


def path() -> Path:
    """Where the lock file is."""
    return home() / "models.lock"


def read() -> dict[str, Record]:
    """Every record, by the model's name. Raises: ModelError when the file is damaged."""
    try:
        return _RECORDS.validate_json(path().read_bytes(), strict=True)
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, ValueError, RecursionError) as error:
        raise ModelError(f"{path()}: cannot be read: {error}; mend it or move it away") from error


def note(name: str, record: Record) -> None:
    """Put a model's record down. Raises: OutputError."""
    records = {**read(), name: record}
    text = json.dumps({key: asdict(records[key]) for key in sorted(records)}, indent=1)
    files.write(path(), text.encode() + b"\n")
