"""What only a VQGAN has: a grid of codes, models from files, ways to start."""

from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

from animator.film import keys
from animator.models import store
from animator.models.networks.code_transformer import CodeTransformer, Shape
from animator.models.networks.vqgan.network import VQGAN, Architecture
from animator.paint.generators import vqgan
from animator.paint.generators.vqgan import first_pictures
from animator.paint.generators.vqgan.generator import Bounded, Vqgan
from animator.paint.optimize import fresh
from animator.paint.resample import reach, resample
from animator.scene import choices
from animator.scene.document import resolve
from animator.scene.motions.affine import Config as Rates
from animator.scene.motions.affine import matrix
from animator.scene.problems import Flaw
from animator.training import transformer

CPU = torch.device("cpu")
TINY = Architecture(
    embed_dim=4, n_embed=16, ch=32, ch_mult=(1, 1, 1), num_res_blocks=1, attn_resolutions=(), z_channels=8
)  # f4
SIZE = (22, 14)  # no multiple of 4: a grid of 6 x 4 cells, 24 x 16 pixels


@pytest.fixture
def tiny(tmp_path: Path) -> str:
    """The path of a small model with random weights."""
    torch.manual_seed(2)
    path = tmp_path / "tiny.safetensors"
    save_file(VQGAN(TINY).state_dict(), path, {"kind": "vqgan", "architecture": TINY.model_dump_json()})
    return str(path)


def build(model: str, size: tuple[int, int] = SIZE, **options: Any) -> Vqgan:
    generator = vqgan.build(vqgan.Config(model=model, **options), size, CPU)
    assert isinstance(generator, Vqgan)
    return generator


def flaws(**options: Any) -> list[str]:
    """What is wrong with a scene's generator."""
    found: list[Flaw] = []
    choices.generators({"type": "vqgan", **options}, ("generator",), found)
    return [flaw.message for flaw in found]


def test_the_canvas_is_the_middle_of_the_grid(tiny: str) -> None:
    generator = build(tiny)
    latent = generator.init(1)
    assert latent["z"].shape == (1, 4, 4, 6)
    whole = build(tiny, (24, 16)).decode(latent)
    assert torch.equal(generator.decode(latent), whole[..., 1:15, 1:23])


def test_a_half_turn_turns_the_picture() -> None:
    """Around the canvas's centre, whatever of the grid sticks out of it."""
    size = (60, 44)
    generator = build("pocket-vqgan", size)
    latent = generator.init(1, picture=first_pictures.gradient(size, 4))
    moved, _ = generator.warp(latent, None, matrix(Rates(rotate=180), 1.0, size), 0)
    before, after = generator.decode(latent), generator.decode(moved)
    assert float((after - before.flip(2, 3)).abs().mean()) < 0.3 * float((after - before).abs().mean())


@pytest.mark.slow
def test_a_slow_camera_does_not_stand_still() -> None:
    """Moves too small to reach another code add up all the same."""
    size, frames = (64, 64), 16
    generator = build("pocket-vqgan", size)
    latent = generator.init(1, picture=first_pictures.clouds(size, 3, first_pictures.PERLIN))
    first = generator.decode(latent)
    step = matrix(Rates(pan_x=0.25), 1 / frames, size)  # a quarter of a pixel a frame and more
    for _ in range(frames):
        latent, _ = generator.warp(latent, None, step, 0)
    last, wanted = generator.decode(latent), resample(first, matrix(Rates(pan_x=0.25), 1.0, size), reach(size))
    assert float((last - wanted).abs().mean()) < 0.6 * float((last - first).abs().mean())


def test_moments_move_with_the_latent_and_rest_with_it(tiny: str) -> None:
    generator = build(tiny)
    state = fresh(generator.init(1))
    state.moments.first["z"][..., 0, 0] = 1.0
    state.moments.second["z"][..., 0, 0] = 2.0
    half = matrix(Rates(rotate=180), 1.0, SIZE)
    _, moments = generator.warp(state.latent, state.moments, half, 0)
    assert moments is not None
    assert torch.allclose(moments.first["z"][..., -1, -1], torch.ones(1, 4), atol=1e-4)
    assert torch.allclose(moments.second["z"][..., -1, -1], torch.full((1, 4), 2.0), atol=1e-4)


