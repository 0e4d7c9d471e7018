"""A small network that takes the noise out of small pictures, and reads from a text what they show.

A U-Net over patches, on three grids: of half the picture's side, of a quarter, and of an eighth, where a convolution
sees nearly the whole picture. A text comes as its CLIP embedding; all zeros are no text.

Source: Karras et al. 2022 (EDM) for what goes in and comes out; Ho & Salimans 2021 for guidance; Song et al. 2020 for
the steps (DDIM).
"""

from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor, nn

from animator.models.networks import reading

SPREAD = 0.5  # standard deviation of pictures in [-1,1], as EDM takes it
GRIDS = 3
CELL = 2**GRIDS  # pixels; sides of its pictures are multiples of it
GROUPS = 8  # of channels that are normalised together
WAVES = 16  # that a level of noise is told by


class Shape(BaseModel):
    """The numbers that it is built from, and the model whose embeddings it learnt."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    clip: str = Field("pocket", description="whose text embeddings it reads")
    side: int = Field(32, ge=8, le=256, multiple_of=CELL, description="of its pictures (pixels)")
    condition: int = Field(192, ge=1, le=65_536, description="length of a text's embedding (count)")
    width: int = Field(
        64,
        ge=8,
        le=512,
        multiple_of=8,
        description="channels on the finest grid; the next two have twice and three times as many (count)",
    )
    blocks: int = Field(1, ge=1, le=16, description="blocks on each grid but the coarsest, on either side (count)")
    inner_blocks: int = Field(2, ge=1, le=32, description="blocks on the coarsest grid (count)")
    told: int = Field(256, ge=8, le=4096, description="length of what blocks are told of noise and text (count)")


class Block(nn.Module):
    """Two convolutions beside a skip, scaled and shifted by what is told; then, where `looks`, one look around."""

    def __init__(self, before: int, channels: int, told: int, looks: bool) -> None:
        super().__init__()
        self.norm1, self.norm2 = nn.GroupNorm(GROUPS, before), nn.GroupNorm(GROUPS, channels)
        self.conv1, self.conv2 = (nn.Conv2d(n, channels, 3, padding=1) for n in (before, channels))
        self.told = nn.Linear(told, 2 * channels)
        self.skip = nn.Conv2d(before, channels, 1) if before != channels else nn.Identity()
        self.look = Look(channels) if looks else nn.Identity()
        nn.init.zeros_(self.conv2.weight)

    def forward(self, x: Tensor, told: Tensor) -> Tensor:
        scale, shift = self.told(told)[:, :, None, None].chunk(2, 1)
        y = self.conv1(F.silu(self.norm1(x)))
        y = self.conv2(F.silu(self.norm2(y) * (1 + scale) + shift))
        whole: Tensor = self.look(self.skip(x) + y)
        return whole


class Look(nn.Module):
    """Self-attention over all cells of a grid, beside a skip; heads of 32 channels."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.heads = max(1, channels // 32)
        self.norm = nn.GroupNorm(GROUPS, channels)
        self.qkv, self.out = nn.Linear(channels, 3 * channels), nn.Linear(channels, channels)
        nn.init.zeros_(self.out.weight)

    def forward(self, x: Tensor) -> Tensor:
        rows, columns = x.shape[-2:]
        cells = self.norm(x).flatten(2).transpose(1, 2)  # (B,cells,C)
        q, k, v = (part.unflatten(-1, (self.heads, -1)).transpose(1, 2) for part in self.qkv(cells).chunk(3, -1))
        weights = (q @ k.transpose(-1, -2) * q.shape[-1] ** -0.5).softmax(-1)  # torch's own is slow to learn on a CPU
        seen = self.out((weights @ v).transpose(1, 2).flatten(2))
        added: Tensor = x + seen.transpose(1, 2).unflatten(2, (rows, columns))
        return added


