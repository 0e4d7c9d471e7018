"""Files of models that mean harm, or that nobody meant: refused before they take time or memory."""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
import yaml
from safetensors.torch import save_file

from animator.batch.order import Order
from animator.batch.run import render_all
from animator.errors import ModelError, OutputError, RenderError
from animator.models import header, lockfile, store
from animator.models.importing import convert
from animator.models.networks.clip import package
from animator.models.networks.clip.package import new_clip
from animator.models.networks.vqgan.network import VQGAN, Architecture
from animator.models.store import Model
from animator.scene.document import resolve
from tests.conftest import ROOT
from tests.models import written
from tests.models.test_vqgan_checkpoint import CODES, NUMBERS, described
from tests.mutations import Made, fuzz, mutated

SCENE = {"duration": "1s", "prompts": "a red circle"}


def small_clip() -> Any:
    torch.manual_seed(1)
    return new_clip(
        embed_dim=8, image_resolution=16, vision_layers=1, vision_width=64, vision_patch_size=8, context_length=16,
        vocab_size=16, transformer_width=64, transformer_heads=1, transformer_layers=1,
    ).eval()  # fmt: skip


def narrow() -> VQGAN:
    torch.manual_seed(3)
    return VQGAN(Architecture(kind="vq", **{**NUMBERS, "ch_mult": [1], "attn_resolutions": []}, **CODES))


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One good file of each kind that can be imported, and of each that we write."""
    folder = tmp_path_factory.mktemp("good")
    written.safetensors(small_clip(), folder / "clip.safetensors")
    save_file(narrow().state_dict(), folder / "vqgan.safetensors")
    torch.save({"state_dict": {name: value[:0] for name, value in narrow().state_dict().items()}}, folder / "bare.ckpt")
    (folder / "model.yaml").write_text(yaml.safe_dump(described("vq")))
    shutil.copyfile(store.POCKET / "pocket-vqgan.safetensors", folder / "ours.safetensors")
    return folder


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ANIMATOR_MODELS", str(tmp_path / "models"))
    return tmp_path / "models"


@pytest.mark.slow
@fuzz
def test_imports(good: Path, tmp_path_factory: pytest.TempPathFactory, made: Made) -> None:
    """Each kind of file in turn, changed where it describes itself."""
    folder = tmp_path_factory.getbasetemp() / "imports"
    folder.mkdir(exist_ok=True)
    names = ("clip.safetensors", "vqgan.safetensors", "bare.ckpt", "model.yaml")
    name = names[made[0][0] % len(names)]
    for whole in ("model.yaml", "vqgan.safetensors", name):
        shutil.copyfile(good / whole, folder / whole)
    (folder / name).write_bytes(mutated((good / name).read_bytes(), made, most=6000))
    with pytest.MonkeyPatch.context() as patch, contextlib.suppress(ModelError, OutputError):
        patch.setenv("ANIMATOR_MODELS", str(folder / "models"))
        convert(folder / ("vqgan.safetensors" if name == "model.yaml" else name), None, "mine")


@pytest.mark.slow
@fuzz
def test_headers(good: Path, tmp_path_factory: pytest.TempPathFactory, made: Made) -> None:
    """All that `check` reads of a model, in the store and by its path; the other scenes are checked all the same."""
    folder = tmp_path_factory.getbasetemp() / "headers"
    folder.mkdir(exist_ok=True)
    path = folder / "mine.safetensors"
    path.write_bytes(mutated((good / "ours.safetensors").read_bytes()[:20_000], made, most=3000))
    with contextlib.suppress(ModelError):
        header.read(path)
    with contextlib.suppress(ModelError):
        model = Model("mine", "vqgan", path)
        assert model.words is None or model.words
        assert model.description is None
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ANIMATOR_MODELS", str(folder))
        assert "pocket-vqgan" in store.models("vqgan")
        with contextlib.suppress(ModelError):
            store.find("mine", "vqgan")


BOMBS = """
import json, struct, sys, zipfile
from pathlib import Path
import torch
from safetensors.torch import save_file
from animator.errors import ModelError
from animator.models.importing import convert
from animator.models.networks import code_transformer
from animator.models.networks.cpu import packed
from tests.models import test_hostile_models as made

def highest():
    return int(next(l.split()[1] for l in Path("/proc/self/status").read_text().splitlines() if l.startswith("VmHWM")))

folder = Path(sys.argv[1])
files = made.bombs(folder)
before = highest()
for name, path in files.items():
    try:
        convert(path, None, "mine")
        print(f"{name}: was taken")
    except ModelError as error:
        assert "\\n" not in str(error), error
    grown = (highest() - before) >> 10
    if grown > 300:
        print(f"{name}: took {grown} MB")
    before = highest()
