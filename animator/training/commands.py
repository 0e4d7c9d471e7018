"""What `render.py train` does: put together the pictures, the recipe and a folder, and see one sitting through."""

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from animator import models, picture, variants
from animator.errors import ModelError
from animator.models import taming_checkpoint
from animator.models.taming_package import VQGAN
from animator.training import captions as captioned
from animator.training import dataset, transformer, vqgan
from animator.training.crops import Crops, drawn, folder
from animator.training.perceptual import ClipDistance, LpipsDistance
from animator.training.run import Run, changed, same_recipe, teller

WORLD = 12_000  # drawn pictures that the shipped VQGAN learns from
WORLD_SIDE = 128  # pixels
TOLD_WORLD = 100_000  # drawn pictures that a transformer learns from, where no folder is given


def train_vqgan(
    images: Path | None,
    work: Path,
    settings: list[str],
    lpips: tuple[Path, Path] | None,
    device: torch.device,
    run: Run,
    say: Callable[[str], None],
) -> bool:
    """Train on a folder of pictures, or, without one, on the picture world: that makes the shipped model.

    Returns whether the last step is done; the same call goes on if not. Raises: ModelError.
    """
    recipe = changed(vqgan.Recipe(), settings)
    work.mkdir(parents=True, exist_ok=True)
    same_recipe(work, recipe)
    if images is None:
        world = dataset.build(work / "pictures", WORLD, 1 << 32, max(1, run.workers), WORLD_SIDE)
        load, count = drawn(world.images)
    else:
        load, count = folder(images)
    say(f"{count} pictures; {recipe.steps} steps of {recipe.batch} crops of {recipe.sides} pixels on {device}")
    distance = LpipsDistance(*lpips, device) if lpips else ClipDistance(models.find("pocket", "clip").weights, device)
    crops = Crops(load, count, recipe.seed)
    torch.set_float32_matmul_precision("medium")
    return vqgan.train(recipe, crops, distance, work, device, run, teller(work / "train.log", "vqgan", say))


def train_transformer(
    images: Path | None,
    captions: Path | None,
    names: tuple[str, str],
    work: Path,
    settings: list[str],
    device: torch.device,
    run: Run,
    say: Callable[[str], None],
) -> bool:
    """Train a transformer over a VQGAN's codes; `names` are the VQGAN's and the CLIP's. Without `images`, on the
    picture world: that makes the shipped one. Returns whether the last step is done. Raises: ModelError."""
    model = taming_checkpoint.load(models.find(names[0], "vqgan").weights).to(device)
    clip = models.find(names[1], "clip")
    variant = variants.module("encoders", clip.encoder)
    encoder = variant.build(variant.Config(**clip.options), device)
    recipe = changed(transformer.Recipe(), settings)
    length = encoder.encode_text(["a"]).shape[1]
    numbers = {"vqgan": names[0], "clip": names[1], "codes": len(model.codebook), "condition": length}
    recipe = dataclasses.replace(recipe, architecture=recipe.architecture.model_copy(update=numbers))
    work.mkdir(parents=True, exist_ok=True)
    same_recipe(work, recipe)
    side = recipe.architecture.side * model.architecture.factor
    if images is None:
        kept = work / f"codes-{models.find(names[0], 'vqgan').sha256[:16]}.pt"
        data = _world(model, encoder, work / "pictures", kept, side, run)
    else:
        data = _own(captioned.of_folder(images, captions), model, encoder, side, say)
    say(f"{len(data.codes)} pictures of {side} pixels as codes; {recipe.steps} steps of {recipe.batch} on {device}")
    torch.set_float32_matmul_precision("medium")
    tell = teller(work / "train.log", "transformer", say)
    return transformer.train(recipe, data, model, work, device, run, tell)


def _world(model: VQGAN, encoder: Any, pictures: Path, kept: Path, side: int, run: Run) -> transformer.Told:
    world = dataset.build(pictures, TOLD_WORLD, 1 << 32, max(1, run.workers), side)
    if not kept.exists():  # minutes of encoding on a CPU
        torch.save(transformer.codes_of(model, world.images), kept)
    tokens = world.tokens[:, :, 0]

    @torch.no_grad()
    def embed(numbers: Tensor, random: torch.Generator) -> Tensor:
        ways = torch.randint(dataset.CAPTIONS, numbers.shape, generator=random, device=random.device)
        chosen = tokens[numbers.cpu(), ways.cpu()].long().to(random.device)
        return F.normalize(encoder.texts.encode_text(chosen).float(), dim=-1)

    return transformer.Told(torch.load(kept, weights_only=True), embed)


def _own(
    told: list[tuple[Path, list[str]]], model: VQGAN, encoder: Any, side: int, say: Callable[[str], None]
) -> transformer.Told:
    codes, lines = [], []
    for path, said in told:
        try:
            codes.append(transformer.codes_of(model, (picture.read(path, (side, side)) * 255).round().byte()))
            lines.append(said)
        except ModelError as error:
            say(f"left out: {error}")
    if not lines:
        raise ModelError("not one of the pictures that have captions can be read")

    def embed(numbers: Tensor, random: torch.Generator) -> Tensor:
        ways = torch.rand(len(numbers), generator=random, device=random.device).tolist()
        some = [lines[number] for number in numbers.tolist()]
        embedded: Tensor = encoder.encode_text([s[int(way * len(s))] for s, way in zip(some, ways, strict=True)])
        return embedded

    return transformer.Told(torch.cat(codes), embed)
