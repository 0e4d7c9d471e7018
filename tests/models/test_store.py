"""The model store: names, fetching from a real server, what is noted, and what a scene finds."""

import ast
import importlib.util
import json
import os
import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from animator.errors import ModelError
from animator.models import lockfile, store
from animator.models.catalogue import BY_NAME, CATALOGUE, HUB, Entry, File
from animator.models.download import Rules
from animator.models.facts import AddressFailed, Asking, Fact, HashNoted, Here, Imported
from animator.models.fetch import Way, fetch, remove
from animator.models.importing import convert
from animator.models.networks.vqgan.network import VQGAN, Architecture
from tests.models import written
from tests.models.server import Server, serving

HERE = Way(rules=Rules(tries=1, patience=2.0, pause=0.0, loopback=True))
OFFLINE = replace(HERE, offline=True)
TINY = Architecture(embed_dim=4, n_embed=16, ch=32, ch_mult=(1, 1), num_res_blocks=1, attn_resolutions=(), z_channels=4)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ANIMATOR_MODELS", str(tmp_path / "models"))
    return tmp_path / "models"


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as served:
        yield served


def clip_file(path: Path) -> Path:
    return written.archive(written.clip(), path)


def known(monkeypatch: pytest.MonkeyPatch, entry: Entry) -> None:
    monkeypatch.setitem(BY_NAME, entry.name, entry)


def test_the_catalogue_is_what_openai_says_and_well_formed() -> None:
    found = importlib.util.find_spec("clip")
    assert found is not None
    assert found.submodule_search_locations
    tree = ast.parse((Path(found.submodule_search_locations[0]) / "clip.py").read_text())
    (table,) = [
        node.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == "_MODELS"
    ]
    for name, address in ast.literal_eval(table).items():
        assert BY_NAME[name].weights[-1].addresses == (address,)
    names = [entry.name for entry in CATALOGUE]
    assert len(names) == len(set(names))
    assert len({store.file_name(name) for name in names}) == len(names)
    for entry in CATALOGUE:
        assert entry.licence
        assert entry.good_for
        for file in (*entry.weights, *([entry.config] if entry.config else [])):
            for address in file.addresses:
                assert HUB.fullmatch(address) or address.startswith("https://"), address
                assert "openaipublic" not in address or f"/{file.sha256}/" in address