"""


def bombs(folder: Path) -> dict[str, Path]:
    """Small files that want much: by their kind."""
    files: dict[str, Path] = {}

    def place(name: str, ending: str) -> Path:
        (folder / name).mkdir(parents=True)
        files[name] = folder / name / f"x{ending}"
        return files[name]

    state = {name: value.contiguous() for name, value in small_clip().state_dict().items()}
    changed: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
        "positional_embedding": lambda one: torch.zeros(200_000, 0),
        "text_projection": lambda one: torch.zeros(0, 3_000_000),
        "visual.conv1.weight": lambda one: torch.zeros(100_000, 3, 1, 0),
        "visual.class_embedding": lambda one: torch.tensor(1.0),
        "visual.proj": lambda one: torch.tensor(1.0),
        "logit_scale": lambda one: torch.zeros(3, 3),
        "ln_final.weight": lambda one: torch.zeros(30_000),
        "token_embedding.weight": lambda one: torch.zeros(3_000_000, 1),
    }
    for name, change in changed.items():
        save_file({**state, name: change(state[name])}, place(f"clip {name}", ".safetensors"))
    rows = {"token_embedding.rows": torch.arange(2), "token_embedding.weight": torch.zeros(2, 1_000_000)}
    save_file({**state, **rows, "ln_final.weight": torch.zeros(1_000_000)}, place("clip of wide rows", ".safetensors"))
    hub = {
        f"vision_model.{part}": torch.tensor(1.0) for part in ("embeddings.class_embedding", "post_layernorm.weight")
    }
    hub |= {"visual_projection.weight": torch.tensor(2.0), "logit_scale": torch.tensor(1.0)}
    for letter in "qkv":
        hub[f"text_model.encoder.layers.0.self_attn.{letter}_proj.weight"] = torch.tensor(3.0)
    save_file(hub, place("transformers of scalars", ".safetensors"))

    weights = narrow().state_dict()
    asked: dict[str, dict[str, Any]] = {
        "codes": {"n_embed": 1_000_000, "embed_dim": 4096},
        "channels": {"ch": 1024, "ch_mult": [64] * 8},
        "levels": {"ch_mult": [10**9, 10**9]},
    }
    for name, numbers in asked.items():
        path = place(f"vqgan of many {name}", ".safetensors")
        save_file(weights, path)
        told = described("vq")
        parameters = told["model"]["params"]
        for key, value in numbers.items():
            (parameters if key in CODES else parameters["ddconfig"])[key] = value
        path.with_name("model.yaml").write_text(yaml.safe_dump(told))
    for name, tensor in {
        "expanded": torch.zeros(1).expand(100_000, 100_000),
        "sparse": torch.sparse_coo_tensor(torch.zeros(2, 1, dtype=torch.long), torch.ones(1), (100_000, 100_000)),
        "meta": torch.empty(100_000, 100_000, device="meta"),
        "scalar": torch.tensor(1.0),
    }.items():
        path = place(f"checkpoint with {name}", ".ckpt")
        torch.save({"state_dict": {**weights, "quantize.embedding.weight": tensor}}, path)
        path.with_name("model.yaml").write_text(yaml.safe_dump(described("vq")))
    path = place("checkpoint packed", ".ckpt")
    torch.save({"state_dict": {"quantize.embedding.weight": torch.zeros(200_000_000)}}, folder / "large.ckpt")
    with zipfile.ZipFile(folder / "large.ckpt") as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.namelist():
            new.writestr(entry, old.read(entry))
    (folder / "large.ckpt").unlink()
    path.with_name("model.yaml").write_text(yaml.safe_dump(described("vq")))
    _shared_storages(place("archive of shared storages", ".pt"))
    _overlapping(files["archive of shared storages"], place("archive of one entry many times", ".pt"))
    return files


def _shared_storages(path: Path) -> None:
    """A thousand tensors of ten million numbers each, all of them the same four bytes."""
    storage = b"(X\x07\x00\x00\x00storagectorch\nFloatStorage\nX\x01\x00\x00\x000X\x03\x00\x00\x00cpuK\x01tQ"
    tensor = b"ctorch._utils\n_rebuild_tensor_v2\n(" + storage + b"K\x00J\x80\x96\x98\x00\x85K\x00\x85\x89NtR"
    made = b"\x80\x02c__torch__.x\nM\n)\x81}("
    for number in range(1000):
        made += b"X\x04\x00\x00\x00" + f"{number:04d}".encode() + tensor
    with zipfile.ZipFile(path, "w") as new:
        new.writestr("x/data.pkl", made + b"ub.")
        new.writestr("x/data/0", bytes(4))
        new.writestr("x/code/__torch__.py", "")
        new.writestr("x/constants.pkl", b"")


def _overlapping(source: Path, path: Path) -> None:
    """Its directory names the same bytes a thousand times."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
        new.writestr("x/data/1", bytes(1 << 20))
        whole = new.getinfo("x/data/1")
        for number in range(2, 3000):
            again = zipfile.ZipInfo(f"x/data/{number}")
            for field in ("header_offset", "CRC", "compress_size", "file_size", "compress_type"):
                setattr(again, field, getattr(whole, field))
            new.filelist.append(again)


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs Linux's /proc")
def test_bombs_are_refused_before_they_take_memory(home: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-c", BOMBS, str(tmp_path / "bombs")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=250)
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""


def test_a_store_that_cannot_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder under a file, or of nobody's; a scene that needs nothing of it is checked all the same."""
    path = written.safetensors(small_clip(), tmp_path / "x.safetensors")
    (tmp_path / "file").write_text("mine")
    monkeypatch.setenv("ANIMATOR_MODELS", str(tmp_path / "file" / "models"))
    assert resolve(SCENE, "x").models[0].sha256
    assert "pocket" in store.models("clip")
    with pytest.raises(OutputError, match=r"file/models: cannot be written: (Not a directory|File exists)"):
        convert(path, None, "mine")
    monkeypatch.setenv("ANIMATOR_MODELS", "~nobody-of-that-name/models")
    assert resolve(SCENE, "x").models[0].sha256
    for act in (lambda: store.models("clip"), lambda: convert(path, None, "mine"), lambda: store.find("mine", "clip")):
        with pytest.raises(ModelError, match="ANIMATOR_MODELS: ~nobody-of-that-name/models: "):
            act()


@pytest.mark.skipif(shutil.which("mount") is None, reason="needs the right to mount a disk")
def test_an_import_onto_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(disk)], capture_output=True).returncode:
        pytest.skip("needs the right to mount a disk")
    try:
        monkeypatch.setenv("ANIMATOR_MODELS", str(disk / "models"))
        for source in (
            written.safetensors(small_clip(), tmp_path / "x.safetensors"),
            shutil.copyfile(store.POCKET / "pocket-vqgan.safetensors", tmp_path / "y.safetensors"),
        ):
            with pytest.raises(OutputError, match="cannot be written"):
                convert(source, None, "mine")
            assert [path.name for path in (disk / "models").iterdir()] == [".fetching"]
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


