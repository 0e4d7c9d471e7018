"""What `render.py train` does: put together the pictures, the recipe and a folder, and see one sitting through."""

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from animator.errors import ModelError
from animator.media import pictures
from animator.models import store
from animator.models.networks.vqgan import checkpoint
from animator.models.networks.vqgan.network import VQGAN
from animator.paint import encoders, pixels, process
from animator.training import captions as captioned
from animator.training import dataset, transformer, vqgan
from animator.training.crops import Crops, drawn, folder
from animator.training.perceptual import ClipDistance, LpipsDistance
from animator.training.run import Run, changed, same_recipe, save_checkpoint, teller

WORLD = 12_000  # drawn pictures that the shipped VQGAN learns from
WORLD_SIDE = 128  # pixels
CAPTIONED_WORLD = 100_000  # drawn pictures that a transformer learns from, where no folder is given


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
    distance = LpipsDistance(*lpips, device) if lpips else ClipDistance(store.find("pocket", "clip").weights, device)
    crops = Crops(load, count, recipe.seed)
    process.prepare_training(device)
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
    model = checkpoint.load(store.find(names[0], "vqgan").weights).to(device)
    clip = store.find(names[1], "clip")
    encoder = encoders.build(clip, device)
    recipe = changed(transformer.Recipe(), settings)
    length = encoder.encode_text(["a"]).shape[1]
    numbers = {"vqgan": names[0], "clip": names[1], "codes": len(model.codebook), "condition": length}
    recipe = dataclasses.replace(recipe, architecture=recipe.architecture.model_copy(update=numbers))
    work.mkdir(parents=True, exist_ok=True)
    same_recipe(work, recipe)
    side = recipe.architecture.side * model.architecture.factor
    if images is None:
        kept = work / f"codes-{store.find(names[0], 'vqgan').sha256[:16]}.pt"
        data = _world(model, encoder, work / "pictures", kept, side, run)
    else:
        data = _own(captioned.of_folder(images, captions), model, encoder, side, say)
    say(f"{len(data.codes)} pictures of {side} pixels as codes; {recipe.steps} steps of {recipe.batch} on {device}")
    process.prepare_training(device)
    tell = teller(work / "train.log", "transformer", say)
    return transformer.train(recipe, data, model, work, device, run, tell)


def _world(model: VQGAN, encoder: Any, pictures: Path, kept: Path, side: int, run: Run) -> transformer.Captioned:
    world = dataset.build(pictures, CAPTIONED_WORLD, 1 << 32, max(1, run.workers), side)
    if not kept.exists():  # minutes of encoding on a CPU
        save_checkpoint(kept, transformer.codes_of(model, world.images))
    tokens = world.tokens[:, :, 0]

    @torch.no_grad()
    def embed(numbers: Tensor, random: torch.Generator) -> Tensor:
        ways = torch.randint(dataset.CAPTIONS, numbers.shape, generator=random, device=random.device)
        chosen = tokens[numbers.cpu(), ways.cpu()].long().to(random.device)
        return F.normalize(encoder.texts.encode_text(chosen).float(), dim=-1)

    return transformer.Captioned(torch.load(kept, weights_only=True), embed)


def _own(
    found: list[tuple[Path, list[str]]], model: VQGAN, encoder: Any, side: int, say: Callable[[str], None]
) -> transformer.Captioned:
    codes, lines = [], []
    for path, captions in found:
        try:
            picture = pixels.from_image(pictures.read(path, (side, side)))
            codes.append(transformer.codes_of(model, (picture * 255).round().byte()))
            lines.append(captions)
        except ModelError as error:
            say(f"left out: {error}")
    if not lines:
        raise ModelError("not one of the pictures that have captions can be read")

    def embed(numbers: Tensor, random: torch.Generator) -> Tensor:
        ways = torch.rand(len(numbers), generator=random, device=random.device).tolist()
        some = [lines[number] for number in numbers.tolist()]
        embedded: Tensor = encoder.encode_text([s[int(way * len(s))] for s, way in zip(some, ways, strict=True)])
        return embedded

    return transformer.Captioned(torch.cat(codes), embed)
