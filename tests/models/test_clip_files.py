"""CLIPs from every layout, and one model through two implementations."""

import pickle
import socket
import zipfile
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file

from animator import variants
from animator.errors import ModelError
from animator.models import store
from animator.models.networks.clip import archive, clip_file
from animator.models.networks.clip.package import MEAN, STD, build_clip, tokenize
from animator.models.networks.torch_internals import FakeTensorMode
from animator.paint.encoders import Encoder
from tests.models import written

TEXTS = ["a red circle", "the sea at night, with stars!", "Ünïcode & 日本"]
CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def nobody_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Loading a model asks nobody."""

    def refuse(self: socket.socket, address: object) -> None:
        raise AssertionError(f"a connection to {address}")

    monkeypatch.setattr(socket.socket, "connect", refuse)


def encoder(kind: str, dtype: torch.dtype | None = None, **options: str) -> Encoder:
    variant = variants.module("encoders", kind)
    built: Encoder = variant.build(variant.Config(**options), CPU, dtype)
    return built


def worst_cosine(one: Encoder, other: Encoder) -> float:
    """Of pictures and texts, between two implementations."""
    pictures = torch.rand(4, 3, one.input_size, one.input_size, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        seen = (one.encode_image(pictures) * other.encode_image(pictures)).sum(1)
    read = (one.encode_text(TEXTS) * other.encode_text(TEXTS)).sum(1)
    return float(torch.cat([seen, read]).min())


@pytest.mark.parametrize("vision", [written.VIT, written.RESNET], ids=["vit", "resnet"])
def test_an_archive_gives_its_tensors_and_runs_nothing(tmp_path: Path, vision: dict[str, Any]) -> None:
    model = written.clip(size=64, **vision)
    path = written.archive(model, tmp_path / "x.pt")
    found, wanted = clip_file.read(path), model.state_dict()
    assert set(found) == set(wanted)
    assert all(torch.equal(found[name], wanted[name]) for name in wanted)


@pytest.mark.slow
def test_a_vit_is_the_same_through_openai_and_through_transformers(tmp_path: Path) -> None:
    model = written.clip(size=64, dim=24, **written.VIT)
    folder = written.hub_clip(model, tmp_path / "hub")
    theirs = encoder("hub_clip", weights=str(folder))
    for path in (
        written.archive(model, tmp_path / "x.pt"),
        written.safetensors(model, tmp_path / "x.safetensors"),
        folder / "model.safetensors",
    ):
        cosine = worst_cosine(encoder("openai_clip", weights=str(path)), theirs)
        print(f"{path.name}: worst cosine {cosine:.7f}")
        assert cosine > 0.9999


def test_transformers_layout_becomes_openais_exactly(tmp_path: Path) -> None:
    model = written.clip(size=64, dim=24, **written.VIT)
    folder = written.hub_clip(model, tmp_path / "hub")
    made, wanted = clip_file.from_transformers(load_file(folder / "model.safetensors")), model.state_dict()
    assert set(made) == set(wanted)
    assert all(torch.equal(made[name], wanted[name]) for name in wanted)
    with pytest.raises(ModelError, match="not a CLIP as transformers writes it"):
        clip_file.from_transformers({**load_file(folder / "model.safetensors"), "head.bias": torch.zeros(1)})


def plain_resnet(state: dict[str, torch.Tensor], pictures: torch.Tensor, heads: int) -> torch.Tensor:
    """OpenAI's ModifiedResNet from its paper: three-layer stem, antialiased strides, attention for the last pooling."""

    def norm(x: torch.Tensor, name: str) -> torch.Tensor:
        mean, spread, weight, bias = (
            state[f"visual.{name}.{part}"] for part in ("running_mean", "running_var", "weight", "bias")
        )
        return F.batch_norm(x, mean, spread, weight, bias, training=False, eps=1e-5)

    def convolve(x: torch.Tensor, name: str, stride: int = 1) -> torch.Tensor:
        weight = state[f"visual.{name}.weight"]
        return F.conv2d(x, weight, stride=stride, padding=weight.shape[-1] // 2)

    x = pictures
    for stem, stride in ((1, 2), (2, 1), (3, 1)):
        x = norm(convolve(x, f"conv{stem}", stride), f"bn{stem}").relu()
    x = F.avg_pool2d(x, 2)
    blocks = sorted({tuple(name.split(".")[1:3]) for name in state if name.startswith("visual.layer")})
    for layer, number in blocks:
        block, stride = f"{layer}.{number}", 2 if number == "0" and layer != "layer1" else 1
        y = norm(convolve(x, f"{block}.conv1"), f"{block}.bn1").relu()
        y = norm(convolve(y, f"{block}.conv2"), f"{block}.bn2").relu()
        y = norm(convolve(F.avg_pool2d(y, stride) if stride > 1 else y, f"{block}.conv3"), f"{block}.bn3")
        short = F.avg_pool2d(x, stride) if stride > 1 else x
        if f"visual.{block}.downsample.0.weight" in state:
            short = norm(convolve(short, f"{block}.downsample.0"), f"{block}.downsample.1")
        x = (y + short).relu()
    x = x.flatten(2).permute(0, 2, 1)
    x = torch.cat([x.mean(1, keepdim=True), x], 1) + state["visual.attnpool.positional_embedding"]

    def project(x: torch.Tensor, name: str) -> torch.Tensor:
        return F.linear(x, state[f"visual.attnpool.{name}.weight"], state[f"visual.attnpool.{name}.bias"])

    q, k, v = (
        project(part, f"{name}_proj").unflatten(2, (heads, -1)).transpose(1, 2)
        for part, name in ((x[:, :1], "q"), (x, "k"), (x, "v"))
    )
    mixed = ((q @ k.transpose(2, 3)) / q.shape[-1] ** 0.5).softmax(-1) @ v
    return project(mixed.transpose(1, 2).flatten(2), "c_proj")[:, 0]


def plain_text(state: dict[str, torch.Tensor], tokens: torch.Tensor) -> torch.Tensor:
    """The text tower from its paper: a causal transformer, read at the end of the text."""
    width = state["ln_final.weight"].shape[0]
    x = state["token_embedding.weight"][tokens] + state["positional_embedding"]
    hidden = torch.full((tokens.shape[1],) * 2, -torch.inf).triu(1)

    def norm(x: torch.Tensor, name: str) -> torch.Tensor:
        return F.layer_norm(x, (width,), state[f"{name}.weight"], state[f"{name}.bias"])

    def linear(x: torch.Tensor, name: str, leaf: str = ".") -> torch.Tensor:
        return F.linear(x, state[f"{name}{leaf}weight"], state[f"{name}{leaf}bias"])

    for number in range(len({name.split(".")[2] for name in state if name.startswith("transformer.")})):
        block = f"transformer.resblocks.{number}"
        rows = linear(norm(x, f"{block}.ln_1"), f"{block}.attn.in_proj", "_")
        q, k, v = (part.unflatten(2, (width // 64, 64)).transpose(1, 2) for part in rows.chunk(3, 2))
        mixed = (q @ k.transpose(2, 3) / 8 + hidden).softmax(-1) @ v
        x = x + linear(mixed.transpose(1, 2).flatten(2), f"{block}.attn.out_proj")
        y = linear(norm(x, f"{block}.ln_2"), f"{block}.mlp.c_fc")
        x = x + linear(y * torch.sigmoid(1.702 * y), f"{block}.mlp.c_proj")
    last = norm(x, "ln_final")[torch.arange(len(tokens)), tokens.argmax(1)]
    return last @ state["text_projection"]


@pytest.mark.parametrize("name", ["resnet", "pocket", "pocket-judge"])
def test_a_resnet_is_what_the_paper_says(tmp_path: Path, name: str) -> None:
    path = store.POCKET / f"{name}.safetensors"
    if name == "resnet":
        path = written.archive(written.clip(size=64, dim=24, **written.RESNET), tmp_path / "x.pt")
    ours = encoder("openai_clip", weights=str(path))
    model = build_clip(clip_file.read(path))
    pictures = torch.rand(4, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    mean, std = (torch.tensor(values).view(1, 3, 1, 1) for values in (MEAN, STD))
    state = {key: value.float() for key, value in model.state_dict().items()}
    seen = F.normalize(plain_resnet(state, (pictures - mean) / std, model.visual.attnpool.num_heads), dim=1)
    read = F.normalize(plain_text(state, tokenize(TEXTS, model.context_length)), dim=1)
    rows = torch.cat([ours.encode_image(pictures), ours.encode_text(TEXTS)])
    cosine = float((torch.cat([seen, read]) * rows).sum(1).min())
    print(f"{name}: worst cosine {cosine:.7f}")
    assert cosine > 0.9999


def test_a_siglip_reads_small_letters_and_pads(tmp_path: Path) -> None:
    siglip = encoder("hub_clip", weights=str(written.siglip(tmp_path / "hub")))
    assert siglip.input_size == 32
    one, other, third = siglip.encode_text(["A Red CIRCLE", "a red circle", "a blue circle"])
    assert torch.equal(one, other)
    assert not torch.allclose(one, third, atol=1e-3)
    pictures = torch.rand(2, 3, 32, 32, requires_grad=True)
    rows = siglip.encode_image(pictures)
    assert torch.allclose(rows.norm(dim=1), torch.ones(2), atol=1e-5)
    rows.sum().backward()
    assert pictures.grad is not None
    with pytest.raises(ModelError, match="20 tokens, this encoder reads at most 16"):
        siglip.encode_text(["red " * 20])


def kinds(folder: Path) -> dict[str, tuple[str, dict[str, str]]]:
    """Files for every kind of encoder: its module, and its options."""
    vit, resnet = written.clip(size=32, dim=16), written.clip(size=64, dim=24, **written.RESNET)
    file = str(written.safetensors(vit, folder / "vit.safetensors"))
    return {
        "vit": ("openai_clip", {"weights": file}),
        "resnet": ("openai_clip", {"weights": str(written.safetensors(resnet, folder / "resnet.safetensors"))}),
        "hub": ("hub_clip", {"weights": str(written.hub_clip(vit, folder / "hub"))}),
        "siglip": ("hub_clip", {"weights": str(written.siglip(folder / "siglip"))}),
        "sbert": ("sbert", {"weights": str(written.sbert(folder / "sbert", dim=16)), "pictures": file}),
    }


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["vit", "resnet", "hub", "siglip", "sbert"])
def test_bfloat16_sees_and_pulls_the_same_way(tmp_path: Path, kind: str) -> None:
    name, options = kinds(tmp_path)[kind]
    exact, quick = (encoder(name, dtype, **options) for dtype in (torch.float32, torch.bfloat16))
    side = exact.input_size
    pictures = torch.rand(4, 3, side, side, generator=torch.Generator().manual_seed(0))
    rows, gradients = [], []
    for one in (exact, quick):
        seen = pictures.clone().requires_grad_(True)
        made = one.encode_image(seen)
        (gradient,) = torch.autograd.grad(made[:, ::2].sum(), seen)
        rows.append(made.detach())
        gradients.append(gradient.flatten())
        assert made.dtype == torch.float32
    assert (rows[0] * rows[1]).sum(1).min() > 0.999
    assert F.cosine_similarity(gradients[0], gradients[1], dim=0) > 0.98
    assert torch.equal(exact.encode_text(["a red circle"]), quick.encode_text(["a red circle"]))


@pytest.mark.parametrize("kind", ["vit", "resnet", "hub", "siglip", "sbert"])
def test_a_step_can_be_tried_without_content(tmp_path: Path, kind: str) -> None:
    """As `animator.paint.memory` does, to know what it will hold."""
    name, options = kinds(tmp_path)[kind]
    tried = encoder(name, torch.float32, **options)
    side, length = tried.input_size, tried.encode_text(["a red circle"]).shape[1]
    with FakeTensorMode(allow_non_fake_inputs=True):
        pictures = torch.empty(4, 3, side, side, requires_grad=True)
        rows = tried.encode_image(pictures)
        rows.sum().backward()
    assert rows.shape == (4, length)
    assert pictures.grad is not None


def test_sbert_reads_many_languages_and_goes_with_its_own_pictures_only(tmp_path: Path) -> None:
    folder = written.sbert(tmp_path / "sbert", dim=16)
    pictures = written.safetensors(written.clip(size=32, dim=16), tmp_path / "x.safetensors")
    both = encoder("sbert", weights=str(folder), pictures=str(pictures))
    rows = both.encode_text(["夜の海", "the sea at night"])
    assert rows.shape == (2, 16)
    assert torch.allclose(rows.norm(dim=1), torch.ones(2), atol=1e-5)
    assert not rows.requires_grad
    assert both.encode_image(torch.rand(2, 3, 32, 32)).shape == (2, 16)
    with pytest.raises(ModelError, match="tokens, this encoder reads at most 128"):
        both.encode_text(["a " * 200])
    other = written.safetensors(written.clip(size=32, dim=24), tmp_path / "y.safetensors")
    with pytest.raises(ModelError, match="it goes with ViT-B/32 alone"):
        encoder("sbert", weights=str(folder), pictures=str(other))


def _shared(depth: int) -> bytes:
    """A tree of modules, each with the same child twice: small to write, endless to walk."""
    made = b"\x80\x02c__torch__.x\nM\n)\x81"
    for number in range(depth):
        key = bytes([number])
        made += (
            b"q" + key + b"0c__torch__.x\nM\n)\x81}(X\x01\x00\x00\x00ah" + key + b"X\x01\x00\x00\x00bh" + key + b"ub"
        )
    return made + b"."


def hostile(folder: Path, kind: str) -> Path:
    """A TorchScript archive whose pickle wants something else than tensors."""
    source = written.archive(written.clip(), folder / "good.pt")
    path = folder / "bad.pt"

    class Evil:
        def __reduce__(self) -> tuple[object, ...]:
            import os

            return (os.system, ("touch canary",))

    bodies = {
        "system": pickle.dumps(Evil(), 2),
        "eval": b"\x80\x02cbuiltins\neval\nU\x14open('canary','w')  q\x85R.",
        "getattr": b"\x80\x02c__builtin__\ngetattr\n(ctorch\nload\nX\x04\x00\x00\x00calltR.",
        "import": b"\x80\x02ctorch.hub\nload\n(X\x01\x00\x00\x00xtR.",
        "shared": _shared(60),
        "changes": b"\x80\x02ctorch._utils\n_rebuild_tensor_v2\nN}X\x0c\x00\x00\x00__defaults__K\x01s\x86b.",
        "empty": b"",
        "text": b"not a pickle",
    }
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as new:
        for name in old.namelist():
            content = old.read(name)
            if name.endswith("/data.pkl"):
                content = bodies.get(kind, content)
            if kind == "short" and "/data/" in name:
                content = content[:-4]
            packed = zipfile.ZIP_DEFLATED if kind == "packed" and "/data/" in name else zipfile.ZIP_STORED
            new.writestr(zipfile.ZipInfo(name), content, packed)
    return path


@pytest.mark.parametrize(
    "kind", ["system", "eval", "getattr", "import", "empty", "text", "short", "packed", "shared", "changes"]
)
def test_a_hostile_archive_is_refused_and_runs_nothing(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = hostile(tmp_path, kind)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ModelError, match=r"refused|no tensors"):
        archive.tensors(path)
    assert not (tmp_path / "canary").exists()
    found, wanted = clip_file.read(tmp_path / "good.pt"), written.clip().state_dict()  # the reader is what it was
    assert set(found) == set(wanted)
    assert all(torch.equal(found[name], wanted[name]) for name in wanted)


@pytest.mark.parametrize("change", ["auto_map", "model_type", "pickle", "colours", "part"])
def test_a_hostile_repository_is_refused(tmp_path: Path, change: str) -> None:
    folder = written.hub_clip(written.clip(size=32, dim=16), tmp_path / "hub")
    config = (folder / "config.json").read_text()
    if change == "auto_map":
        (folder / "config.json").write_text(config.replace("{", '{"auto_map": {"AutoModel": "evil.Model"},', 1))
        (folder / "evil.py").write_text("open('canary', 'w')")
    if change == "model_type":
        (folder / "config.json").write_text(config.replace('"model_type": "clip"', '"model_type": "llama"'))
    if change == "pickle":
        (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    if change == "part":
        state = load_file(folder / "model.safetensors")
        save_file(
            {name: value for name, value in state.items() if "vision" not in name},
            folder / "model.safetensors",
            {"format": "pt"},
        )
    if change == "colours":
        (folder / "preprocessor_config.json").write_text("{}")
    with pytest.raises(ModelError):
        encoder("hub_clip", weights=str(folder))
    assert not Path("canary").exists()


def test_a_sentence_model_with_code_of_its_own_is_refused(tmp_path: Path) -> None:
    folder = written.sbert(tmp_path / "sbert")
    told = (folder / "modules.json").read_text()
    (folder / "modules.json").write_text(told.replace("sentence_transformers.", "evil.", 1))
    pictures = written.safetensors(written.clip(size=32, dim=16), tmp_path / "x.safetensors")
    with pytest.raises(ModelError, match="code of its own"):
        encoder("sbert", weights=str(folder), pictures=str(pictures))
