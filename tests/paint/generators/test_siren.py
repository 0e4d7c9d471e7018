"""What is special to SIREN: the camera moves it exactly, and units that a zoom leaves behind are replaced unseen."""

import math

import pytest
import torch
from torch import Tensor

from animator.paint.generators import Draft, Latent, Moments
from animator.paint.generators.siren import Config
from animator.paint.generators.siren.camera import fold, fold_moments, split
from animator.paint.generators.siren.generator import Siren
from animator.paint.generators.siren.network import evaluate, grid
from animator.scene.motions import IDENTITY, Matrix, compose

WIDE = (80, 45)
SMALL = Config(layers=3, hidden=32)


def siren(size: tuple[int, int] = WIDE, **options: object) -> Siren:
    return Siren(SMALL.model_copy(update=options), size, torch.device("cpu"))


def camera(zoom: float = 1.0, degrees: float = 0.0, x: float = 0.0, y: float = 0.0) -> Matrix:
    cos, sin = math.cos(math.radians(degrees)) / zoom, math.sin(math.radians(degrees)) / zoom
    return ((cos, -sin, x), (sin, cos, y), (0.0, 0.0, 1.0))


def moved(points: Tensor, matrix: Matrix) -> Tensor:
    whole = torch.tensor(matrix, dtype=torch.float64)
    return points @ whole[:2, :2].T + whole[:2, 2]


def trained_like(latent: Latent, seed: int = 9) -> Latent:
    """Leaves away from where they start: nothing is zero, and the contrast is high."""
    drawn = torch.Generator().manual_seed(seed)
    other = {name: leaf + 0.1 * torch.randn(leaf.shape, generator=drawn) for name, leaf in latent.items()}
    return {**other, "wo": 3 * other["wo"]}


def moments_like(latent: Latent, seed: int = 4) -> Moments:
    drawn = torch.Generator().manual_seed(seed)
    first = {name: torch.randn(leaf.shape, generator=drawn, dtype=leaf.dtype) for name, leaf in latent.items()}
    return Moments(first, {name: leaf.square() + 0.1 for name, leaf in first.items()})


@pytest.mark.parametrize(
    "matrix",
    [camera(1.02), camera(0.9), camera(degrees=33), camera(x=0.4, y=-0.3), camera(1.1, -20, 0.2, 0.1)],
    ids=["in", "out", "turn", "pan", "all"],
)
def test_the_camera_moves_the_function_itself(matrix: Matrix) -> None:
    generator = siren(regrow=False)
    old = trained_like(generator.init(1))
    new, _ = generator.warp(old, None, matrix, 3)
    points = grid(*WIDE, WIDE[0] / WIDE[1])
    exact = evaluate({name: leaf.double() for name, leaf in old.items()}, moved(points, matrix))
    shown = generator.decode(new).flatten(2).transpose(1, 2)
    assert (shown - exact).abs().max() < 1e-4


def test_two_moves_are_their_product() -> None:
    generator = siren(regrow=False)
    latent = trained_like(generator.init(1))
    first, second = camera(1.3, 10, 0.1), camera(0.9, -40, 0.0, 0.2)
    stepwise = generator.warp(generator.warp(latent, None, first, 1)[0], None, second, 2)[0]
    at_once = generator.warp(latent, None, compose(first, second), 3)[0]
    assert (generator.decode(stepwise) - generator.decode(at_once)).abs().max() < 1e-4


def test_a_long_way_there_and_back() -> None:
    generator = siren(regrow=False)
    latent = trained_like(generator.init(2))
    there = camera(1.02, 3, 0.5, -0.25)
    back: Matrix = tuple(tuple(row) for row in torch.tensor(there, dtype=torch.float64).inverse().tolist())  # type: ignore[assignment]
    state = latent
    for matrix in (there, back):
        for _ in range(100):
            state = generator.warp(state, None, matrix, 1)[0]
    assert (generator.decode(state) - generator.decode(latent)).abs().max() < 2e-3
    assert state["b1"].abs().max() <= math.pi + 1e-5


@pytest.mark.parametrize(
    "matrix",
    [
        ((1.0, 0.0, 0.0), (1.0, 0.0, 0.0), (0.0, 0.0, 1.0)),
        ((1.0, 0.0, math.nan), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)),
        ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.1, 0.0, 1.0)),
    ],
    ids=["singular", "nan", "projective"],
)
def test_impossible_cameras(matrix: Matrix) -> None:
    with pytest.raises(ValueError, match=r"matrix|cameras"):
        siren().warp(siren().init(1), None, matrix, 1)


def test_every_size_shows_the_same_picture() -> None:
    latent = trained_like(siren().init(1))
    coarse, fine = siren((20, 12)).decode(latent), siren((60, 36)).decode(latent)
    assert (coarse - fine[:, :, 1::3, 1::3]).abs().max() < 1e-5  # the middle of three pixels is the same point


