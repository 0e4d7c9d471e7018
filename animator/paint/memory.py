"""What a step will hold in memory, before it does, and how much there is.

The step itself is run, on tensors that have a shape and no content: nothing is computed, and a generator, encoder or
loss counts as what it is, whatever it is, as long as it reads no numbers out of tensors.
"""

import dataclasses
import weakref
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor

from animator.models.networks.torch_internals import FakeTensorMode, TorchDispatchMode, storage_id, tree_leaves
from animator.paint import allocator
from animator.paint.cutouts import AUGMENTATIONS
from animator.paint.denoisers import Denoiser
from animator.paint.generators import Generator
from animator.paint.guide import Guide
from animator.scene.frame_spec import FrameSpec

SHARE = 0.8  # of what is free; the rest is for what is not counted: augmentations, buffers of the libraries
AMPLE = 0.6  # the same, while what a step frees stays with the process, where gaps grow between what it needs
WORTH = 0.95  # pieces that do not bring a step down to this are not worth their time
CACHE = ("inactive_file", "active_file", "slab_reclaimable")  # what a kernel gives up when it is asked for memory


class Fit(NamedTuple):
    """Bytes that the costliest step takes with all cutouts at once, bytes that are free, the pieces that cutouts are to
    go in, and whether what a step frees is to go back to the system at once. None where nobody can say."""

    need: int | None
    free: int | None
    pieces: int = 1
    tight: bool = False


def fit(
    guide: Guide,
    generators: Sequence[Generator],
    specs: Iterable[FrameSpec],
    size: tuple[int, int],
    device: torch.device,
) -> Fit:
    """How the steps of frames fit into memory. `size` is the canvas, (width, height) in pixels."""
    heaviest: dict[Any, FrameSpec] = {}
    for spec in specs:
        denoised = tuple((at.name, spec.starts) for at in spec.denoisers)
        kind = spec.generator, guide.looking(spec), tuple(name for name, _ in spec.losses), denoised
        heaviest[kind] = max(heaviest.get(kind, spec), spec, key=lambda spec: spec.cutouts.count)
    canvas = torch.empty(1, 3, size[1], size[0], device=device)
    steps = [(guide, generators[spec.generator], spec, canvas) for spec in heaviest.values()]
    need = max((need for step in steps if (need := of_step(*step)) is not None), default=None)
    room = free(device)  # after the steps were tried, which make what a step makes once
    if need is None or room is None:
        return Fit(need, room)
    tight = device.type == "cpu" and need > AMPLE * room
    if need <= SHARE * room:
        return Fit(need, room, 1, tight)
    return Fit(need, room, max(pieces(*step, SHARE * room) for step in steps), tight)


def of_step(guide: Guide, generator: Generator, spec: FrameSpec, canvas: Tensor) -> int | None:
    """Bytes that one step of a frame holds at most, beside the models; the cutouts' augmentations are not counted.
    `canvas` (1,3,H,W) tells its size and its device.

    None where something in it needs tensors with content: a film that may well fit does not end for that.
    """
    try:
        return _tried(guide, generator, spec, canvas)
    except Exception:  # whatever a variant's code makes of such tensors
        return None


def without_augmentations(spec: FrameSpec) -> FrameSpec:
    """A frame whose cutouts are plain: augmentations read numbers out of tensors."""
    plain: dict[str, Any] = dict.fromkeys(AUGMENTATIONS, 0.0)
    return dataclasses.replace(spec, cutouts=dataclasses.replace(spec.cutouts, **plain))


def _tried(guide: Guide, generator: Generator, spec: FrameSpec, canvas: Tensor) -> int:
    with FakeTensorMode(allow_non_fake_inputs=True):
        like = generator.init(0, picture=torch.empty_like(canvas))
        latent = {name: torch.empty_like(leaf, requires_grad=True) for name, leaf in like.items()}
        start = {name: leaf.detach() for name, leaf in latent.items()}
    denoisers: Any = {name: Undrawn(each) if each.draws else each for name, each in guide.denoisers.items()}
    guide = dataclasses.replace(guide, denoisers=denoisers)
    terms = guide.objective(without_augmentations(spec), generator, start)
    with FakeTensorMode(allow_non_fake_inputs=True), Held() as held:
        torch.stack(list(terms(latent, 0).values())).sum().backward()
    most: int = held.most
    return most


