"""What `python -m bench` measures: the same piece of work, as the renderer does it and as the reference does.

Architectures are the real ones; weights are random, as what a step costs does not depend on them.
"""

import dataclasses
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.optim.optimizer import register_optimizer_step_pre_hook

from animator.film import writer
from animator.film.folder import locked
from animator.models.networks.clip.package import new_clip
from animator.models.networks.vqgan.network import VQGAN, Architecture
from animator.paint.animate import animate
from animator.paint.encoders import Encoder
from animator.paint.encoders.openai_clip import encoder_of
from animator.paint.generators import Generator, Latent, siren, vqgan
from animator.paint.generators.vqgan.generator import make
from animator.paint.guide import Guide
from animator.paint.losses import prompt
from animator.paint.optimize import fresh, optimize
from animator.scene.document import resolve
from animator.scene.frame_spec import Aim, FrameSpec
from bench import reference
from bench.reference import Mark

VIT_B_32 = {
    "embed_dim": 512,
    "image_resolution": 224,
    "vision_layers": 12,
    "vision_width": 768,
    "vision_patch_size": 32,
    "context_length": 77,
    "vocab_size": 49_408,
    "transformer_width": 512,
    "transformer_heads": 8,
    "transformer_layers": 1,  # texts are read once a film
}
TEXT = "anything"


@dataclass(frozen=True)
class Work:
    """A film's step: generator, size, cutouts, and how many groups of those the reference decodes a picture for."""

    generator: str
    size: int
    cutouts: int
    groups: int = 1
    draft: int | None = None  # of ours: pixels a side; 0 is every pixel of the frame, None what the renderer chooses


WORKS = {
    "vqgan 256": Work("vqgan", 256, 32),
    "vqgan 512": Work("vqgan", 512, 64),
    "siren 256": Work("siren", 256, 16, groups=4),
    "siren 512": Work("siren", 512, 16, groups=4),
    "siren 256, every pixel": Work("siren", 256, 16, groups=4, draft=0),
    "siren 512, every pixel": Work("siren", 512, 16, groups=4, draft=0),
}


class Parts:
    """Seconds of each part of a step. On CUDA each mark waits for the device."""

    def __init__(self, clock: Callable[[], float], device: torch.device) -> None:
        self.clock, self.device, self.last = clock, device, 0.0
        self.seconds: dict[str, float] = {}

    def begin(self) -> None:
        self.seconds, self.last = {}, self._now()

    def __call__(self, name: str) -> None:
        now = self._now()
        self.seconds[name] = self.seconds.get(name, 0.0) + now - self.last
        self.last = now

    def _now(self) -> float:
        if self.device.type == "cuda":
            torch.cuda.synchronize(self.device)
        return self.clock()


@dataclass(frozen=True)
class Marked:
    """A generator and an encoder in one, which say when they are done."""

    inner: Any
    mark: Mark

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    def decode(self, latent: Latent, draft: Any = None) -> Tensor:
        picture: Tensor = self.inner.decode(latent, draft)
        self.mark("decode")
        return picture

    def encode_image(self, pictures: Tensor) -> Tensor:
        self.mark("cutouts")
        rows: Tensor = self.inner.encode_image(pictures)
        self.mark("encode")
        return rows


def clip_of(device: torch.device, **options: Any) -> Any:
    """A `clip.model.CLIP` with random weights, the same each time."""
    torch.manual_seed(1)
    return new_clip(**{**VIT_B_32, **options}).eval().requires_grad_(False).to(device)


def vqgan_of(device: torch.device, **options: Any) -> VQGAN:
    """A VQGAN with random weights, the same each time; without options, the f16 of ImageNet but for its codes."""
    torch.manual_seed(2)
    return VQGAN(Architecture(**options)).eval().requires_grad_(False).to(device)


