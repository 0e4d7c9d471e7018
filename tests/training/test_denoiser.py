"""The denoiser: what it learns, what it draws, how it goes on."""

import dataclasses
from pathlib import Path

import pytest
import torch
from PIL import Image

from animator.errors import ModelError
from animator.models.networks import denoiser as network
from animator.models.networks.denoiser import Denoiser, Shape, levels_down
from animator.training import denoiser
from animator.training.captions import Captioned
from animator.training.run import Run

CPU = torch.device("cpu")
SHAPE = Shape(side=8, condition=4, width=16, blocks=1, inner_blocks=1, told=16)
SMALL = denoiser.Recipe(SHAPE, steps=6, batch=4, warmup=2)
COLOURS = torch.tensor([[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 255]], dtype=torch.uint8)


def captioned(count: int = 20, side: int = 8) -> Captioned:
    """Pictures of one colour each, and an embedding that says which."""
    kinds = torch.arange(count) % 4
    pictures = COLOURS[kinds][:, :, None, None].expand(-1, -1, side, side).contiguous()
    table = torch.eye(4)
    return Captioned(pictures, lambda numbers, random: table[kinds[numbers]])


def run(work: Path, sittings: int) -> list[bool]:
    work.mkdir()
    seconds = 600.0 if sittings == 1 else 0.0
    tell = lambda step, steps, seen: None  # noqa: E731
    return [denoiser.train(SMALL, captioned(), work, CPU, Run(seconds=seconds), tell) for _ in range(sittings)]


def test_a_training_that_was_stopped_ends_like_one_that_was_not(tmp_path: Path) -> None:
    assert run(tmp_path / "whole", 1) == [True]
    assert run(tmp_path / "parts", 6) == [False] * 5 + [True]
    whole, parts = (torch.load(tmp_path / name / "last.pt", weights_only=True) for name in ("whole", "parts"))
    for group in ("model", "averaged"):
        assert all(torch.equal(whole[group][name], parts[group][name]) for name in whole[group]), group
    read = network.load(tmp_path / "whole" / "denoiser.safetensors")
    assert read.shape == SHAPE
    assert torch.allclose(read.text.weight, whole["averaged"]["text.weight"], atol=1e-3)
    with Image.open(tmp_path / "whole" / "samples.png") as samples:
        assert samples.size == (8 * 8, 4 * 8)


@pytest.mark.slow
def test_it_draws_what_it_is_captioned() -> None:
    trainer = denoiser.Trainer(dataclasses.replace(SMALL, steps=120, batch=32, learning_rate=3e-3), CPU)
    for _ in range(120):
        trainer.train_step(captioned())
    model, levels = trainer.model.eval(), levels_down(10.0, 12)
    noise = levels[0] * torch.randn((4, 3, 8, 8), generator=torch.Generator().manual_seed(1))
    drawn = (model.sample(noise, levels, torch.eye(4), 1.5) + 1) / 2
    assert (drawn.mean((2, 3)) - COLOURS / 255).abs().max() < 0.2


def test_it_begins_with_many_small_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    trainer, seen = denoiser.Trainer(dataclasses.replace(SMALL, steps=4, halved=0.5), CPU), list[torch.Size]()

    def loss(model: Denoiser, clean: torch.Tensor, *rest: torch.Tensor) -> torch.Tensor:
        seen.append(clean.shape)
        return model.text.bias.sum()

    monkeypatch.setattr(network, "loss", loss)
    for _ in range(4):
        trainer.train_step(captioned(side=16))
    assert seen == [(12, 3, 8, 8)] * 2 + [(4, 3, 16, 16)] * 2


def test_without_noise_a_picture_stays_as_it_is() -> None:
    model = Denoiser(SHAPE).eval()
    picture, text = torch.rand(2, 3, 8, 8), torch.eye(4)[:2]
    with torch.no_grad():
        assert torch.allclose(model(picture, torch.full((2,), 1e-4), text), picture, atol=1e-3)
        assert torch.equal(model.guided(picture, 0.5, text, 1.0), model(picture, torch.full((2,), 0.5), text))


def test_levels_fall_to_almost_nothing() -> None:
    levels = levels_down(5.0, 8)
    assert levels[0] == pytest.approx(5)
    assert levels[-1] == pytest.approx(0.05)
    assert levels == sorted(levels, reverse=True)
    assert levels_down(0.3, 1) == [0.3]
    assert levels_down(0.06, 2)[-1] < 0.06


def test_a_file_of_something_else_is_refused(tmp_path: Path) -> None:
    trainer = denoiser.Trainer(SMALL, CPU)
    denoiser.export(trainer.averaged, SHAPE.model_copy(update={"width": 32}), tmp_path / "x.safetensors")
    with pytest.raises(ModelError, match="not a denoiser"):
        network.load(tmp_path / "x.safetensors")
    part = {name: value for name, value in trainer.averaged.items() if name != "text.bias"}
    denoiser.export(part, SHAPE, tmp_path / "y.safetensors")
    with pytest.raises(ModelError, match=r"text\.bias"):
        network.load(tmp_path / "y.safetensors")
