"""A transformer over a VQGAN's codes: draws a grid of them, cell by cell, of what a text says.

taming's minGPT; the text's CLIP embedding is the first thing that it reads.

Source: Esser et al. 2021, with the sliding window for grids larger than the one it learnt; Ho & Salimans 2021 for
guidance (what the text adds to the logits, several times over).
"""

from pathlib import Path
from typing import Any

import torch
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
    dropout: float = Field(0.1, ge=0, lt=1, description="while it learns (share)")


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
            attn_pdrop=rate,
        )

    def forward(self, before: Tensor, condition: Tensor) -> Tensor:
        """Logits (B, n + 1, codes) of the codes that follow each of `before` (B, n), the first included."""
        logits: Tensor = self.gpt(before, embeddings=self.lead(condition)[:, None])[0]
        return logits

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
                    read, corner = _Reading(self, both), (top, left)
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


class _Reading:
    """A window of codes that is read on as it grows: every code once, as the keys and values of all are kept."""

    def __init__(self, model: CodeTransformer, condition: Tensor) -> None:
        self.model, self.condition = model, condition
        self.kept: list[tuple[Tensor, Tensor]] = []
        self.count = 0  # of places that were read; the first is the condition's

    def following(self, before: Tensor) -> Tensor:
        """Logits (B, codes) of the code that follows `before` (B, n), which goes on from what was read last."""
        gpt = self.model.gpt
        new = gpt.tok_emb(before[:, max(0, self.count - 1) :])
        if not self.count:
            new = torch.cat([self.model.lead(self.condition)[:, None], new], 1)
        x = new + gpt.pos_emb[:, self.count : self.count + new.shape[1]]
        self.count += new.shape[1]
        earlier, self.kept = self.kept, []
        for place, block in enumerate(gpt.blocks):
            x = x + self._looked(block.attn, block.ln1(x), earlier[place] if earlier else None)
            x = x + block.mlp(block.ln2(x))
        logits: Tensor = gpt.head(gpt.ln_f(x[:, -1]))
        return logits

    def _looked(self, attention: Any, x: Tensor, earlier: tuple[Tensor, Tensor] | None) -> Tensor:
        """Self-attention as the package's, over what was kept, too; keeps what it made."""
        apart = lambda part: part.unflatten(-1, (attention.n_head, -1)).transpose(1, 2)  # noqa: E731 - (B,heads,n,D)
        query, key, value = (apart(layer(x)) for layer in (attention.query, attention.key, attention.value))
        if earlier is not None:
            key, value = (torch.cat(pair, 2) for pair in zip(earlier, (key, value), strict=True))
        self.kept.append((key, value))
        weights = query @ key.transpose(-1, -2) * query.shape[-1] ** -0.5
        if x.shape[1] > 1:  # a last one sees all
            unseen = attention.mask[:, :, self.count - x.shape[1] : self.count, : self.count] == 0
            weights = weights.masked_fill(unseen, -torch.inf)
        projected: Tensor = attention.proj((weights.softmax(-1) @ value).transpose(1, 2).flatten(2))
        return projected


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