def painter(work: Work, device: torch.device, dtype: torch.dtype) -> Generator:
    """The generator of a work."""
    size = (work.size, work.size)
    if work.generator == "vqgan":
        return make(vqgan.Config(start=vqgan.Start(source="codes")), size, vqgan_of(device), dtype)
    return siren.build(siren.Config(layers=16, hidden=256, draft=work.draft), size, device, dtype)


def film(work: Work, steps: int) -> tuple[Any, Sequence[FrameSpec]]:
    """A scene of three frames, and their specs."""
    plain = {"size": [work.size, work.size], "duration": "3f", "prompts": TEXT, "motion": {"zoom": 1.1}}
    plain |= {"guide": {"cutouts": {"count": work.cutouts}, "denoisers": {}}}
    plain |= {"optimize": {"first_steps": steps, "steps": steps}, "generator": {"type": work.generator}}
    document = resolve(plain, "bench")
    return document.scene, document.frames


def guide_of(encoder: Encoder) -> Guide:
    """A guide of one encoder, that asks for TEXT."""
    rows = {Aim(TEXT): encoder.encode_text([TEXT])[0]}
    return Guide({"clip": encoder}, {"clip": 1.0}, {"clip": rows}, {"prompt": prompt.build(prompt.Config())})


class Ours:
    """The renderer's own loop."""

    def __init__(self, work: Work, device: torch.device, dtype: torch.dtype, mark: Mark) -> None:
        self.scene, (self.spec, self.next, _) = film(work, 1)
        self.mark = mark
        self.generator = Marked(painter(work, device, dtype), mark)
        self.guide = guide_of(Marked(encoder_of(clip_of(device), device, dtype), mark))
        self.state = fresh(self.generator.init(1, TEXT))
        register_optimizer_step_pre_hook(lambda *_: mark("backward"))

    def step(self) -> None:
        objective = self.guide.objective(self.spec, self.generator, self.state.latent)
        self.state = optimize(self.generator, self.state, objective, self.spec, lambda info: None).state
        self.mark("step")

    def frame(self) -> None:
        """All that a frame is besides its steps: the camera's move, the last decoding, and the files."""
        spec = dataclasses.replace(self.next, steps=0)
        (frame,) = animate([self.generator], self.guide, [spec], self.state)
        self.state = frame.state
        self.mark("move and decode")
        with tempfile.TemporaryDirectory() as folder, locked(Path(folder) / "film") as opened:
            self.mark("")
            writer.commit(opened, writer.pack(frame, "key"), 1)
            self.mark("write")


class Reference:
    """The plain loop."""

    def __init__(self, work: Work, device: torch.device, dtype: torch.dtype, mark: Mark) -> None:
        self.work, self.mark = work, mark
        self.clip = clip_of(device)
        generator = painter(work, device, torch.float32)
        if work.generator == "vqgan":
            model = vqgan_of(device)
            self.decode = lambda latent: reference.vqgan(model, latent)
        else:
            self.decode = lambda latent: reference.siren(latent, (work.size, work.size))
        self.latent = {name: leaf.requires_grad_(True) for name, leaf in generator.init(1, TEXT).items()}
        self.optimizer = torch.optim.AdamW(self.latent.values(), lr=generator.step_size)
        _, (spec, *_) = film(work, 1)
        self.options = spec.cutouts
        self.target = reference.embed(self.clip, torch.rand(1, 3, 224, 224, device=device)).detach()

    def step(self) -> None:
        reference.step(
            self.decode, self.clip, self.latent, self.optimizer, self.target, self.options, self.work.groups, self.mark
        )

    def frame(self) -> None:
        with torch.no_grad():
            picture = self.decode(self.latent)
        self.mark("move and decode")
        with tempfile.TemporaryDirectory() as folder:
            self.mark("")
            reference.write(picture, Path(folder) / "frame.png")
            self.mark("write")


SIDES: dict[str, Any] = {"ours bf16": Ours, "ours fp32": Ours, "reference": Reference}
