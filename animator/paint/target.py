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

from animator.paint.cutouts import shrink
from animator.paint.denoisers import Denoiser
from animator.scene.frame_spec import DenoiserAt, FrameSpec

LEVELS = (5.0, 1.0, 0.7, 0.5, 0.35, 0.25, 0.15, 0.1)  # of a first frame's targets, in turn
STEPS, FIRST_STEPS, LATER_STEPS = 8, 24, 5  # of denoising: a first frame's, its first target's, those of later frames
LATER = 0.25  # share of the weight, and of what guidance adds, behind the first frame
LAST = 0.15  # share of the weight at a first frame's last step
SMALLEST = 0.02  # level at which a target is done

Choose = Callable[[Tensor], Tensor]
"""Pictures (B,3,S,S) in [0,1] -> how well each shows what is asked for, (B,)."""


def due(at: DenoiserAt, spec: FrameSpec, step: int) -> bool:
    """Whether a step has a new target: a later frame has one, a first frame some."""
    return step % at.every == 0 if spec.starts else step == 0


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
    """(B,3,S,S) in [0,1] for pictures (B,3,H,W) in [0,1] and an embedding (D,)."""
    stage = step // at.every if spec.starts else 0
    level = LEVELS[min(stage, len(LEVELS) - 1)] if spec.starts else at.level
    first = spec.starts and stage == 0
    tries = (at.tries if first else max(1, at.tries // 4)) if spec.starts else 1
    steps = (FIRST_STEPS if first else STEPS) if spec.starts else LATER_STEPS
    guidance = at.guidance if spec.starts else 1 + LATER * (at.guidance - 1)
    small = 2 * shrink(picture, denoiser.size) - 1
    random = torch.Generator().manual_seed(seed)  # on the host: the same on every device
    found = []
    for one in small.split(1):
        noise = torch.randn((tries, *one.shape[1:]), generator=random).to(one.device, one.dtype)
        made = _denoised(denoiser, one + level * noise, level, steps, texts.expand(tries, -1), guidance)
        best = choose(made) if tries > 1 else made.new_zeros(1)
        found.append(made.index_select(0, best.argmax()[None]))
    return torch.cat(found)


def _denoised(denoiser: Denoiser, noisy: Tensor, level: float, steps: int, texts: Tensor, guidance: float) -> Tensor:
    levels = _down(level, steps)
    clean = noisy
    for now, following in zip(levels, [*levels[1:], 0.0], strict=True):
        clean = denoiser.denoise(noisy, now, texts)
        if guidance != 1:
            without = denoiser.denoise(noisy, now, None)
            clean = without + guidance * (clean - without)
        clean = clean.clamp(-1, 1)
        noisy = clean + (noisy - clean) * (following / now)
    return (clean + 1) / 2


def _down(level: float, steps: int) -> list[float]:
    """Levels from the first down, in equal steps of their seventh root."""
    last, power = min(SMALLEST, level / 2), 1 / 7
    return [(level**power + number / max(1, steps - 1) * (last**power - level**power)) ** 7 for number in range(steps)]


def pull(picture: Tensor, wanted: Tensor) -> Tensor:
    """Mean squared difference of a picture, shrunk, to the target; differentiable by the picture."""
    return F.mse_loss(shrink(picture, wanted.shape[-1]), wanted)
