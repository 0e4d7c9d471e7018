"""A picture that a denoiser makes of the one that is being painted: a moving target for the latent.

The picture is shrunk to the denoiser's size, drowned in noise of some level, and denoised in a few steps towards what
the prompts ask for. A first frame begins with nothing but noise and takes the best of several; later ones change what
the camera left by as much as their level allows. The noise is drawn from a step's seed, so every frame has its own.

Source: Karras et al. 2022, Ho & Salimans 2021 for guidance, Song et al. 2020 for the steps.
"""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from animator.models.networks.denoiser import descend, levels_down
from animator.paint.cutouts import shrink
from animator.paint.denoisers import Denoiser
from animator.scene.frame_spec import DenoiserAt, FrameSpec

LEVELS = (5.0, 0.7, 0.5, 0.35, 0.25, 0.15, 0.1)  # of noise of a first frame's targets, in turn
PICTURES = 0.5  # standard deviation of pictures in [-1,1], which levels are given for
LATER = 0.25  # share of the weight, and of what guidance adds, behind the first frame
LAST = 0.3  # share of the weight at a first frame's last step
SMALLEST = 0.02  # level at which a target is done

Choose = Callable[[Tensor], Tensor]
"""Pictures (B,3,S,S) in [0,1] -> how well each shows what is asked for, (B,)."""


def weight(at: DenoiserAt, spec: FrameSpec, step: int) -> float:
    """Of the pull at a step: a first frame's fades while the forms that it found are worked out."""
    if not spec.starts:
        return LATER * at.weight
    share = step / max(1, spec.steps - 1)
    return at.weight * (1 + share * (LAST - 1))


@torch.no_grad()
def target(
    denoiser: Denoiser,
    picture: Tensor,
    texts: Tensor,
    at: DenoiserAt,
    spec: FrameSpec,
    step: int,
    seed: int,
    choose: Choose,
) -> Tensor:
    """(B,3,S,T) in [0,1] for pictures (B,3,H,W) in [0,1] and an embedding (D,)."""
    stage = step // at.every if spec.starts else 0
    level = LEVELS[min(stage, len(LEVELS) - 1)] if spec.starts else at.level
    first = spec.starts and stage == 0
    tries = (at.tries if first else max(1, at.tries // 4)) if spec.starts else 1
    steps = (denoiser.steps.first if first else denoiser.steps.then) if spec.starts else denoiser.steps.later
    guidance = at.guidance if spec.starts else 1 + LATER * (at.guidance - 1)
    levels = [denoiser.spread / PICTURES * each for each in levels_down(level, steps, SMALLEST)]
    small = denoiser.encode(shrink(picture, sides(denoiser, *picture.shape[-2:])))
    random = torch.Generator().manual_seed(seed)  # on the host: the same on every device
    rows = texts.expand(tries, -1)
    denoise = lambda seen, now: denoiser.denoise(seen, now, rows, guidance, seed)  # noqa: E731
    found = []
    for one in small.split(1):
        noise = torch.randn((tries, *one.shape[1:]), generator=random).to(one.device, one.dtype)
        made = denoiser.decode(descend(denoise, one + levels[0] * noise, levels))
        best = choose(made) if tries > 1 else made.new_zeros(1)
        found.append(made.index_select(0, best.argmax()[None]))
    return torch.cat(found)


def sides(denoiser: Denoiser, height: int, width: int) -> tuple[int, int]:
    """(rows, columns) at which a denoiser sees a picture: of nearly the same shape, as forms are not to be squeezed."""
    scale = denoiser.size / (max if denoiser.draws else min)(height, width)
    rows, columns = (max(1, round(side * scale / denoiser.cell)) * denoiser.cell for side in (height, width))
    return rows, columns


def pull(picture: Tensor, wanted: Tensor) -> Tensor:
    """Mean squared difference of a picture, shrunk, to the target; differentiable by the picture."""
    rows, columns = wanted.shape[-2:]
    return F.mse_loss(shrink(picture, (rows, columns)), wanted)
