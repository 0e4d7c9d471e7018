"""What holds for every loss, found by its file."""

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from animator import variants
from animator.paint.losses import Candidate, Loss, View
from animator.paint.losses.prompt import spherical_distance
from tests.stand_in import StandIn


def build(name: str) -> Loss:
    variant = variants.module("losses", name)
    loss: Loss = variant.build(variant.Config())
    return loss


def candidate(picture: Tensor) -> Candidate:
    encoder = StandIn()
    looks = encoder.encode_image(F.adaptive_avg_pool2d(picture, 16))
    targets = encoder.encode_text(["a", "b"]).to(picture.dtype)
    view = View("stand-in", 1.0, looks, targets, torch.tensor([1.0, 0.5], dtype=picture.dtype))
    return Candidate(picture, {"x": picture}, (view,), lambda: torch.full_like(picture, 0.3).detach())


@pytest.fixture
def picture() -> Tensor:
    return torch.rand(1, 3, 20, 24, generator=torch.Generator().manual_seed(2)) * 0.6 + 0.2


@pytest.mark.parametrize("name", variants.names("losses"))
def test_a_scalar_with_a_gradient(name: str, picture: Tensor) -> None:
    picture.requires_grad_(True)
    loss = build(name)(candidate(picture))
    assert loss.shape == ()
    (gradient,) = torch.autograd.grad(loss, picture)
    assert torch.isfinite(gradient).all()
    assert gradient.abs().sum() > 0


@pytest.mark.parametrize("name", variants.names("losses"))
def test_three_steps_lower_it(name: str, picture: Tensor) -> None:
    loss, picture = build(name), picture.requires_grad_(True)
    start = loss(candidate(picture))
    adam = torch.optim.Adam([picture], lr=0.01)
    for _ in range(3):
        adam.zero_grad()
        loss(candidate(picture)).backward()
        adam.step()
    assert loss(candidate(picture)) < start


def test_spherical_distance_is_half_the_squared_angle() -> None:
    angles = torch.tensor([0.1, 1.0, 2.0, 3.0], dtype=torch.float64)
    rows = torch.stack([angles.cos(), angles.sin()], 1)
    start = torch.tensor([[1.0, 0.0]], dtype=torch.float64)
    assert torch.allclose(spherical_distance(rows, start), angles.square() / 2)


def test_spherical_distance_has_finite_slopes_everywhere() -> None:
    point = torch.tensor([[1.0, 0.0, 0.0]], dtype=torch.float64)
    rows = F.normalize(torch.randn(5, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(1)), dim=1)
    assert torch.autograd.gradcheck(lambda x: spherical_distance(x, point), rows.requires_grad_(True))
    for extreme in (point, -point):
        extreme = extreme.clone().requires_grad_(True)
        spherical_distance(extreme, point).sum().backward()
        assert torch.isfinite(extreme.grad).all()  # type: ignore[arg-type]


def test_total_variation_does_not_depend_on_the_number_of_pixels() -> None:
    loss = build("total_variation")

    def wave(size: int) -> float:
        x = torch.linspace(0, 6.28 * 2, size)
        return float(loss(candidate((0.5 + 0.4 * torch.sin(x)).expand(1, 3, size, size))))

    assert wave(64) == pytest.approx(wave(256), rel=0.1)


def test_a_negative_weight_pushes_away(picture: Tensor) -> None:
    loss, base = build("prompt"), candidate(picture)
    pushed = View("stand-in", 1.0, base.views[0].cutouts, base.views[0].targets, -base.views[0].pulls)
    away = Candidate(base.picture, base.latent, (pushed,), base.previous)
    assert loss(away) == pytest.approx(-float(loss(base)))
