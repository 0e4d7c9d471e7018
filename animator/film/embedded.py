"""The scene that a film carries: written into its container as a comment, and read back out of any film."""

import json
import os
import re
import stat
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from animator.errors import MovieError
from animator.media import ffmpeg
from animator.scene.document import Document
from animator.version import VERSION

TAG = "comment"
KIND = "animator scene"
CONTAINERS = ("mp4", "mov", "matroska", "webm")  # that hold one
LARGEST = 2 << 20  # bytes
OPENED = "mov,matroska"  # what ffmpeg opens of somebody else's
HEADER = ";FFMETADATA1"


@dataclass(frozen=True)
class Embedded:
    """What a film was made from: the text of a scene, the changes that were made to it (`--set`), its name, the
    program's version, and the key of its last frame."""

    text: str
    changes: tuple[str, ...]
    name: str
    version: str
    key: str


def of(document: Document, key: str) -> Embedded:
    """What a film of a document carries. Paths in it are relative, or only names: it says nothing of where it lies."""
    text, changes = without_places(document.text), tuple(map(without_places, document.changes))
    return Embedded(text, changes, document.scene.name, VERSION, key)


def without_places(text: str) -> str:
    """A text in which a path that begins at the root of the disk is relative to this folder, or a bare name."""
    here = f"{Path.cwd()}{os.sep}"
    return re.sub(r"(?<![\w./~:\\-])/(?:[\w.~+@-]+/)+([\w.+@-]+)", r"\1", text.replace(here, ""))


def metadata(embedded: Embedded) -> bytes:
    """A file of metadata, as ffmpeg reads it."""
    fields = {"kind": KIND, "version": embedded.version, "name": embedded.name, "key": embedded.key}
    value = json.dumps({**fields, "set": list(embedded.changes), "scene": embedded.text}, ensure_ascii=True)
    escaped = re.sub(r"([=;#\\\n])", r"\\\1", value)
    return f"{HEADER}\n{TAG}={escaped}\n".encode()


def read(film: Path) -> Embedded:
    """What a film carries. Raises: MovieError for a file that is no film, or carries no scene."""
    try:
        found = film.stat()
    except (OSError, ValueError) as error:
        raise MovieError(f"{film}: no such film") from error
    if not stat.S_ISREG(found.st_mode):
        raise MovieError(f"{film}: not a file")
    opened = ["-protocol_whitelist", "file", "-format_whitelist", OPENED, "-i", f"file:{film.absolute()}"]
    arguments = [*ffmpeg.QUIET, *opened, "-f", "ffmetadata", "-"]
    with tempfile.TemporaryFile() as out:
        streams = {"stdin": subprocess.DEVNULL, "stdout": out, "stderr": subprocess.DEVNULL}
        with ffmpeg.process(arguments, **streams) as reader, ffmpeg.Deadline(reader):
            ffmpeg.wait(reader)
        out.seek(0)
        text = out.read(LARGEST).decode("utf-8", "replace")
    if reader.returncode != 0:
        raise MovieError(f"{film}: cannot be read as an MP4, MOV, MKV or WebM film")
    embedded = _embedded(_tags(text).get(TAG, ""))
    if embedded is None:
        raise MovieError(f"{film}: carries no scene; films that were made with output.strip, or by others, do not")
    return embedded


def _tags(text: str) -> Mapping[str, str]:
    """Names, in small letters, and values of ffmpeg's metadata."""
    found = {}
    for line in re.split(r"(?<!\\)\n", text.removeprefix(HEADER)):
        name, equals, value = line.partition("=")
        if equals and not line.startswith(("[", ";", "#")):
            found[name.lower()] = re.sub(r"\\(.)", r"\1", value, flags=re.DOTALL)
    return found


def _embedded(value: str) -> Embedded | None:
    try:
        plain: Any = json.loads(value)
        if plain["kind"] != KIND:
            return None
        changes = tuple(str(change) for change in plain["set"])
        return Embedded(str(plain["scene"]), changes, str(plain["name"]), str(plain["version"]), str(plain["key"]))
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
