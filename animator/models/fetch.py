"""A name of the catalogue, or a repository of the hub -> a model that is here. Nothing else touches the network.

A single file is converted to safetensors in the store, so that a render reads nothing but tensors. What came from the
hub stays in the hub's cache, too: it is shared with other programs. A whole repository is used where it lies there.
"""

import contextlib
import json
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import filelock

from animator import files, models
from animator.errors import ModelError
from animator.models import clip_archive, ledger, taming_checkpoint
from animator.models.catalogue import BY_NAME, HUB, Entry, File
from animator.models.clip_file import be_openais
from animator.models.clip_file import convert as convert_clip
from animator.models.download import STRICT, Progress, Rules, download
from animator.models.ledger import Record

# Of a repository: its descriptions, its tokenizer, its tensors. No Python, no pickles.
PATTERNS = ("*.json", "*.txt", "*.safetensors", "*.model")
TOKENIZERS = {"tokenizer.json", "spiece.model", "tokenizer.model", "vocab.json"}  # any one of them
Say = Callable[[str], None]
How = tuple[Say, Progress, bool, Rules]


def fetch(name: str, say: Say, progress: Progress, offline: bool = False, rules: Rules = STRICT) -> list[models.Model]:
    """Make a model, and what it cannot do without, be here. Raises: ModelError, OutputError.

    `offline` takes only what other programs have left in the hub's cache.
    """
    model = models.find_any(name)
    made = [model]
    if not model.here:
        with _alone(say):
            if not models.find_any(name).here:  # somebody may have fetched it meanwhile
                _one(model, say, progress, offline, rules)
        made = [models.find_any(name)]
    say(f"{name}: here, {made[0].weights}")
    for companion in model.companions:
        made += fetch(companion.name, say, progress, offline, rules)
    return made


@contextlib.contextmanager
def _alone(say: Say) -> Iterator[None]:
    """One process at a time changes the store."""
    ledger.home().mkdir(parents=True, exist_ok=True)
    lock = filelock.FileLock(ledger.home() / ".fetching")
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout:
        say(f"waiting for another process that changes {ledger.home()}")
        lock.acquire()
    try:
        files.sweep(ledger.home())
        yield
    finally:
        lock.release()


def take(file: Path, config: Path | None, name: str, say: Say = print) -> str:
    """Convert a file that somebody has, a VQGAN's or a CLIP's; a sentence of what it is. Raises: ModelError."""
    name = models.allowed_name(name or file.stem)
    clip = config is None and (clip_archive.is_archive(file) or _keys_of_clip(file))
    entry = BY_NAME.get(name)
    if entry and (entry.kind != ("clip" if clip else "vqgan") or entry.encoder == "sbert"):
        raise ModelError(f"{name} is another kind of model; choose another name with --name")
    target = ledger.home() / f"{models.file_name(name)}.safetensors"
    if clip:
        be_openais(file)
    with _alone(say):
        if clip:
            convert_clip(file, target, name)
        else:
            made = taming_checkpoint.convert(file, config, target)
        ledger.note(name, Record("imported", "", {"weights": files.sha256(file)}, {target.name: files.sha256(target)}))
    if clip:
        return f"{name}: a CLIP; a scene says: guide: {{encoders: {{{name}: 1}}}}"
    return f"{name}: {made.n_embed} codes, f{made.factor}; a scene says: generator: {{type: vqgan, model: {name}}}"


def _keys_of_clip(file: Path) -> bool:
    return file.suffix == ".safetensors" and file.is_file() and "logit_scale" in models.header(file)


def remove(name: str) -> Path:
    """Delete a model's file, or its revision in the hub's cache; where it was. Raises: ModelError."""
    model = models.find_any(name)
    if name in models.SHIPPED or name.endswith(models.ENDINGS):
        raise ModelError(
            f"{name}: {'comes with the program' if name in models.SHIPPED else 'is a file of yours'}; not removed"
        )
    path = model.weights
    with _alone(print):
        if path.is_dir():
            from huggingface_hub import scan_cache_dir

            scan_cache_dir(ledger.hub_cache()).delete_revisions(path.name).execute()
        else:
            path.unlink()
    return path


def _one(model: models.Model, say: Say, progress: Progress, offline: bool, rules: Rules) -> None:
    if model.encoder in models.FOLDERS:
        address = model.entry.weights[0].addresses[0] if model.entry else f"hub:{model.name}"
        return _repository(model.name, address, say, offline)
    assert model.entry is not None
    reasons = []
    noted = ledger.read().get(model.name)
    before = [choice for choice in model.entry.weights if noted and noted.address in choice.addresses]
    for choice in before or model.entry.weights:  # the file that it was, and no other in its place
        for address in choice.addresses:
            try:
                return _single(model.entry, choice, address, model.path, (say, progress, offline, rules))
            except ModelError as error:
                say(f"{model.name}: {error}")
                reasons.append(str(error))
    hint = f"; it can be brought by hand: python render.py models import FILE --name {model.name}"
    raise ModelError(f"{model.name}: no address has it: {reasons[-1]}{hint}")


