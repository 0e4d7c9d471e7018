"""What holds for every generator, found by its file."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from animator import variants
from animator.paint import fit, generators
from animator.paint.generators import Draft, Generator, Latent
from animator.paint.optimize import fresh
from animator.scene import choices
from animator.scene.frame_spec import Home
from animator.scene.motions import IDENTITY
from animator.scene.motions.affine import Config, matrix

SIZE = (48, 32)
NAMES = variants.names("generators")


def build(name: str, size: tuple[int, int] = SIZE) -> Generator:
    (painter,) = choices.generators(name, (), [])
    return generators.build(painter, size, torch.device("cpu"))


def leaves(latent: Latent) -> Latent:
    return {name: leaf.clone().requires_grad_(True) for name, leaf in latent.items()}


@pytest.mark.parametrize("name", NAMES)
def test_shape_range_and_gradient(name: str) -> None:
    generator = build(name)
    for draft in (None, Draft(3)):
        latent = leaves(generator.init(1))
        picture = generator.decode(latent, draft)
        assert picture.shape[:2] == (1, 3)
        assert 0 <= picture.min() <= picture.max() <= 1
        picture.square().mean().backward()
        assert all(leaf.grad is not None and torch.isfinite(leaf.grad).all() for leaf in latent.values())
    assert generator.decode(latent).shape[2:] == (32, 48)


@pytest.mark.parametrize("name", NAMES)
def test_seeds(name: str) -> None:
    generator = build(name)
    before = torch.random.get_rng_state()
    one, again, other = (generator.decode(generator.init(seed)) for seed in (1, 1, 2))
    assert torch.equal(one, again)
    assert not torch.equal(one, other)
    assert torch.equal(before, torch.random.get_rng_state())


@pytest.mark.parametrize("name", NAMES)
def test_the_first_picture_is_soft_and_grey(name: str) -> None:
    picture = build(name).decode(build(name).init(1))
    assert 0.3 < picture.mean() < 0.7
    assert picture.std() < 0.25


@pytest.mark.parametrize("name", NAMES)
def test_the_identity_changes_nothing(name: str) -> None:
    generator = build(name)
    state = fresh(generator.init(1))
    latent, moments = generator.warp(state.latent, state.moments, IDENTITY, 5)
    assert torch.equal(generator.decode(latent), generator.decode(state.latent))
    assert moments is not None
    for name_, leaf in latent.items():
        assert torch.equal(moments.first[name_], torch.zeros_like(leaf))


@pytest.mark.parametrize("name", NAMES)
def test_a_warp_leaves_its_input_alone_and_keeps_shapes(name: str) -> None:
    generator = build(name)
    state = fresh(generator.init(1))
    kept = {key: leaf.clone() for key, leaf in state.latent.items()}
    latent, moments = generator.warp(state.latent, state.moments, matrix(Config(zoom=1.3, rotate=20), 0.1, SIZE), 5)
    assert moments is not None
    for key, leaf in kept.items():
        assert torch.equal(state.latent[key], leaf)
        assert latent[key].shape == moments.first[key].shape == moments.second[key].shape == leaf.shape
        assert (moments.second[key] >= 0).all()
    assert generator.warp(state.latent, None, IDENTITY, 5)[1] is None


@pytest.mark.parametrize("name", NAMES)
def test_a_latent_survives_the_disk(name: str, tmp_path: Path) -> None:
    generator = build(name)
    latent = generator.init(3)
    save_file(latent, tmp_path / "x.safetensors")
    assert torch.equal(generator.decode(load_file(tmp_path / "x.safetensors")), generator.decode(latent))


LARGE = (96, 64)  # a picture of which even a coarse grid of codes can be one


def disc() -> torch.Tensor:
    y, x = torch.meshgrid(torch.linspace(0, 1, LARGE[1]), torch.linspace(0, 1, LARGE[0]), indexing="ij")
    return torch.stack([x, y, ((x - 0.5).square() + (y - 0.5).square() < 0.1).float()])[None]


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("before", NAMES)
def test_one_hands_over_to_another(before: str, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fit, "HAND_OVER", 50)
    one, other = build(before, LARGE), build(name, LARGE)
    painted = one.init(1, picture=disc())
    taken = fit.hand_over(one, painted, other, seed=3)
    assert (other.decode(taken) - one.decode(painted)).square().mean() < 0.015
    assert all(not leaf.requires_grad for leaf in taken.values())


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_it_is_led_to_a_picture(name: str) -> None:
    """By the share of the way that is asked for, and where the camera sees that picture."""
    generator, pose = build(name, LARGE), matrix(Config(rotate=20), 1.0, LARGE)
    latent, first = generator.init(1), generator.init(2, picture=disc())
    before, (there, _) = generator.decode(latent), generator.warp(first, None, pose, 3)
    for share, most in ((0.3, 0.85), (0.9, 0.45)):
        led = fit.led_home(generator, latent, first, Home(share, pose), seed=3)
        wanted = generator.decode(there)
        assert (generator.decode(led) - wanted).abs().mean() < most * (before - wanted).abs().mean()
        assert all(not leaf.requires_grad for leaf in led.values())


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_what_is_nearly_there_is_not_led_away_again(name: str) -> None:
    """Steps that are longer than the way leave grain, which is seen where a film repeats."""
    generator = build(name, LARGE)
    first, other = generator.init(2, picture=disc()), generator.init(1)
    for amount in (0.02, 0.1):
        latent, mixed = (
            {leaf: torch.lerp(first[leaf], other[leaf], share) for leaf in first} for share in (amount, 0.1 * amount)
        )
        wanted = torch.lerp(generator.decode(latent), generator.decode(first), 0.9)
        led = fit.led_home(generator, latent, first, Home(0.9, IDENTITY), seed=3)
        off = [float((generator.decode(way) - wanted).square().mean()) for way in (led, latent, first, mixed)]
        assert off[0] <= 1.01 * min(off[1:])  # some shares are no exact numbers


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_it_can_be_fitted_to_a_picture(name: str) -> None:
    """Source: lucid's test of every parameterisation."""
    generator = build(name, LARGE)
    wanted = disc()
    latent = leaves(generator.init(1))
    adam = torch.optim.Adam(latent.values(), lr=generator.step_size, betas=generator.betas)
    for _ in range(150):
        adam.zero_grad()
        apart = (generator.decode(latent) - wanted).square().mean()
        if apart < 0.012:
            return
        apart.backward()
        adam.step()
        with torch.no_grad():
            for key, value in generator.project(latent).items():
                latent[key].copy_(value)
    raise AssertionError(f"still {float(apart):.4f} apart")
