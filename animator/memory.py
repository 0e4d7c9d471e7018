"""What a step will hold in memory, before it does, and how much there is.

The step itself is run, on tensors that have a shape and no content: nothing is computed, and any generator, encoder or
loss, on any device, counts as what it is.
"""

import dataclasses
import weakref
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from animator.generators import Generator
from animator.guide import Guide
from animator.timeline import FrameSpec

SHARE = 0.8  # of what is free; the rest is for what is not counted: augmentations, buffers and gaps of the libraries
UNREAL = ("flip", "turn", "perspective", "jitter", "erase")  # augmentations that read numbers out of tensors


def of_step(guide: Guide, generator: Generator, spec: FrameSpec, picture: Tensor) -> int:
    """Bytes that one step of a frame holds at most, beside the models; the cutouts' augmentations are not counted.

    `picture` (1,3,H,W) tells the canvas and the device.
    """
    plain = tuple((name, 0.0 if name in UNREAL else value) for name, value in spec.cutouts)
    with FakeTensorMode(allow_non_fake_inputs=True):
        like = generator.init(0, picture=torch.empty_like(picture))
        latent = {name: torch.empty_like(leaf, requires_grad=True) for name, leaf in like.items()}
        start = {name: leaf.detach() for name, leaf in latent.items()}
    terms = guide.objective(dataclasses.replace(spec, cutouts=plain), generator, start)
    with FakeTensorMode(allow_non_fake_inputs=True), _Held() as held:
        torch.stack(list(terms(latent, 0).values())).sum().backward()
    most: int = held.most
    return most


def pieces(guide: Guide, generator: Generator, spec: FrameSpec, picture: Tensor, room: float) -> int:
    """In how many pieces the cutouts are to be looked at so that a step fits into `room` bytes, if it can at all."""
    count, most = guide.pieces, dict(spec.cutouts)["count"]
    while of_step(dataclasses.replace(guide, pieces=count), generator, spec, picture) > room and count < most:
        count *= 2
    return count


def free(device: torch.device) -> int | None:
    """Bytes that a step may use; None where nobody says."""
    if device.type == "cuda":
        there: int = torch.cuda.mem_get_info(device)[0]
        return there + torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
    table = Path("/proc/meminfo")
    if device.type != "cpu" or not table.exists():
        return None
    lines = dict(line.split(":") for line in table.read_text().splitlines())
    return min([1024 * int(lines["MemAvailable"].split()[0]), *_limits()])


def _limits() -> list[int]:
    """What a container leaves to its processes."""
    most, now = (Path("/sys/fs/cgroup") / name for name in ("memory.max", "memory.current"))
    if not most.exists() or not now.exists() or not most.read_text().strip().isdigit():
        return []
    return [max(0, int(most.read_text()) - int(now.read_text()))]


class _Held(TorchDispatchMode):
    """Counts the bytes of all that operations make, as long as somebody holds it."""

    def __init__(self) -> None:
        super().__init__()
        self.now = self.most = 0
        self.known: set[int] = set()

    def __torch_dispatch__(self, operation: Any, types: Any, given: Any = (), named: Any = None) -> Any:
        made = operation(*given, **(named or {}))
        if operation.is_view:  # of a model's weights, too, which are not a step's
            return made
        before = {_key(one) for one in tree_leaves((given, named)) if isinstance(one, Tensor)}
        for one in tree_leaves(made):
            if isinstance(one, Tensor) and _key(one) not in before | self.known:
                storage, key = one.untyped_storage(), _key(one)
                self.known.add(key)
                self.now += storage.nbytes()
                self.most = max(self.most, self.now)
                weakref.finalize(storage, self._gone, key, storage.nbytes())
        return made

    def _gone(self, key: int, size: int) -> None:
        self.known.discard(key)
        self.now -= size


def _key(tensor: Tensor) -> int:
    key: int = tensor.untyped_storage()._cdata
    return key
