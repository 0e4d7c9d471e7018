"""A model that learns from captioned pictures: its averaged copy, its optimiser, and how it goes on."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from animator.models.networks.torch_internals import blend
from animator.training.muon import Muon
from animator.training.run import groups, load_checkpoint, save_checkpoint, schedule


class Learner:
    """`recipe` has a seed, a learning_rate with its warmup and steps, a weight_decay, and `averaging`, the share of the
    averaged weights that stays at each step. `betas` are Adam's.

    The parameters of `turned` are left to Muon; the recipe has a matrix_rate for it then.
    """

    def __init__(
        self,
        recipe: Any,
        model: Any,
        device: torch.device,
        betas: tuple[float, float],
        turned: Sequence[nn.Parameter] = (),
    ) -> None:
        self.recipe, self.device, self.step = recipe, device, 0
        self.model: Any = model
        self.averaged = {name: value.detach().clone() for name, value in model.named_parameters()}
        rest = groups(model, recipe.weight_decay, without=turned)
        self.optimizers: list[torch.optim.Optimizer] = [
            torch.optim.AdamW(rest, lr=recipe.learning_rate, betas=betas, fused=True)
        ]
        if turned:
            self.optimizers.append(Muon(turned, lr=recipe.matrix_rate, decay=recipe.weight_decay))
        self.rates = [optimizer.defaults["lr"] for optimizer in self.optimizers]

    def random(self) -> torch.Generator:
        """What a step draws from: it follows from the recipe's seed and the step's number."""
        return torch.Generator(self.device).manual_seed(self.recipe.seed * 1_000_003 + self.step)

    def learn(self, loss: Tensor) -> dict[str, Tensor]:
        """One step down a loss. What was seen, for whoever is told."""
        self.model.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        for optimizer, rate in zip(self.optimizers, self.rates, strict=True):
            for group in optimizer.param_groups:
                group["lr"] = rate * schedule(self.recipe, self.step)
            optimizer.step()
        self.step += 1
        keep = min(self.recipe.averaging, self.step / (9 + self.step))
        parameters = dict(self.model.named_parameters())
        blend([*self.averaged.values()], [parameters[n].detach() for n in self.averaged], 1 - keep)
        return {"loss": loss.detach()}

    def save(self, path: Path) -> None:
        """All that it goes on from. Raises: OutputError."""
        whole = {"model": self.model.state_dict(), "averaged": self.averaged, "step": self.step}
        save_checkpoint(path, {**whole, "optimizers": [optimizer.state_dict() for optimizer in self.optimizers]})

    def load(self, path: Path) -> None:
        """Go on from there."""
        whole = load_checkpoint(path, self.device)
        self.model.load_state_dict(whole["model"])
        self.averaged, self.step = whole["averaged"], whole["step"]
        for optimizer, state in zip(self.optimizers, whole["optimizers"], strict=True):
            optimizer.load_state_dict(state)
