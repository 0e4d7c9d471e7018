"""Prompts, encoded once for the whole film, and losses -> the objective of one frame."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from animator import models, variants
from animator.cutouts import cut
from animator.encoders import Encoder
from animator.generators import Generator, Latent
from animator.losses import Candidate, Loss, View
from animator.scene import Scene
from animator.timeline import FrameSpec, PromptAt, derive, left

Objective = Callable[[Latent, int], dict[str, Tensor]]
"""(latent, number of the step) -> the named terms, weighted; their sum is minimised."""

DRAFT, CUTOUTS = 0, 1  # what a step's seeds are for


@dataclass(frozen=True)
class Guide:
    """Frozen networks and embeddings. `texts` maps each encoder's name to its embedding (D,) of every text."""

    encoders: dict[str, Encoder]
    weights: dict[str, float]
    texts: dict[str, dict[str, Tensor]]
    losses: dict[str, Loss]

    def objective(self, spec: FrameSpec, generator: Generator, start: Latent) -> Objective:
        """What this frame minimises, from the latent that the camera left."""
        targets = {name: self._targets(name, spec.prompts) for name in self.encoders}
        options, weights = dict(spec.cutouts), dict(spec.losses)
        weights.setdefault("prompt", 1.0)

        def terms(latent: Latent, step: int) -> dict[str, Tensor]:
            seed = derive(spec.seed, step, DRAFT)
            picture = generator.decode(latent, draft=seed)

            def previous() -> Tensor:
                with torch.no_grad():
                    return generator.decode(start, draft=seed)

            noisy = options | {"noise": noise(spec, options["noise"], step)}
            views = tuple(
                View(name, self.weights[name], self._look(name, picture, noisy, spec.seed, step), *targets[name])
                for name in self.encoders
                if spec.prompts
            )
            candidate = Candidate(picture, latent, views, previous)
            return {name: weight * self.losses[name](candidate) for name, weight in weights.items()}

        return terms

    def _look(self, name: str, picture: Tensor, options: dict[str, float], seed: int, step: int) -> Tensor:
        encoder = self.encoders[name]
        crops = cut(picture, encoder.input_size, options, derive(seed, step, CUTOUTS))
        return encoder.encode_image(crops)

    def _targets(self, name: str, prompts: tuple[PromptAt, ...]) -> tuple[Tensor, Tensor]:
        """(M,D) embeddings and (M,) weights of a frame's prompts."""
        texts = self.texts[name]
        some = next(iter(texts.values()))
        rows = [slerp(texts[p.text], texts[p.towards], p.blend) if p.blend else texts[p.text] for p in prompts]
        pulls = torch.tensor([p.weight for p in prompts], device=some.device)
        return torch.stack(rows) if rows else some.new_zeros(0, len(some)), pulls


def noise(spec: FrameSpec, last: float, step: int) -> float:
    """Of the cutouts at a step. Loud noise drowns all but the large forms, so those are found first."""
    return last if spec.first_noise is None else last + (spec.first_noise - last) * left(spec, step)


def slerp(a: Tensor, b: Tensor, share: float) -> Tensor:
    """The point `share` of the way from unit vector a to b, along the arc. Source: Shoemake 1985."""
    angle = torch.acos((a * b).sum().clamp(-1, 1))
    if angle < 1e-4 or angle > torch.pi - 1e-4:  # no arc to follow, or too many
        return F.normalize(torch.lerp(a, b, share), dim=0)
    return (torch.sin((1 - share) * angle) * a + torch.sin(share * angle) * b) / torch.sin(angle)


def texts_of(specs: tuple[FrameSpec, ...]) -> list[str]:
    """Every text that the film speaks of, in order of appearance."""
    seen = (text for spec in specs for p in spec.prompts for text in (p.text, p.towards) if text)
    return list(dict.fromkeys(seen))


def build(scene: Scene, specs: tuple[FrameSpec, ...], device: torch.device) -> Guide:
    """Load the scene's encoders, encode its prompts, build its losses. Raises: ModelError."""
    texts = texts_of(specs) or [""]
    encoders: dict[str, Encoder] = {}
    for name in scene.guide.encoders:
        model = models.find(name, "clip")
        variant = variants.module("encoders", model.encoder)
        encoders[name] = variant.build(variant.Config(**model.options), device)
    embedded = {name: dict(zip(texts, encoder.encode_text(texts), strict=True)) for name, encoder in encoders.items()}
    losses: dict[str, Loss] = {}
    for name in {"prompt", *scene.losses}:
        variant = variants.module("losses", name)
        options = scene.losses[name].options if name in scene.losses else {}
        losses[name] = variant.build(variant.Config(**options))
    return Guide(encoders, dict(scene.guide.encoders), embedded, losses)
