"""What `render.py train` does: put together the pictures, the recipe and a folder, and see one sitting through."""

import dataclasses
import functools
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
from animator.paint import encoders, pixels, process
from animator.training import captions as captioned
from animator.training import dataset, denoiser, transformer, vqgan
from animator.training.captions import Captioned
from animator.training.crops import Crops, drawn, folder
from animator.training.perceptual import ClipDistance, LpipsDistance
from animator.training.run import Run, changed, same_recipe, save_checkpoint, teller

WORLD = 12_000  # drawn pictures that the shipped VQGAN learns from
WORLD_SIDE = 128  # pixels
CAPTIONED_WORLD = 400_000  # drawn pictures that a transformer or a denoiser learns from, where no folder is given
CLOSE_WORLD = 100_000  # more, of landscapes where things stand close: small ones are lost in few codes or pixels
FEW_STYLES = 0.2  # of pictures in a style, for a denoiser: it says what forms are, and has little room for brushes


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
        world = _world(encoder, work / "pictures", side, run)
        if not kept.exists():  # minutes of encoding on a CPU
            save_checkpoint(kept, transformer.codes_of(model, world.rows))
        data = dataclasses.replace(world, rows=torch.load(kept, weights_only=True))
    else:
        codes = functools.partial(transformer.codes_of, model)
        data = _own(captioned.of_folder(images, captions), encoder, side, codes, say)
    say(f"{len(data.rows)} pictures of {side} pixels as codes; {recipe.steps} steps of {recipe.batch} on {device}")
    process.prepare_training(device)
    tell = teller(work / "train.log", "transformer", say)
    return transformer.train(recipe, data, model, work, device, run, tell)


def train_denoiser(
    images: Path | None,
    captions: Path | None,
    name: str,
    work: Path,
    settings: list[str],
    device: torch.device,
    run: Run,
    say: Callable[[str], None],
) -> bool:
    """Train a denoiser of small pictures; `name` is the CLIP's that reads captions. Without `images`, on the picture
    world: that makes the shipped one. Returns whether the last step is done. Raises: ModelError."""
    encoder = encoders.build(store.find(name, "clip"), device)
    recipe = changed(denoiser.Recipe(), settings)
    numbers = {"clip": name, "condition": encoder.encode_text(["a"]).shape[1]}
    recipe = dataclasses.replace(recipe, architecture=recipe.architecture.model_copy(update=numbers))
    work.mkdir(parents=True, exist_ok=True)
    same_recipe(work, recipe)
    side = recipe.architecture.side
    if images is None:
        data = _world(encoder, work / "pictures", side, run, FEW_STYLES)
    else:
        data = _own(captioned.of_folder(images, captions), encoder, side, lambda pictures: pictures, say)
    say(f"{len(data.rows)} pictures of {side} pixels; {recipe.steps} steps of {recipe.batch} on {device}")
    process.prepare_training(device)
    return denoiser.train(recipe, data, work, device, run, teller(work / "train.log", "denoiser", say))


def _world(encoder: Any, pictures: Path, side: int, run: Run, styled: float = 1.0) -> Captioned:
    world = dataset.build(pictures, CAPTIONED_WORLD, 1 << 32, max(1, run.workers), side, styled, CLOSE_WORLD)
    tokens = world.tokens[:, :, 0]

    @torch.no_grad()
    def embed(numbers: Tensor, random: torch.Generator) -> Tensor:
        ways = torch.randint(dataset.CAPTIONS, numbers.shape, generator=random, device=random.device)
        chosen = tokens[numbers.cpu(), ways.cpu()].long().to(random.device)
        return F.normalize(encoder.texts.encode_text(chosen).float(), dim=-1)

    return Captioned(world.images, embed)


def _own(
    found: list[tuple[Path, list[str]]],
    encoder: Any,
    side: int,
    learnt: Callable[[Tensor], Tensor],
    say: Callable[[str], None],
) -> Captioned:
    """Pictures of one's own; `learnt` takes each, uint8 (1,3,side,side), to what is kept of it."""
    rows, lines = [], []
    for path, captions in found:
        try:
            picture = pixels.from_image(pictures.read(path, (side, side)))
            rows.append(learnt((picture * 255).round().byte()))
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

    return Captioned(torch.cat(rows), embed)
