"""One sitting of a training: how long it may go on, with what numbers it works, and what it says meanwhile."""

import dataclasses
import json
import math
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from animator import files
from animator.errors import ModelError, OutputError, first_line
from animator.models.networks.torch_internals import has_fast_bfloat16

TELL_EVERY, SAVE_EVERY = 50, 500  # steps

Tell = Callable[[int, int, dict[str, Tensor]], None]
"""(step, steps, what was seen): called now and then."""


@dataclass(frozen=True)
class Run:
    """`stopped` answers whether somebody asked for an end; `workers` are processes that read pictures."""

    workers: int = 0
    seconds: float = math.inf
    stopped: Callable[[], bool] = lambda: False
    began: float = field(default_factory=time.monotonic)

    def goes_on(self) -> bool:
        return time.monotonic() - self.began < self.seconds and not self.stopped()


def halves(device: torch.device) -> torch.autocast:
    """Networks inside work with bfloat16, where the device does so quickly."""
    quickly = device.type != "cpu" or has_fast_bfloat16()
    return torch.autocast(device.type, torch.bfloat16, enabled=quickly)


def save_checkpoint(path: Path, whole: Any) -> None:
    """Write all that a training goes on from. Raises: OutputError, and then the one before is still there."""
    with files.atomic(path) as temporary:
        try:
            torch.save(whole, temporary)
        except RuntimeError as error:  # which is what torch makes of a full disk, too
            raise OutputError(f"{path}: cannot be written: {first_line(error)}") from error


def load_checkpoint(path: Path, device: torch.device) -> dict[str, Any]:
    """What `save_checkpoint` wrote, on a device."""
    whole: dict[str, Any] = torch.load(path, map_location=device, weights_only=True)
    return whole


def sit(trainer: Any, step: Callable[[], dict[str, Tensor]], run: Run, tell: Tell, write: Callable[[], None]) -> bool:
    """Steps, until the recipe's last or until the run ends, but one at least. Returns whether the last is done."""
    steps = trainer.recipe.steps
    while trainer.step < steps:
        seen = step()
        if trainer.step % TELL_EVERY == 0:
            tell(trainer.step, steps, seen)
        if trainer.step % SAVE_EVERY == 0 and trainer.step < steps:
            write()
        if not run.goes_on():
            break
    write()
    finished: bool = trainer.step >= steps
    return finished


def schedule(recipe: Any, step: int) -> float:
    """Share of the learning rate: up over the warm-up, then down along half a cosine to a fiftieth."""
    warm: float = min(1.0, (step + 1) / recipe.warmup)
    return warm * (0.02 + 0.98 * (1 + math.cos(math.pi * step / recipe.steps)) / 2)


def learning_rate(recipe: Any, step: int) -> float:
    """The learning rate of a step."""
    rate: float = recipe.learning_rate * schedule(recipe, step)
    return rate


def groups(model: nn.Module, weight_decay: float, without: Iterable[nn.Parameter] = ()) -> list[dict[str, Any]]:
    """A model's parameters for an optimiser: matrices decay, biases and gains do not."""
    left_out = {id(parameter) for parameter in without}
    parameters = [p for p in model.parameters() if id(p) not in left_out]
    matrices = [p for p in parameters if p.ndim >= 2]
    rest = [p for p in parameters if p.ndim < 2]
    return [{"params": matrices, "weight_decay": weight_decay}, {"params": rest, "weight_decay": 0.0}]


def teller(log: Path, name: str, say: Callable[[str], None]) -> Tell:
    """Lines for a log, and for whoever watches."""
    began = time.monotonic()

    def tell(step: int, steps: int, seen: dict[str, Tensor]) -> None:
        values = " ".join(f"{key} {float(value):.4g}" for key, value in seen.items())
        line = f"{name} {step}/{steps} {time.monotonic() - began:.0f}s {values}"
        with log.open("a", encoding="utf-8") as file:
            print(line, file=file)
        say(line)

    return tell


def changed(recipe: Any, settings: list[str]) -> Any:
    """A recipe with `FIELD=VALUE` settings; fields of its architecture count as its own. Raises: ModelError."""
    inner = recipe.architecture
    for setting in settings:
        key, equals, text = setting.partition("=")
        inside = type(inner).model_fields
        known = [field.name for field in dataclasses.fields(recipe)] + list(inside)
        if not equals or key not in known or key == "architecture":
            raise ModelError(f"--set {setting}: write FIELD=VALUE; fields: {', '.join(sorted(known))}")
        try:
            value = json.loads(text)
            if key in inside:
                inner = type(inner)(**{**inner.model_dump(), key: value})
            else:
                recipe = dataclasses.replace(recipe, **{key: type(getattr(recipe, key))(value)})
        except ValueError as error:
            raise ModelError(f"--set {setting}: not a value for {key}: {error}") from error
    return dataclasses.replace(recipe, architecture=inner)


def same_recipe(work: Path, recipe: Any) -> None:
    """Note the recipe down in a new work folder; raise ModelError where another training was begun (more steps are
    the same training)."""
    path, text = work / "recipe.txt", repr(dataclasses.replace(recipe, steps=0))
    if path.exists() and path.read_text() != text:
        raise ModelError(f"{work}: a training by another recipe was begun there; give its settings, or another --work")
    files.write(path, text.encode())
