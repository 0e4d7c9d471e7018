"""The model store: a name -> files. No torch here: `check` asks which models a scene needs and which words they know.

What is shipped is made by `animator/training`: `pocket` guides, `pocket-judge` and `pocket-form` only ever measure,
`pocket-vqgan` is a generator, and `pocket-transformer` draws in its codes: first pictures for it, and targets for every
generator. What a person imported or fetched lies in `home()`, as safetensors; a whole repository of the Hugging Face
hub lies in that hub's own cache. `catalogue` has the models that can be fetched by name, `fetch` does it.
"""

import contextlib
import difflib
import functools
import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from animator import files
from animator.errors import ModelError, command, unknown
from animator.models import header, lockfile
from animator.models.catalogue import BY_NAME, Entry
from animator.models.lockfile import home, hub_cache

POCKET = Path(__file__).parent / "pocket"
SHIPPED = {
    "pocket": "clip",
    "pocket-judge": "clip",
    "pocket-form": "clip",
    "pocket-vqgan": "vqgan",
    "pocket-transformer": "transformer",
}
FOLDERS = ("diffusers", "hub_clip", "sbert")  # variants whose models are whole repositories
FILES = {"clip": "openai_clip", "denoiser": "pocket", "transformer": "transformer"}  # variants whose models are files
REPOSITORIES = {"clip": "hub_clip", "denoiser": "diffusers"}  # those whose models are any repositories of the hub
KINDS = ("clip", "denoiser", "transformer", "vqgan")
SPOKEN = (  # by `multilingual`, besides English: the languages that its card lists
    "ar bg ca cs da de el es et fa fi fr gl gu he hi hr hu hy id it ja ka ko ku lt lv mk mn mr ms my nb nl pl pt ro ru "
    "sk sl sq sr sv th tr uk ur vi zh"
)
PIPELINE = "model_index.json"  # which a repository has whose parts lie in folders, as diffusers wants them
ENDINGS = (".safetensors", ".ckpt", ".pt", ".pth", ".bin")
REPOSITORY = re.compile(r"(?P<repository>[A-Za-z0-9][\w.-]*/[\w.-]+)(?:@(?P<revision>[0-9a-f]{40}))?")


@dataclass(frozen=True)
class Model:
    """`path` is its file, mostly safetensors, or a repository's folder; `here` says whether it is there."""

    name: str
    kind: str  # clip, denoiser, vqgan or transformer
    path: Path
    variant: str = ""  # the file in animator/paint/encoders or denoisers that builds it
    entry: Entry | None = None  # of a model that can be fetched by its name

    @property
    def here(self) -> bool:
        """A repository is here when every file is that its download noted."""
        if self.variant not in FOLDERS:
            return _is_file(self.path)
        return bool(self.noted) and all((self.path / name).is_file() for name in self.noted)

    @property
    def weights(self) -> Path:
        """Its path. Raises: ModelError when it is not here."""
        if not self.here:
            if self.name in SHIPPED:
                raise ModelError(f"{self.name}: {self.path} is missing; it comes with the program")
            raise ModelError(f"{self.name_and_size}: not here; get it with: {command(f'models fetch {self.name}')}")
        return self.path

    @property
    def name_and_size(self) -> str:
        """Its name, with the size of the download where that is known."""
        return f"{self.name} ({self.entry.size / 1e6:.0f} MB)" if self.entry and self.entry.size else self.name

    @property
    def said(self) -> str:
        """Its name, and how it comes here."""
        return f"{self.name} (included)" if self.name in SHIPPED else self.name_and_size

    @property
    def options(self) -> dict[str, str]:
        """What its encoder's Config wants: paths. Raises: ModelError when something is not here."""
        options = {"weights": str(self.weights)}
        for companion in self.companions:
            options["pictures"] = str(companion.weights)
        return options

    @property
    def companions(self) -> tuple["Model", ...]:
        """The models that it cannot do without."""
        if self.kind == "transformer" and self.here:
            return (find(self.metadata.get("vqgan", ""), "vqgan"),)
        return (find(self.entry.pictures, "clip"),) if self.entry and self.entry.pictures else ()

    @property
    def sha256(self) -> str:
        """Of its bytes, all of them. Raises: ModelError when they are not here, or not what was downloaded."""
        kept = self.noted
        parts = {}
        for file in [self.weights] if self.weights.is_file() else [self.weights / name for name in sorted(kept)]:
            name = str(file.relative_to(self.path)) if file != self.path else file.name
            parts[name] = files.sha256(file)
            if kept.get(name, parts[name]) != parts[name]:
                raise ModelError(f"{self.name}: {file} is not what it was; remove it and fetch or import it again")
        if len(parts) == 1:
            return next(iter(parts.values()))
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()

    @property
    def noted(self) -> dict[str, str]:
        """The sha256 of its files when they came; empty where nobody noted it, as of a file by its path."""
        if self.path.parent == POCKET or (self.path.parent != home() and self.variant not in FOLDERS):
            return {}
        record = lockfile.read().get(self.name)
        return record.kept if record else {}

    @functools.cached_property
    def metadata(self) -> dict[str, str]:
        """What the file says of itself."""
        metadata = header.read(self.weights).get("__metadata__", {})
        texts = metadata.items() if isinstance(metadata, dict) else ()
        return {name: text for name, text in texts if isinstance(text, str)}

    @property
    def description(self) -> Path | None:
        """The YAML beside a VQGAN's file that does not describe itself."""
        if not self.here or (self.path.suffix == ".safetensors" and "architecture" in self.metadata):
            return None
        return description_of(self.path)

    def reads(self, lang: str) -> bool:
        """Whether it knows a language; of a repository nobody says, so it is believed to."""
        base = lang.split("-")[0]
        return (
            not lang
            or self.variant == "hub_clip"
            or base == "en"
            or (self.variant == "sbert" and base in SPOKEN.split())
        )

    @property
    def words(self) -> frozenset[str] | None:
        """The words it learnt from, or None for a model that read the whole web, or that is not here."""
        listed = self.metadata.get("words") if self.path.suffix == ".safetensors" and self.here else None
        return frozenset(listed.split()) if listed else None


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a name that is too long, or a folder that may not be looked into
        return False


