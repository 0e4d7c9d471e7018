"""VQGAN: the picture is a grid of latent vectors; the nearest codes of a learnt codebook are decoded to pixels.

The camera moves the decoded picture in floats and encodes it anew. What an encoding leaves out of the latent, of which
the nearest codes say nothing, is moved as a grid and added: without it a slow camera stands still, as each small move
is rounded back to the codes of before. `bench.drift` compares the ways.

Source: Esser et al. 2021; straight-through gradients from van den Oord et al. 2017.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import torch
import torch.nn.functional as F
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator
from torch import Tensor

from animator import variants
from animator.errors import ModelError
from animator.generators import Draft, Latent, Matrix, Moments, _starts
from animator.models import Model, find
from animator.motions import IDENTITY
from animator.picture import read
from animator.resample import reach, resample

STEP = 0.05  # of Adam, in standard deviations of the codebook


class Start(BaseModel):
    """What a film begins with."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, populate_by_name=True)

    source: Literal["noise", "perlin", "gradient", "codes", "image", "transformer"] = Field(
        "noise",
        alias="from",
        description="soft spots, noise at every scale, two colours, random codes, a file, or drawn",
    )
    file: str = Field("", description="the picture of `image`")
    model: str = Field("pocket-transformer", description="what draws the first prompt: a transformer's name or a file")
    whole: bool = Field(True, description="draw one picture and enlarge it; else cell by cell through a window")
    temperature: float = Field(1.0, gt=0, le=10, description="of the drawing; below 1 is more of the likely (1)")
    top_k: int = Field(0, ge=0, description="draw from this many of the likeliest codes (count; 0 = all)")
    top_p: float = Field(0.95, gt=0, le=1, description="draw from the likeliest codes of this chance together (share)")
    guidance: float = Field(2.0, ge=0, le=20, description="how many times over the prompt counts (1)")


