"""The loop as the field writes it: what ours is measured against, and whose gradient ours must have.

Plain and short on purpose. All of SIREN is evaluated once for each group of cutouts, as deep-daze does; codes are
picked by a product with a one-hot matrix, cutouts are made one at a time and CLIP is the package's own, as in
VQGAN-CLIP; all in float32, with PyTorch's defaults, and a PNG is written on the spot.

Source: Katherine Crowson's and nerdyrodent's VQGAN-CLIP; lucidrains' deep-daze and siren-pytorch.
Differs: latents are ours, and so are the boxes that cutouts are taken from, so that the two can be compared; the clamp
that lets gradients back in is theirs as it is ours.
"""

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import kornia.augmentation as K
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from animator.models.networks.clip.package import MEAN, STD
from animator.models.networks.vqgan.network import VQGAN
from animator.paint.cutouts import draw_boxes
from animator.paint.generators import Latent
from animator.paint.generators.siren.network import grid
from animator.paint.generators.vqgan.generator import Bounded
from animator.scene.frame_spec import CutoutsAt

Mark = Callable[[str], None]
"""Called when a part of a step is over, with its name."""


def siren(latent: Latent, size: tuple[int, int]) -> Tensor:
    """The picture (1,3,H,W) of every pixel's coordinates, a layer after another."""
    (width, height), leaves = size, {name: leaf[0] for name, leaf in latent.items()}
    points = grid(width, height, width / height).float().to(leaves["b1"].device)
    wave = torch.sin(torch.addmm(leaves["b1"], points, leaves["w1"]))
    wave = torch.sin(torch.addmm(leaves["b2"], wave, leaves["w2"]) + points @ leaves["v2"])
    layer = 3
    while f"w{layer}" in leaves:
        wave = torch.sin(torch.addmm(leaves[f"b{layer}"], wave, leaves[f"w{layer}"]))
        layer += 1
    colours = torch.sigmoid(torch.addmm(leaves["bo"], wave, leaves["wo"]))
    return colours.T.reshape(1, 3, height, width)


def vqgan(model: VQGAN, latent: Latent) -> Tensor:
    """The picture (1,3,H,W) of the nearest codes."""
    z, codebook = latent["z"].movedim(1, 3), model.codebook
    distances = z.pow(2).sum(-1, keepdim=True) + codebook.pow(2).sum(1) - 2 * z @ codebook.T
    nearest = F.one_hot(distances.argmin(-1), len(codebook)).to(z.dtype) @ codebook
    codes = z + (nearest - z).detach()
    picture: Tensor = Bounded.apply((model.decode(codes.movedim(3, 1)) + 1) / 2)
    return picture


def cutouts(picture: Tensor, boxes: Tensor, size: int, turn: float, noise: float) -> Tensor:
    """(N,3,size,size), one box after another; then turned together, and noise added."""
    height, width = picture.shape[2:]
    crops = []
    for left, top, wide, high in boxes.tolist():
        middle_x, middle_y = (2 * left + wide) / width - 1, (2 * top + high) / height - 1
        matrix = torch.tensor([[[wide / width, 0, middle_x], [0, high / height, middle_y]]], device=picture.device)
        points = F.affine_grid(matrix, [1, 3, size, size], align_corners=False)
        crops.append(F.grid_sample(picture, points, padding_mode="border", align_corners=False))
    batch = torch.cat(crops)
    if turn:
        batch = K.RandomAffine(degrees=turn, padding_mode="reflection", p=1.0)(batch)
    if noise:
        batch = batch + torch.rand(len(batch), 1, 1, 1, device=batch.device) * noise * torch.randn_like(batch)
    return batch


def embed(clip: Any, crops: Tensor) -> Tensor:
    """(N,D), unit rows."""
    mean, std = (torch.tensor(values, device=crops.device).view(1, 3, 1, 1) for values in (MEAN, STD))
    rows: Tensor = clip.encode_image((crops - mean) / std)
    unit: Tensor = F.normalize(rows, dim=-1)
    return unit


def distance(rows: Tensor, target: Tensor) -> Tensor:
    """Mean of half the squared angles."""
    mean: Tensor = ((rows - target).norm(dim=-1) / 2).arcsin().pow(2).mul(2).mean()
    return mean


def step(
    decode: Callable[[Latent], Tensor],
    clip: Any,
    latent: Latent,
    optimizer: torch.optim.Optimizer,
    target: Tensor,
    options: CutoutsAt,
    groups: int,
    mark: Mark,
) -> None:
    """One step: `groups` times a decoding, a share of the cutouts, and a backward pass."""
    group = dataclasses.replace(options, count=options.count / groups)
    optimizer.zero_grad()
    for _ in range(groups):
        picture = decode(latent)
        mark("decode")
        boxes = draw_boxes(picture.shape[3], picture.shape[2], group)
        crops = cutouts(picture, boxes, clip.visual.input_resolution, options.turn, options.noise)
        mark("cutouts")
        loss = distance(embed(clip, crops), target) / groups
        mark("encode")
        loss.backward()
        mark("backward")
    optimizer.step()
    loss.item()  # shown at every step
    mark("step")


def write(picture: Tensor, path: Path) -> None:
    """A PNG, before anything else happens."""
    pixels = picture[0].detach().movedim(0, 2).mul(255).round().to(torch.uint8).cpu().numpy()
    Image.fromarray(pixels).save(path)
