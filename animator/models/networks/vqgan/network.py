"""The VQGAN of taming-transformers, taken from the modules of that package that need nothing but torch.

`taming.models` cannot be imported with today's Lightning, so the few lines of it that join encoder, codebook and
decoder are written anew here; the parts are taming's own, and so are the names of their weights.

Source: Esser et al., "Taming Transformers for High-Resolution Image Synthesis" (2021).
Differs: the nearest code is looked up, not multiplied out of a one-hot matrix.
"""

import contextlib
import io
from typing import Annotated, Any, Literal

import torch
import torch.nn.functional as F
from pydantic import BaseModel, ConfigDict, Field, model_validator
from torch import Tensor, nn

from animator.models import packages

ROWS = 4096  # latent vectors that are compared with the codebook at a time

Multiple = Annotated[int, Field(ge=1, le=64)]


class Architecture(BaseModel):
    """The numbers that a VQGAN is built from, under the names of taming's YAML files."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    kind: Literal["vq", "gumbel"] = "vq"
    embed_dim: int = Field(256, ge=1, le=4096, description="length of a code (count)")
    n_embed: int = Field(1024, ge=2, le=1 << 20, description="codes in the codebook (count)")
    ch: int = Field(128, ge=32, le=1024, multiple_of=32, description="channels of the widest grid (count)")
    ch_mult: tuple[Multiple, ...] = Field(
        (1, 1, 2, 2, 4), min_length=1, max_length=8, description="channels by level (1)"
    )
    num_res_blocks: int = Field(2, ge=1, le=8, description="residual blocks of a level (count)")
    attn_resolutions: tuple[int, ...] = Field((16,), max_length=8, description="grids with attention (cells a side)")
    norm_groups: int = Field(32, ge=1, le=32, description="groups of channels that are normalised; taming: 32 (count)")
    resolution: int = Field(256, ge=1, le=4096, description="side of the pictures it learnt from (pixels)")
    z_channels: int = Field(256, ge=1, le=4096, description="channels between encoder and codes (count)")
    in_channels: int = Field(3, ge=3, le=3)
    out_ch: int = Field(3, ge=3, le=3)
    dropout: float = Field(0.0, ge=0, lt=1)
    double_z: Literal[False] = False

    @model_validator(mode="after")
    def _fits(self) -> "Architecture":
        if self.ch % self.norm_groups:
            raise ValueError("norm_groups must divide ch")
        if self.kind == "gumbel" and self.embed_dim != self.z_channels:
            raise ValueError("a Gumbel VQGAN's embed_dim and z_channels are the same")
        return self

    @property
    def factor(self) -> int:
        """Pixels of a cell's side ("f" elsewhere)."""
        return 1 << (len(self.ch_mult) - 1)


class VQGAN(nn.Module):
    """Pictures (B,3,H,W) in [-1,1], sides a multiple of the factor; latents (B,embed_dim,H/f,W/f)."""

    def __init__(self, architecture: Architecture) -> None:
        super().__init__()
        self.architecture = architecture
        numbers = architecture.model_dump(exclude={"kind", "embed_dim", "n_embed", "norm_groups"})
        model, quantizer = _modules()
        with contextlib.redirect_stdout(io.StringIO()):  # the decoder prints its grid
            self.encoder, self.decoder = model.Encoder(**numbers), model.Decoder(**numbers)
        self.quantize: Any
        if architecture.kind == "vq":
            self.quantize = quantizer.VectorQuantizer(architecture.n_embed, architecture.embed_dim, beta=0.25)
        else:
            self.quantize = nn.Module()
            self.quantize.proj = nn.Conv2d(architecture.z_channels, architecture.n_embed, 1)
            self.quantize.embed = nn.Embedding(architecture.n_embed, architecture.embed_dim)
        for part in self.modules():
            if isinstance(part, nn.GroupNorm):
                part.num_groups = architecture.norm_groups
        self.quant_conv = nn.Conv2d(architecture.z_channels, architecture.embed_dim, 1)
        self.post_quant_conv = nn.Conv2d(architecture.embed_dim, architecture.z_channels, 1)

    @property
    def codebook(self) -> Tensor:
        """(n_embed, embed_dim)."""
        table = self.quantize.embedding if self.architecture.kind == "vq" else self.quantize.embed
        weight: Tensor = table.weight
        return weight

    def encode(self, pictures: Tensor) -> Tensor:
        """The continuous latent of pictures. A Gumbel model's is the mean of its codes, each as likely as it says."""
        return self.latent(self.quant_conv(self.encoder(pictures)))

    def latent(self, encoded: Tensor) -> Tensor:
        """The continuous latent of what the encoder and the convolution behind it make of pictures."""
        if self.architecture.kind == "vq":
            return encoded
        return torch.einsum("bkhw,kd->bdhw", self.quantize.proj(encoded).softmax(1), self.codebook)

    def decode(self, latent: Tensor) -> Tensor:
        """The pictures of latents, about in [-1,1]."""
        pictures: Tensor = self.decoder(self.post_quant_conv(latent))
        return pictures

    def nearest(self, latent: Tensor) -> Tensor:
        """The number of the code next to each cell, int64 (B,H/f,W/f)."""
        cells = latent.detach().permute(0, 2, 3, 1)
        rows = cells.reshape(-1, cells.shape[-1]).float()
        codes = self.codebook.detach().float()
        half = codes.square().sum(1) / 2
        numbers = torch.cat([torch.addmm(half, piece, codes.T, alpha=-1).argmin(1) for piece in rows.split(ROWS)])
        return numbers.view(cells.shape[:-1])

    def lookup(self, numbers: Tensor) -> Tensor:
        """The latents of code numbers (B,h,w)."""
        return F.embedding(numbers, self.codebook).permute(0, 3, 1, 2)

    def snap(self, latent: Tensor) -> Tensor:
        """Each cell replaced by its nearest code; the gradient passes as if nothing had been done."""
        return latent + (self.lookup(self.nearest(latent)) - latent).detach()


def _modules() -> tuple[Any, Any]:
    try:
        from taming.modules.diffusionmodules import model
        from taming.modules.vqvae import quantize
    except ImportError as error:
        raise packages.missing("taming-transformers") from error
    return model, quantize