def _single(entry: Entry, choice: File, address: str, target: Path, how: How) -> None:
    """Download one file, convert it, note down what it was."""
    say = how[0]
    noted = ledger.read().get(entry.name)
    same = noted if noted and noted.address in choice.addresses else None
    known = same.downloaded if same else {}
    revision = same.revision if same and same.address == address else ""
    with tempfile.TemporaryDirectory(dir=ledger.home(), prefix=".converting-") as folder:
        downloaded, config, brought = {}, None, list[Path]()
        if entry.config is not None:  # first, as it is small
            place = entry.config.addresses[choice.addresses.index(address) % len(entry.config.addresses)]
            told, _, downloaded["config"] = _bring(place, known.get("config", ""), revision, how)
            config = Path(folder) / "model.yaml"
            config.write_bytes(told.read_bytes())
            brought.append(told)
        weights, revision, digest = _bring(address, choice.sha256 or known.get("weights", ""), revision, how)
        downloaded["weights"] = digest
        if not (choice.sha256 or known):
            say(f"{entry.name}: nobody publishes its hash; {digest} is noted in {ledger.home() / 'models.lock'}")
        if entry.kind == "vqgan":
            taming_checkpoint.convert(weights, config, target)
        else:
            convert_clip(weights, target, entry.name)
    ledger.note(entry.name, Record(address, revision, downloaded, {target.name: files.sha256(target)}))
    for path in (*brought, weights):
        if path.parent == ledger.home():
            path.unlink()


def _bring(address: str, sha256: str, revision: str, how: How) -> tuple[Path, str, str]:
    """A file of the hub or of the web: where it is now, its revision, its sha256."""
    say, progress, offline, rules = how
    hub = HUB.fullmatch(address)
    if hub:
        path, revision = _of_hub(hub["repository"], hub["path"], hub["revision"] or revision, offline)
        digest = files.sha256(path)
        if sha256 and digest != sha256:
            raise ModelError(f"{address}: refused, its sha256 is {digest} and should be {sha256}")
        return path, revision, digest
    if offline:
        raise ModelError(f"{address}: not fetched, --offline was asked for")
    say(address)
    target = ledger.home() / f"{models.file_name(address.split('//', 1)[1])[-120:]}.download"
    return target, "", download(address, target, sha256, rules, progress)


def _of_hub(repository: str, path: str, revision: str, offline: bool) -> tuple[Path, str]:
    from huggingface_hub import hf_hub_download

    with _told(f"{repository}: {path}", offline):
        found = hf_hub_download(
            repository, path, revision=revision or None, cache_dir=ledger.hub_cache(), local_files_only=offline
        )
    return Path(found), Path(found).relative_to(ledger.hub_cache()).parts[2]


def _repository(name: str, address: str, say: Say, offline: bool) -> None:
    """A whole repository, at the revision that its name asks for, or that its first download had."""
    from huggingface_hub import snapshot_download

    noted = ledger.read().get(name)
    hub = HUB.fullmatch(address)
    assert hub is not None
    revision = hub["revision"] or (noted.revision if noted else "")
    say(f"{name}: from the Hugging Face hub, {hub['repository']}{f' at {revision}' if revision else ''}")
    with _told(hub["repository"], offline):
        folder = Path(
            snapshot_download(
                hub["repository"],
                revision=revision or None,
                cache_dir=ledger.hub_cache(),
                allow_patterns=list(PATTERNS),
                local_files_only=offline,
            )
        )
    kept = {
        str(path.relative_to(folder)): files.sha256(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and any(path.match(pattern) for pattern in PATTERNS)
    }
    _whole(name, folder, kept)
    if noted and noted.kept and noted.kept != kept and noted.revision == folder.name:
        raise ModelError(f"{name}: {folder} is not what the first download was; models.lock has that one's hashes")
    if not revision:
        say(f"{name}: the revision {folder.name} is noted in {ledger.home() / 'models.lock'} and kept from now on")
    ledger.note(name, Record(address, folder.name, {}, kept))


def _whole(name: str, folder: Path, kept: dict[str, str]) -> None:
    """Raises: ModelError for a repository of which something is missing: what another program left may be a part."""
    if not any(file.endswith(".safetensors") for file in kept):
        raise ModelError(f"{name}: there are no safetensors in {folder}, and nothing else is loaded")
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
def _told(what: str, offline: bool) -> Iterator[None]:
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
        raise ModelError(f"{what}: {str(error).splitlines()[0] if str(error) else type(error).__name__}") from error
