"""Text-to-image models of the hub as denoisers: small ones, of the layout in which the real ones come."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from animator.errors import ModelError
from animator.paint.denoisers import Reader
from animator.paint.denoisers.diffusers import Config, build
from tests.models import written

CPU = torch.device("cpu")
pytestmark = pytest.mark.slow  # diffusers takes long to import, so it is imported where it is used


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written.pipeline(tmp_path_factory.mktemp("hub") / "latent")


def built(folder: Path) -> Reader:
    return build(Config(weights=str(folder)), CPU)


@pytest.mark.parametrize("signal", ["epsilon", "v_prediction", "sample"])
@pytest.mark.parametrize("latent", [True, False])
def test_it_sees_what_the_models_own_scheduler_sees(tmp_path: Path, signal: str, latent: bool) -> None:
    import diffusers

    denoiser: Any = built(written.pipeline(tmp_path / "model", signal, latent))
    assert (denoiser.size, denoiser.cell) == ((16, 4) if latent else (16, 2))
    texts = denoiser.encode_text(["a red circle"])
    assert texts.norm().item() == pytest.approx(1, abs=1e-5)
    scheduler = diffusers.DDIMScheduler.from_pretrained(tmp_path / "model" / "scheduler", clip_sample=False)
    clean, step = denoiser.encode(torch.rand(1, 3, 16, 24)), 400
    noise = torch.randn(clean.shape)
    level = float(denoiser.levels[step])
    told = texts.view_as(denoiser.silence) * denoiser.silence.norm()
    theirs = scheduler.add_noise(clean, noise, torch.tensor([step]))
    answer = denoiser.unet(theirs, step, encoder_hidden_states=told).sample
    scheduler.set_timesteps(1000)
    expected = scheduler.step(answer, step, theirs).pred_original_sample
    seen = denoiser.denoise(clean + level * noise, level, texts, 1.0, 0)
    assert torch.allclose(seen, expected, atol=1e-4)
    assert denoiser.decode(seen).shape == (1, 3, 16, 24)


def test_guidance_leads_away_from_no_text(folder: Path) -> None:
    denoiser: Any = built(folder)
    noisy, texts = torch.randn(2, 4, 8, 8), denoiser.encode_text(["a red circle"]).expand(2, -1)
    none = denoiser.encode_text([""]).expand(2, -1)
    one, two, three = (denoiser.denoise(noisy, 1.0, texts, guidance, 0) for guidance in (1.0, 2.0, 3.0))
    assert not torch.equal(one, two)
    assert torch.allclose(two - one, three - two, atol=1e-4)
    assert torch.allclose(
        denoiser.denoise(noisy, 1.0, none, 1.0, 0), denoiser.denoise(noisy, 1.0, none, 7.0, 0), atol=1e-4
    )


def test_a_model_that_is_told_of_guidance_is_asked_once(tmp_path: Path) -> None:
    import diffusers

    denoiser: Any = built(written.pipeline(tmp_path / "lcm", lcm=True))
    texts = denoiser.encode_text(["a red circle"])
    noisy = torch.randn(1, 4, 8, 8)
    assert not torch.equal(denoiser.denoise(noisy, 1.0, texts, 1.0, 0), denoiser.denoise(noisy, 1.0, texts, 8.0, 0))
    told = denoiser._known(8.0, 1)
    theirs = diffusers.LatentConsistencyModelPipeline.get_guidance_scale_embedding(None, torch.tensor([7.0]), 8)
    assert torch.allclose(told, theirs, atol=1e-4)


def other_class(folder: Path) -> None:
    described = json.loads((folder / "unet" / "config.json").read_text())
    (folder / "unet" / "config.json").write_text(json.dumps({**described, "_class_name": "SomethingElse"}))


def own_code(folder: Path) -> None:
    described = json.loads((folder / "text_encoder" / "config.json").read_text())
    (folder / "text_encoder" / "config.json").write_text(json.dumps({**described, "auto_map": {"AutoModel": "x.X"}}))


def no_tensor(folder: Path) -> None:
    path = folder / "unet" / "diffusion_pytorch_model.safetensors"
    tensors = load_file(path)
    tensors.pop("conv_in.weight")
    save_file(tensors, path)


def a_pickle(folder: Path) -> None:
    path = folder / "unet" / "diffusion_pytorch_model.safetensors"
    torch.save(load_file(path), path.with_suffix(".bin"))
    path.unlink()


def cut_short(folder: Path) -> None:
    path = folder / "vae" / "diffusion_pytorch_model.safetensors"
    path.write_bytes(path.read_bytes()[:-100])


def two_readers(folder: Path) -> None:
    shutil.copytree(folder / "text_encoder", folder / "text_encoder_2")


def other_answers(folder: Path) -> None:
    path = folder / "scheduler" / "scheduler_config.json"
    path.write_text(path.read_text().replace('"epsilon"', '"flow"'))


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (other_class, "'SomethingElse' is not read here"),
        (own_code, "is not read here"),
        (no_tensor, "of its tensors are missing"),
        (a_pickle, "not a text-to-image model"),
        (cut_short, "not a text-to-image model"),
        (two_readers, "models with one are read"),
        (other_answers, "answers 'flow'"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_what_cannot_be_read_is_refused(
    folder: Path, tmp_path: Path, spoil: Callable[[Path], None], message: str
) -> None:
    spoilt = shutil.copytree(folder, tmp_path / "spoilt")
    spoil(spoilt)
    with pytest.raises(ModelError, match=message):
        built(spoilt)


def test_a_prompt_that_is_too_long_is_said(folder: Path) -> None:
    with pytest.raises(ModelError, match="at most 77 tokens"):
        built(folder).encode_text(["red " * 90])
