"""A name of the catalogue, or a repository of the hub -> a model that is here. Nothing else touches the network.

A single file is converted to safetensors in the store, so that a render reads nothing but tensors. What came from the
hub stays in the hub's cache, too: it is shared with other programs. A whole repository is used where it lies there.
"""

import contextlib
import json
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

import filelock

from animator import files
from animator.errors import ModelError, command, first_line
from animator.models import lockfile, store
from animator.models.catalogue import HUB, Entry, File
from animator.models.download import STRICT, Progress, Rules, download
from animator.models.facts import AddressFailed, Asking, Fact, HashNoted, Here, RevisionNoted, Waiting
from animator.models.lockfile import Record
from animator.models.networks.clip import clip_file
from animator.models.networks.vqgan import checkpoint

# Of a repository: its descriptions, its tokenizer, its tensors. No Python, no pickles.
PATTERNS = ("*.json", "*.txt", "*.safetensors", "*.model")
DESCRIPTIONS = ("*.json", "*.txt", "*.model")
# Of a repository whose parts lie in folders, the parts that are used, each once: there are often halves beside them.
OF_PIPELINE = (
    store.PIPELINE,
    "scheduler/*.json",
    "tokenizer/*.json",
    "tokenizer/*.txt",
    "text_encoder/*.json",
    "text_encoder/model.safetensors",
    "unet/*.json",
    "unet/diffusion_pytorch_model.safetensors",
    "vae/*.json",
    "vae/diffusion_pytorch_model.safetensors",
)
TOKENIZERS = {"tokenizer.json", "spiece.model", "tokenizer.model", "vocab.json"}  # any one of them


@dataclass(frozen=True)
class Way:
    """How models are brought: who is told what happens, who sees bytes pass, and what is allowed.

    `offline` takes only what other programs have left in the hub's cache.
    """

    tell: Callable[[Fact], None] = lambda fact: None
    progress: Progress = lambda done, total: None
    offline: bool = False
    rules: Rules = STRICT


def fetch(name: str, way: Way) -> list[store.Model]:
    """Make a model, and what it cannot do without, be here. Raises: ModelError, OutputError."""
    model = store.find_any(name)
    made = [model]
    if not model.here:
        with alone(way.tell):
            if not store.find_any(name).here:  # somebody may have fetched it meanwhile
                _bring(model, way)
        made = [store.find_any(name)]
    way.tell(Here(name, made[0].weights))
    for companion in model.companions:
        made += fetch(companion.name, way)
    return made


@contextlib.contextmanager
def alone(tell: Callable[[Fact], None] = lambda fact: None) -> Iterator[None]:
    """One process at a time changes the store."""
    lock = filelock.FileLock(lockfile.home() / ".fetching")
    try:
        lockfile.home().mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=0)
    except filelock.Timeout:
        tell(Waiting(lockfile.home()))
        lock.acquire()
    except OSError as error:
        raise files.refused(error, f"{lockfile.home()}: cannot be written") from error
    try:
        files.sweep(lockfile.home())
        yield
    finally:
        lock.release()


def remove(name: str, tell: Callable[[Fact], None] = lambda fact: None) -> Path:
    """Delete a model's file, or its revision in the hub's cache; where it was. Raises: ModelError."""
    model = store.find_any(name)
    if name in store.SHIPPED or name.endswith(store.ENDINGS):
        raise ModelError(
            f"{name}: {'comes with the program' if name in store.SHIPPED else 'is a file of yours'}; not removed"
        )
    path = model.weights
    with alone(tell):
        if path.is_dir():
            from huggingface_hub import scan_cache_dir

            scan_cache_dir(lockfile.hub_cache()).delete_revisions(path.name).execute()
        else:
            path.unlink()
    return path


def _bring(model: store.Model, way: Way) -> None:
    if model.variant in store.FOLDERS:
        address = model.entry.weights[0].addresses[0] if model.entry else f"hub:{model.name}"
        return _bring_repository(model.name, address, way)
    assert model.entry is not None
    reasons = []
    noted = lockfile.read().get(model.name)
    before = [choice for choice in model.entry.weights if noted and noted.address in choice.addresses]
    for choice in before or model.entry.weights:  # the file that it was, and no other in its place
        for address in choice.addresses:
            try:
                return _bring_file(model.entry, choice, address, model.path, way)
            except ModelError as error:
                way.tell(AddressFailed(model.name, str(error)))
                reasons.append(str(error))
    hint = f"; it can be brought by hand: {command(f'models import FILE --name {model.name}')}"
    raise ModelError(f"{model.name}: no address has it: {reasons[-1]}{hint}")


def _bring_file(entry: Entry, choice: File, address: str, target: Path, way: Way) -> None:
    """Download one file, convert it, note down what it was."""
    noted = lockfile.read().get(entry.name)
    same = noted if noted and noted.address in choice.addresses else None
    known = same.downloaded if same else {}
    revision = same.revision if same and same.address == address else ""
    with tempfile.TemporaryDirectory(dir=lockfile.home(), prefix=".converting-") as folder:
        downloaded, config, brought = {}, None, list[Path]()
        if entry.config is not None:  # first, as it is small
            place = entry.config.addresses[choice.addresses.index(address) % len(entry.config.addresses)]
            described, _, downloaded["config"] = _download(entry.name, place, known.get("config", ""), revision, way)
            config = Path(folder) / "model.yaml"
            config.write_bytes(described.read_bytes())
            brought.append(described)
        sha256 = choice.sha256 or known.get("weights", "")
        weights, revision, downloaded["weights"] = _download(entry.name, address, sha256, revision, way)
        if not (choice.sha256 or known):
            way.tell(HashNoted(entry.name, downloaded["weights"], lockfile.path()))
        if entry.kind == "vqgan":
            checkpoint.convert(weights, config, target)
        else:
            clip_file.convert(weights, target, entry.name)
    lockfile.note(entry.name, Record(address, revision, downloaded, {target.name: files.sha256(target)}))
    for path in (*brought, weights):
        if path.parent == lockfile.home():
            path.unlink()