class Denoiser(nn.Module):
    """Pictures with noise (B,3,side,side) around [-1,1], its levels (B,), texts (B,condition) -> pictures without."""

    waves: Tensor

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape, told = shape, shape.told
        widths = [shape.width * (grid + 1) for grid in range(GRIDS)]
        self.level = nn.Linear(2 * WAVES, told)
        self.text = nn.Linear(shape.condition, told)
        self.mixed = nn.Linear(told, told)
        self.enter = nn.Conv2d(12, widths[0], 3, padding=1)
        self.down, self.deeper, self.higher, self.up = (nn.ModuleList() for _ in range(4))
        for grid, (width, inner) in enumerate(pairwise(widths)):
            self.down.append(nn.ModuleList(Block(width, width, told, grid > 0) for _ in range(shape.blocks)))
            self.deeper.append(nn.Conv2d(width, inner, 3, stride=2, padding=1))
            self.higher.append(nn.Conv2d(inner, 4 * width, 1))
            entered = [2 * width] + [width] * (shape.blocks - 1)
            self.up.append(nn.ModuleList(Block(before, width, told, grid > 0) for before in entered))
        self.middle = nn.ModuleList(Block(inner, inner, told, True) for _ in range(shape.inner_blocks))
        self.norm, self.leave = nn.GroupNorm(GROUPS, widths[0]), nn.Conv2d(widths[0], 12, 3, padding=1)
        self.register_buffer("waves", torch.logspace(0, 1.5, WAVES), persistent=False)
        nn.init.zeros_(self.leave.weight)

    def forward(self, noisy: Tensor, level: Tensor, text: Tensor) -> Tensor:
        level = level.view(-1, 1, 1, 1)
        whole = (level.square() + SPREAD**2).sqrt()
        found = self._network(noisy / whole, level.flatten().log() / 4, text)
        return noisy * (SPREAD / whole).square() + found * level * SPREAD / whole

    def _network(self, x: Tensor, noise: Tensor, text: Tensor) -> Tensor:
        angles = noise[:, None] * self.waves
        # An embedding has unit length: so each of its numbers is about as large as a wave's.
        told = self.level(torch.cat([angles.sin(), angles.cos()], 1)) + self.text(text * text.shape[1] ** 0.5)
        told = F.silu(self.mixed(F.silu(told)))
        x = self.enter(F.pixel_unshuffle(x, 2).contiguous(memory_format=torch.channels_last))
        finer = list[Tensor]()
        for blocks, deeper in zip(self.down, self.deeper, strict=True):
            for block in blocks:  # type: ignore[attr-defined]
                x = block(x, told)
            finer.append(x)
            x = deeper(x)
        for block in self.middle:
            x = block(x, told)
        for blocks, higher in zip(reversed(self.up), reversed(self.higher), strict=True):
            x = torch.cat([finer.pop(), F.pixel_shuffle(higher(x), 2)], 1)
            for block in blocks:  # type: ignore[attr-defined]
                x = block(x, told)
        return F.pixel_shuffle(self.leave(F.silu(self.norm(x))), 2)

    def matrices(self) -> list[nn.Parameter]:
        """The weights between what comes in and what goes out, as Muon may train them."""
        ends = ("enter.", "leave.", "level.", "text.")
        return [p for name, p in self.named_parameters() if p.ndim >= 2 and not name.startswith(ends)]

    def guided(self, noisy: Tensor, level: float, text: Tensor, guidance: float) -> Tensor:
        """What `text` adds to the picture without noise, `guidance` times over; 1 is the text as learnt."""
        levels = noisy.new_full((len(noisy),), level)
        if guidance == 1:
            return self(noisy, levels, text)  # type: ignore[no-any-return]
        both = self(noisy.repeat(2, 1, 1, 1), levels.repeat(2), torch.cat([text, torch.zeros_like(text)]))
        with_text, without = both.chunk(2)
        return without + guidance * (with_text - without)  # type: ignore[no-any-return]

    @torch.no_grad()
    def sample(self, noisy: Tensor, levels: Sequence[float], text: Tensor, guidance: float = 1.0) -> Tensor:
        """Pictures (B,3,side,side) in [-1,1] from noisy ones, down the levels from that of `noisy` on; the level after
        the last is 0."""
        return descend(lambda seen, level: self.guided(seen, level, text, guidance).clamp(-1, 1), noisy, levels)


def descend(denoise: Callable[[Tensor, float], Tensor], noisy: Tensor, levels: Sequence[float]) -> Tensor:
    """Down the levels from that of `noisy` on, and then to 0; `denoise` says what is there without noise of a level."""
    for level, following in zip(levels, [*levels[1:], 0.0], strict=True):
        clean = denoise(noisy, level)
        noisy = clean + (noisy - clean) * (following / level)
    return noisy


def levels_down(first: float, steps: int, last: float = 0.05) -> list[float]:
    """Levels of noise from the first to the last, in equal steps of their seventh root (EDM's rho of 7)."""
    if steps == 1:
        return [first]
    last = min(last, first / 2)
    return [
        (first ** (1 / 7) + number / (steps - 1) * (last ** (1 / 7) - first ** (1 / 7))) ** 7 for number in range(steps)
    ]


def loss(model: Denoiser, clean: Tensor, text: Tensor, noise: Tensor, levels: Tensor) -> Tensor:
    """EDM's loss on clean pictures (B,3,side,side) in [-1,1], with noise of unit variance at levels (B,)."""
    wide = levels.view(-1, 1, 1, 1)
    weight = (wide.square() + SPREAD**2) / (wide * SPREAD).square()
    answer: Tensor = (weight * (model(clean + wide * noise, levels, text) - clean).square()).mean()
    return answer


def load(path: Path) -> Denoiser:
    """The model of a file of ours, frozen, on the CPU. Raises: ModelError."""
    return in_order(reading.shaped(path, "a denoiser", Shape, Denoiser))


def in_order(model: Any) -> Denoiser:
    """The model with its weights in the order in which a CPU reads them."""
    ordered: Denoiser = model.to(memory_format=torch.channels_last)
    return ordered