def test_a_clip_is_fetched_converted_and_noted(
    home: Path, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.content = clip_file(tmp_path / "x.pt").read_bytes()
    choices = (File((f"{server.address}/gone",)), File((f"{server.address}/x.pt",), len(server.content), server.sha256))
    known(monkeypatch, Entry("Tiny/1", "clip", "MIT", "tests", choices, encoder="openai_clip"))
    server.manners["/gone"] = ["http 404"]
    assert not store.find("Tiny/1", "clip").here
    with pytest.raises(ModelError, match=r"models fetch Tiny/1"):
        _ = store.find("Tiny/1", "clip").weights
    told: list[Fact] = []
    (model,) = fetch("Tiny/1", replace(HERE, tell=told.append))
    assert model.path == home / "Tiny-1.safetensors"
    gone, whole = f"{server.address}/gone", f"{server.address}/x.pt"
    assert told == [
        Asking("Tiny/1", gone),
        AddressFailed("Tiny/1", f"{gone}: HTTP 404"),
        Asking("Tiny/1", whole),
        Here("Tiny/1", model.path),
    ]
    assert sorted(path.name for path in home.iterdir() if path.name[0] != ".") == ["Tiny-1.safetensors", "models.lock"]
    record = lockfile.read()["Tiny/1"]
    assert record.downloaded == {"weights": server.sha256}
    assert record.kept == {"Tiny-1.safetensors": model.sha256}
    asked = len(server.asked)
    fetch("Tiny/1", HERE)
    assert len(server.asked) == asked, "what is here is not fetched again"


def test_without_a_published_hash_the_first_download_holds(
    home: Path, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.content = clip_file(tmp_path / "x.pt").read_bytes()
    known(monkeypatch, Entry("tiny", "clip", "MIT", "tests", (File((f"{server.address}/x",)),), encoder="openai_clip"))
    told: list[Fact] = []
    fetch("tiny", replace(HERE, tell=told.append))
    assert HashNoted("tiny", server.sha256, home / "models.lock") in told
    remove("tiny")
    assert not store.find("tiny", "clip").here
    server.content = server.content + b"?"
    with pytest.raises(ModelError, match="should be"):
        fetch("tiny", HERE)
    assert not store.find("tiny", "clip").here


def test_a_vqgan_is_fetched_with_its_yaml(
    home: Path, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch.manual_seed(0)
    torch.save({"state_dict": VQGAN(TINY).state_dict()}, tmp_path / "x.ckpt")
    dd = "ch: 32, ch_mult: [1, 1], num_res_blocks: 1, attn_resolutions: [], z_channels: 4, resolution: 64"
    told = (
        "model: {target: taming.models.vqgan.VQModel, params: {embed_dim: 4, n_embed: 16, "
        f"ddconfig: {{double_z: false, in_channels: 3, out_ch: 3, dropout: 0.0, {dd}}}}}}}"
    )
    with serving() as yaml_server:
        yaml_server.content, server.content = told.encode(), (tmp_path / "x.ckpt").read_bytes()
        weights, config = File((f"{server.address}/x",)), File((f"{yaml_server.address}/y",))
        known(monkeypatch, Entry("tiny_f2", "vqgan", "MIT", "tests", (weights,), config))
        (model,) = fetch("tiny_f2", HERE)
        assert set(lockfile.read()["tiny_f2"].downloaded) == {"weights", "config"}
    assert model.metadata["kind"] == "vqgan"
    assert store.find("tiny_f2", "vqgan").here


def test_a_damaged_file_is_found_before_a_render(
    home: Path, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.content = clip_file(tmp_path / "x.pt").read_bytes()
    known(monkeypatch, Entry("tiny", "clip", "MIT", "tests", (File((f"{server.address}/x",)),), encoder="openai_clip"))
    (model,) = fetch("tiny", HERE)
    whole = bytearray(model.path.read_bytes())
    whole[-1] ^= 1
    model.path.write_bytes(whole)
    with pytest.raises(ModelError, match="is not what it was"):
        _ = store.find("tiny", "clip").sha256


def test_a_download_that_is_no_clip_leaves_nothing(home: Path, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    known(monkeypatch, Entry("tiny", "clip", "MIT", "tests", (File((f"{server.address}/x",)),), encoder="openai_clip"))
    with pytest.raises(ModelError, match="models import FILE"):
        fetch("tiny", HERE)
    assert not store.find("tiny", "clip").here
    assert not list(home.glob("*.safetensors"))


def test_offline_asks_nobody(home: Path, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    known(monkeypatch, Entry("tiny", "clip", "MIT", "tests", (File((f"{server.address}/x",)),), encoder="openai_clip"))
    with pytest.raises(ModelError, match="--offline"):
        fetch("tiny", OFFLINE)
    with pytest.raises(ModelError, match="not in the hub's cache"):
        fetch("somebody/clip", OFFLINE)
    assert server.asked == []


def test_a_repository_that_is_in_the_cache_is_taken_and_pinned(home: Path) -> None:
    revision = "a" * 40
    folder = home / "hub" / "models--somebody--clip" / "snapshots" / revision
    folder.mkdir(parents=True)
    refs = home / "hub" / "models--somebody--clip" / "refs"
    refs.mkdir()
    (refs / "main").write_text(revision)
    save_file({"x": torch.zeros(1)}, folder / "model.safetensors")
    for name in ("config.json", "tokenizer.json"):
        (folder / name).write_text("{}")
    assert not store.find(f"somebody/clip@{revision}", "clip").here, "what nobody has looked through"
    with pytest.raises(ModelError, match=r"lacks preprocessor_config\.json"):
        fetch("somebody/clip", OFFLINE)
    (folder / "preprocessor_config.json").write_text("{}")
    (model,) = fetch("somebody/clip", OFFLINE)
    assert model.here
    assert model.path == folder
    assert model.variant == "hub_clip"
    assert lockfile.read()["somebody/clip"].revision == revision
    before = model.sha256
    assert store.find("somebody/clip-2", "clip").name == "somebody/clip-2", "a neighbour is no slip of the pen"
    (folder / "config.json").write_text("{ }")
    with pytest.raises(ModelError, match="is not what it was"):
        _ = store.find("somebody/clip", "clip").sha256
    assert len(before) == 64
    (folder / "tokenizer.json").unlink()
    assert not store.find("somebody/clip", "clip").here


def test_a_damaged_file_in_the_store_is_not_in_the_way_of_others(home: Path) -> None:
    home.mkdir()
    for name, content in {"a": b"", "b": b"\x02" + bytes(7) + b"[]", "c": b"\xff" * 9, ".writing-1-d": b""}.items():
        (home / f"{name}.safetensors").write_bytes(content)
    assert store.find("pocket", "clip").here
    assert set(store.models("transformer")) == {"pocket-transformer"}


def test_the_same_file_is_converted_to_the_same_bytes(home: Path, tmp_path: Path) -> None:
    source = clip_file(tmp_path / "mine.pt")
    made = set()
    for _ in range(6):
        convert(source, None, "mine")
        made.add((home / "mine.safetensors").read_bytes())
    assert len(made) == 1


def test_a_clip_of_another_architecture_is_not_taken_for_openais(home: Path, tmp_path: Path) -> None:
    model = written.clip(size=32, dim=16)
    source = written.safetensors(model, tmp_path / "open_clip_model.safetensors")
    (tmp_path / "open_clip_config.json").write_text('{"model_cfg": {"vision_cfg": {"width": 768}}}')
    with pytest.raises(ModelError, match="name its repository"):
        convert(source, None, "laion")
    (tmp_path / "open_clip_config.json").write_text('{"model_cfg": {"quick_gelu": true}}')
    assert convert(source, None, "openais") == Imported("openais", "clip")


def test_a_file_of_ones_own_is_not_taken_for_a_fetched_one_of_its_name(home: Path, tmp_path: Path) -> None:
    convert(clip_file(tmp_path / "mine.pt"), None, "mine")
    other = written.safetensors(written.clip(seed=5, size=32, dim=16), tmp_path / "mine.safetensors")
    assert store.find(str(other), "clip").sha256 != store.find("mine", "clip").sha256


def test_what_somebody_has_is_imported(home: Path, tmp_path: Path) -> None:
    source = clip_file(tmp_path / "mine.pt")
    assert convert(source, None, "") == Imported("mine", "clip")
    assert store.find("mine", "clip").metadata["kind"] == "clip"
    assert convert(home / "mine.safetensors", None, "again") == Imported("again", "clip")
    one, other = load_file(home / "mine.safetensors"), load_file(home / "again.safetensors")
    assert all(torch.equal(one[name], other[name]) for name in one)
    convert(source, None, "ViT-B/32")
    assert store.find("ViT-B/32", "clip").here
    assert lockfile.read()["ViT-B/32"].address == "imported"
    for name in ("pocket", "ViT-B-32", "../x", "multilingual", "imagenet_f16_1024"):
        with pytest.raises(ModelError):
            convert(source, None, name)
    remove("mine")
    assert not (home / "mine.safetensors").exists()
    with pytest.raises(ModelError, match="comes with the program"):
        remove("pocket")


def test_names(home: Path) -> None:
    assert store.find("ViT-B/32", "clip").variant == "openai_clip"
    assert store.find("multilingual", "clip").companions[0].name == "ViT-B/32"
    assert store.find("laion/CLIP-ViT-H-14-laion2B-s32B-b79K", "clip").variant == "hub_clip"
    assert store.find(f"google/siglip2-base-patch16-224@{'0' * 40}", "clip").path.name == "0" * 40
    for name, near in (("ViT-B/33", "ViT-B/32"), ("RN5O", "RN50"), ("poket", "pocket")):
        with pytest.raises(ModelError, match=f'did you mean "{near}"'):
            store.find(name, "clip")
    with pytest.raises(ModelError, match="no such file"):
        store.find("models/nothing.safetensors", "clip")


def test_a_damaged_lock_file_says_so(home: Path) -> None:
    home.mkdir()
    (home / "models.lock").write_text("{")
    with pytest.raises(ModelError, match="mend it or move it away"):
        _ = store.find("ViT-B/32", "clip").noted
    (home / "models.lock").write_text(json.dumps({}))
    assert not store.find("ViT-B/32", "clip").here


def test_an_imported_model_can_be_read_by_whom_the_umask_lets(home: Path, tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        convert(clip_file(tmp_path / "mine.pt"), None, "mine")
    finally:
        os.umask(before)
    assert stat.S_IMODE((home / "mine.safetensors").stat().st_mode) == 0o644
