"""Pictures that a CLIP paints of captions while it learns, by following its own gradient from a blur, as a guide would.

A guide that was only ever shown real pictures calls some pictures of nothing more like a caption than any real one,
and an optimiser finds those. So in a batch the dreams stand among the pictures that are not the caption's: where the
gradient leads to something that is not yet the thing, it is turned.

Source: persistent contrastive divergence (Tieleman 2008; Du & Mordatch 2019), here inside a contrastive loss.
"""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from animator.training import dataset, pictures

COUNT = 256  # dreams under way
CLIMBS = 2  # steps up the gradient, per visit
STEP = 2.0  # L2 length of one, of pictures in [0,1]
BLUR = 0.1  # share of the blurred picture in the next, per step
LIFE = 40  # visits, on average
SHIFT = 6  # pixels
NOISE = 0.3  # standard deviation, at most


class Dreams:
    """`images` (COUNT,3,S,S) in [0,1]; the caption that each is of is number `way` of picture number `pick`."""

    def __init__(self, captioned: int, random: torch.Generator) -> None:
        device, side = random.device, pictures.SIZE
        self.captioned = captioned
        self.images = torch.zeros((COUNT, 3, side, side), device=device)
        self.pick = torch.zeros(COUNT, dtype=torch.long, device=device)
        self.way = torch.zeros(COUNT, dtype=torch.long, device=device)
        self._start(torch.arange(COUNT, device=device), random)

    def some(self, count: int, random: torch.Generator) -> Tensor:
        """Which dreams to visit, without repetition."""
        if count == 0:  # and no random number is drawn: a recipe without dreams does not depend on them
            return torch.empty(0, dtype=torch.long, device=random.device)
        return torch.randperm(COUNT, generator=random, device=random.device)[:count]

    def climb(self, places: Tensor, likeness: Callable[[Tensor], Tensor], random: torch.Generator) -> Tensor:
        """The dreams at `places`, made more like their captions; some end here and start anew at the next visit.

        `likeness` takes pictures (D,3,S,S) to a number each.
        """
        images = self.images[places]
        for _ in range(CLIMBS):
            images.requires_grad_(True)
            (gradient,) = torch.autograd.grad(likeness(glance(images, random)).sum(), images)
            length = torch.linalg.vector_norm(gradient.flatten(1), dim=1).clamp(min=1e-12).view(-1, 1, 1, 1)
            images = images.detach() + STEP * gradient / length
            soft = F.avg_pool2d(F.pad(images, (1, 1, 1, 1), mode="replicate"), 3, 1)
            images = torch.lerp(images, soft, BLUR).clamp(0, 1)
        self.images[places] = images
        ended = torch.rand(len(places), generator=random, device=places.device) < 1 / LIFE
        self._start(places[ended], random)
        return images

    def _start(self, places: Tensor, random: torch.Generator) -> None:
        """New dreams at `places`: a random caption each, and a grey blur."""
        count, device, side = len(places), random.device, self.images.shape[-1]
        self.pick[places] = torch.randint(self.captioned, (count,), generator=random, device=device)
        self.way[places] = torch.randint(dataset.CAPTIONS, (count,), generator=random, device=device)
        blur = torch.full((count, 3, side, side), 0.5, device=device)
        for cells, contrast in ((4, 0.15), (10, 0.08)):
            coarse = torch.randn((count, 3, cells, cells), generator=random, device=device)
            blur += contrast * F.interpolate(coarse, size=(side, side), mode="bicubic")
        self.images[places] = blur.clamp(0, 1)

    def state(self) -> dict[str, Tensor]:
        return {"images": self.images, "pick": self.pick, "way": self.way}

    def load(self, state: dict[str, Tensor]) -> None:
        self.images, self.pick, self.way = state["images"], state["pick"], state["way"]


def glance(images: Tensor, random: torch.Generator) -> Tensor:
    """Pictures (D,3,S,S) as cutouts show them: moved by a few pixels, with noise."""
    side = images.shape[-1]
    y, x = torch.randint(2 * SHIFT + 1, (2,), generator=random, device=random.device).tolist()
    loudness = NOISE * torch.rand((len(images), 1, 1, 1), generator=random, device=images.device)
    noise = torch.randn(images.shape, generator=random, device=images.device)
    padded = F.pad(images, (SHIFT, SHIFT, SHIFT, SHIFT), mode="reflect")
    return padded[:, :, y : y + side, x : x + side] + loudness * noise
