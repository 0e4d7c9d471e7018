"""Latents fitted to a picture, where a film needs one that is known: without any encoder."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from animator.paint.generators import Draft, Generator, Latent
from animator.paint.optimize import begin, descend, fresh
from animator.scene.frame_spec import Home
from animator.seeds import derive

HAND_OVER = 200  # steps of a generator that takes over
LEAD = 16  # of a frame that leads back to the first one
FAR = 0.1  # root mean square, in [0,1], of a way that whole steps are taken for; on a shorter one they leave grain


def hand_over(before: Generator, latent: Latent, after: Generator, seed: int) -> Latent:
    """A latent of the generator `after` whose picture is, as nearly as it can be, the one that `before` makes."""
    with torch.no_grad():
        wanted = before.decode(latent)
    return fitted(after, after.init(seed, picture=wanted), wanted, HAND_OVER, seed)


def led_home(generator: Generator, latent: Latent, first: Latent, home: Home, seed: int) -> Latent:
    """A latent whose picture is on its way to that of the film's first frame, as the camera sees it from here.

    It is fitted to a mix of both pictures, from whatever is nearest to that: the one, the other, or a mix of the two
    latents, which for some generators is nearly the picture that is wanted. The shorter the way, the shorter the steps,
    and where they do not come nearer, none is taken.
    """
    there, _ = generator.warp(first, None, home.pose, seed)
    with torch.no_grad():
        wanted = torch.lerp(generator.decode(latent), generator.decode(there), home.share)

    @torch.no_grad()
    def apart(way: Latent) -> float:
        return float((generator.decode(way) - wanted).square().mean())

    mixed = {name: torch.lerp(leaf, there[name], home.share) for name, leaf in latent.items()}
    ways = (latent, there, mixed)
    off = [apart(way) for way in ways]
    nearest = ways[off.index(min(off))]
    led = fitted(generator, nearest, wanted, LEAD, seed, min(1.0, math.sqrt(min(off)) / FAR))
    return led if apart(led) < min(off) else nearest


def fitted(generator: Generator, latent: Latent, wanted: Tensor, steps: int, seed: int, whole: float = 1.0) -> Latent:
    """A latent whose picture is nearer to the one that is wanted (B,3,H,W). `whole` is the size of the first step,
    of the generator's own; those behind it are shorter."""
    leaves, adam = begin(generator, fresh(latent))
    for step in range(steps):
        made = generator.decode(leaves, Draft(derive(seed, step)))
        target = wanted
        if made.shape != wanted.shape:
            target = F.interpolate(wanted, size=made.shape[-2:], mode="bilinear", antialias=True)
        size = whole * (1 + math.cos(math.pi * step / steps)) / 2
        descend(generator, leaves, adam, size, (made - target).square().mean())
    return {name: leaf.detach() for name, leaf in leaves.items()}
