"""Squares that a transformer drew, made wider or higher: it goes on with them on both sides, a line of cells at a time.

It reads from the left and from the top. So the left side is drawn as the right side of the mirrored picture. A line
below is drawn as the last one of a window. What is above cannot be drawn like that, as no picture is upside down: there
it draws the first line of a window without the rest, many times, and the one is taken with which the whole window is
likeliest. One of them is the line below it.

An object that the side of its window cuts off looks like one of many to it. So a line is to be like the edge of the
square, too.

Source: Esser et al. 2021 for the window.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from animator.models.networks.code_transformer import CodeTransformer
from animator.models.networks.vqgan.network import VQGAN

TRIES = 16  # lines that one is chosen from
EDGE = 2  # lines of the square that they are compared with
TRIES_ABOVE, EDGE_ABOVE = 64, 1
ALIKE = 0.15  # what likeness to the edge counts beside likelihood, above

RIGHT, DOWN = -1, -2  # axes


@dataclass(frozen=True)
class Outpainter:
    """A transformer, the VQGAN whose codes it draws, and the temperature that it draws at."""

    transformer: CodeTransformer
    model: VQGAN
    temperature: float

    @torch.no_grad()
    def around(self, square: Tensor, cells: tuple[int, int], text: Tensor, seed: int) -> Tensor:
        """Latents (1, D, rows, columns) of a picture that has those of a square (1, D, side, side) in its middle, for
        the text's embedding (1, D). One of the two numbers of `cells`, rows and columns, is `side`."""
        random = torch.Generator().manual_seed(seed % 2**63)
        (rows, columns), side = cells, self.transformer.shape.side
        return self._wider(square, columns, text, random) if rows == side else self._higher(square, rows, text, random)

    def _wider(self, square: Tensor, columns: int, text: Tensor, random: torch.Generator) -> Tensor:
        more = -(-(columns - square.shape[RIGHT]) // 2)
        both = torch.cat([square, self._mirrored(square)])
        right, left = self.model.lookup(self._onwards(both, more, RIGHT, text, random)).split(1)
        return torch.cat([self._mirrored(left)[..., :more], right[..., : columns - more]], RIGHT)

    def _higher(self, square: Tensor, rows: int, text: Tensor, random: torch.Generator) -> Tensor:
        more = rows - square.shape[DOWN]
        grid = self._onwards(square, more - more // 2, DOWN, text, random)
        edge = self._lines(square, slice(EDGE_ABOVE), DOWN)
        texts = text.expand(TRIES_ABOVE, -1)
        for _ in range(more // 2):
            window = F.pad(grid[:, :-1][:, : square.shape[DOWN] - 1], (0, 0, 1, 0)).repeat(TRIES_ABOVE, 1, 1)
            drawn = self.transformer.fill(texts, window, range(window.shape[2]), random, self.temperature)
            drawn[0, 0] = grid[0, 0]
            unlike = self._lines(self.model.lookup(drawn), slice(1), DOWN) - edge
            likely = self.transformer.likelihood(texts, drawn) - ALIKE * unlike.square().sum(-1)
            grid = torch.cat([drawn[likely.argmax()][None, :1], grid], 1)
        return self.model.lookup(grid)

    def _onwards(self, squares: Tensor, more: int, axis: int, text: Tensor, random: torch.Generator) -> Tensor:
        """Codes (B, rows, columns) of squares (B, D, side, side) that go on to the right or down by some lines."""
        side, places = squares.shape[axis], torch.arange(len(squares), device=squares.device)
        numbers = torch.arange(side * side).view(side, side).select(axis, -1).tolist()
        edges, grid = self._lines(squares, slice(-EDGE, None), axis), self.model.nearest(squares)
        for _ in range(more):
            known = grid.narrow(axis, grid.shape[axis] + 1 - side, side - 1)
            window = F.pad(known, (0, 1) if axis == RIGHT else (0, 0, 0, 1)).repeat_interleave(TRIES, 0)
            drawn = self.transformer.fill(text.expand(len(window), -1), window, numbers, random, self.temperature)
            seen = self._lines(self.model.lookup(drawn), slice(-1, None), axis).unflatten(0, (-1, TRIES))
            nearest = (seen - edges[:, None]).square().sum(-1).argmin(1)
            chosen = drawn.unflatten(0, (-1, TRIES))[places, nearest]
            grid = torch.cat([grid, chosen.narrow(axis, side - 1, 1)], axis)
        return grid

    def _lines(self, latents: Tensor, which: slice, axis: int) -> Tensor:
        """The mean and spread, by channel and place along the edge (B, n), of some lines of cells, decoded."""
        cell = self.model.architecture.factor
        first, last = (number and number * cell for number in (which.start, which.stop))
        pictures = self.model.decode(latents).transpose(axis, RIGHT)[..., first:last]
        return torch.cat([pictures.mean(-1), pictures.std(-1)], 1).flatten(1)

    def _mirrored(self, latents: Tensor) -> Tensor:
        return self.model.encode(self.model.decode(latents).flip(-1))
