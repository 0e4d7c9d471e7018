"""VQGAN: the picture is a grid of latent vectors; the nearest codes of a learnt codebook are decoded to pixels.

The camera moves the decoded picture in floats and encodes it anew. What an encoding leaves out of the latent, of which
the nearest codes say nothing, is moved as a grid and added: without it a slow camera stands still, as each small move
is rounded back to the codes of before. `bench.drift` compares the ways.

Source: Esser et al. 2021; straight-through gradients from van den Oord et al. 2017.
"""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import ConfigDict, Field, field_validator, model_validator

from animator.errors import ModelError
from animator.models import store
from animator.scene.problems import invalid
from animator.variants import Options

if TYPE_CHECKING:
    import torch

    from animator.paint.generators import Generator


class Start(Options):
    """What a film begins with."""

    model_config = ConfigDict(populate_by_name=True)

    source: Literal["noise", "perlin", "gradient", "codes", "image", "transformer"] = Field(
        "noise",
        alias="from",
        description="soft spots, noise at every scale, two colours, random codes, a file, or drawn",
    )
    file: str = Field("", description="the picture of `image`")
    model: str = Field("pocket-transformer", description="what draws the first prompt: a transformer's name or a file")
    whole: bool = Field(True, description="draw one picture and enlarge it; else cell by cell through a window")
    temperature: float = Field(1.0, gt=0, le=10, description="of the drawing; below 1 is more of the likely (1)")
    top_k: int = Field(0, ge=0, description="draw from this many of the likeliest codes (count; 0 = all)")
    top_p: float = Field(0.95, gt=0, le=1, description="draw from the likeliest codes of this chance together (share)")
    guidance: float = Field(2.0, ge=0, le=20, description="how many times over the prompt counts (1)")


class Config(Options):
    """Options of the VQGAN generator."""

    model: str = Field("pocket-vqgan", description="a model's name, or the path of a .safetensors or .ckpt file")
    config: str = Field("", description="YAML of a .ckpt; default: the file of that name beside it, or model.yaml")
    start: Start = Field(Start(), description="what the film begins with")

    @field_validator("start", mode="before")
    @classmethod
    def _short(cls, start: Any) -> Any:
        return {"from": start} if isinstance(start, str) else start

    @model_validator(mode="after")
    def _whole(self) -> Config:
        """What it names is known, and goes together."""
        self._known("vqgan", self.model, ("model",))
        if self.config and not Path(self.config).is_file():
            raise invalid(f"{self.config}: no such file", ("config",))
        if self.start.source == "image" and not Path(self.start.file).is_file():
            raise invalid(f"{self.start.file or 'start.file is missing'}: no such file", ("start", "file"))
        if self.start.source == "transformer":
            learnt = self._known("transformer", self.start.model, ("start", "model")).metadata.get("vqgan")
            if learnt != self.model:
                raise invalid(
                    f"{self.start.model} draws the codes of {learnt}, not of {self.model}", ("start", "model")
                )
        return self

    def _known(self, kind: str, name: str, path: tuple[str, ...]) -> store.Model:
        try:
            return store.find(name, kind)
        except ModelError as error:
            raise invalid(str(error), path) from error

    @property
    def varies_on_cuda(self) -> bool:
        """Whether it computes something of which CUDA has no deterministic way."""
        return self.start.source == "transformer" and self.start.top_p < 1

    @functools.cached_property
    def inputs(self) -> tuple[Path, ...]:
        """The files beside its models that decide its pictures."""
        described = Path(self.config) if self.config else store.find(self.model, "vqgan").description
        image = Path(self.start.file) if self.start.source == "image" else None
        return tuple(path for path in (described, image) if path is not None)

    @functools.cached_property
    def models(self) -> tuple[store.Model, ...]:
        """The models that it needs. Raises: ModelError for one that nobody knows."""
        found = [store.find(self.model, "vqgan")]
        if self.start.source == "transformer":
            transformer = store.find(self.start.model, "transformer")
            found += [transformer, store.find(transformer.metadata.get("clip", ""), "clip")]
        return tuple(found)


def build(config: Config, size: tuple[int, int], device: torch.device, dtype: torch.dtype | None = None) -> Generator:
    """The generator for one canvas, (width, height) in pixels; drafts are in `dtype`, float32 by default.

    Raises: ModelError when the model's file is not one.
    """
    import torch

    from animator.models.networks.vqgan.checkpoint import load
    from animator.paint.generators.vqgan.generator import make

    model = load(store.find(config.model, "vqgan").weights, Path(config.config) if config.config else None)
    return make(config, size, model.to(device), dtype or torch.float32)
