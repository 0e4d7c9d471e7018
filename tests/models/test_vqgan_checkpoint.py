"""VQGANs from files of every layout, written here as their makers wrote them; and files that mean harm."""

import io
import os
import pickle
import struct
import subprocess
import sys
import types
import zipfile
from pathlib import Path
from typing import Any, Literal

import pytest
import torch
import yaml
from safetensors.torch import save_file
from torch import Tensor

from animator.errors import ModelError
from animator.models.networks.vqgan.checkpoint import PAIR, convert, load
from animator.models.networks.vqgan.network import VQGAN, Architecture

NUMBERS = {
    "double_z": False, "z_channels": 8, "resolution": 32, "in_channels": 3, "out_ch": 3, "ch": 32, "ch_mult": [1, 2],
    "num_res_blocks": 1, "attn_resolutions": [16], "dropout": 0.0,
}  # fmt: skip
CODES = {"embed_dim": 8, "n_embed": 16}


def model(kind: Literal["vq", "gumbel"]) -> VQGAN:
    torch.manual_seed(3)
    architecture = Architecture(kind=kind, **NUMBERS, **CODES)
    return VQGAN(architecture).eval()


def described(kind: str, pair: bool = False) -> dict[str, Any]:
    """A YAML as taming's configs/ have them."""
    target = {"vq": "taming.models.vqgan.VQModel", "gumbel": "taming.models.vqgan.GumbelVQ"}[kind]
    loss = {"target": "taming.modules.losses.vqperceptual.VQLPIPSWithDiscriminator", "params": {"disc_start": 1}}
    stage = {"target": target, "params": {**CODES, "ddconfig": NUMBERS, "lossconfig": loss, "monitor": "val/rec_loss"}}
    if not pair:
        return {"model": {"base_learning_rate": 4.5e-06, **stage}, "data": {"target": "main.DataModuleFromConfig"}}
    gpt = {"target": "taming.modules.transformer.mingpt.GPT", "params": {"vocab_size": 16}}
    return {"model": {"target": PAIR, "params": {"transformer_config": gpt, "first_stage_config": stage}}}


class ModelCheckpoint:
    """What Lightning's callback looks like to a pickle."""


def write_checkpoint(path: Path, state: dict[str, Tensor], monkeypatch: pytest.MonkeyPatch) -> None:
    """A .ckpt with all that Lightning puts into one, its callback among the keys."""
    module = types.ModuleType("pytorch_lightning.callbacks.model_checkpoint")
    monkeypatch.setattr(ModelCheckpoint, "__module__", module.__name__)
    module.ModelCheckpoint = ModelCheckpoint  # type: ignore[attr-defined]
    with monkeypatch.context() as patch:
        for name in ("pytorch_lightning", "pytorch_lightning.callbacks"):
            patch.setitem(sys.modules, name, types.ModuleType(name))
        patch.setitem(sys.modules, module.__name__, module)
        whole = {
            "epoch": 12, "global_step": 345_678, "pytorch-lightning_version": "1.0.8", "state_dict": state,
            "callbacks": {ModelCheckpoint: {"best_model_score": torch.tensor(0.4), "best_model_path": "x.ckpt"}},
            "optimizer_states": [{"state": {0: {"step": 1, "exp_avg": torch.zeros(2)}}, "param_groups": []}],
            "lr_schedulers": [],
        }  # fmt: skip
        torch.save(whole, path)


