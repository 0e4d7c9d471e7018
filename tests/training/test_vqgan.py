"""Training a VQGAN, on a few small pictures."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch
import yaml
from PIL import Image
from safetensors import safe_open

from animator.errors import ModelError
from animator.models import store
from animator.models.networks.vqgan.network import VQGAN, Architecture
from animator.training import crops, vqgan
from animator.training.perceptual import ClipDistance, LpipsDistance
from animator.training.run import Run, changed, same_recipe, teller

SMALL = vqgan.Recipe(
    Architecture(embed_dim=4, n_embed=16, ch=32, ch_mult=(1, 1), num_res_blocks=1, attn_resolutions=(), z_channels=8),
    steps=8, batch=2, sides=(16, 32), warmup=2, codebook_from=2, revive_every=3, discriminator_from=0.5,
    discriminator_width=8,
)  # fmt: skip
CPU = torch.device("cpu")


def distance(real: torch.Tensor, made: torch.Tensor) -> torch.Tensor:
    return (real - made).square().mean()


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    random, folder = np.random.default_rng(1), tmp_path / "photos" / "of a day"
    folder.mkdir(parents=True)
    for number, (width, height) in enumerate([(40, 30), (30, 60), (17, 16), (24, 24)]):
        pixels = random.integers(0, 255, (height, width, 3), np.uint8)
        Image.fromarray(pixels).save(folder / f"{number}.{'png' if number % 2 else 'jpg'}")
    (folder / "broken.png").write_bytes(b"not a picture")
    (folder / "notes.txt").write_text("not a picture either")
    return folder.parent


def run(work: Path, photos: Path, limits: list[float]) -> list[bool]:
    work.mkdir()
    load, count = crops.folder(photos)
    cut = crops.Crops(load, count, seed=1)
    tell = teller(work / "train.log", "vqgan", lambda line: None)
    return [vqgan.train(SMALL, cut, distance, work, CPU, Run(seconds=seconds), tell) for seconds in limits]


@pytest.mark.slow
def test_a_training_that_was_stopped_ends_like_one_that_was_not(photos: Path, tmp_path: Path) -> None:
    assert run(tmp_path / "whole", photos, [600.0]) == [True]
    assert run(tmp_path / "parts", photos, [0.0] * 8) == [False] * 7 + [True]  # each makes one step
    whole, parts = (torch.load(tmp_path / name / "last.ckpt", weights_only=True) for name in ("whole", "parts"))
    for group in ("state_dict", "averaged"):
        assert all(torch.equal(whole[group][name], parts[group][name]) for name in whole[group]), group


@pytest.mark.slow
def test_what_it_writes(photos: Path, tmp_path: Path) -> None:
    work = tmp_path / "work"
    run(work, photos, [600.0])
    state = torch.load(work / "last.ckpt", weights_only=True)["state_dict"]
    assert {name.split(".")[0] for name in state} == {
        "encoder", "decoder", "quantize", "quant_conv", "post_quant_conv", "loss",
    }  # fmt: skip
    told = yaml.safe_load((work / "model.yaml").read_text())["model"]
    assert told["target"] == "taming.models.vqgan.VQModel"
    other = SMALL.architecture.model_copy(update={"norm_groups": 8})
    assert "taming.models" not in vqgan.taming_yaml(other)["model"]["target"]  # it would build another model, silently
    assert Architecture(**told["params"]["ddconfig"], embed_dim=4, n_embed=16) == SMALL.architecture
    with safe_open(work / "vqgan.safetensors", "pt") as file:
        shipped = Architecture.model_validate_json(file.metadata()["architecture"])
        model = VQGAN(shipped)
        model.load_state_dict({name: file.get_tensor(name) for name in file.keys()})  # noqa: SIM118 - not a dict
    assert shipped == SMALL.architecture
    with Image.open(work / "samples.png") as samples:
        assert samples.size == (8 * 32, 4 * 32)


def test_crops_are_the_same_for_the_same_number_and_skip_what_is_broken(photos: Path) -> None:
    load, count = crops.folder(photos)
    assert count == 5
    cut, again = (crops.Crops(load, count, seed=1) for _ in range(2))
    for number in range(30):
        assert cut[number, 16].shape == (3, 16, 16)
        assert torch.equal(cut[number, 16], again[number, 16])
    first = next(crops.batches(cut, 2, (16,), 3, workers=0))
    assert torch.equal(first, torch.stack([cut[6, 16], cut[7, 16]]).float() / 127.5 - 1)


def test_steps_look_at_each_side_in_turn_and_at_no_crop_twice(photos: Path) -> None:
    cut = crops.Crops(*crops.folder(photos), seed=1)
    data = crops.batches(cut, 4, (8, 16, 32), 0, workers=0)
    assert [next(data).shape[::3] for _ in range(4)] == [(4, 8), (1, 16), (1, 32), (4, 8)]
    on = crops.batches(cut, 4, (8, 16, 32), 3, workers=0)
    assert torch.equal(next(on), torch.stack([cut[12 + n, 8] for n in range(4)]).float() / 127.5 - 1)
    seen: list[int] = []

    class Watched(crops.Crops):
        def __getitem__(self, wanted: tuple[int, int]) -> torch.Tensor:
            seen.append(wanted[0])
            return super().__getitem__(wanted)

    steps = crops.batches(Watched(*crops.folder(photos), seed=1), 1, (32, 8), 0, workers=0)
    assert [len(next(steps)) for _ in range(4)] == [1, 16, 1, 16]
    assert len(set(seen)) == len(seen) == 1 + 16 + 1 + 16


def test_a_folder_without_pictures_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no pictures"):
        crops.folder(tmp_path)
    (tmp_path / "a.png").write_bytes(b"not a picture")
    with pytest.raises(ModelError, match="could not be read"):
        crops.Crops(*crops.folder(tmp_path), 1)[0, 16]


def test_the_nearest_code_is_the_nearest() -> None:
    model = VQGAN(SMALL.architecture)
    latent = torch.randn(2, 4, 5, 3)
    apart = torch.cdist(latent.permute(0, 2, 3, 1).reshape(-1, 4), model.codebook)
    assert torch.equal(model.nearest(latent).flatten(), apart.argmin(1))
    latent.requires_grad_(True)
    snapped = model.snap(latent)
    assert torch.allclose(snapped, model.lookup(model.nearest(latent)), atol=1e-6)
    snapped.sum().backward()
    assert latent.grad is not None
    assert (latent.grad == 1).all()


@pytest.mark.parametrize("kind", ["vq", "gumbel"])
def test_pictures_to_latents_and_back(kind: str) -> None:
    architecture = SMALL.architecture.model_copy(update={"kind": kind, "z_channels": 4})
    model = VQGAN(architecture)
    latent = model.encode(torch.zeros(1, 3, 12, 20))
    assert latent.shape == (1, 4, 6, 10)
    assert model.decode(latent).shape == (1, 3, 12, 20)


def test_first_weights_let_the_mean_of_each_cell_through() -> None:
    """What tells a dark plain from a light one is not lost on the way, long before anything is learnt."""
    architecture = SMALL.architecture.model_copy(update={"norm_groups": 8, "ch_mult": (1, 1, 1)})
    plains = torch.tensor([-0.8, 0.8]).view(2, 1, 1, 1).expand(2, 3, 16, 16)

    @torch.no_grad()
    def apart(model: VQGAN) -> float:
        dark, light = model.decode(model.encode(plains))[..., 4:-4, 4:-4]
        return float((dark - light).abs().mean())

    before, after = [], []
    for _ in range(4):
        model = VQGAN(architecture)
        before.append(apart(model))
        vqgan.start(model)
        after.append(apart(model))
    assert sum(after) > 2 * sum(before)


def test_dead_codes_are_moved_to_where_something_is() -> None:
    trainer = vqgan.Trainer(dataclasses.replace(SMALL, codebook_from=0), distance, CPU)
    latent = torch.randn(4, 4, 8, 8) + 100
    random = torch.Generator().manual_seed(1)
    trainer._quantize(latent, random)
    assert trainer.model.codebook.mean() > 90
    assert (trainer.used > 0).sum() > 8


def test_a_clips_distance_grows_with_what_changes() -> None:
    apart = ClipDistance(store.find("pocket", "clip").weights, CPU)
    picture = torch.rand(1, 3, 32, 32) * 2 - 1
    other = torch.rand(1, 3, 32, 32) * 2 - 1
    assert apart(picture, picture) == 0
    assert 0 < apart(picture, picture.lerp(other, 0.1)) < apart(picture, other)


def test_lpips_from_its_two_files(tmp_path: Path) -> None:
    """In the layouts of torchvision and of the package lpips, with random weights."""
    sizes = [(3, 64), (64, 64), (64, 128), (128, 128), (128, 256), (256, 256), (256, 256), (256, 512)] + [
        (512, 512)
    ] * 5
    numbers = (0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28)
    vgg = {}
    for number, (inner, outer) in zip(numbers, sizes, strict=True):
        vgg[f"features.{number}.weight"] = torch.randn(outer, inner, 3, 3) / (9 * inner) ** 0.5
        vgg[f"features.{number}.bias"] = torch.zeros(outer)
    vgg["classifier.0.weight"] = torch.zeros(1)
    channels = {f"lin{n}.model.1.weight": torch.rand(1, c, 1, 1) for n, c in enumerate((64, 128, 256, 512, 512))}
    torch.save(vgg, tmp_path / "vgg16.pth")
    torch.save(channels, tmp_path / "vgg.pth")
    apart = LpipsDistance(tmp_path / "vgg16.pth", tmp_path / "vgg.pth", CPU)
    picture, other = (torch.rand(1, 3, 32, 32) * 2 - 1 for _ in range(2))
    assert apart(picture, picture) == 0
    near = picture.lerp(other, 0.1).requires_grad_(True)
    assert 0 < apart(picture, near) < apart(picture, other)
    apart(picture, near).backward()
    assert near.grad is not None
    with pytest.raises(ModelError, match="not the files of LPIPS"):
        LpipsDistance(tmp_path / "vgg.pth", tmp_path / "vgg16.pth", CPU)


def test_settings_change_the_recipe_and_its_architecture(tmp_path: Path) -> None:
    recipe = changed(SMALL, ["steps=3", "ch=64", "learning_rate=1e-4", "ch_mult=[1, 2]", "sides=[8, 16]"])
    assert recipe.sides == (8, 16)
    assert (recipe.steps, recipe.architecture.ch, recipe.learning_rate) == (3, 64, 1e-4)
    assert recipe.architecture.ch_mult == (1, 2)
    for wrong in ("stepss=3", "steps", "ch=33", "batch=many"):
        with pytest.raises(ModelError, match=f"--set {wrong}"):
            changed(SMALL, [wrong])
    same_recipe(tmp_path, SMALL)
    same_recipe(tmp_path, changed(SMALL, ["steps=100"]))
    with pytest.raises(ModelError, match="another recipe"):
        same_recipe(tmp_path, recipe)