def test_colours_outside_their_range_are_only_drawn_back() -> None:
    picture = torch.tensor([-0.5, 0.5, 1.5], requires_grad=True)
    for direction, passed in ((1.0, [0.0, 1.0, 1.0]), (-1.0, [-1.0, -1.0, 0.0])):
        bounded = Bounded.apply(picture)
        assert bounded.tolist() == [0.0, 0.5, 1.0]
        (gradient,) = torch.autograd.grad((direction * bounded).sum(), picture)
        assert gradient.tolist() == passed


@pytest.mark.parametrize("source", ["noise", "perlin", "gradient", "codes"])
def test_every_start_is_by_its_seed(tiny: str, source: str) -> None:
    generator = build(tiny, start=source)
    one, again, other = (generator.decode(generator.init(seed)) for seed in (1, 1, 2))
    assert torch.equal(one, again)
    assert not torch.equal(one, other)


def test_it_starts_from_a_picture(tiny: str, tmp_path: Path) -> None:
    Image.new("RGB", (50, 50), (200, 30, 30)).save(tmp_path / "red.png")
    generator = build(tiny, start={"from": "image", "file": str(tmp_path / "red.png")})
    red = torch.tensor([200, 30, 30]).view(1, 3, 1, 1).expand(1, 3, 16, 24) / 255
    torch.testing.assert_close(generator.init(1)["z"], generator.model.encode(red * 2 - 1))
    (flaw,) = flaws(model=tiny, start={"from": "image", "file": "no.png"})
    assert "no.png: no such file" in flaw


@pytest.mark.slow
def test_a_transformer_draws_the_first_picture(tiny: str, tmp_path: Path) -> None:
    shape = Shape(vqgan=tiny, codes=16, side=3, condition=192, width=16, layers=1, heads=2)
    drawer = tmp_path / "drawer.safetensors"
    torch.manual_seed(1)
    transformer.export(dict(CodeTransformer(shape).named_parameters()), shape, drawer)
    for whole in (True, False):
        generator = build(tiny, start={"from": "transformer", "model": str(drawer), "whole": whole})
        one, again = (generator.init(1, "a red circle")["z"] for _ in range(2))
        assert one.shape == (1, 4, 4, 6)
        assert torch.equal(one, again)
    assert store.find("pocket-transformer", "transformer").path.stat().st_size <= 12_000_000
    shipped = build("pocket-vqgan", start="transformer")
    red, blue = (shipped.decode(shipped.init(1, text)).mean((0, 2, 3)) for text in ("a red circle", "a blue circle"))
    assert red[0] - red[2] > blue[0] - blue[2] + 0.1
    (flaw,) = flaws(model="pocket-vqgan", start={"from": "transformer", "model": str(drawer)})
    assert "draws the codes of" in flaw


@pytest.mark.slow
def test_a_wide_or_high_first_picture_has_a_square_one_in_its_middle() -> None:
    painters = [build("pocket-vqgan", size, start="transformer") for size in ((64, 64), (112, 64), (64, 112))]
    square, wide, high = (painter.decode(painter.init(3, "a red circle on white")) for painter in painters)
    assert float((wide[..., 24:88] - square).abs().mean()) < 0.05
    assert float((high[..., 24:88, :] - square).abs().mean()) < 0.05


def test_what_is_in_the_files_decides_the_frames(tiny: str) -> None:
    document = resolve({"duration": "1s", "prompts": "x", "generator": {"type": "vqgan", "model": tiny}}, "x")
    before = keys.base_of(document)
    torch.manual_seed(3)
    save_file(VQGAN(TINY).state_dict(), tiny, {"kind": "vqgan", "architecture": TINY.model_dump_json()})
    assert keys.base_of(document) != before


@pytest.mark.parametrize("ending", ["ckpt", "safetensors"])
def test_the_yaml_beside_a_checkpoint_decides_them_too(tmp_path: Path, ending: str) -> None:
    state = VQGAN(TINY).state_dict()
    if ending == "ckpt":
        torch.save({"state_dict": state}, tmp_path / "x.ckpt")
    else:
        save_file(state, tmp_path / "x.safetensors")
    (tmp_path / "x.yaml").write_text("model: {}")
    generator = {"type": "vqgan", "model": str(tmp_path / f"x.{ending}")}
    document = resolve({"duration": "1s", "prompts": "x", "generator": generator}, "x")
    before = keys.base_of(document)
    (tmp_path / "x.yaml").write_text("model: {target: other}")
    assert keys.base_of(document) != before
