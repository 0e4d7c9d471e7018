"""Networks that are loaded once and used by several films."""

from typing import Any

import torch

from animator.models.store import Model
from animator.paint import encoders, generators
from animator.paint.encoders import Encoder
from animator.paint.generators import Generator
from animator.scene.choices import Painter


class Shelf:
    """Keeps what was loaded for as long as the shelf itself is kept. All of it is frozen, so films can share it."""

    def __init__(self) -> None:
        self.found: dict[Any, Any] = {}

    def encoder(self, model: Model, device: torch.device, dtype: torch.dtype) -> Encoder:
        """The encoder of a model. Raises: ModelError."""
        key = ("encoder", model.name, str(model.path), device, dtype)
        if key not in self.found:
            self.found[key] = encoders.build(model, device, dtype)
        made: Encoder = self.found[key]
        return made

    def generator(self, painter: Painter, size: tuple[int, int], device: torch.device, dtype: torch.dtype) -> Generator:
        """A generator for a size of picture. Raises: ModelError."""
        key = ("generator", painter.type, painter.config.model_dump_json(), size, device, dtype)
        if key not in self.found:
            self.found[key] = generators.build(painter, size, device, dtype)
        made: Generator = self.found[key]
        return made
