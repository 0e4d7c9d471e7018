"""The generator itself: see the package's docstring."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from animator.media import pictures
from animator.models import store
from animator.models.networks import code_transformer
from animator.models.networks.outpainting import Outpainter
from animator.models.networks.torch_internals import version_of
from animator.models.networks.vqgan.frozen import Decoder, Encoder
from animator.models.networks.vqgan.network import VQGAN
from animator.paint import encoders, pixels
from animator.paint.generators import Draft, Latent, Moments
from animator.paint.generators.vqgan import Config, Start, first_pictures
from animator.paint.resample import reach, resample
from animator.scene.motions import IDENTITY, Matrix

STEP = 0.05  # of Adam, in standard deviations of the codebook


@dataclass
class LastPicture:
    """A cache with one entry: the grid that was decoded last, as it was then, and its picture.

    The camera moves the frame that was just written, so it is asked for twice in a row.
    """

    grid: Tensor | None = None
    version: int = 0
    picture: Tensor | None = None

    def of(self, grid: Tensor, decode: Callable[[], Tensor]) -> Tensor:
        """The picture of a grid: the one that is kept, or else what `decode` answers."""
        if self.picture is None or self.grid is not grid or self.version != version_of(grid):
            self.grid, self.version, self.picture = grid, version_of(grid), decode()
        return self.picture


@dataclass(frozen=True)
class Vqgan:
    """The generator. Its one leaf is `z` (1, embed_dim, rows, columns), a cell for each f x f pixels.

    The grid covers the canvas, and what sticks out on all sides is not shown.
    """

    config: Config
    size: tuple[int, int]
    model: VQGAN  # frozen
    encode: Encoder  # the model's
    drafts: Decoder  # the model's, in what steps are computed in
    frames: Decoder  # the same in float32
    lowest: Tensor  # (1, embed_dim, 1, 1): the least of the codes, by channel
    highest: Tensor
    step_size: float
    betas: tuple[float, float] = (0.9, 0.99)
    last: LastPicture = field(default_factory=LastPicture)

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
        picture: Tensor = Bounded.apply(whole[..., top : top + height, left : left + width])
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
        with torch.no_grad():
            return self.last.of(z, lambda: self._unbounded(z, self.frames))

    def _unbounded(self, z: Tensor, painter: Decoder) -> Tensor:
        """The picture of the whole grid as the decoder leaves it, a little out of [0,1] here and there."""
        codes = self.model.snap(z) if self.model.architecture.kind == "vq" else z
        return (painter(codes) + 1) / 2

    def _encode(self, picture: Tensor) -> Tensor:
        with torch.no_grad():
            z: Tensor = self.model.latent(self.encode(picture * 2 - 1)).contiguous()
        return z

    def _drawn(self, seed: int, text: str) -> Tensor:
        """What a transformer draws of a text; of anything where there is none."""
        start = self.config.start
        transformer = code_transformer.load(store.find(start.model, "transformer").weights).to(self.lowest.device)
        reader = store.find(transformer.shape.clip, "clip")
        encoder = encoders.build(reader, self.lowest.device)
        condition = encoder.encode_text([text]) * float(bool(text))
        cells = (transformer.shape.side,) * 2 if start.whole else self.cells
        numbers = transformer.draw(
            condition, cells, seed, start.temperature, start.top_k, start.top_p, start.guidance if text else 1.0
        )
        z: Tensor = self.model.lookup(numbers).contiguous()
        if not start.whole or self.cells == cells:
            return z
        width, height = self._pixels()
        rows, columns = (round(cells[0] * each / min(width, height)) for each in (height, width))
        if rows != columns:
            outpainter = Outpainter(transformer, self.model, start.temperature)
            z = outpainter.around(z, (rows, columns), condition, seed)
        drawn = self._unbounded(z, self.frames).clamp(0, 1)
        scale = max(width / drawn.shape[-1], height / drawn.shape[-2])
        rows, columns = (round(side * scale) for side in drawn.shape[-2:])
        drawn = F.interpolate(drawn, size=(rows, columns), mode="bicubic")
        top, left = (rows - height) // 2, (columns - width) // 2
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


class Bounded(torch.autograd.Function):
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
        return pixels.from_image(pictures.read(Path(start.file), size))
    if start.source == "gradient":
        return first_pictures.gradient(size, seed)
    return first_pictures.clouds(
        size, seed, first_pictures.PERLIN if start.source == "perlin" else first_pictures.CLOUDS
    )


def make(config: Config, size: tuple[int, int], model: VQGAN, dtype: torch.dtype = torch.float32) -> Vqgan:
    """The generator of a frozen VQGAN, for one canvas."""
    encode = Encoder(model.encoder, model.quant_conv)
    frames = Decoder(model.decoder, model.post_quant_conv, torch.float32)
    drafts = frames if dtype == torch.float32 else Decoder(model.decoder, model.post_quant_conv, dtype)
    codes = model.codebook.detach()
    lowest, highest = (edge.view(1, -1, 1, 1) for edge in (codes.amin(0), codes.amax(0)))
    return Vqgan(config, size, model, encode, drafts, frames, lowest, highest, step_size=STEP * float(codes.std()))
