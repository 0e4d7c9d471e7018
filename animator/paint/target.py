"""A picture that a denoiser makes of the one that is being painted: a moving target for the latent.

The picture is shrunk to the denoiser's size, drowned in noise of some level, and denoised in a few steps towards what
the prompts ask for. A first frame begins with nothing but noise and takes the best of several; its later targets change
what is there by as much as their level allows. A change of prompts has one drawing for all its frames, made of noise,
too. The noise is drawn from a step's seed, so every frame has its own.

Source: Karras et al. 2022, Ho & Salimans 2021 for guidance, Song et al. 2020 for the steps.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor

from animator.models.networks.denoiser import descend, levels_down
from animator.paint.cutouts import shrink
from animator.paint.denoisers import Denoiser, Drawer, Steps
from animator.paint.edges import enlarge
from animator.scene.frame_spec import DenoiserAt, FrameSpec

LEVELS = (5.0, 0.7, 0.5, 0.35, 0.25, 0.15, 0.1)  # of noise of a first frame's targets, in turn
PICTURES = 0.5  # standard deviation of pictures in [-1,1], which levels are given for
LATER = 0.25  # share of the weight, and of what guidance adds, behind the first frame
LAST = 0.3  # share of the weight at a first frame's last step
SHARP = 128  # pixels; the edges of smaller targets are soft
SMALLEST = 0.02  # level at which a target is done

Choose = Callable[[Tensor], Tensor]
"""Pictures (B,3,S,S) in [0,1] -> how well each shows what is asked for, (B,)."""


def weight(at: DenoiserAt, spec: FrameSpec, step: int) -> float:
    """Of the pull at a step: a first frame's fades while the forms that it found are worked out, and that of a change
    comes and goes with it."""
    if not spec.starts:
        return LATER * at.weight * (at.coming.share if at.coming else 1.0)
    share = step / max(1, spec.steps - 1)
    return at.weight * (1 + share * (LAST - 1))


@dataclass(frozen=True)
class Way:
    """How a target is made: of what noise, in how many steps, how much the text counts, as the best of how many, and
    whether the noise leaves nothing of what was there."""

    level: float
    steps: int
    guidance: float
    tries: int
    anew: bool = False


def way(steps: Steps, at: DenoiserAt, spec: FrameSpec, step: int) -> Way:
    """That of a step's target. What a change comes to is drawn as a first frame is begun."""
    if not spec.starts and not at.coming:
        return Way(at.level, steps.later, 1 + LATER * (at.guidance - 1), 1)
    stage = step // at.every if spec.starts and at.every else 0
    level = LEVELS[min(stage, len(LEVELS) - 1)]
    if stage == 0:
        return Way(level, steps.first, at.guidance, at.tries, anew=True)
    return Way(level, steps.then, at.guidance, max(1, at.tries // 4))


@torch.no_grad()
def target(denoiser: Denoiser, picture: Tensor, texts: Tensor, way: Way, seed: int, choose: Choose) -> Tensor:
    """(B,3,S,T) in [0,1] for pictures (B,3,H,W) in [0,1] and an embedding (D,)."""
    levels = [denoiser.spread / PICTURES * each for each in levels_down(way.level, way.steps, SMALLEST)]
    rows, columns = sides(denoiser, *picture.shape[-2:])
    seen = shrink(picture, (rows, columns))
    drawer = cast(Drawer, denoiser) if denoiser.draws and way.anew and columns != rows else None
    if drawer:  # the square is chosen first: what is around it matters less
        side = min(rows, columns)
        seen = seen[..., (rows - side) // 2 :, (columns - side) // 2 :][..., :side, :side]
    random = torch.Generator().manual_seed(seed)  # on the host: the same on every device
    asked = texts.expand(way.tries, -1)
    denoise = lambda noisy, now: denoiser.denoise(noisy, now, asked, way.guidance, seed)  # noqa: E731
    found = []
    for one in denoiser.encode(seen).split(1):
        noise = torch.randn((way.tries, *one.shape[1:]), generator=random).to(one.device, one.dtype)
        clean = descend(denoise, one + levels[0] * noise, levels)
        made = denoiser.decode(clean)
        best = (choose(made) if way.tries > 1 else made.new_zeros(1)).argmax()[None]
        if drawer:
            square = clean.index_select(0, best)
            cells = rows // drawer.cell, columns // drawer.cell
            found.append(drawer.decode(drawer.extend(square, cells, texts[None], seed)))
        else:
            found.append(made.index_select(0, best))
    whole = torch.cat(found)
    return enlarge(whole) if min(whole.shape[-2:]) < SHARP else whole


def sides(denoiser: Denoiser, height: int, width: int) -> tuple[int, int]:
    """(rows, columns) at which a denoiser sees a picture: of nearly the same shape, as forms are not to be squeezed."""
    scale = denoiser.size / min(height, width)
    rows, columns = (max(1, round(side * scale / denoiser.cell)) * denoiser.cell for side in (height, width))
    return rows, columns


def pull(picture: Tensor, wanted: Tensor) -> Tensor:
    """Mean squared difference of a picture to the target, at the smaller one's size; differentiable by the picture."""
    rows, columns = map(min, picture.shape[-2:], wanted.shape[-2:])
    return F.mse_loss(shrink(picture, (rows, columns)), shrink(wanted, (rows, columns)))