def models(kind: str) -> dict[str, Model]:
    """Every model of a kind that a scene may name; those of the catalogue may still have to be fetched."""
    known = {name: model for name in (*SHIPPED, *BY_NAME) if (model := _named(name)) and model.kind == kind}
    taken = {model.path for model in known.values()}
    for path in sorted(home().glob("*.safetensors")):
        if path not in taken and not path.name.startswith(files.TEMPORARY) and _kind(path) == kind:
            known.setdefault(path.stem, _file(path.stem, kind, path))
    if kind in REPOSITORIES:
        for name, record in lockfile.read().items():
            if name not in known and REPOSITORY.fullmatch(name) and kind == _kind_of_repository(record.kept):
                known[name] = _repository(name, kind)
    return known


def _file(name: str, kind: str, path: Path, entry: Entry | None = None) -> Model:
    return Model(name, kind, path, (entry and entry.encoder) or FILES.get(kind, ""), entry)


def _kind_of_repository(files: Iterable[str]) -> str:
    return "denoiser" if PIPELINE in files else "clip"


def _named(name: str) -> Model | None:
    """A model that is shipped, which nothing in the store can be in the way of, or one of the catalogue."""
    if name in SHIPPED:
        return _file(name, SHIPPED[name], POCKET / f"{name}.safetensors")
    entry = BY_NAME.get(name)
    return _file(name, entry.kind, _place(entry), entry) if entry else None


def find(name: str, kind: str) -> Model:
    """The model of that name, in the file of that path, or in that repository of the hub; it need not be here.

    Raises: ModelError for a name that nobody knows, and for a path where there is no file.
    """
    if name.endswith(ENDINGS):
        model = _file(Path(name).stem, kind, Path(name))
        if not model.here:
            raise ModelError(f"{name}: no such file")
        return model
    named = _named(name)  # first: so the headers of all that is in the store are read for other names alone
    if named is not None and named.kind == kind:
        return named
    known = models(kind)
    if name in known:
        return known[name]
    misspelt = difflib.get_close_matches(name, BY_NAME, n=1, cutoff=0.85)
    if kind in REPOSITORIES and REPOSITORY.fullmatch(name) and not misspelt:
        return _repository(name, kind)
    raise ModelError(f"{name}: {unknown('model', name, known)}")


def find_denoiser(name: str) -> Model:
    """The denoiser of that name, or the transformer, which can be one. Raises: ModelError."""
    if name.endswith(ENDINGS):
        drawing = _kind(Path(name)) == "transformer"
    else:
        named = _named(name)  # first, as in `find`
        drawing = named.kind == "transformer" if named else name in models("transformer")
    return find(name, "transformer" if drawing else "denoiser")


def find_any(name: str) -> Model:
    """The model of that name, of whatever kind. Raises: ModelError."""
    return find(name, next((kind for kind in KINDS if name in models(kind)), "clip"))


def allowed_name(name: str) -> str:
    """The name, if an imported model may have it: a new one, or one of the catalogue's. Raises: ModelError."""
    if name in BY_NAME:
        return name
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", name) or name.endswith(ENDINGS):
        raise ModelError(f"{name!r} cannot name a model; use letters, digits, '.', '_', '-', at most 64")
    if name in SHIPPED or name in {file_name(known) for known in BY_NAME}:
        raise ModelError(f"{name!r} is the name of another model; choose another with --name")
    return name


def file_name(name: str) -> str:
    """A model's name as a file may have it: `ViT-B/32` lies in ViT-B-32.safetensors."""
    return re.sub(r"[/@]", "-", name)


def description_of(weights: Path) -> Path | None:
    """The YAML beside a VQGAN's checkpoint: of the same name, or model.yaml."""
    beside = (weights.with_suffix(".yaml"), weights.with_suffix(".yml"), weights.with_name("model.yaml"))
    return next((path for path in beside if path.is_file()), None)


def _kind(path: Path) -> str:
    """What a file of the store says it is; nothing for a damaged one, which must not be in the way of the others."""
    with contextlib.suppress(ModelError):
        return Model(path.stem, "", path).metadata.get("kind", "")
    return ""


def _place(entry: Entry) -> Path:
    if entry.encoder == "sbert":
        return _snapshot(entry.weights[0].addresses[0].removeprefix("hub:"), entry.name)
    return home() / f"{file_name(entry.name)}.safetensors"


def _repository(name: str, kind: str) -> Model:
    return Model(name, kind, _snapshot(name, name), REPOSITORIES[kind])


def _snapshot(repository: str, name: str) -> Path:
    """Where the hub's cache has a repository, at the revision that its name or its first download says."""
    repository, _, revision = repository.partition("@")
    noted = lockfile.read().get(name)
    revision = revision or (noted.revision if noted else "") or "not-fetched"
    return hub_cache() / f"models--{repository.replace('/', '--')}" / "snapshots" / revision
