"""Latents fitted to a picture, where a film needs one that is known: without any encoder."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from animator.paint.generators import Draft, Generator, Latent
from animator.paint.optimize import begin, descend, fresh
from animator.paint.resample import reach, resample
from animator.scene.frame_spec import Home
from animator.seeds import derive

HAND_OVER = 200  # steps of a generator that takes over
LEAD = 16  # of a frame that leads back to the first one


def hand_over(before: Generator, latent: Latent, after: Generator, seed: int) -> Latent:
    """A latent of the generator `after` whose picture is, as nearly as it can be, the one that `before` makes."""
    with torch.no_grad():
        wanted = before.decode(latent)
    return fitted(after, after.init(seed, picture=wanted), wanted, HAND_OVER, seed)


def led_home(generator: Generator, latent: Latent, first: Tensor, home: Home, seed: int) -> Latent:
    """A latent whose picture is on its way to the film's first picture (B,3,H,W), as the camera sees it from here.

    A generator that can begin from a picture goes towards that beginning; the steps do the rest, or all of it.
    """
    with torch.no_grad():
        shown = generator.decode(latent)
    span = reach((first.shape[-1], first.shape[-2]))
    seen = resample(first, home.pose, span)
    inside = resample(torch.ones_like(first[:, :1]), home.pose, span)
    wanted = torch.lerp(shown, seen, home.share * inside)
    with torch.no_grad():
        begun = generator.init(seed, picture=seen)
        mixed = {name: torch.lerp(leaf, begun[name], home.share) for name, leaf in latent.items()}
        nearer = min((latent, mixed), key=lambda way: float((generator.decode(way) - wanted).square().mean()))
    return fitted(generator, nearer, wanted, LEAD, seed)


def fitted(generator: Generator, latent: Latent, wanted: Tensor, steps: int, seed: int) -> Latent:
    """A latent whose picture is nearer to the one that is wanted (B,3,H,W)."""
    leaves, adam = begin(generator, fresh(latent))
    for step in range(steps):
        made = generator.decode(leaves, Draft(derive(seed, step)))
        target = wanted
        if made.shape != wanted.shape:
            target = F.interpolate(wanted, size=made.shape[-2:], mode="bilinear", antialias=True)
        size = (1 + math.cos(math.pi * step / steps)) / 2
        descend(generator, leaves, adam, size, (made - target).square().mean())
    return {name: leaf.detach() for name, leaf in leaves.items()}
