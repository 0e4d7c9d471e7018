"""The renderer's way through taming's encoder and decoder makes what the package's own makes, and its gradients."""

from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from animator.models.networks.vqgan import frozen
from animator.models.networks.vqgan.network import VQGAN, Architecture

SIDE = 64
ARCHITECTURES: dict[str, dict[str, Any]] = {
    "plain": {"ch_mult": (1, 2, 2), "attn_resolutions": ()},
    "attends": {"ch_mult": (1, 1, 2), "attn_resolutions": (16, 32)},
    "wide": {"ch_mult": (1, 16), "attn_resolutions": ()},  # as wide as `frozen.WIDE`
    "gumbel": {"ch_mult": (1, 2), "attn_resolutions": (), "kind": "gumbel"},
}


def model(name: str) -> VQGAN:
    torch.manual_seed(0)
    told = {"ch": 32, "num_res_blocks": 1, "z_channels": 8, "embed_dim": 8, "n_embed": 16, "resolution": SIDE}
    return VQGAN(Architecture(**(told | ARCHITECTURES[name]))).eval().requires_grad_(False)


def compare(ours: Any, plain: Any, given: Tensor) -> None:
    one, other = given.clone().requires_grad_(), given.clone().requires_grad_()
    made, wanted = ours(one), plain(other)
    slope = torch.randn(wanted.shape, generator=torch.Generator().manual_seed(1))
    made.backward(slope)
    wanted.backward(slope)
    assert one.grad is not None
    assert other.grad is not None
    for mine, theirs in ((made, wanted), (one.grad, other.grad)):
        assert (mine - theirs).norm() < 1e-4 * theirs.norm()


@pytest.mark.slow
@pytest.mark.parametrize("name", ARCHITECTURES)
def test_the_encoder_is_the_packages(name: str) -> None:
    vqgan = model(name)
    ours = frozen.Encoder(vqgan.encoder, vqgan.quant_conv)
    compare(lambda pictures: vqgan.latent(ours(pictures)), vqgan.encode, torch.rand(1, 3, SIDE, SIDE) * 2 - 1)


@pytest.mark.slow
@pytest.mark.parametrize("name", ARCHITECTURES)
def test_the_decoder_is_the_packages(name: str) -> None:
    vqgan = model(name)
    side = SIDE // vqgan.architecture.factor
    ours = frozen.Decoder(vqgan.decoder, vqgan.post_quant_conv, torch.float32)
    compare(ours, vqgan.decode, torch.randn(2, 8, side, side))


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("size", [(1, 1), (5, 8)])
def test_doubling_as_a_gpu_does_it(size: tuple[int, int], dtype: torch.dtype) -> None:
    torch.manual_seed(0)
    plain = nn.Conv2d(6, 4, 3, padding=1).requires_grad_(False)
    hidden = torch.randn(2, 6, *size)
    one, other = hidden.clone().to(dtype).requires_grad_(), hidden.clone().requires_grad_()
    made, wanted = frozen._Doubling(plain, dtype)(one), plain(F.interpolate(other, scale_factor=2))
    assert made.dtype == dtype
    made.float().square().sum().backward()
    wanted.square().sum().backward()
    assert one.grad is not None
    assert other.grad is not None
    for mine, theirs in ((made, wanted), (one.grad, other.grad)):
        assert (mine.float() - theirs).norm() < (1e-5 if dtype == torch.float32 else 2e-2) * theirs.norm()


@pytest.mark.parametrize("device", ["cpu", "meta"])
def test_a_card_gets_its_norms_in_the_order_that_it_demands(device: str) -> None:
    """CUDA's normalisation refuses channels-last memory; the branch for it runs here on what there is."""
    hidden = torch.rand(2, 8, 4, 6).to(memory_format=torch.channels_last).to(device)
    assert not hidden.is_contiguous()
    given = frozen.in_order(hidden, "cuda")
    assert given.is_contiguous()
    weight, bias = torch.ones(8, device=device), torch.zeros(8, device=device)
    normal, _, _ = torch.native_group_norm(given, weight, bias, 2, 8, 24, 4, 1e-6)
    assert normal.shape == hidden.shape
    if device == "cpu":
        assert frozen.in_order(hidden, "cpu") is hidden
        assert torch.allclose(normal, torch.nn.functional.group_norm(hidden, 4, weight, bias, 1e-6), atol=1e-6)
