"""What `render.py train` does: put together the pictures, the recipe and a folder, and see one sitting through."""

from collections.abc import Callable
from pathlib import Path

import torch

from animator import models
from animator.training import dataset, vqgan
from animator.training.crops import Crops, drawn, folder
from animator.training.perceptual import ClipDistance, LpipsDistance
from animator.training.run import Run, changed, same_recipe, teller

WORLD = 12_000  # drawn pictures that the shipped VQGAN learns from
WORLD_SIDE = 128  # pixels


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
    say(f"{count} pictures; {recipe.steps} steps of {recipe.batch} crops of {recipe.side} pixels on {device}")
    distance = LpipsDistance(*lpips, device) if lpips else ClipDistance(models.find("pocket", "clip").weights, device)
    crops = Crops(load, count, recipe.side, recipe.seed)
    torch.set_float32_matmul_precision("medium")
    return vqgan.train(recipe, crops, distance, work, device, run, teller(work / "train.log", "vqgan", say))