class Config(BaseModel):
    """Options of the VQGAN generator."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    model: str = Field("pocket-vqgan", description="a model's name, or the path of a .safetensors or .ckpt file")
    config: str = Field("", description="YAML of a .ckpt; default: the file of that name beside it, or model.yaml")
    start: Start = Field(Start(), description="what the film begins with")

    @field_validator("start", mode="before")
    @classmethod
    def _short(cls, start: Any) -> Any:
        return {"from": start} if isinstance(start, str) else start

    @model_validator(mode="after")
    def _here(self) -> "Config":
        try:
            for path in self.inputs:
                if not path.is_file():
                    raise ModelError(f"{path}: no such file")
            for model in self.models:
                learnt = model.metadata.get("vqgan") if model.kind == "transformer" else self.model
                if learnt != self.model:
                    raise ModelError(f"{self.start.model} draws the codes of {learnt}, not of {self.model}")
        except ModelError as error:
            raise ValueError(str(error)) from error
        return self

    @property
    def inputs(self) -> tuple[Path, ...]:
        """The files beside its models that decide its pictures."""
        described = Path(self.config) if self.config else find(self.model, "vqgan").description
        image = Path(self.start.file) if self.start.source == "image" else None
        return tuple(path for path in (described, image) if path is not None)

    @property
    def models(self) -> tuple[Model, ...]:
        """The models that it needs. Raises: ModelError for one that nobody knows."""
        found = [find(self.model, "vqgan")]
        if self.start.source == "transformer":
            transformer = find(self.start.model, "transformer")
            found += [transformer, find(transformer.metadata.get("clip", ""), "clip")]
        return tuple(found)


@dataclass(frozen=True)
class Vqgan:
    """The generator. Its one leaf is `z` (1, embed_dim, rows, columns), a cell for each f x f pixels.

    The grid covers the canvas, and what sticks out on all sides is not shown.
    """

    config: Config
    size: tuple[int, int]
    model: Any  # animator.models.taming_package.VQGAN, frozen
    encode: Any  # its encoder as animator.models.taming_frozen.Encoder
    drafts: Any  # its decoder as animator.models.taming_frozen.Decoder, in what steps are computed in
    frames: Any  # the same in float32
    lowest: Tensor  # (1, embed_dim, 1, 1): the least of the codes, by channel
    highest: Tensor
    step_size: float
    betas: tuple[float, float] = (0.9, 0.99)
    last: list[Any] = field(default_factory=list)  # a latent, its version, and its picture: see `_frame`

    @property
    def cells(self) -> tuple[int, int]:
        """Columns and rows of the grid."""
        factor = self.model.architecture.factor
        return -(-self.size[0] // factor), -(-self.size[1] // factor)

    def init(self, seed: int, text: str = "", picture: Tensor | None = None) -> Latent:
        """See `Generator.init`. The first picture, encoded. Raises: ModelError for a file that is not a picture."""
        device = self.lowest.device
        if picture is not None:
            return {"z": self._encode(F.pad(picture, self._around(), mode="replicate"))}
        if self.config.start.source == "codes":
            columns, rows = self.cells
            random = torch.Generator().manual_seed(seed % 2**63)
            numbers = torch.randint(len(self.model.codebook), (1, rows, columns), generator=random)
            return {"z": self.model.lookup(numbers.to(device)).contiguous()}
        if self.config.start.source == "transformer":
            return {"z": self._drawn(seed, text)}
        return {"z": self._encode(_first_picture(self.config.start, self._pixels(), seed).to(device))}

    def decode(self, latent: Latent, draft: Draft | None = None) -> Tensor:
        """See `Generator.decode`. The raster is fixed: a draft differs in precision alone."""
        (width, height), (left, top) = self.size, self._margin()
        whole = self._frame(latent["z"]) if draft is None else self._unbounded(latent["z"], self.drafts)
        picture: Tensor = _Bounded.apply(whole[..., top : top + height, left : left + width])
        return picture

    def warp(self, latent: Latent, moments: Moments | None, matrix: Matrix, seed: int) -> tuple[Latent, Moments | None]:
        """See `Generator.warp`. What comes into view is the picture mirrored at its edge.

        Nothing is clamped here, neither colours nor the latent: a hundred small moves would add up what it takes.
        """
        z, span = latent["z"].detach(), self._span()
        if matrix == IDENTITY:
            return {"z": z}, moments
        with torch.no_grad():
            whole = self._frame(latent["z"])
            seen = resample(whole, matrix, span)
            z = self._encode(seen) + resample(z - self._encode(whole), matrix, span)
        if moments is not None:
            first, second = (resample(part["z"], matrix, span, "bilinear") for part in moments)
            moments = Moments({"z": first}, {"z": second.clamp(min=0)})
        return {"z": z}, moments

    def project(self, latent: Latent) -> Latent:
        """See `Generator.project`. Within the codebook's range, channel by channel."""
        return {"z": latent["z"].clamp(self.lowest, self.highest)}

    def _frame(self, z: Tensor) -> Tensor:
        """The picture of the whole grid in float32. The last is kept, as the camera moves what was just written."""
        if z.requires_grad:
            return self._unbounded(z, self.frames)
        if not self.last or self.last[0] is not z or self.last[1] != z._version:
            with torch.no_grad():
                self.last[:] = z, z._version, self._unbounded(z, self.frames)
        picture: Tensor = self.last[2]
        return picture

    def _unbounded(self, z: Tensor, painter: Any) -> Tensor:
        """The picture of the whole grid as the decoder leaves it, a little out of [0,1] here and there."""
        codes = self.model.snap(z) if self.model.architecture.kind == "vq" else z
        picture: Tensor = (painter(codes) + 1) / 2
        return picture

    def _encode(self, picture: Tensor) -> Tensor:
        with torch.no_grad():
            z: Tensor = self.model.latent(self.encode(picture * 2 - 1)).contiguous()
        return z

    def _drawn(self, seed: int, text: str) -> Tensor:
        """What a transformer draws of a text; of anything where there is none."""
        from animator.models import code_transformer

        start = self.config.start
        transformer = code_transformer.load(find(start.model, "transformer").weights).to(self.lowest.device)
        reader = find(transformer.shape.clip, "clip")
        variant = variants.module("encoders", reader.encoder)
        encoder = variant.build(variant.Config(**reader.options), self.lowest.device)
        condition = encoder.encode_text([text]) * float(bool(text))
        cells = (transformer.shape.side,) * 2 if start.whole else self.cells
        numbers = transformer.draw(
            condition, cells, seed, start.temperature, start.top_k, start.top_p, start.guidance if text else 1.0
        )
        z: Tensor = self.model.lookup(numbers).contiguous()
        if not start.whole or self.cells == cells:
            return z
        (width, height), drawn = self._pixels(), self._unbounded(z, self.frames).clamp(0, 1)
        side = max(width, height)
        drawn = F.interpolate(drawn, size=(side, side), mode="bicubic")
        top, left = (side - height) // 2, (side - width) // 2
        return self._encode(drawn[..., top : top + height, left : left + width])

    def _pixels(self) -> tuple[int, int]:
        """Width and height of the whole grid's picture."""
        factor = self.model.architecture.factor
        return self.cells[0] * factor, self.cells[1] * factor

    def _margin(self) -> tuple[int, int]:
        """Pixels of the grid left of and above the canvas."""
        return (self._pixels()[0] - self.size[0]) // 2, (self._pixels()[1] - self.size[1]) // 2

    def _around(self) -> tuple[int, int, int, int]:
        """Pixels of the grid left, right, above and below the canvas."""
        left, top = self._margin()
        (wide, high), (width, height) = self._pixels(), self.size
        return left, wide - width - left, top, high - height - top

    def _span(self) -> tuple[float, float]:
        """How far the grid goes from its centre, where the canvas goes to `reach(size)`."""
        (wide, high), (width, height), (x, y) = self._pixels(), self.size, reach(self.size)
        return x * wide / width, y * high / height


