"""Pictures of one's own with captions: COCO's captions file, or a text beside each picture."""

import json
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from animator.errors import ModelError
from animator.training.crops import ENDINGS


@dataclass(frozen=True)
class Captioned:
    """N pictures as they are learnt from: `rows` are uint8 (N,3,S,S), or codes int16 or int32 (N, cells). And
    `embed(numbers, random)`, an embedding of one caption of each of these pictures, (B, condition)."""

    rows: Tensor
    embed: Callable[[Tensor, torch.Generator], Tensor]


def of_folder(images: Path, captions: Path | None) -> list[tuple[Path, list[str]]]:
    """Every picture that has captions, with them. `captions` is a JSON file as COCO's (`captions_train2017.json`);
    without it, `dog.txt` speaks of `dog.jpg`, a caption a line.

    Raises: ModelError when there are none.
    """
    found = _coco(images, captions) if captions else _beside(images)
    if not found:
        where = captions or "the .txt files beside them"
        raise ModelError(f"{images}: no picture there has a caption in {where}")
    return found


def _beside(images: Path) -> list[tuple[Path, list[str]]]:
    found = []
    for path in sorted(images.rglob("*")):
        text = path.with_suffix(".txt")
        if path.suffix.lower() in ENDINGS and text.is_file():
            lines = [line.strip() for line in text.read_text(encoding="utf-8", errors="replace").splitlines()]
            if any(lines):
                found.append((path, [line for line in lines if line]))
    return found


def _coco(images: Path, captions: Path) -> list[tuple[Path, list[str]]]:
    try:
        whole = json.loads(captions.read_text(encoding="utf-8"))
        names = {image["id"]: image["file_name"] for image in whole["images"]}
        lines_of = defaultdict(list)
        for note in whole["annotations"]:
            lines_of[names[note["image_id"]]].append(str(note["caption"]).strip())
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{captions}: not a captions file as COCO's: {type(error).__name__}: {error}") from error
    paths = ((images / Path(name).name, lines) for name, lines in sorted(lines_of.items()))
    return [(path, lines) for path, lines in paths if path.is_file()]
