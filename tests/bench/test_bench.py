"""What the renderer is measured against: the same cutouts in, the same gradient out."""

import dataclasses
import time

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from animator.paint.cutouts import cut, draw_boxes
from animator.paint.encoders import openai_clip
from animator.paint.generators import Draft, Latent, siren, vqgan
from animator.paint.generators.vqgan.generator import make
from animator.scene.frame_spec import CutoutsAt
from bench import reference, side, works
from bench.__main__ import PARTS

CPU = torch.device("cpu")
SMALL_CLIP = {"image_resolution": 32, "vision_layers": 3, "vision_width": 128, "vision_patch_size": 8, "embed_dim": 32}
SMALL_VQGAN = {"ch": 32, "ch_mult": (1, 2, 2), "z_channels": 16, "embed_dim": 16, "n_embed": 64, "resolution": 32}
CUTOUTS = CutoutsAt(count=6, whole=0, smallest=0.5, largest=0.9, turn=0, noise=0)


def gradient(picture: Tensor, rows: Tensor, latent: Latent) -> Tensor:
    target = F.normalize(torch.ones(rows.shape[1]), dim=0)
    gradients = torch.autograd.grad(reference.distance(rows, target), list(latent.values()))
    return torch.cat([part.flatten() for part in gradients])


@pytest.mark.parametrize("kind", ["siren", "vqgan"])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_the_gradient_is_the_plain_loops(kind: str, dtype: torch.dtype) -> None:
    """In float32 as good as equal; in bfloat16 rounding adds little beside what another draw of cutouts does."""
    model = works.vqgan_of(CPU, **SMALL_VQGAN, attn_resolutions=(8,))
    size, clip = (32, 32), works.clip_of(CPU, **SMALL_CLIP)
    if kind == "siren":
        painter = siren.build(siren.Config(layers=4, hidden=32, draft=0), size, CPU, dtype)
    else:
        painter = make(vqgan.Config(start=vqgan.Start(source="codes")), size, model, dtype)
    latent = {name: leaf.requires_grad_(True) for name, leaf in painter.init(1).items()}

    def wanted(seed: int) -> Tensor:
        plain = reference.siren(latent, size) if kind == "siren" else reference.vqgan(model, latent)
        torch.manual_seed(seed)
        crops = reference.cutouts(plain, draw_boxes(32, 32, CUTOUTS), 32, 0, 0)
        return gradient(plain, reference.embed(clip, crops), latent)

    expected = wanted(5)
    drawn_anew = 1 - F.cosine_similarity(wanted(6), expected, dim=0)
    picture = painter.decode(latent, Draft(0, 32))
    encoder = openai_clip.encoder_of(clip, CPU, dtype)
    got = gradient(picture, encoder.encode_image(cut(picture, 32, CUTOUTS, 5)), latent)
    apart = 1 - F.cosine_similarity(got, expected, dim=0)
    print(f"{kind} {dtype}: {float(apart):.2e} apart, another draw {float(drawn_anew):.2e}")
    assert apart < (1e-5 if dtype == torch.float32 else drawn_anew / 20)
    assert 0.95 < got.norm() / expected.norm() < 1.05


@pytest.mark.slow
@pytest.mark.parametrize("name", works.SIDES)
def test_each_side_of_a_measurement_paints_and_says_how_long(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(works, "VIT_B_32", {**works.VIT_B_32, **SMALL_CLIP, "image_resolution": 224})
    monkeypatch.setattr(side, "TURN", 0.01)
    work = dataclasses.replace(works.WORKS["siren 256"], size=16, cutouts=4)
    parts = works.Parts(time.perf_counter, CPU)
    made = works.SIDES[name](work, CPU, torch.float32, parts)

    def latent() -> Latent:
        leaves: Latent = made.latent if name == "reference" else made.state.latent
        return {key: leaf.detach().clone() for key, leaf in leaves.items()}

    before = latent()
    seconds = side.turn(made, parts)
    assert any(not torch.equal(leaf, before[key]) for key, leaf in latent().items())  # it took a step
    assert all(seconds[part] > 0 for part in PARTS)  # the columns of the table that `python -m bench` prints
    parts.begin()
    made.frame()
    assert parts.seconds["move and decode"] > 0
    assert parts.seconds["write"] > 0
