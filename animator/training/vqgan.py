"""Train a VQGAN: encoder, codebook and decoder, on the picture world or on any folder of pictures.

The first steps train an autoencoder without a codebook; then the codebook starts as a sample of what the encoder says,
and codes that nothing is near to are moved to where something is. Both keep nearly all codes in use.

Source: Esser et al. 2021, for the losses and the patch discriminator with its adaptive weight.
Differs: the start of the codebook (Lancucki et al. 2020 restart dead codes in the same way); squared error beside the
absolute; the perceptual term is a CLIP's, which needs no download; averaged weights are what is shipped.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
import yaml
from PIL import Image
from torch import Tensor, nn

from animator import files
from animator.models.networks import safetensors_file
from animator.models.networks.torch_internals import blend
from animator.models.networks.vqgan.checkpoint import OURS, TAMING
from animator.models.networks.vqgan.network import VQGAN, Architecture
from animator.training.crops import Crops, batches
from animator.training.run import Run, Tell, halves, learning_rate, load_checkpoint, save_checkpoint, sit

Distance = Callable[[Tensor, Tensor], Tensor]
POCKET = Architecture(
    embed_dim=32,
    n_embed=1024,
    ch=32,
    ch_mult=(1, 1, 2, 4),
    num_res_blocks=1,
    norm_groups=8,  # of 4 channels, as in taming's large models: alone, a channel could not say how bright a plain is
    attn_resolutions=(),
    resolution=64,
    z_channels=64,
)


@dataclass(frozen=True)
class Recipe:
    """How one VQGAN is made."""

    architecture: Architecture = POCKET
    seed: int = 1
    steps: int = 16_000
    batch: int = 8
    sides: tuple[int, ...] = (64, 64, 128)  # pixels of what it learns from, in turn: crops, and whole pictures
    learning_rate: float = 3e-4
    warmup: int = 100  # steps
    codebook_from: int = 300  # step
    revive_every: int = 50  # steps; a code unused for as long is moved
    perceptual: float = 0.25  # weight
    codebook: float = 1.0  # weight; the encoder's commitment has a quarter of it
    discriminator_from: float = 0.85  # share of the steps
    discriminator: float = 0.1  # weight, times the adaptive one
    discriminator_width: int = 32  # channels
    averaging: float = 0.999  # of the weights that are shipped, per step


@torch.no_grad()
def start(model: VQGAN) -> None:
    """First weights that let a picture through: each block adds nothing yet, a finer grid repeats the coarser one and a
    coarser one is its mean. From taming's own first weights, 100 steps lead to 13 dB; from these, to 19.

    Source: Zhang et al., "Fixup Initialization" (2019), for blocks that begin as nothing.
    """
    from taming.modules.diffusionmodules.model import AttnBlock, Downsample, ResnetBlock, Upsample

    for part in model.modules():
        if isinstance(part, nn.Conv2d):
            nn.init.orthogonal_(part.weight)
            assert part.bias is not None
            nn.init.zeros_(part.bias)
    for part in model.modules():
        if isinstance(part, ResnetBlock):
            nn.init.zeros_(part.conv2.weight)
        elif isinstance(part, AttnBlock):
            nn.init.zeros_(part.proj_out.weight)
        elif isinstance(part, Upsample):
            nn.init.dirac_(part.conv.weight)
        elif isinstance(part, Downsample):
            weight = part.conv.weight
            weight.copy_(torch.eye(len(weight), device=weight.device)[..., None, None].expand_as(weight) / 9)
    for side in (model.encoder, model.decoder):
        for conv in (side.conv_in, side.conv_out):
            nn.init.normal_(conv.weight, std=0.02)
            conv.weight[:, :, 1, 1] += nn.init.orthogonal_(torch.empty_like(conv.weight[:, :, 1, 1]))


class Trainer:
    """The model, its discriminator, their optimisers and the averaged weights; one step at a time."""

    def __init__(self, recipe: Recipe, distance: Distance, device: torch.device) -> None:
        from taming.modules.discriminator.model import NLayerDiscriminator, weights_init

        torch.manual_seed(recipe.seed)
        self.recipe, self.distance, self.device, self.step = recipe, distance, device, 0
        self.model = VQGAN(recipe.architecture).to(device)
        start(self.model)
        self.critic: Any = NLayerDiscriminator(ndf=recipe.discriminator_width, n_layers=2).apply(weights_init)
        self.critic.to(device)
        self.averaged = {name: value.detach().clone() for name, value in self.model.state_dict().items()}
        self.adam = torch.optim.Adam(self.model.parameters(), lr=recipe.learning_rate, betas=(0.9, 0.99))
        self.critic_adam = torch.optim.Adam(self.critic.parameters(), lr=recipe.learning_rate, betas=(0.5, 0.9))
        self.used = torch.zeros(recipe.architecture.n_embed, device=device)

    def train_step(self, pictures: Tensor, random: torch.Generator) -> dict[str, Tensor]:
        """One step on pictures (B,3,S,S) in [-1,1]. Returns what to report."""
        self._schedule()
        with halves(self.device):
            latent = self.model.encode(pictures)
        latent = latent.float()
        codebook = latent.new_zeros(())
        if self.step >= self.recipe.codebook_from:
            latent, codebook = self._quantize(latent, random)
        with halves(self.device):
            made = self.model.decode(latent)
        made = made.float()
        apart = made - pictures
        error, unlike = apart.square().mean(), self.distance(pictures, made)
        faithful = apart.abs().mean() + error + self.recipe.perceptual * unlike
        loss = faithful + self.recipe.codebook * codebook
        seen = {"error": error, "unlike": unlike, "codebook": codebook}
        judged = self.step >= self.recipe.discriminator_from * self.recipe.steps
        if judged:
            self.critic.requires_grad_(False)
            fooled = -self.critic(made).mean()
            loss = loss + self.recipe.discriminator * self._adaptive(faithful, fooled) * fooled
        self.adam.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.adam.step()
        if judged:
            seen["critic"] = self._train_critic(pictures, made.detach())
        self._average()
        self.step += 1
        return {name: value.detach() for name, value in seen.items()}

    def _schedule(self) -> None:
        for optimizer in (self.adam, self.critic_adam):
            for group in optimizer.param_groups:
                group["lr"] = learning_rate(self.recipe, self.step)

    def _quantize(self, latent: Tensor, random: torch.Generator) -> tuple[Tensor, Tensor]:
        """The latent (B,E,h,w) as codes, and what pulls codes and cells together."""
        book, since = self.model.codebook, self.step - self.recipe.codebook_from
        rows = latent.detach().permute(0, 2, 3, 1).flatten(0, 2)
        if since % self.recipe.revive_every == 0:
            dead = self.used == 0 if since else torch.ones_like(self.used, dtype=torch.bool)
            drawn = torch.randint(len(rows), (int(dead.sum()),), generator=random, device=self.device)
            with torch.no_grad():
                book[dead] = rows[drawn] + 0.01 * rows.std() * torch.randn(
                    len(drawn), rows.shape[1], generator=random, device=self.device
                )
            self.used.zero_()
        numbers = self.model.nearest(latent)
        self.used += torch.bincount(numbers.flatten(), minlength=len(book))
        codes = self.model.lookup(numbers)
        pull = (codes - latent.detach()).square().mean() + 0.25 * (codes.detach() - latent).square().mean()
        return latent + (codes - latent).detach(), pull

    def _adaptive(self, faithful: Tensor, fooled: Tensor) -> Tensor:
        """How much the critic may say: as much as moves the last layer as far as the other losses do."""
        last = self.model.decoder.conv_out.weight
        (ours,) = torch.autograd.grad(faithful, last, retain_graph=True)
        (theirs,) = torch.autograd.grad(fooled, last, retain_graph=True)
        ratio: Tensor = ours.norm() / (theirs.norm() + 1e-4)
        return ratio.clamp(0, 1e4).detach()

    def _train_critic(self, real: Tensor, made: Tensor) -> Tensor:
        self.critic.requires_grad_(True)
        loss: Tensor = (F.relu(1 - self.critic(real)).mean() + F.relu(1 + self.critic(made)).mean()) / 2
        self.critic_adam.zero_grad()
        loss.backward()
        self.critic_adam.step()
        return loss

    @torch.no_grad()
    def _average(self) -> None:
        started = self.step - self.recipe.codebook_from
        keep = 0.0 if started < 0 else min(self.recipe.averaging, (1 + started) / (10 + started))
        state = self.model.state_dict()
        blend([*self.averaged.values()], [state[name] for name in self.averaged], 1 - keep)

    def save(self, path: Path) -> None:
        """A checkpoint in the layout of taming's: Lightning's keys, with ours beside them."""
        state = self.model.state_dict() | {f"loss.discriminator.{k}": v for k, v in self.critic.state_dict().items()}
        whole = {
            "state_dict": state,
            "global_step": self.step,
            "optimizer_states": [self.adam.state_dict(), self.critic_adam.state_dict()],
            "averaged": self.averaged,
            "used": self.used,
        }
        save_checkpoint(path, whole)

    def load(self, path: Path) -> None:
        whole = load_checkpoint(path, self.device)
        prefix = "loss.discriminator."
        critic = {k.removeprefix(prefix): v for k, v in whole["state_dict"].items() if k.startswith(prefix)}
        self.model.load_state_dict({k: v for k, v in whole["state_dict"].items() if not k.startswith(prefix)})
        self.critic.load_state_dict(critic)
        self.step, self.averaged, self.used = whole["global_step"], whole["averaged"], whole["used"]
        for optimizer, state in zip((self.adam, self.critic_adam), whole["optimizer_states"], strict=True):
            optimizer.load_state_dict(state)


def train(
    recipe: Recipe, crops: Crops, distance: Distance, work: Path, device: torch.device, run: Run, tell: Tell
) -> bool:
    """Train to the recipe's last step, or for as long as `run` goes on (a step at least), on from `work/last.ckpt` if
    it is there.

    Now and then and at the end, `work` gets last.ckpt and model.yaml as taming writes them, vqgan.safetensors with the
    averaged weights, and samples.png: pictures, and under them what the model makes of them. Returns whether all is
    done.
    """
    trainer, checkpoint = Trainer(recipe, distance, device), work / "last.ckpt"
    if checkpoint.exists():
        trainer.load(checkpoint)
    data = batches(crops, recipe.batch, recipe.sides, trainer.step, run.workers)

    def step() -> dict[str, Tensor]:
        random = torch.Generator(device).manual_seed(recipe.seed * 1_000_003 + trainer.step)
        seen = trainer.train_step(next(data).to(device), random)
        return {**seen, "codes": torch.count_nonzero(trainer.used)}

    return sit(trainer, step, run, tell, lambda: write(trainer, crops, work))


def write(trainer: Trainer, crops: Crops, work: Path) -> None:
    """All files of a training's state."""
    trainer.save(work / "last.ckpt")
    architecture = trainer.recipe.architecture
    files.write(work / "model.yaml", yaml.safe_dump(taming_yaml(architecture)).encode())
    export(trainer.averaged, architecture, work / "vqgan.safetensors")
    model = VQGAN(architecture)
    model.load_state_dict({name: value.cpu() for name, value in trainer.averaged.items()})
    pictures = torch.stack([crops[-1 - n, max(trainer.recipe.sides)] for n in range(16)])
    with files.atomic(work / "samples.png") as temporary:
        grid(model, pictures).save(temporary, "PNG")


