"""Train a denoiser: a small network that knows what pictures look like, and reads from a CLIP what each shows.

It sees pictures under noise of every level and learns to take it away. One caption in eight is left out while it
learns, so that it also knows pictures of nothing in particular (guidance needs both). At first the pictures are small,
so that it sees more of them: how forms close is much the same at any size.

Source: Karras et al. 2022 (EDM).
"""

import math
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from animator import files
from animator.models.networks import denoiser, safetensors_file
from animator.models.networks.denoiser import Denoiser, Shape
from animator.training.captions import Captioned
from animator.training.learner import Learner
from animator.training.run import Run, Tell, sit

POCKET = Shape()
MORE = 3  # times as many pictures of half the size take as long as those of the whole one


@dataclass(frozen=True)
class Recipe:
    """How one denoiser is made."""

    architecture: Shape = POCKET
    seed: int = 1
    steps: int = 12_000
    batch: int = 48
    learning_rate: float = 1.5e-3
    matrix_rate: float = 0.02  # learning rate of the blocks' matrices, whose optimiser is another
    weight_decay: float = 0.01
    warmup: int = 200  # steps
    halved: float = 0.6  # share of the steps whose pictures are half as large, and three times as many
    uncaptioned: float = 0.12  # share of the batch without its caption
    level: float = 1.4  # median of the levels of noise, on pictures in [-1,1]; forms are decided at high ones
    spread: float = 1.3  # standard deviation of their logarithms
    averaging: float = 0.999  # of the weights that are shipped, per step


class Trainer(Learner):
    """A denoiser that learns, one step at a time."""

    def __init__(self, recipe: Recipe, device: torch.device) -> None:
        torch.manual_seed(recipe.seed)
        model = denoiser.in_order(Denoiser(recipe.architecture).to(device))
        super().__init__(recipe, model, device, (0.9, 0.99), model.matrices())

    def train_step(self, data: Captioned) -> dict[str, Tensor]:
        """One step; its pictures, captions and noise follow from the recipe's seed and the step's number."""
        recipe, device, random = self.recipe, self.device, self.random()
        small = self.step < recipe.halved * recipe.steps and data.rows.shape[-1] % (2 * denoiser.CELL) == 0
        batch = MORE * recipe.batch if small else recipe.batch
        numbers = torch.randint(len(data.rows), (batch,), generator=random, device=device)
        clean = data.rows[numbers.to(data.rows.device)].to(device).float() / 127.5 - 1
        clean = F.avg_pool2d(clean, 2) if small else clean
        captioned = torch.rand((batch, 1), generator=random, device=device) >= recipe.uncaptioned
        text = data.embed(numbers, random) * captioned
        levels = recipe.level * (recipe.spread * torch.randn(batch, generator=random, device=device)).exp()
        noise = torch.randn(clean.shape, generator=random, device=device)
        return self.learn(denoiser.loss(self.model, clean, text, noise, levels))


def train(recipe: Recipe, data: Captioned, work: Path, device: torch.device, run: Run, tell: Tell) -> bool:
    """Train to the recipe's last step, or for as long as `run` goes on, on from `work/last.pt` if it is there.

    Now and then and at the end, `work` gets last.pt, denoiser.safetensors with the averaged weights, and samples.png,
    drawn of captions. Returns whether all is done.
    """
    trainer, checkpoint = Trainer(recipe, device), work / "last.pt"
    if checkpoint.exists():
        trainer.load(checkpoint)
    seen = _Mean(tell)

    def write() -> None:
        trainer.save(checkpoint)
        export(trainer.averaged, recipe.architecture, work / "denoiser.safetensors")
        with files.atomic(work / "samples.png") as temporary:
            samples(trainer, data).save(temporary, "PNG")

    return sit(trainer, lambda: seen.kept(trainer.train_step(data)), run, seen, write)


class _Mean:
    """Tells the mean of the losses since it last told: one batch's own says little, as noise differs so much."""

    def __init__(self, tell: Tell) -> None:
        self.tell, self.losses = tell, list[Tensor]()

    def kept(self, seen: dict[str, Tensor]) -> dict[str, Tensor]:
        self.losses.append(seen["loss"])
        return seen

    def __call__(self, step: int, steps: int, seen: dict[str, Tensor]) -> None:
        self.tell(step, steps, {"loss": torch.stack(self.losses).mean()})
        self.losses.clear()


def export(weights: dict[str, Tensor], shape: Shape, path: Path) -> None:
    """The weights as half floats; the file's metadata holds the shape."""
    half = {name: value.detach().half().cpu().contiguous() for name, value in weights.items()}
    safetensors_file.save(half, path, {"kind": "denoiser", "clip": shape.clip, "shape": shape.model_dump_json()})


@torch.no_grad()
def samples(trainer: Trainer, data: Captioned) -> Image.Image:
    """Sixteen pictures, and under each what comes of noise and its caption."""
    shape = trainer.recipe.architecture
    random = torch.Generator(trainer.device).manual_seed(0)
    numbers = torch.arange(16, device=trainer.device) % len(data.rows)  # a small folder repeats
    model = Denoiser(shape).to(trainer.device).eval()
    model.load_state_dict({**model.state_dict(), **trainer.averaged})
    levels = denoiser.levels_down(math.e**3, 16)
    noise = levels[0] * torch.randn((16, 3, shape.side, shape.side), generator=random, device=trainer.device)
    made = model.sample(noise, levels, data.embed(numbers, random), 2.0).cpu()
    drawn = ((made + 1) * 127.5).round().byte()
    real = data.rows[numbers.cpu()].cpu()
    rows = [torch.cat([*row], 2) for row in (real[:8], drawn[:8], real[8:], drawn[8:])]
    return Image.fromarray(torch.cat(rows, 1).permute(1, 2, 0).contiguous().numpy())
