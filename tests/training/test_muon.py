"""The optimiser of matrices."""

import pytest
import torch
from torch import nn

from animator.training.muon import Muon, orthogonal


@pytest.mark.parametrize("shape", [(3, 8, 8), (2, 8, 40), (2, 40, 8)])
def test_singular_values_come_near_one(shape: tuple[int, ...]) -> None:
    matrices = torch.randn(shape, generator=torch.Generator().manual_seed(0))
    made = orthogonal(matrices)
    assert made.shape == matrices.shape
    values = torch.linalg.svdvals(made)
    assert values.max() < 1.3
    assert values.mean() == pytest.approx(0.95, abs=0.15)
    left, _, right = torch.linalg.svd(matrices, full_matrices=False)
    nearest = left @ right
    likeness = (nearest * made).sum((1, 2)) / (nearest.norm(dim=(1, 2)) * made.norm(dim=(1, 2)))
    assert likeness.min() > 0.95, "it points where the gradient does"


def test_rounded_products_do_no_harm() -> None:
    random = torch.Generator().manual_seed(0)
    flat = torch.randn((2, 192, 8), generator=random) @ torch.randn((2, 8, 192), generator=random)  # as gradients are
    matrices = flat + 0.01 * torch.randn((2, 192, 192), generator=random)
    values = torch.linalg.svdvals(orthogonal(matrices.bfloat16()).float())
    assert values.max() < 1.3


def test_it_learns_a_convolution_and_goes_on_where_it_stopped() -> None:
    torch.manual_seed(0)
    wanted, pictures = nn.Conv2d(3, 6, 3, bias=False), torch.randn(8, 3, 8, 8)
    whole, parts = nn.Conv2d(3, 6, 3, bias=False), nn.Conv2d(3, 6, 3, bias=False)
    parts.load_state_dict(whole.state_dict())

    def learn(network: nn.Conv2d, optimizer: Muon, steps: int) -> float:
        loss = torch.zeros(())
        for _ in range(steps):
            loss = (network(pictures) - wanted(pictures)).square().mean()
            network.zero_grad()
            loss.backward()
            optimizer.step()
        return loss.item()

    first = learn(whole, Muon(whole.parameters(), lr=0.02), 1)
    optimizer = Muon(whole.parameters(), lr=0.02)
    whole.load_state_dict(parts.state_dict())
    last = learn(whole, optimizer, 40)
    assert last < 0.2 * first
    before = Muon(parts.parameters(), lr=0.02)
    learn(parts, before, 15)
    after = Muon(parts.parameters(), lr=0.02)
    after.load_state_dict(before.state_dict())
    learn(parts, after, 25)
    assert torch.equal(whole.weight, parts.weight)
