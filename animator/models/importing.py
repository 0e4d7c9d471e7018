"""A file that somebody has, a VQGAN's or a CLIP's -> a model of the store, as safetensors."""

from collections.abc import Callable
from pathlib import Path

from animator import files
from animator.errors import ModelError
from animator.models import header, lockfile, store
from animator.models.catalogue import BY_NAME
from animator.models.facts import Fact, Imported
from animator.models.fetch import alone
from animator.models.lockfile import Record
from animator.models.networks.clip import archive, clip_file
from animator.models.networks.vqgan import checkpoint


def convert(file: Path, config: Path | None, name: str, tell: Callable[[Fact], None] = lambda fact: None) -> Imported:
    """Convert a file, once, so that scenes may name it. `config` is a VQGAN's YAML; default: beside the file.

    Raises: ModelError for a file that is neither, or a name that is taken.
    """
    name = store.allowed_name(name or file.stem)
    is_clip = config is None and (archive.is_archive(file) or _has_keys_of_clip(file))
    entry = BY_NAME.get(name)
    if entry and (entry.kind != ("clip" if is_clip else "vqgan") or entry.encoder == "sbert"):
        raise ModelError(f"{name} is another kind of model; choose another name with --name")
    target = lockfile.home() / f"{store.file_name(name)}.safetensors"
    if is_clip:
        clip_file.check_architecture(file)
    with alone(tell):
        if is_clip:
            clip_file.convert(file, target, name)
            made = Imported(name, "clip")
        else:
            architecture = checkpoint.convert(file, config, target)
            made = Imported(name, "vqgan", architecture.n_embed, architecture.factor)
        hashes = {"weights": files.sha256(file)}, {target.name: files.sha256(target)}
        lockfile.note(name, Record("imported", "", *hashes))
    return made


def _has_keys_of_clip(file: Path) -> bool:
    return file.suffix == ".safetensors" and file.is_file() and "logit_scale" in header.read(file)