class _Bounded(torch.autograd.Function):
    """Clamp to [0,1]. A gradient that leads back inside passes; one that leads further out does not."""

    @staticmethod
    def forward(ctx: Any, picture: Tensor) -> Tensor:
        ctx.save_for_backward(picture)
        return picture.clamp(0, 1)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Tensor:
        (picture,), (gradient,) = ctx.saved_tensors, gradients
        outward = ((picture < 0) & (gradient > 0)) | ((picture > 1) & (gradient < 0))
        return gradient.masked_fill(outward, 0)


def _first_picture(start: Start, size: tuple[int, int], seed: int) -> Tensor:
    if start.source == "image":
        return read(Path(start.file), size)
    if start.source == "gradient":
        return _starts.gradient(size, seed)
    return _starts.clouds(size, seed, _starts.PERLIN if start.source == "perlin" else _starts.CLOUDS)


def build(config: Config, size: tuple[int, int], device: torch.device, dtype: torch.dtype = torch.float32) -> Vqgan:
    """The generator for one canvas. Raises: ModelError when the model's file is not one."""
    from animator.models.taming_checkpoint import load

    model = load(find(config.model, "vqgan").weights, Path(config.config) if config.config else None).to(device)
    return generator_of(config, size, model, dtype)


def generator_of(config: Config, size: tuple[int, int], model: Any, dtype: torch.dtype = torch.float32) -> Vqgan:
    """The generator of a frozen `animator.models.taming_package.VQGAN`."""
    from animator.models.taming_frozen import Decoder, Encoder

    encode = Encoder(model.encoder, model.quant_conv)
    frames = Decoder(model.decoder, model.post_quant_conv, torch.float32)
    drafts = frames if dtype == torch.float32 else Decoder(model.decoder, model.post_quant_conv, dtype)
    codes = model.codebook.detach()
    lowest, highest = (edge.view(1, -1, 1, 1) for edge in (codes.amin(0), codes.amax(0)))
    return Vqgan(config, size, model, encode, drafts, frames, lowest, highest, step_size=STEP * float(codes.std()))