def _download(name: str, address: str, sha256: str, revision: str, way: Way) -> tuple[Path, str, str]:
    """A file of the hub or of the web: where it is now, its revision, its sha256."""
    hub = HUB.fullmatch(address)
    if hub:
        path, revision = _of_hub(hub["repository"], hub["path"], hub["revision"] or revision, way.offline)
        digest = files.sha256(path)
        if sha256 and digest != sha256:
            raise ModelError(f"{address}: refused, its sha256 is {digest} and should be {sha256}")
        return path, revision, digest
    if way.offline:
        raise ModelError(f"{address}: not fetched, --offline was asked for")
    way.tell(Asking(name, address))
    target = lockfile.home() / f"{store.file_name(address.split('//', 1)[1])[-120:]}.download"
    return target, "", download(address, target, sha256, way.rules, way.progress)


def _of_hub(repository: str, path: str, revision: str, offline: bool) -> tuple[Path, str]:
    from huggingface_hub import hf_hub_download

    with _as_ours(f"{repository}: {path}", offline):
        found = hf_hub_download(
            repository, path, revision=revision or None, cache_dir=lockfile.hub_cache(), local_files_only=offline
        )
    return Path(found), Path(found).relative_to(lockfile.hub_cache()).parts[2]


def _bring_repository(name: str, address: str, way: Way) -> None:
    """A whole repository, at the revision that its name asks for, or that its first download had."""
    from huggingface_hub import snapshot_download

    noted = lockfile.read().get(name)
    hub = HUB.fullmatch(address)
    assert hub is not None
    revision = hub["revision"] or (noted.revision if noted else "")
    way.tell(Asking(name, f"hub:{hub['repository']}", revision))

    def bring(patterns: Sequence[str], wanted: str) -> Path:
        with _as_ours(hub["repository"], way.offline):
            return Path(
                snapshot_download(
                    hub["repository"],
                    revision=wanted or None,
                    cache_dir=lockfile.hub_cache(),
                    allow_patterns=list(patterns),
                    local_files_only=way.offline,
                )
            )

    described = bring(DESCRIPTIONS, revision)  # small, and says which tensors are wanted
    patterns = OF_PIPELINE if (described / store.PIPELINE).is_file() else PATTERNS
    folder = bring(patterns, described.name)
    names = (str(path.relative_to(folder)) for path in sorted(folder.rglob("*")) if path.is_file())
    kept = {name: files.sha256(folder / name) for name in names if any(fnmatch(name, each) for each in patterns)}
    _check_whole(name, folder, kept)
    if noted and noted.kept and noted.kept != kept and noted.revision == folder.name:
        raise ModelError(f"{name}: {folder} is not what the first download was; models.lock has that one's hashes")
    if not revision:
        way.tell(RevisionNoted(name, folder.name, lockfile.path()))
    lockfile.note(name, Record(address, folder.name, {}, kept))


def _check_whole(name: str, folder: Path, kept: dict[str, str]) -> None:
    """Raises: ModelError for a repository of which something is missing: what another program left may be a part."""
    if not any(file.endswith(".safetensors") for file in kept):
        raise ModelError(f"{name}: there are no safetensors in {folder}, and nothing else is loaded")
    if store.PIPELINE in kept:
        parts = ("unet/config.json", "scheduler/scheduler_config.json", "text_encoder/config.json")
        tensors = ("unet/diffusion_pytorch_model.safetensors", "text_encoder/model.safetensors")
        missing = sorted({*parts, *tensors} - set(kept))
        if missing:
            raise ModelError(f"{name}: it is not a text-to-image model as is used here: it lacks {', '.join(missing)}")
        return
    wanted = {"config.json"} | ({"tokenizer.json"} if not TOKENIZERS & set(kept) else set())
    for index in folder.glob("*.safetensors.index.json"):
        wanted |= set(json.loads(index.read_text(encoding="utf-8")).get("weight_map", {}).values())
    if "modules.json" in kept:  # a sentence-transformers model, whose parts have folders of their own
        parts = json.loads((folder / "modules.json").read_text(encoding="utf-8"))
        wanted |= {f"{part['path']}/config.json" for part in parts if part.get("path")}
    else:
        wanted.add("preprocessor_config.json")
    missing = sorted(wanted - set(kept))
    if missing:
        raise ModelError(f"{name}: {folder} lacks {', '.join(missing)}; fetch it without --offline")


@contextlib.contextmanager
def _as_ours(what: str, offline: bool) -> Iterator[None]:
    """The hub's many errors as one of ours."""
    import httpx2
    from huggingface_hub import errors

    try:
        yield
    except errors.RepositoryNotFoundError as error:
        raise ModelError(f"{what}: the hub has no such repository, or wants a login for it") from error
    except (errors.LocalEntryNotFoundError, errors.OfflineModeIsEnabled) as error:
        why = "it is not in the hub's cache" if offline else "the hub cannot be reached, and it is not in its cache"
        raise ModelError(f"{what}: {why}") from error
    except errors.EntryNotFoundError as error:
        raise ModelError(f"{what}: the hub's repository has no such file") from error
    except (httpx2.HTTPError, errors.RevisionResolutionError, errors.HFValidationError, OSError) as error:
        raise ModelError(f"{what}: {first_line(error)}") from error