def export(state: dict[str, Tensor], architecture: Architecture, path: Path) -> None:
    """The weights as half floats; the file's metadata holds the architecture."""
    half = {name: value.detach().half().cpu().contiguous() for name, value in state.items()}
    safetensors_file.save(half, path, {"kind": "vqgan", "architecture": architecture.model_dump_json()})


def taming_yaml(architecture: Architecture) -> dict[str, Any]:
    """The architecture as taming's own configuration file says it. What taming's class cannot be names ours."""
    numbers = architecture.model_dump(mode="json", exclude={"kind", "embed_dim", "n_embed"})
    parameters = {"embed_dim": architecture.embed_dim, "n_embed": architecture.n_embed, "ddconfig": numbers}
    target = TAMING if architecture.norm_groups == Architecture().norm_groups else OURS
    return {"model": {"target": target, "params": parameters}}


@torch.no_grad()
def grid(model: VQGAN, pictures: Tensor) -> Image.Image:
    """Pictures uint8 (N,3,S,S) in rows of eight, and under each row what the model makes of it."""
    made = model.decode(model.snap(model.encode(pictures.float() / 127.5 - 1)))
    made = ((made + 1) * 127.5).round().clamp(0, 255).byte()
    rows = [torch.cat([*row], 2) for pair in zip(pictures.split(8), made.split(8), strict=True) for row in pair]
    return Image.fromarray(torch.cat(rows, 1).permute(1, 2, 0).numpy())
