from dataclasses import fields, replace

import pytest
import torch
import torch.nn.functional as F

from animator.paint.cutouts import crop, cut, draw_boxes, turned
from animator.scene.document import resolve
from animator.scene.frame_spec import CutoutsAt

PLAIN = CutoutsAt(count=6, whole=0, smallest=0.3, largest=0.9, turn=0, noise=0)


@pytest.fixture
def picture() -> torch.Tensor:
    return torch.rand(1, 3, 40, 56, generator=torch.Generator().manual_seed(1))


def test_shape_range_and_gradient(picture: torch.Tensor) -> None:
    options = resolve({"duration": "1f", "prompts": "x"}, "x").frames[0].cutouts
    picture.requires_grad_(True)
    crops = cut(picture, 24, options, seed=5)
    assert crops.shape == (16, 3, 24, 24)
    quiet = cut(picture, 24, replace(options, noise=0.0), seed=5)
    assert 0 <= quiet.min() <= quiet.max() <= 1
    crops.square().sum().backward()
    assert picture.grad is not None
    assert (picture.grad != 0).float().mean() > 0.9


def test_the_seed_decides_and_the_global_generator_is_left_alone(picture: torch.Tensor) -> None:
    options = replace(PLAIN, turn=20.0, jitter=0.2, noise=0.1)
    before = torch.random.get_rng_state()
    one, again, other = (cut(picture, 16, options, seed) for seed in (1, 1, 2))
    assert torch.equal(one, again)
    assert not torch.equal(one, other)
    assert torch.equal(before, torch.random.get_rng_state())


CHANGES = {
    "count": 7, "whole": 0.5, "smallest": 0.6, "largest": 0.5, "power": 3.0, "flip": 1.0, "turn": 30.0,
    "perspective": 0.5, "jitter": 0.3, "erase": 1.0, "noise": 0.2,
}  # fmt: skip


def test_the_table_below_names_every_option() -> None:
    assert set(CHANGES) == {field.name for field in fields(CutoutsAt)}


@pytest.mark.parametrize("option", CHANGES)
def test_each_option_changes_something(picture: torch.Tensor, option: str) -> None:
    base, changed = cut(picture, 16, PLAIN, 3), cut(picture, 16, replace(PLAIN, **{option: CHANGES[option]}), 3)
    assert base.shape != changed.shape or (base - changed).abs().mean() > 1e-3


def test_what_each_option_does() -> None:
    def sides(**options: float) -> torch.Tensor:
        torch.manual_seed(0)
        return draw_boxes(100, 100, replace(PLAIN, count=400, **options))[:, 2] / 100

    assert sides().min() >= 0.3
    assert sides().max() <= 0.9
    assert sides(power=4).mean() < sides().mean() < sides(power=0.25).mean()
    assert (sides(whole=0.25) > 0.9).sum() == 100


def test_boxes_lie_inside_any_frame() -> None:
    for width, height in ((64, 64), (160, 40), (30, 90)):
        boxes = draw_boxes(width, height, replace(PLAIN, count=200, whole=0.3))
        assert boxes.min() >= 0
        assert (boxes[:, 0] + boxes[:, 2]).max() <= width + 1e-3
        assert (boxes[:, 1] + boxes[:, 3]).max() <= height + 1e-3


def test_crops_are_exact_for_plain_gradients() -> None:
    """A picture that is a ramp stays the same ramp, seen through its box."""
    ramp = torch.arange(64.0).add(0.5).div(64).expand(1, 3, 64, 64)
    crops = crop(ramp, torch.tensor([[16.0, 8.0, 32.0, 32.0]]), 16)
    wanted = 0.25 + 0.5 * (torch.arange(16.0) + 0.5) / 16
    assert torch.allclose(crops[0, 0, 5], wanted, atol=1e-6)


def test_several_pictures_are_grouped(picture: torch.Tensor) -> None:
    two = torch.cat([picture, torch.zeros_like(picture)])
    crops = crop(two, draw_boxes(56, 40, PLAIN), 8)
    assert crops.shape[0] == 12
    assert crops[6:].abs().sum() == 0


def test_the_turn_that_repeats_exactly_is_the_usual_one() -> None:
    crops = torch.rand(3, 3, 24, 24, requires_grad=True)
    angles = torch.tensor([0.0, 0.2, -2.5])
    cos, sin, zero = angles.cos(), angles.sin(), torch.zeros(3)
    matrices = torch.stack([torch.stack([cos, -sin, zero], 1), torch.stack([sin, cos, zero], 1)], 1)
    grid = F.affine_grid(matrices, [3, 3, 24, 24], align_corners=False)
    usual = F.grid_sample(crops, grid, padding_mode="reflection", align_corners=False)
    exact = turned(crops, angles)
    assert torch.allclose(exact, usual, atol=1e-4)
    assert torch.equal(exact[0], crops[0])
    weights = torch.rand(3, 3, 24, 24)
    one, other = (torch.autograd.grad((made * weights).sum(), crops)[0] for made in (exact, usual))
    assert torch.allclose(one, other, atol=1e-3)
