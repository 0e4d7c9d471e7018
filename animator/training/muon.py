"""An optimiser for the matrices of a network: each step is as long in every direction that the gradient speaks of.

On the denoiser it learns in one step about what AdamW learns in three. torch has one, but its products are of bfloat16,
which most CPUs work out slowly, and it takes no convolutions.

Source: Jordan et al. 2024 (Muon).
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor, nn

ROUNDS = 5
QUINTIC = 3.4445, -4.7750, 2.0315  # of the polynomial that brings singular values near to 1 in few rounds


class Muon(torch.optim.Optimizer):
    """Parameters have two axes or more; those after the first count as one."""

    def __init__(self, params: Iterable[nn.Parameter], lr: float, momentum: float = 0.95, decay: float = 0.01) -> None:
        super().__init__(params, {"lr": lr, "momentum": momentum, "decay": decay})

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:  # type: ignore[override]
        """One step; parameters of one shape take it together, as that is quicker."""
        for group in self.param_groups:
            alike = defaultdict[torch.Size, list[nn.Parameter]](list)
            for parameter in group["params"]:
                if parameter.grad is not None:
                    alike[parameter.flatten(1).shape].append(parameter)
            for (rows, columns), parameters in alike.items():
                directions = torch.stack([self._direction(parameter, group["momentum"]) for parameter in parameters])
                length = group["lr"] * max(1.0, rows / columns) ** 0.5
                for parameter, direction in zip(parameters, orthogonal(directions), strict=True):
                    parameter.mul_(1 - group["lr"] * group["decay"])
                    parameter.add_(direction.view(parameter.shape), alpha=-length)

    def _direction(self, parameter: nn.Parameter, momentum: float) -> Tensor:
        """Nesterov's momentum of the gradient, as a matrix."""
        assert parameter.grad is not None
        gradient, state = parameter.grad.flatten(1), self.state[parameter]
        if not state:
            state["mean"] = torch.zeros_like(gradient)
        mean: Tensor = state["mean"]
        mean.lerp_(gradient, 1 - momentum)
        return gradient.lerp(mean, momentum)


def orthogonal(matrices: Tensor) -> Tensor:
    """The nearest matrices (B,N,M) whose singular values are all about 1 (0.7 to 1.2), by Newton and Schulz.

    A round multiplies by a polynomial of the matrix times itself. Multiplying the polynomials first and the matrix
    last would be quicker, but is wrong where products are rounded to bfloat16, as some processors do.
    """
    a, b, c = QUINTIC
    tall = matrices.shape[1] > matrices.shape[2]
    wide = matrices.mT if tall else matrices
    wide = wide / (wide.norm(dim=(1, 2), keepdim=True) + 1e-7)
    for _ in range(ROUNDS):
        square = wide @ wide.mT
        wide = a * wide + (b * square + c * square @ square) @ wide
    nearest: Tensor = wide.mT if tall else wide
    return nearest
