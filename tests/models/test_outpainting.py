"""Squares that a transformer drew, made wider and higher."""

import pytest
import torch
from torch import Tensor

from animator.models import store
from animator.models.networks import code_transformer, outpainting
from animator.models.networks.outpainting import Outpainter
from animator.models.networks.vqgan import checkpoint


@pytest.fixture(scope="module")
def outpainter() -> Outpainter:
    transformer = code_transformer.load(store.find("pocket-transformer", "transformer").weights)
    return Outpainter(transformer, checkpoint.load(store.find("pocket-vqgan", "vqgan").weights), 0.8)


@pytest.fixture(scope="module")
def codes(outpainter: Outpainter) -> Tensor:
    return outpainter.transformer.draw(torch.zeros(1, 192), (8, 8), 1)


@pytest.mark.parametrize("cells", [(8, 11), (11, 8)])
def test_the_square_stays_in_the_middle(outpainter: Outpainter, codes: Tensor, cells: tuple[int, int]) -> None:
    text = torch.zeros(1, 192)
    made = outpainter.around(outpainter.model.lookup(codes), cells, text, 1)
    assert made.shape == (1, outpainter.model.codebook.shape[1], *cells)
    assert torch.equal(made, outpainter.around(outpainter.model.lookup(codes), cells, text, 1))
    if cells[1] == 8:
        assert torch.equal(outpainter.model.nearest(made)[:, (cells[0] - 8) // 2 :][:, :8], codes)
    else:
        assert torch.equal(outpainter.model.nearest(made)[..., -(-(cells[1] - 8) // 2) :][..., :8], codes)


def test_a_row_above_is_likelier_than_a_copy_of_the_one_below(
    outpainter: Outpainter, codes: Tensor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outpainting, "ALIKE", 0.0)
    text = torch.zeros(1, 192)
    made = outpainter.model.nearest(outpainter.around(outpainter.model.lookup(codes), (12, 8), text, 1))
    better = []
    for top in (0, 1):
        window = made[:, top : top + 8]
        copied = torch.cat([window[:, 1:2], window[:, 1:]], 1)
        found, plain = (float(outpainter.transformer.likelihood(text, each)) for each in (window, copied))
        assert found >= plain
        better.append(found > plain)
    assert any(better)


def test_rows_go_on_as_the_edge_is(outpainter: Outpainter) -> None:
    """White above and blue below, where the square is."""
    picture = torch.ones(1, 3, 64, 64)
    picture[:, :2, 32:] = -1
    square = outpainter.model.lookup(outpainter.model.nearest(outpainter.model.encode(picture)))
    made = outpainter.model.decode(outpainter.around(square, (12, 8), torch.zeros(1, 192), 1))
    above, below = made[..., :12, :].mean((0, 2, 3)), made[..., -12:, :].mean((0, 2, 3))
    assert float(above.min()) > 0.5
    assert float(below[:2].max()) < -0.3
    assert float(below[2]) > 0.5