@pytest.mark.parametrize(
    "metadata",
    [{"kind": 3}, {"kind": ["clip"]}, {"kind": "clip", "words": 7}, {"kind": {}}, [], "x", 3, None, {"kind": "vqgan"}],
    ids=str,
)
def test_odd_metadata_in_the_store_is_in_nobodys_way(home: Path, metadata: object) -> None:
    text = json.dumps({"__metadata__": metadata}).encode()
    home.mkdir()
    (home / "odd.safetensors").write_bytes(len(text).to_bytes(8, "little") + text)
    (home / "folder.safetensors").mkdir()
    os.mkfifo(home / "pipe.safetensors")
    assert resolve(SCENE, "x").models
    for kind in store.KINDS:
        assert store.models(kind).keys() >= {name for name, shipped in store.SHIPPED.items() if shipped == kind}
    with pytest.raises(ModelError):
        store.find("none", "clip")


@pytest.mark.parametrize("text", ["{", "[]", "3", '{"a": 3}', '{"a": {}}', '{"a": {"address": 3}}', "[" * 9999])
@pytest.mark.parametrize(
    "kept", ["", '{"a": {"address": "", "kept": [1]}}', '{"a": {"address": "", "kept": {"x": 1}}}']
)
def test_a_lock_file_of_any_json(home: Path, text: str, kept: str) -> None:
    home.mkdir()
    (home / "models.lock").write_text(kept or text)
    with pytest.raises(ModelError, match="mend it or move it away"):
        lockfile.read()
    assert resolve(SCENE, "x").models[0].sha256


@pytest.mark.parametrize("missing", [MemoryError, lambda: torch.empty(1 << 60, device="cpu")], ids=["python", "torch"])
def test_a_lack_of_memory_is_no_fault_of_the_file(missing: Callable[[], Any], tmp_path: Path) -> None:
    """A scene says that memory ran out, and not that its CLIP is none."""

    def lacking(*_: object) -> object:
        raise missing()

    (tmp_path / "x.yaml").write_text("duration: 1f\nsize: 32x32\nprompts: a red circle\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(package, "package", lambda name: SimpleNamespace(build_model=lacking))
        (result,) = render_all([tmp_path / "x.yaml"], (), Order(tmp_path / "out", device="cpu"), lambda event: None)
    assert isinstance(result.error, RenderError)
    assert "out of memory" in str(result.error)
    assert not (tmp_path / "out" / "x" / "error.log").exists()
