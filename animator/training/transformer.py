"""Train a transformer over a VQGAN's codes, which reads from a CLIP what each picture shows.

The pictures become codes once, before the first step. One caption in ten is left out while it learns, so that it
also knows what it would draw without one (guidance needs both).

Source: Esser et al. 2021 for the second stage.
"""

from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from animator import files
from animator.models.networks import safetensors_file
from animator.models.networks.code_transformer import CodeTransformer, Shape
from animator.models.networks.vqgan.network import VQGAN
from animator.training.captions import Captioned
from animator.training.learner import Learner
from animator.training.run import Run, Tell, halves, sit

PIECE = 64  # pictures that are encoded at a time

POCKET = Shape()


@dataclass(frozen=True)
class Recipe:
    """How one transformer is made."""

    architecture: Shape = POCKET
    seed: int = 1
    steps: int = 24_000
    batch: int = 64
    learning_rate: float = 1e-3
    matrix_rate: float = 0.02  # learning rate of the blocks' matrices, whose optimiser is another
    weight_decay: float = 0.05
    warmup: int = 200  # steps
    uncaptioned: float = 0.1  # share of the batch without its caption
    averaging: float = 0.998  # of the weights that are shipped, per step


class Trainer(Learner):
    """A transformer that learns, one step at a time."""

    def __init__(self, recipe: Recipe, device: torch.device) -> None:
        torch.manual_seed(recipe.seed)
        model = CodeTransformer(recipe.architecture).to(device)
        super().__init__(recipe, model, device, (0.9, 0.95), model.matrices())

    def train_step(self, data: Captioned) -> dict[str, Tensor]:
        """One step; its pictures and captions follow from the recipe's seed and the step's number."""
        recipe, random = self.recipe, self.random()
        torch.manual_seed(random.initial_seed())  # for dropout
        numbers = torch.randint(len(data.rows), (recipe.batch,), generator=random, device=self.device)
        codes = data.rows[numbers.to(data.rows.device)].to(self.device).long()
        captioned = torch.rand((recipe.batch, 1), generator=random, device=self.device) >= recipe.uncaptioned
        condition = data.embed(numbers, random) * captioned
        with halves(self.device):
            logits = self.model(codes[:, :-1], condition)
        return self.learn(F.cross_entropy(logits.float().flatten(0, 1), codes.flatten()))


def train(
    recipe: Recipe, data: Captioned, vqgan: VQGAN, work: Path, device: torch.device, run: Run, tell: Tell
) -> bool:
    """Train to the recipe's last step, or for as long as `run` goes on, on from `work/last.pt` if it is there.

    Now and then and at the end, `work` gets last.pt, transformer.safetensors with the averaged weights, and
    samples.png, drawn of captions. Returns whether all is done.
    """
    trainer, checkpoint = Trainer(recipe, device), work / "last.pt"
    if checkpoint.exists():
        trainer.load(checkpoint)

    def write() -> None:
        trainer.save(checkpoint)
        export(trainer.averaged, recipe.architecture, work / "transformer.safetensors")
        with files.atomic(work / "samples.png") as temporary:
            samples(trainer, data, vqgan).save(temporary, "PNG")

    return sit(trainer, lambda: trainer.train_step(data), run, tell, write)


def export(weights: dict[str, Tensor], shape: Shape, path: Path) -> None:
    """The weights as half floats; the file's metadata holds the shape."""
    half = {name: value.detach().half().cpu().contiguous() for name, value in weights.items()}
    described = {"vqgan": shape.vqgan, "clip": shape.clip, "shape": shape.model_dump_json()}
    safetensors_file.save(half, path, {"kind": "transformer", **described})


@torch.no_grad()
def codes_of(vqgan: VQGAN, pictures: Tensor) -> Tensor:
    """Code numbers int32 (N, cells) of pictures uint8 (N,3,S,S)."""
    device, cells = vqgan.codebook.device, (pictures.shape[-1] // vqgan.architecture.factor) ** 2
    # made before the rest: small tensors that are kept between large ones that are not leave gaps in memory
    found = torch.empty((len(pictures), cells), dtype=torch.int32)
    for seen, codes in zip(pictures.split(PIECE), found.split(PIECE), strict=True):
        scaled = seen.to(device).float() / 127.5 - 1
        with halves(device):
            latents = vqgan.encode(scaled.contiguous(memory_format=torch.channels_last))
        codes.copy_(vqgan.nearest(latents.float()).flatten(1))
    return found


@torch.no_grad()
def samples(trainer: Trainer, data: Captioned, vqgan: VQGAN) -> Image.Image:
    """Sixteen pictures, and under each what is drawn of its caption."""
    side = trainer.recipe.architecture.side
    random = torch.Generator(trainer.device).manual_seed(0)
    numbers = torch.arange(16, device=trainer.device) % len(data.rows)  # a small folder repeats
    model = CodeTransformer(trainer.recipe.architecture).to(trainer.device).eval()
    model.load_state_dict({**model.state_dict(), **trainer.averaged})
    drawn = model.draw(data.embed(numbers, random), (side, side), 0)
    real = data.rows[numbers.cpu()].view(16, side, side).long()
    rows = []
    for codes in (real[:8], drawn[:8].cpu(), real[8:], drawn[8:].cpu()):
        made = vqgan.decode(vqgan.lookup(codes.to(vqgan.codebook.device))).cpu()
        rows.append(torch.cat([*((made + 1) * 127.5).round().clamp(0, 255).byte()], 2))
    return Image.fromarray(torch.cat(rows, 1).permute(1, 2, 0).numpy())
