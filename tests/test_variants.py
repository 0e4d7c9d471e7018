"""What holds for every file on the axes. A new one is found here by itself."""

import inspect

import pytest
from pydantic import ValidationError

from animator import variants
from animator.models import store
from animator.paint import encoders, generators, losses
from animator.paint.device import pick
from animator.paint.losses import Candidate
from animator.scene import choices
from animator.scene.motions import IDENTITY

ALL = [(axis, name) for axis in variants.AXES for name in variants.names(axis)]


@pytest.mark.parametrize(("axis", "name"), ALL)
def test_there_is_one_config_strict_and_described(axis: str, name: str) -> None:
    config = variants.config(axis, name)
    assert config is variants.module(axis, name).Config
    assert config.__mro__[1] is variants.Options
    assert all(field.description for field in config.model_fields.values())
    assert inspect.getdoc(config)
    assert inspect.getdoc(variants.module(axis, name))
    with pytest.raises(ValidationError, match="extra_forbidden"):
        config.model_validate({"nonsense": 1})


@pytest.mark.parametrize("name", variants.names("generators"))
def test_a_generator_paints_what_a_scene_names(name: str) -> None:
    (painter,) = choices.generators(name, (), [])
    generator = generators.build(painter, (48, 32), pick("cpu"))
    assert generator.decode(generator.init(1)).shape == (1, 3, 32, 48)


@pytest.mark.parametrize("name", variants.names("losses"))
def test_a_loss_is_a_number_that_can_be_differentiated(name: str) -> None:
    import torch

    picture = torch.rand(1, 3, 8, 8, requires_grad=True)
    loss: losses.Loss = variants.module("losses", name).build(variants.config("losses", name)())
    value = loss(Candidate(picture, {}, (), lambda: torch.zeros_like(picture)))
    assert value.shape == ()
    value.backward()
    assert picture.grad is not None


@pytest.mark.parametrize("name", variants.names("motions"))
def test_a_motion_without_rates_stands_still(name: str) -> None:
    motion = variants.module("motions", name)
    assert motion.matrix(motion.Config(), 1.0, (48, 32)) == IDENTITY


def test_an_encoder_sees_and_reads_into_one_space() -> None:
    import torch

    encoder = encoders.build(store.find("pocket", "clip"), pick("cpu"))
    seen = encoder.encode_image(torch.rand(2, 3, encoder.input_size, encoder.input_size))
    assert seen.shape[1] == encoder.encode_text(["a red circle"]).shape[1]
    assert torch.allclose(seen.norm(dim=1), torch.ones(2), atol=1e-5)


def test_a_name_can_lead_nowhere_else() -> None:
    for name in ("os", "..", "siren.generator", "_private", "__init__"):
        with pytest.raises(AssertionError):
            variants.module("generators", name)
