"""A transformer over a VQGAN's codes: draws a grid of them, cell by cell, of what a text says.

taming's minGPT; the text's CLIP embedding is the first thing that it reads.

Source: Esser et al. 2021, with the sliding window for grids larger than the one it learnt; Ho & Salimans 2021 for
guidance (what the text adds to the logits, several times over).
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor, nn

from animator.models import packages
from animator.models.networks import reading


class Shape(BaseModel):
    """The numbers that it is built from, and the models whose codes and embeddings it learnt."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    vqgan: str = Field("pocket-vqgan", description="whose codes it draws")
    clip: str = Field("pocket", description="whose text embeddings it reads")
    codes: int = Field(1024, ge=2, le=1 << 20, description="codes in the codebook (count)")
    side: int = Field(8, ge=2, le=32, description="rows and columns of the grids it learnt (cells)")
    condition: int = Field(192, ge=1, le=65_536, description="length of a text's embedding (count)")
    width: int = Field(192, ge=8, le=4096, description="channels (count)")
    layers: int = Field(6, ge=1, le=64, description="blocks (count)")
    heads: int = Field(6, ge=1, le=64, description="attention heads (count)")
    dropout: float = Field(0.0, ge=0, lt=1, description="while it learns (share)")


class CodeTransformer(nn.Module):
    """Codes (B, side * side) in rows from the top, and conditions (B, condition) -> logits of every code."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape, rate = shape, shape.dropout
        self.lead = nn.Linear(shape.condition, shape.width)
        self.gpt: Any = _package().GPT(
            shape.codes,
            shape.side**2,
            shape.layers,
            shape.heads,
            shape.width,
            embd_pdrop=rate,
            resid_pdrop=rate,
            attn_pdrop=0.0,  # a random number for each pair of places would take a sixth of a step
        )

    def forward(self, before: Tensor, condition: Tensor) -> Tensor:
        """Logits (B, n + 1, codes) of the codes that follow each of `before` (B, n), the first included."""
        logits: Tensor = self.gpt(before, embeddings=self.lead(condition)[:, None])[0]
        return logits

    def matrices(self) -> list[nn.Parameter]:
        """The weights between what comes in and what goes out, as Muon may train them."""
        return [parameter for parameter in self.gpt.blocks.parameters() if parameter.ndim >= 2]

    @torch.no_grad()
    def draw(
        self,
        condition: Tensor,
        cells: tuple[int, int],
        seed: int,
        temperature: float = 1.0,
        top_k: int = 0,
        top_p: float = 1.0,
        guidance: float = 1.0,
        known: Tensor | None = None,
    ) -> Tensor:
        """Code numbers (B, rows, columns) for embeddings (B, condition); `cells` are (columns, rows).

        A grid larger than the one it learnt is drawn through a window of that size, which is as far as it sees.
        `guidance` 1 is the text as learnt, more is more of it; `top_k` 0 keeps every code. `known` (B, rows, columns,
        codes) is what is known of the cells already: the log likelihood of each code, up to a constant.
        """
        random, side = torch.Generator().manual_seed(seed % 2**63), self.shape.side
        columns, rows = max(cells[0], side), max(cells[1], side)
        both = torch.cat([condition, torch.zeros_like(condition)]) if guidance != 1 else condition
        grid = torch.zeros((len(condition), rows, columns), dtype=torch.long, device=condition.device)
        read, corner = _Reading(self, both), (0, 0)
        for row in range(rows):
            top = min(max(row - side // 2, 0), rows - side)
            for column in range(columns):
                left = min(max(column - side // 2, 0), columns - side)
                if (top, left) != corner:
                    read.count, corner = 0, (top, left)
                window = grid[:, top : top + side, left : left + side].flatten(1)
                before = window[:, : (row - top) * side + column - left]
                logits = read.following(before.repeat(len(both) // len(condition), 1)).float()
                if guidance != 1:
                    with_text, without = logits.chunk(2)
                    logits = without + guidance * (with_text - without)
                logits = logits / max(temperature, 1e-6)
                if known is not None and row < cells[1] and column < cells[0]:
                    logits = logits + known[:, row, column]
                chances = likely(logits, top_k, top_p).softmax(-1).cpu()
                grid[:, row, column] = torch.multinomial(chances, 1, generator=random)[:, 0].to(grid.device)
        return grid[:, : cells[1], : cells[0]]

    @torch.no_grad()
    def fill(
        self, condition: Tensor, grid: Tensor, cells: Iterable[int], random: torch.Generator, temperature: float = 1.0
    ) -> Tensor:
        """Codes (B, side, side) like those of `grid`, in which some cells are drawn; their numbers count the rows from
        the top. A cell sees those before it."""
        read, codes = _Reading(self, condition), grid.flatten(1).clone()
        for cell in sorted(cells):
            chances = (read.following(codes[:, :cell]).float() / max(temperature, 1e-6)).softmax(-1).cpu()
            codes[:, cell] = torch.multinomial(chances, 1, generator=random)[:, 0].to(codes.device)
        return codes.view_as(grid)

    @torch.no_grad()
    def likelihood(self, condition: Tensor, grid: Tensor) -> Tensor:
        """How likely codes (B, side, side) are: the logarithms (B,)."""
        codes = grid.flatten(1)
        chances = self(codes[:, :-1], condition).float().log_softmax(-1)
        whole: Tensor = chances.gather(2, codes[..., None]).sum((1, 2))
        return whole


class _Reading:
    """A window of codes that is read on as it grows: every code once, as the keys and values of all are kept. With a
    `count` of 0 it begins another window."""

    def __init__(self, model: CodeTransformer, condition: Tensor) -> None:
        self.model, self.condition = model, condition
        self.count = 0  # of places that were read; the first is the condition's
        self.layers = [_Layer(block, len(condition), model.shape.side**2) for block in model.gpt.blocks]

    def following(self, before: Tensor) -> Tensor:
        """Logits (B, codes) of the code that follows `before` (B, n), which goes on from what was read last."""
        gpt = self.model.gpt
        new = gpt.tok_emb(before[:, max(0, self.count - 1) :])
        if not self.count:
            new = torch.cat([self.model.lead(self.condition)[:, None], new], 1)
        x = new + gpt.pos_emb[:, self.count : self.count + new.shape[1]]
        for layer in self.layers:
            x = layer(x, self.count)
        self.count += new.shape[1]
        logits: Tensor = gpt.head(gpt.ln_f(x[:, -1]))
        return logits


class _Layer:
    """A block of the package's, which answers as it does; its three products with what comes in are one here."""

    def __init__(self, block: Any, batch: int, places: int) -> None:
        self.block, attention = block, block.attn
        asks = attention.query, attention.key, attention.value
        self.weight, self.bias = (torch.cat([getattr(one, name) for one in asks]) for name in ("weight", "bias"))
        width = attention.query.in_features
        self.keys = self.weight.new_empty(batch, attention.n_head, places, width // attention.n_head)
        self.values = torch.empty_like(self.keys)

    def __call__(self, x: Tensor, count: int) -> Tensor:
        """x (B,n,width) of the places from `count` on; keeps their keys and values."""
        attention, now = self.block.attn, count + x.shape[1]
        asked = F.linear(self.block.ln1(x), self.weight, self.bias)
        query, key, value = asked.unflatten(-1, (3, attention.n_head, -1)).permute(2, 0, 3, 1, 4)  # (B,heads,n,D) each
        self.keys[:, :, count:now], self.values[:, :, count:now] = key, value
        sees = attention.mask[:, :, count:now, :now] != 0 if x.shape[1] > 1 else None  # a last one sees all
        seen = F.scaled_dot_product_attention(query, self.keys[:, :, :now], self.values[:, :, :now], sees)
        x = x + attention.proj(seen.transpose(1, 2).flatten(2))
        answer: Tensor = x + self.block.mlp(self.block.ln2(x))
        return answer


def likely(logits: Tensor, top_k: int, top_p: float) -> Tensor:
    """Logits (B,K) without the codes beyond the `top_k` likeliest (0: all) or beyond a chance of `top_p` together."""
    if 0 < top_k < logits.shape[-1]:
        least = logits.topk(top_k).values[:, -1:]
        logits = logits.masked_fill(logits < least, -torch.inf)
    if top_p < 1:
        ordered, places = logits.sort(descending=True)
        chances = ordered.softmax(-1)
        beyond = chances.cumsum(-1) - chances >= top_p  # the likeliest always stays
        logits = logits.masked_fill(torch.zeros_like(beyond).scatter(1, places, beyond), -torch.inf)
    return logits


def load(path: Path) -> CodeTransformer:
    """The model of a file of ours, frozen, on the CPU. Raises: ModelError."""
    masks = lambda name: name.endswith(".attn.mask")  # noqa: E731 - they follow from the shape
    model: CodeTransformer = reading.shaped(path, "a transformer over codes", Shape, CodeTransformer, masks)
    return model


def _package() -> Any:
    try:
        from taming.modules.transformer import mingpt
    except ImportError as error:
        raise packages.missing("taming-transformers") from error
    return mingpt