class Undrawn:
    """A denoiser that draws, without the drawing: that takes little memory, and a minute to try in this way."""

    def __init__(self, denoiser: Denoiser) -> None:
        self.denoiser = denoiser

    def __getattr__(self, name: str) -> Any:
        return getattr(self.denoiser, name)

    def denoise(self, noisy: Tensor, *_: Any) -> Tensor:
        """What it is given, which is of the size of what it would draw."""
        return noisy

    def extend(self, square: Tensor, cells: tuple[int, int], *_: Any) -> Tensor:
        """What it is given, as large as it is to be."""
        return square[..., :1, :1].expand(-1, -1, *cells)


def pieces(guide: Guide, generator: Generator, spec: FrameSpec, canvas: Tensor, room: float) -> int:
    """In how many pieces the cutouts are to be looked at so that a step fits into `room` bytes, or at least takes
    little: more of them than that would cost time and save nothing."""
    count, most = guide.pieces, spec.cutouts.count
    need = of_step(guide, generator, spec, canvas)
    while need is not None and need > room and count < most:
        less = of_step(dataclasses.replace(guide, pieces=2 * count), generator, spec, canvas)
        if less is None or less > WORTH * need:
            break
        count, need = 2 * count, less
    return count


def free(device: torch.device) -> int | None:
    """Bytes that a step may use; None where nobody says."""
    if device.type == "cuda":
        there: int = torch.cuda.mem_get_info(device)[0]
        return there + torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
    table = Path("/proc/meminfo")
    if device.type != "cpu" or not table.exists():
        return None
    allocator.give_back()
    lines = dict(line.split(":") for line in table.read_text().splitlines())
    return min([1024 * int(lines["MemAvailable"].split()[0]), *limits(Path("/sys/fs/cgroup"))])


def limits(groups: Path) -> list[int]:
    """What a container, of either kind of Linux control group, leaves to its processes; `groups` is where they are."""
    kinds = (
        (groups, "memory.max", "memory.current", ""),
        (groups / "memory", "memory.limit_in_bytes", "memory.usage_in_bytes", "total_"),
    )
    found = []
    for folder, most, now, prefix in kinds:
        paths = folder / most, folder / now, folder / "memory.stat"
        if all(path.exists() for path in paths) and paths[0].read_text().strip().isdigit():
            limit, used = (int(path.read_text()) for path in paths[:2])
            stat = dict(line.split() for line in paths[2].read_text().splitlines())
            cache = sum(int(stat.get(prefix + name, 0)) for name in CACHE)
            found.append(max(0, limit - max(0, used - cache)))
    return found


class Held(TorchDispatchMode):
    """Counts the bytes of all that operations make, as long as somebody holds it."""

    def __init__(self) -> None:
        super().__init__()
        self.now, self.most = 0, 0  # bytes
        self.known: set[int] = set()

    def __torch_dispatch__(self, operation: Any, types: Any, given: Any = (), named: Any = None) -> Any:
        made = operation(*given, **(named or {}))
        if operation.is_view:  # of a model's weights, too, which are not a step's
            return made
        before = {storage_id(one) for one in tree_leaves((given, named)) if isinstance(one, Tensor)}
        for one in tree_leaves(made):
            if isinstance(one, Tensor) and storage_id(one) not in before | self.known:
                storage, key = one.untyped_storage(), storage_id(one)
                self.known.add(key)
                self.now += storage.nbytes()
                self.most = max(self.most, self.now)
                weakref.finalize(storage, self._gone, key, storage.nbytes())
        return made

    def _gone(self, key: int, size: int) -> None:
        self.known.discard(key)
        self.now -= size