def test_a_draft_is_smaller_jittered_and_seeded() -> None:
    generator = siren((160, 90), draft=60)
    latent = trained_like(generator.init(1))
    one, again, other = (generator.decode(latent, Draft(seed)) for seed in (5, 5, 6))
    assert one.shape == (1, 3, 45, 80)
    assert torch.equal(one, again)
    assert not torch.equal(one, other)
    assert siren((32, 18), draft=60).decode(latent, Draft(5)).shape == (1, 3, 18, 32)
    assert torch.equal(siren(draft=0).decode(latent, Draft(5)), siren(draft=0).decode(latent))


def test_a_batch_is_its_members() -> None:
    generator = siren()
    one, two = trained_like(generator.init(1)), trained_like(generator.init(2))
    both = {name: torch.cat((one[name], two[name])) for name in one}
    shown = generator.decode(both)
    assert (shown - torch.cat((generator.decode(one), generator.decode(two)))).abs().max() < 1e-5
    zoomed, moments = generator.warp(both, moments_like(both), camera(1.5), 1)
    assert moments is not None
    assert generator.decode(zoomed).shape == (2, 3, WIDE[1], WIDE[0])


def test_a_gradient_moves_as_its_picture_does() -> None:
    """Autograd's gradient after the warp is the old gradient, moved: same points, same loss, float64."""
    old = {name: leaf.double() for name, leaf in trained_like(siren().init(1)).items()}
    linear, shift = split(camera(1.3, 25, 0.2, -0.1))
    new = fold(old, linear, shift)
    points = grid(16, 9, 16 / 9)

    def gradient(latent: Latent, where: Tensor) -> Latent:
        leaves = {name: leaf.clone().requires_grad_(True) for name, leaf in latent.items()}
        loss = (evaluate(leaves, where) * torch.linspace(0, 1, len(where))[:, None]).square().sum()
        return dict(zip(leaves, torch.autograd.grad(loss, list(leaves.values())), strict=True))

    before, after = gradient(old, points @ linear.T + shift), gradient(new, points)
    carried = fold_moments(Moments(before, {k: v.square() for k, v in before.items()}), linear, shift).first
    for name, wanted in after.items():
        assert torch.allclose(carried[name], wanted, rtol=1e-6, atol=1e-6 * float(wanted.abs().max())), name


def test_the_sine_is_torchs() -> None:
    latent = {name: leaf.double().requires_grad_(True) for name, leaf in siren().init(1).items()}
    points = torch.rand(5, 2, dtype=torch.float64)
    assert torch.autograd.gradcheck(
        lambda *leaves: evaluate(dict(zip(latent, leaves, strict=True)), points), tuple(latent.values())
    )


@pytest.mark.slow
@pytest.mark.parametrize("zoom", [1.02, 1.3])
def test_regrowth_is_unseen(zoom: float) -> None:
    """A zoom with nothing but camera: each warp alone changes what stays in view by less than 1/255."""
    generator = siren((64, 64), hidden=64)
    latent, points = trained_like(generator.init(1)), grid(64, 64, 1.0)
    born = 0
    for frame in range(round(math.log(8) / math.log(zoom))):
        exact = evaluate(latent, moved(points, camera(zoom)).float())
        before = latent
        latent, _ = generator.warp(latent, None, camera(zoom), frame)
        shown = generator.decode(latent).flatten(2).transpose(1, 2)
        assert (shown - exact).abs().max() < 1 / 255
        born += int(((latent["w2"] == 0).all(2) & (before["w2"] != 0).any(2)).sum())
    assert born > 8


def test_new_units_are_fast_silent_and_rested() -> None:
    generator = siren((64, 64), hidden=64)
    start = trained_like(generator.init(1))
    latent, moments = generator.warp(start, moments_like(start), camera(4.0), 7)
    assert moments is not None
    new = (latent["w2"] == 0).all(2)[0]
    assert new.any()
    assert (latent["w1"][0, :, new].norm(dim=0) >= generator.config.omega_first / 2.01).all()
    assert (moments.first["w2"][0, new] == 0).all()
    assert (moments.first["w1"][0, :, new] == 0).all()
    assert (moments.second["w2"][0, new] > 0).all()
    again, _ = generator.warp(start, None, camera(4.0), 7)
    other, _ = generator.warp(start, None, camera(4.0), 8)
    assert all(torch.equal(again[name], leaf) for name, leaf in latent.items())
    assert not torch.equal(other["w1"], latent["w1"])


def test_zooming_out_stays_within_what_a_frame_can_show() -> None:
    generator = siren((64, 64), hidden=64)
    latent = trained_like(generator.init(1))
    for frame in range(150):
        latent, _ = generator.warp(latent, None, camera(1 / 1.02), frame)
        assert latent["w1"].norm(dim=1).max() <= 1.5 * generator.config.omega_first
    assert (latent["w1"].norm(dim=1) < 0.5 * generator.config.omega_first).any()
    assert torch.isfinite(generator.decode(latent)).all()


def test_standing_still_and_turning_grow_nothing() -> None:
    generator = siren()
    latent = generator.init(1)
    turned, _ = generator.warp(latent, None, camera(degrees=10), 1)
    assert torch.equal(turned["w2"], latent["w2"])
    assert all(torch.equal(leaf, latent[name]) for name, leaf in generator.warp(latent, None, IDENTITY, 1)[0].items())
