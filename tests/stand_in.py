"""An encoder for tests: a fixed random projection, so that a guide needs no weights and no seconds."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from animator.paint.guide import Guide
from animator.paint.losses import drift, prompt, total_variation
from animator.scene.frame_spec import Aim


@dataclass(frozen=True)
class StandIn:
    """Looks at colours in a coarse grid; a text is a point that depends on its letters."""

    input_size: int = 16

    def encode_image(self, pictures: Tensor) -> Tensor:
        coarse = F.adaptive_avg_pool2d(pictures, 4).flatten(1) - 0.5
        return F.normalize(coarse @ _matrix(coarse.shape[1]), dim=-1)

    def encode_text(self, texts: list[str]) -> Tensor:
        rows = [torch.randn(12, generator=torch.Generator().manual_seed(sum(text.encode()))) for text in texts]
        return F.normalize(torch.stack(rows), dim=-1)


def _matrix(rows: int) -> Tensor:
    return torch.randn(rows, 12, generator=torch.Generator().manual_seed(7))


def guide(*texts: str) -> Guide:
    """A guide over the stand-in that knows these texts and every loss."""
    encoder = StandIn()
    losses = {
        "prompt": prompt.build(prompt.Config()),
        "total_variation": total_variation.build(total_variation.Config()),
        "drift": drift.build(drift.Config()),
    }
    embedded = dict(zip(map(Aim, texts), encoder.encode_text(list(texts)), strict=True))
    return Guide({"stand-in": encoder}, {"stand-in": 1.0}, {"stand-in": embedded}, losses)