@pytest.mark.parametrize("layout", ["VQModel", "GumbelVQ", "Net2NetTransformer", "safetensors with YAML", "ours"])
def test_every_layout_decodes_as_the_model_it_was_written_from(
    layout: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind: Literal["vq", "gumbel"] = "gumbel" if layout == "GumbelVQ" else "vq"
    source = model(kind)
    state = {name: value.clone() for name, value in source.state_dict().items()}
    path, config = tmp_path / "last.ckpt", tmp_path / "model.yaml"
    config.write_text(yaml.safe_dump(described(kind, pair=layout == "Net2NetTransformer")))
    if layout == "Net2NetTransformer":
        state = {f"first_stage_model.{name}": value for name, value in state.items()}
        state |= {"transformer.tok_emb.weight": torch.zeros(16, 4), "cond_stage_model.x": torch.zeros(1)}
    if layout in ("VQModel", "GumbelVQ"):
        state |= {"loss.discriminator.main.0.weight": torch.zeros(2), "loss.perceptual_loss.lin0.weight": torch.ones(1)}
    if "safetensors" in layout:
        path = tmp_path / "vqgan.safetensors"
        save_file(state, path)
    else:
        write_checkpoint(path, state, monkeypatch)
    if layout == "ours":  # which needs no YAML
        assert convert(path, config, tmp_path / "ours" / "x.safetensors") == source.architecture
        read = load(tmp_path / "ours" / "x.safetensors")
    else:
        read = load(path, config)
    latent = torch.randn(1, 8, 4, 6)
    with torch.no_grad():
        assert torch.allclose(read.decode(latent), source.decode(latent), atol=1e-6)
        assert torch.equal(read.encode(torch.zeros(1, 3, 16, 16)), source.encode(torch.zeros(1, 3, 16, 16)))


def test_a_plain_taming_decode_says_the_same(tmp_path: Path) -> None:
    """Their quantiser and decoder, in the order of `VQModel.decode`."""
    source = model("vq")
    cells = torch.randn(2, 8, 5, 7)
    with torch.no_grad():
        codes, _, _ = source.quantize(cells)
        theirs = source.decoder(source.post_quant_conv(codes))
        assert (source.decode(source.snap(cells)) - theirs).abs().max() < 1e-5


class Harm:
    """Unpickling this would run a command."""

    def __init__(self, function: Any, *arguments: Any) -> None:
        self.call = (function, arguments)

    def __reduce__(self) -> Any:
        return self.call


def hostile(canary: Path) -> dict[str, bytes]:
    touch = f"touch {canary}"
    python = f"open({str(canary)!r}, 'w')"
    payloads = {
        "os.system": Harm(os.system, touch),
        "eval": Harm(eval, python),
        "exec": Harm(exec, python),
        "popen": Harm(subprocess.Popen, ["touch", str(canary)]),
        "getattr": Harm(getattr, "text", "upper"),
        "import": Harm(__import__, "antigravity"),
        "in a state_dict": {"state_dict": {"encoder.conv_in.weight": Harm(os.system, touch)}},
        "as a key": {"state_dict": {}, "callbacks": {Harm(os.system, touch): 1}},
    }
    files = {}
    for name, payload in payloads.items():
        buffer = io.BytesIO()
        torch.save(payload, buffer)
        files[name] = buffer.getvalue()
    files["legacy"] = pickle.dumps(payloads["os.system"])
    files["not a pickle"] = b"<html>404 not found</html>"
    files["empty"] = b""
    outer = io.BytesIO()
    with zipfile.ZipFile(outer, "w") as archive:
        archive.writestr("archive/data.pkl", pickle.dumps(payloads["eval"]))
        archive.writestr("archive/code/__torch__.py", "import os")
        archive.writestr("archive/constants.pkl", pickle.dumps(()))
        archive.writestr("archive/version", "3")
    files["like TorchScript"] = outer.getvalue()
    return files


def test_no_hostile_checkpoint_runs_and_each_is_refused(tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    (tmp_path / "model.yaml").write_text(yaml.safe_dump(described("vq")))
    for name, content in hostile(canary).items():
        path = tmp_path / "hostile.ckpt"
        path.write_bytes(content)
        with pytest.raises(ModelError, match=r"hostile\.ckpt"):
            load(path)
        assert not canary.exists(), name
    path = tmp_path / "long.safetensors"
    path.write_bytes(struct.pack("<Q", 1 << 60) + b"{}")
    with pytest.raises(ModelError, match="not a safetensors file"):
        load(path)


@pytest.mark.parametrize(
    "text",
    [
        "model: {target: os.system, params: {ddconfig: {}}}",
        "model: {target: taming.models.vqgan.VQModel, params: !!python/object/apply:os.system ['touch canary']}",
        "!!python/object/new:os.system ['touch canary']",
        "model: {target: taming.models.vqgan.VQModel, params: {embed_dim: 8, n_embed: 1e9, ddconfig: {ch: 32}}}",
        "model: {target: taming.models.vqgan.VQModel, params: {embed_dim: 8, n_embed: 16, ddconfig: {ch: 1000000}}}",
        "a: &a [x, x, x, x, x, x, x, x, x]\nb: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a]\n"
        "c: &c [*b, *b, *b, *b, *b, *b, *b, *b]\nd: &d [*c, *c, *c, *c, *c, *c, *c]\nmodel: [*d, *d, *d, *d]",
        "[" * 5000,
        "model: 3",
        "",
    ],
)
def test_a_hostile_description_is_refused_and_imports_nothing(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "model.yaml").write_text(text)
    save_file(model("vq").state_dict(), tmp_path / "x.safetensors")
    before = set(sys.modules)
    with pytest.raises(ModelError, match=r"model\.yaml"):
        load(tmp_path / "x.safetensors")
    assert set(sys.modules) == before
    assert not (tmp_path / "canary").exists()


def test_what_does_not_fit_is_named(tmp_path: Path) -> None:
    state = model("vq").state_dict()
    del state["encoder.conv_in.bias"]
    save_file(state, tmp_path / "x.safetensors")
    with pytest.raises(ModelError, match=r"its YAML is not beside it \(x.yaml or model.yaml\)"):
        load(tmp_path / "x.safetensors")
    (tmp_path / "x.yaml").write_text(yaml.safe_dump(described("vq")))
    with pytest.raises(ModelError, match=r"other size: encoder\.conv_in\.bias$"):
        load(tmp_path / "x.safetensors")
    (tmp_path / "x.yaml").write_text(yaml.safe_dump(described("gumbel")))
    with pytest.raises(ModelError, match=r"quantize\.proj\.bias and 2 more"):
        load(tmp_path / "x.safetensors")
    with pytest.raises(ModelError, match="no such file"):
        load(tmp_path / "y.safetensors")


def test_a_broken_file_leaves_nothing_at_the_final_name(tmp_path: Path) -> None:
    (tmp_path / "x.ckpt").write_bytes(b"half a down")
    (tmp_path / "x.yaml").write_text(yaml.safe_dump(described("vq")))
    with pytest.raises(ModelError):
        convert(tmp_path / "x.ckpt", None, tmp_path / "x.safetensors")
    assert not (tmp_path / "x.safetensors").exists()
