"""A model that learns from captioned pictures: its averaged copy, its optimiser, and how it goes on."""

from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from animator.models.networks.torch_internals import blend
from animator.training.run import groups, learning_rate, load_checkpoint, save_checkpoint


class Learner:
    """`recipe` has a seed, a learning_rate with its warmup and steps, a weight_decay, and `averaging`, the share of the
    averaged weights that stays at each step. `betas` are Adam's."""

    def __init__(self, recipe: Any, model: Any, device: torch.device, betas: tuple[float, float]) -> None:
        self.recipe, self.device, self.step = recipe, device, 0
        self.model: Any = model
        self.averaged = {name: value.detach().clone() for name, value in model.named_parameters()}
        decayed = groups(model, recipe.weight_decay)
        self.adam = torch.optim.AdamW(decayed, lr=recipe.learning_rate, betas=betas, fused=True)

    def random(self) -> torch.Generator:
        """What a step draws from: it follows from the recipe's seed and the step's number."""
        return torch.Generator(self.device).manual_seed(self.recipe.seed * 1_000_003 + self.step)

    def learn(self, loss: Tensor) -> dict[str, Tensor]:
        """One step down a loss. What was seen, for whoever is told."""
        for group in self.adam.param_groups:
            group["lr"] = learning_rate(self.recipe, self.step)
        self.adam.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.adam.step()
        self.step += 1
        keep = min(self.recipe.averaging, self.step / (9 + self.step))
        parameters = dict(self.model.named_parameters())
        blend([*self.averaged.values()], [parameters[n].detach() for n in self.averaged], 1 - keep)
        return {"loss": loss.detach()}

    def save(self, path: Path) -> None:
        """All that it goes on from. Raises: OutputError."""
        whole = {"model": self.model.state_dict(), "averaged": self.averaged, "step": self.step}
        save_checkpoint(path, {**whole, "optimizer": self.adam.state_dict()})

    def load(self, path: Path) -> None:
        """Go on from there."""
        whole = load_checkpoint(path, self.device)
        self.model.load_state_dict(whole["model"])
        self.averaged, self.step = whole["averaged"], whole["step"]
        self.adam.load_state_dict(whole["optimizer"])
