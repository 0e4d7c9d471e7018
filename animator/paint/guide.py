"""Prompts, encoded once for the whole film, and losses -> the objective of one frame."""

import dataclasses
import functools
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.utils.checkpoint import checkpoint

from animator import variants
from animator.media import pictures
from animator.models.store import Model
from animator.paint import denoisers as denoiser_axis
from animator.paint import encoders as encoder_axis
from animator.paint import pixels, target
from animator.paint.cutouts import cut, shrink
from animator.paint.denoisers import Denoiser
from animator.paint.encoders import Encoder
from animator.paint.generators import SIDE, Draft, Generator, Latent
from animator.paint.losses import Candidate, Loss, View
from animator.paint.resample import reach, resample
from animator.scene.denoising import due
from animator.scene.document import Document
from animator.scene.frame_spec import Aim, Coming, DenoiserAt, FrameSpec, PromptAt, left
from animator.seeds import derive

Objective = Callable[[Latent, int], dict[str, Tensor]]
"""(latent, number of the step) -> the named terms, weighted; their sum is minimised."""

DRAFT, CUTOUTS, DENOISED = 0, 1, 2  # what a step's seeds are for; each denoiser has one more


@dataclass(frozen=True)
class Guide:
    """Frozen networks and embeddings. `aims` maps each encoder's name to its embedding (D,) of all that it can read."""

    encoders: dict[str, Encoder]
    weights: dict[str, float]
    aims: dict[str, dict[Aim, Tensor]]
    losses: dict[str, Loss]
    denoisers: dict[str, Denoiser] = field(default_factory=dict)
    _drawn: dict[str, tuple[Any, Tensor]] = field(default_factory=dict, init=False)  # by each denoiser, last
    pieces: int = 1  # that the cutouts of a step are looked at in; above 1, memory is saved and work is done twice

    def objective(self, spec: FrameSpec, generator: Generator, start: Latent) -> Objective:
        """What this frame minimises, from the latent that the camera left."""
        looking = self.looking(spec)
        targets = {name: self._targets(name, spec.prompts) for name in looking}
        size = max((self.encoders[name].input_size for name in looking), default=SIDE)
        weights = dict(spec.losses)
        weights.setdefault("prompt", 1.0)
        towards = self._denoised(spec)

        def terms(latent: Latent, step: int) -> dict[str, Tensor]:
            draft = Draft(derive(spec.seed, step, DRAFT), size)
            picture = self._within(generator.decode, latent, draft)

            def previous() -> Tensor:
                with torch.no_grad():
                    return generator.decode(start, draft)

            noisy = dataclasses.replace(spec.cutouts, noise=noise(spec, step))
            crops = cut(picture, size, noisy, derive(spec.seed, step, CUTOUTS)) if looking else picture
            views = tuple(View(name, self.weights[name], self._look(name, crops), *targets[name]) for name in looking)
            candidate = Candidate(picture, latent, views, previous)
            named: dict[str, Tensor] = {}
            for name, weight in weights.items():
                for label, part in _parts(name, candidate):
                    named[label] = weight * self.losses[name](part)
            return named | towards(picture, step)

        return terms

    def _denoised(self, spec: FrameSpec) -> Callable[[Tensor, int], dict[str, Tensor]]:
        """(picture, step) -> a term for each denoiser: how far the picture is from the target that it made last."""
        wanted: dict[str, Tensor] = {}
        prompts = {at.name: at.coming.prompts if at.coming else spec.prompts for at in spec.denoisers}
        texts = {name: self._text(name, asked) for name, asked in prompts.items()}
        choose = functools.partial(self._likeness, spec.prompts)

        def terms(picture: Tensor, step: int) -> dict[str, Tensor]:
            named = {}
            for place, at in enumerate(spec.denoisers):
                text = texts[at.name]
                if text is None:  # nothing but pictures is asked for
                    continue
                if due(at, spec, step) or at.name not in wanted:
                    denoiser, seed = self.denoisers[at.name], derive(spec.seed, step, DENOISED + place)
                    way = target.way(denoiser.steps, at, spec, step)
                    make = functools.partial(target.target, denoiser, texts=text, way=way)
                    if at.coming and way.anew:
                        wanted[at.name] = self._coming(at, at.coming, make, picture.detach())
                    else:
                        wanted[at.name] = make(picture.detach(), seed=seed, choose=choose)
                pull = target.pull(picture, wanted[at.name])
                named[f"denoiser {Path(at.name).stem}"] = target.weight(at, spec, step) * pull
            return named

        return terms

    def _coming(self, at: DenoiserAt, coming: Coming, make: Callable[..., Tensor], picture: Tensor) -> Tensor:
        """What a change comes to, drawn once for all frames up to the next, as the camera sees it from this one."""
        asked = coming.seed, coming.prompts, at.guidance, at.tries
        if self._drawn.get(at.name, (None,))[0] != asked:
            choose = functools.partial(self._likeness, coming.prompts)
            self._drawn[at.name] = asked, make(torch.full_like(picture, 0.5), seed=coming.seed, choose=choose)
        height, width = picture.shape[-2:]
        return resample(self._drawn[at.name][1], coming.pose, reach((width, height)))

    def _text(self, name: str, prompts: tuple[PromptAt, ...]) -> Tensor | None:
        """What the texts that pull ask a denoiser for together, as one embedding (D,); None where there is none."""
        aims = self.aims[self.denoisers[name].reads or name]
        texts = [prompt for prompt in prompts if prompt.weight > 0 and not _pictured(prompt)]
        seen = [found for prompt in texts if (found := _seen(aims, prompt)) is not None]
        if not seen:
            return None
        return F.normalize(torch.stack([pull * row for row, pull in seen]).sum(0), dim=0)

    def _likeness(self, prompts: tuple[PromptAt, ...], pictures: Tensor) -> Tensor:
        """How well each of some small pictures (B,3,S,T) shows what is asked for, as the encoders see it."""
        whole = pictures.new_zeros(len(pictures))
        for name in self._reading(prompts):
            rows, pulls = self._targets(name, prompts)
            looks = self.encoders[name].encode_image(shrink(pictures, self.encoders[name].input_size))
            whole = whole + self.weights[name] * (looks @ rows.T @ pulls)
        return whole

    def looking(self, spec: FrameSpec) -> tuple[str, ...]:
        """The encoders that can read some prompt of a frame; the others are not asked."""
        return self._reading(spec.prompts)

    def _reading(self, prompts: tuple[PromptAt, ...]) -> tuple[str, ...]:
        asked = {aim for prompt in prompts for aim in (prompt.aim, prompt.towards)}
        return tuple(name for name in self.encoders if asked & self.aims[name].keys())

    def _look(self, name: str, crops: Tensor) -> Tensor:
        """An encoder's embeddings of cutouts that were made for the one with the most pixels."""
        encoder = self.encoders[name]
        crops = crops if crops.shape[-1] == encoder.input_size else shrink(crops, encoder.input_size)
        pieces = crops.split(-(-len(crops) // self.pieces))
        return torch.cat([self._within(encoder.encode_image, piece) for piece in pieces])

    def _within(self, compute: Callable[..., Tensor], *inputs: Any) -> Tensor:
        """A network's answer; where memory is scarce, without what its backward pass needs: that is computed anew."""
        if self.pieces == 1:
            return compute(*inputs)
        answer: Tensor = checkpoint(compute, *inputs, use_reentrant=False, preserve_rng_state=False)
        return answer

    def _targets(self, name: str, prompts: tuple[PromptAt, ...]) -> tuple[Tensor, Tensor]:
        """(M,D) embeddings and (M,) weights of those prompts of a frame that this encoder can read, at least one.

        Where it can read only one of two that cross-fade, that one counts by its share.
        """
        aims = self.aims[name]
        seen = [found for prompt in prompts if (found := _seen(aims, prompt)) is not None]
        rows = torch.stack([row for row, _ in seen])
        return rows, torch.tensor([pull for _, pull in seen], device=rows.device)


def _pictured(prompt: PromptAt) -> bool:
    return bool(prompt.aim.image or (prompt.towards and prompt.towards.image))


def _seen(aims: dict[Aim, Tensor], prompt: PromptAt) -> tuple[Tensor, float] | None:
    here = aims.get(prompt.aim)
    if prompt.towards is None:
        return None if here is None else (here, prompt.weight)
    there = aims.get(prompt.towards)
    if here is None or there is None:
        share = 1 - prompt.blend if there is None else prompt.blend
        one = here if here is not None else there
        return None if one is None else (one, prompt.weight * share)
    return slerp(here, there, prompt.blend), prompt.weight


def _parts(loss: str, candidate: Candidate) -> list[tuple[str, Candidate]]:
    """The prompts' loss as one term for each encoder, so that a report can say which one rose; others whole."""
    if loss != "prompt" or len(candidate.views) < 2:
        return [(loss, candidate)]
    return [(f"{loss} {view.encoder}", dataclasses.replace(candidate, views=(view,))) for view in candidate.views]


def noise(spec: FrameSpec, step: int) -> float:
    """Of the cutouts at a step. Loud noise drowns all but the large forms, so those are found first."""
    last = spec.cutouts.noise
    return last if spec.first_noise is None else last + (spec.first_noise - last) * left(spec, step)


def slerp(a: Tensor, b: Tensor, share: float) -> Tensor:
    """The point `share` of the way from unit vector a to b, along the arc. Source: Shoemake 1985."""
    angle = torch.acos((a * b).sum().clamp(-1, 1))
    if angle < 1e-4 or angle > torch.pi - 1e-4:  # no arc to follow, or too many
        return F.normalize(torch.lerp(a, b, share), dim=0)
    return (torch.sin((1 - share) * angle) * a + torch.sin(share * angle) * b) / torch.sin(angle)


def aims_of(specs: Iterable[FrameSpec]) -> list[Aim]:
    """Everything that frames ask for, in order of appearance."""
    seen = (aim for spec in specs for p in _asked(spec) for aim in (p.aim, p.towards) if aim)
    return list(dict.fromkeys(seen))


def _asked(spec: FrameSpec) -> tuple[PromptAt, ...]:
    """A frame's prompts, and those that it is on the way to."""
    return spec.prompts + tuple(p for at in spec.denoisers if at.coming for p in at.coming.prompts)


def build(
    document: Document,
    device: torch.device,
    dtype: torch.dtype = torch.float32,
    aims: list[Aim] | None = None,
    load: Callable[[Model, torch.device, torch.dtype], Encoder] = encoder_axis.build,
) -> Guide:
    """Load a film's encoders and denoisers, encode its prompts (or all of `aims`), build its losses. Raises:
    ModelError."""
    aims = aims_of(document.frames) if aims is None else aims
    aims = aims or [Aim()]
    encoders: dict[str, Encoder] = {}
    embedded: dict[str, dict[Aim, Tensor]] = {}
    for name, model in sorted(document.encoders.items()):  # so that their order in the file changes no sum
        encoders[name] = load(model, device, dtype)
        embedded[name] = _embedded(encoders[name], [aim for aim in aims if model.reads(aim.lang)] or [Aim()], device)
    configs = {"prompt": variants.config("losses", "prompt")()}
    configs |= {name: term.config for name, term in document.scene.losses.items()}
    losses: dict[str, Loss] = {name: variants.module("losses", name).build(config) for name, config in configs.items()}
    weights = {name: term.weight for name, term in document.scene.guide.encoders.items()}
    denoisers = {name: denoiser_axis.build(model, device) for name, model in document.denoisers.items()}
    for name, denoiser in denoisers.items():
        if not denoiser.reads:
            embedded[name] = _embedded(denoiser, [aim for aim in aims if not aim.image], device)
    return Guide(encoders, weights, embedded, losses, denoisers)


@torch.no_grad()
def _embedded(encoder: Any, aims: list[Aim], device: torch.device) -> dict[Aim, Tensor]:
    found = {}
    for aim in aims:  # each alone: in a batch, the last bits of a text's embedding depend on the texts beside it
        if not aim.image:
            found[aim] = encoder.encode_text([aim.text])[0]
        else:
            side = encoder.input_size
            picture = pixels.from_image(pictures.read(Path(aim.image), (side, side)))
            found[aim] = encoder.encode_image(picture.to(device))[0]
    return found
