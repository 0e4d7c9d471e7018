"""Squares that a transformer drew, made wider or higher: it goes on with them on both sides, a line of cells at a time.

It reads from the left and from the top. So the left side is drawn as the right side of the mirrored picture, and a line
below as the last one of a window. What is above cannot be drawn like that, as no picture is upside down: there it draws
the first line of a window without the rest, many times, and the one is taken with which the whole window is likeliest.

An object that the side of its window cuts off looks like one of many to it. So a line is to be like the edge of the
square, too. Above and below, one of those it is chosen from is a copy of the line beside it, so that a plain sky goes
on.

Source: Esser et al. 2021 for the window.
"""

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from animator.models.networks.code_transformer import CodeTransformer
from animator.models.networks.vqgan.network import VQGAN

TRIES = 16  # columns of each side that one is chosen from
EDGE = 2  # columns of the square that they are compared with
TRIES_HIGH, EDGE_HIGH = 64, 1  # the same of rows, above and below
ALIKE = 0.15  # how much a squared difference to the edge takes off the logarithm of a window's likelihood
PIECE = 8  # windows that are decoded in one go, the likeliest first; mostly those are enough

ROWS, COLUMNS = -1, -2  # the axis that is averaged over, so that a number is left for each row, or each column


@dataclass(frozen=True)
class Outpainter:
    """A transformer, the VQGAN whose codes it draws, and the temperature that it draws at."""

    transformer: CodeTransformer
    model: VQGAN
    temperature: float

    @torch.no_grad()
    def around(self, square: Tensor, cells: tuple[int, int], text: Tensor, seed: int) -> Tensor:
        """Latents (1, D, rows, columns) of a picture that has those of a square (1, D, side, side) in its middle, for
        the text's embedding (1, D). One of the two numbers of `cells`, rows and columns, is `side`. A line that is left
        over is on the left, or below."""
        random = torch.Generator().manual_seed(seed % 2**63)
        (rows, columns), side = cells, self.transformer.shape.side
        if rows == side:
            return self._wider(square, columns, text, random)
        grid, more = self.model.nearest(square), rows - side
        for last, lines in ((True, more - more // 2), (False, more // 2)):
            which = slice(-EDGE_HIGH, None) if last else slice(EDGE_HIGH)
            edge = self._profile(square, which, COLUMNS)
            for _ in range(lines):
                grid = self._higher(grid, last, edge, text, random)
        return self.model.lookup(grid)

    def _wider(self, square: Tensor, columns: int, text: Tensor, random: torch.Generator) -> Tensor:
        side = self.transformer.shape.side
        more = -(-(columns - side) // 2)
        both = torch.cat([square, self._mirrored(square)])
        edges, grid = self._profile(both, slice(-EDGE, None), ROWS), self.model.nearest(both)
        texts, places = text.expand(2 * TRIES, -1), torch.arange(2, device=square.device)
        for _ in range(more):
            window = F.pad(grid[..., 1 - side :], (0, 1)).repeat_interleave(TRIES, 0)
            drawn = self.transformer.fill(texts, window, range(side - 1, side**2, side), random, self.temperature)
            seen = self._profile(self.model.lookup(drawn), slice(-1, None), ROWS).unflatten(0, (2, TRIES))
            nearest = (seen - edges[:, None]).square().sum(-1).argmin(1)
            grid = torch.cat([grid, drawn.unflatten(0, (2, TRIES))[places, nearest, :, -1:]], -1)
        right, left = self.model.lookup(grid).split(1)
        return torch.cat([self._mirrored(left)[..., :more], right[..., : columns - more]], -1)

    def _higher(self, grid: Tensor, last: bool, edge: Tensor, text: Tensor, random: torch.Generator) -> Tensor:
        """Codes (1, rows, side) with one more row: a last one, or a first one."""
        side, texts = self.transformer.shape.side, text.expand(TRIES_HIGH, -1)
        window = F.pad(grid[:, 1 - side :], (0, 0, 0, 1)) if last else F.pad(grid[:, : side - 1], (0, 0, 1, 0))
        place = side - 1 if last else 0
        cells = range(place * side, (place + 1) * side)
        drawn = self.transformer.fill(texts, window.repeat(TRIES_HIGH, 1, 1), cells, random, self.temperature)
        drawn[0, place] = grid[0, -1 if last else 0]
        likely = self.transformer.likelihood(texts, drawn)
        best, line = -math.inf, drawn[:1, place]
        for some in likely.argsort(descending=True).split(PIECE):
            if float(likely[some[0]]) <= best:  # what is unlike only takes away
                break
            seen = self._profile(self.model.lookup(drawn[some]), slice(place, place + 1), COLUMNS)
            scores = likely[some] - ALIKE * (seen - edge).square().sum(-1)
            if float(scores.max()) > best:
                best, line = float(scores.max()), drawn[some[scores.argmax()], place][None]
        return torch.cat([grid, line[:, None]] if last else [line[:, None], grid], 1)

    def _profile(self, latents: Tensor, which: slice, axis: int) -> Tensor:
        """The mean and spread along an axis, by channel and place (B, n), of some lines of cells, decoded."""
        cell = self.model.architecture.factor
        first, last = (number and number * cell for number in (which.start, which.stop))
        pictures = self.model.decode(latents).transpose(axis, -1)[..., first:last]
        return torch.cat([pictures.mean(-1), pictures.std(-1)], 1).flatten(1)

    def _mirrored(self, latents: Tensor) -> Tensor:
        return self.model.encode(self.model.decode(latents).flip(-1))
