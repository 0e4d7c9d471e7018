"""Pictures without their forms."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from animator.training import spoil
from animator.training.spoil import blend, blur, shuffle, warp


def squares(count: int = 12) -> Tensor:
    """A light square on a dark ground, at another place in each picture."""
    pictures = torch.full((count, 3, 64, 64), 0.1)
    for place, picture in enumerate(pictures):
        picture[:, 6 + 3 * place : 24 + 3 * place, 10:34] = 0.9
    return pictures


@pytest.mark.parametrize("way", [warp, blend, blur, shuffle, spoil.spoil])
def test_colours_stay_and_forms_go(way: Callable[[Tensor, torch.Generator], Tensor]) -> None:
    true = squares()
    made, again = (way(true, torch.Generator().manual_seed(1)) for _ in range(2))
    assert torch.equal(made, again)
    assert made.shape == true.shape
    assert made.min() >= 0
    assert made.max() <= 1
    assert (made.mean((2, 3)) - true.mean((2, 3))).abs().max() < 0.25
    assert ((made - true).abs().mean((1, 2, 3)) > 0.01).all()


def test_a_few_pictures_are_spoilt_too() -> None:
    for count in range(1, 4):
        assert spoil.spoil(squares()[:count], torch.Generator().manual_seed(1)).shape[0] == count
