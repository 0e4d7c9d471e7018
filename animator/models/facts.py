"""What happens while a model is brought here, as records. `report` makes sentences of them."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Waiting:
    """Another process changes the store at the moment."""

    folder: Path


@dataclass(frozen=True)
class Asking:
    """An address is asked for a model's file; `revision` is that of a repository of the hub, where one is known."""

    name: str
    address: str
    revision: str = ""


@dataclass(frozen=True)
class AddressFailed:
    """An address did not have it; the next one is asked."""

    name: str
    reason: str


@dataclass(frozen=True)
class HashNoted:
    """Nobody publishes a file's hash, so the one of this download is kept in the lock file."""

    name: str
    sha256: str
    lock: Path


@dataclass(frozen=True)
class RevisionNoted:
    """A repository was asked for without a revision, so the one of this download is kept in the lock file."""

    name: str
    revision: str
    lock: Path


@dataclass(frozen=True)
class Here:
    """The model is here now, or was before."""

    name: str
    path: Path


@dataclass(frozen=True)
class Imported:
    """A file that somebody has was converted: a CLIP, or a VQGAN of so many codes for cells of f x f pixels."""

    name: str
    kind: str
    codes: int = 0
    factor: int = 0


Fact = Waiting | Asking | AddressFailed | HashNoted | RevisionNoted | Here | Imported
