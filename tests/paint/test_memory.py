"""Too little memory: the film goes on with its cutouts in pieces, and says so; or it says what to do."""

import dataclasses
import gc
import io
import math
import re
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor
from torch._subclasses.fake_tensor import FakeTensor

from animator import variants
from animator.errors import RenderError
from animator.paint import guide, memory
from animator.paint.losses import Candidate, total_variation
from animator.report.sinks import PlainReport
from animator.scene import document
from animator.scene.timeline import FrameSpec


@dataclasses.dataclass(frozen=True)
class Full:
    """An encoder on a card that has room for so many pictures at a time."""

    inner: Any
    room: int

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    def encode_image(self, pictures: Tensor) -> Tensor:
        if len(pictures) > self.room and not isinstance(pictures, FakeTensor):
            raise torch.OutOfMemoryError("CUDA out of memory")
        rows: Tensor = self.inner.encode_image(pictures)
        return rows


def render(scene: Path, out: Path) -> tuple[batch.Result, str, list[np.ndarray[Any, Any]]]:
    said = io.StringIO()
    order = batch.Order(out=out, overrides=("optimize.precision=fp32",))
    (result,) = batch.render_all([scene], order, PlainReport(said))
    frames = [np.asarray(Image.open(path)).astype(int) for path in sorted((out / "tiny" / "frames").iterdir())]
    return result, said.getvalue(), frames


def leave_room(room: int, monkeypatch: pytest.MonkeyPatch) -> None:
    build = guide.build

    def short_of_memory(*parts: Any) -> guide.Guide:
        made = build(*parts)
        return dataclasses.replace(made, encoders={name: Full(one, room) for name, one in made.encoders.items()})

    monkeypatch.setattr(guide, "build", short_of_memory)


def test_a_film_goes_on_in_pieces(
    write_scene: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, said, usual = render(write_scene(), tmp_path / "usual")
    assert "out of memory" not in said
    leave_room(1, monkeypatch)
    result, said, frames = render(write_scene(), tmp_path / "out")
    assert result.film is not None
    assert result.film.is_file()
    assert "going on with cutouts in 2 pieces" in said
    assert "going on with cutouts in 4 pieces" in said
    assert len(frames) == len(usual) == 6
    for one, other in zip(frames, usual, strict=True):
        assert abs(one - other).max() <= 2  # the same sums in another order


def test_a_film_that_does_not_fit_says_what_to_do(
    write_scene: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave_room(0, monkeypatch)
    result, _, frames = render(write_scene(), tmp_path / "out")
    assert result.film is None
    assert "out of memory" in str(result.error)
    assert "try fewer guide.cutouts.count" in str(result.error)
    assert not frames


def test_a_step_is_known_before_it_is_taken(write_scene: Callable[..., Path]) -> None:
    document = document.read(write_scene())
    generators, guided = batch._parts(document, torch.device("cpu"))
    spec, canvas = document.frames[0], torch.empty(1, 3, *reversed(document.scene.size))
    known = needed(guided, generators[0], spec, canvas)

    plain = dataclasses.replace(spec, cutouts=tuple((n, 0.0 if n in memory.UNREAL else v) for n, v in spec.cutouts))
    latent = {name: leaf.requires_grad_(True) for name, leaf in generators[0].init(0).items()}
    terms = guided.objective(plain, generators[0], latent)
    with memory._Held() as held:  # the step itself
        torch.stack(list(terms(latent, 0).values())).sum().backward()
    assert held.most == pytest.approx(known, rel=0.05)

    more = dataclasses.replace(spec, cutouts=with_count(spec, 64.0))
    needs = [needed(dataclasses.replace(guided, pieces=count), generators[0], more, canvas) for count in (1, 2, 8)]
    assert needs[0] > needs[1] > needs[2]
    assert memory.pieces(guided, generators[0], more, canvas, room=needs[0]) == 1
    assert memory.pieces(guided, generators[0], more, canvas, room=needs[0] - 1) == 2
    most = memory.pieces(guided, generators[0], more, canvas, room=0)
    assert 2 < most < 64  # the rest would cost time and save nothing
    last, next_ = (needed(dataclasses.replace(guided, pieces=n), generators[0], more, canvas) for n in (most, 2 * most))
    assert next_ > memory.WORTH * last


def with_count(spec: FrameSpec, count: float) -> tuple[tuple[str, float], ...]:
    return tuple((name, count if name == "count" else value) for name, value in spec.cutouts)


def needed(*step: Any) -> int:
    known = memory.of_step(*step)
    assert known is not None
    return known


@pytest.mark.parametrize("name", variants.names("generators"))
def test_any_generators_step_is_known(name: str, write_scene: Callable[..., Path]) -> None:
    document = document.read(write_scene(), (f"generator={name}",))
    generators, guided = batch._parts(document, torch.device("cpu"))
    assert needed(guided, generators[0], document.frames[0], torch.empty(1, 3, 32, 32)) > 100_000


def test_the_costliest_frame_counts(write_scene: Callable[..., Path]) -> None:
    """Not the first, at which nothing is asked for, and so no encoder looks."""
    document = document.read(write_scene())
    specs = [dataclasses.replace(spec, prompts=()) if spec.index < 3 else spec for spec in document.frames]
    generators, guided = batch._parts(document, torch.device("cpu"))
    canvas = torch.empty(1, 3, 32, 32)
    blind, all_ = (memory.fit(guided, generators, some, canvas).need for some in (specs[:3], specs))
    assert blind is not None
    assert all_ is not None
    assert all_ > 2 * blind
    few = [dataclasses.replace(spec, cutouts=with_count(spec, 1.0)) for spec in specs]
    fewer = memory.fit(guided, generators, few, canvas).need
    assert fewer is not None
    assert fewer < all_
    assert memory.fit(guided, generators, [*few, specs[-1]], canvas).need == all_


def test_a_loss_that_needs_numbers_is_rendered_all_the_same(
    write_scene: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def numbers(candidate: Candidate) -> Tensor:
        return candidate.picture.mean() * float(candidate.picture.max())

    monkeypatch.setattr(total_variation, "build", lambda config: numbers)
    document = document.read(write_scene())
    assert "what a step takes cannot be said" in batch.estimate(document, torch.device("cpu"))
    result, said, frames = render(write_scene(), tmp_path / "out")
    assert result.film is not None
    assert "pieces" not in said
    assert len(frames) == 6


@pytest.mark.parametrize(
    ("folder", "most", "now", "prefix"),
    [
        (".", "memory.max", "memory.current", ""),
        ("memory", "memory.limit_in_bytes", "memory.usage_in_bytes", "total_"),
    ],
)
def test_what_a_container_leaves(folder: str, most: str, now: str, prefix: str, tmp_path: Path) -> None:
    """Files that are in memory only because they were read lately are as good as free."""
    group = tmp_path / folder
    group.mkdir(exist_ok=True)
    assert memory.limits(tmp_path) == []
    stat = f"cache 5\n{prefix}inactive_file 300\n{prefix}active_file 150\n"
    for name, text in ((most, "1000\n"), (now, "900\n"), ("memory.stat", stat)):
        (group / name).write_text(text)
    assert memory.limits(tmp_path) == [1000 - (900 - 450)]
    (group / now).write_text("100\n")
    assert memory.limits(tmp_path) == [1000]
    (group / most).write_text("max\n")
    assert memory.limits(tmp_path) == []


def test_what_is_free_here() -> None:
    room = memory.free(torch.device("cpu"))
    assert room is None or 10_000_000 < room < 10**14


def test_a_failed_scene_lets_its_models_go(write_scene: Callable[..., Path], tmp_path: Path) -> None:
    held: list[weakref.ref[Any]] = []
    build = batch._parts

    def watched(*given: Any) -> Any:
        parts = build(*given)
        held.append(weakref.ref(parts[1]))
        return parts

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(batch, "_parts", watched)
        patch.setattr(total_variation, "build", lambda config: lambda candidate: candidate.picture.sum() * math.nan)
        result, _, _ = render(write_scene(), tmp_path / "out")
    assert isinstance(result.error, RenderError)
    gc.collect()
    assert held
    assert held[0]() is None


def test_little_room_is_seen_before_anything_fails(
    write_scene: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, said, usual = render(write_scene(), tmp_path / "usual")
    assert "pieces" not in said
    monkeypatch.setattr(memory, "free", lambda device: 1000)
    result, said, frames = render(write_scene(), tmp_path / "out")
    assert result.film is not None
    assert re.search(r"1 MB are free; what it frees goes back at once and cutouts go in [24] pieces, .* slower", said)
    for one, other in zip(frames, usual, strict=True):
        assert abs(one - other).max() <= 2


@pytest.mark.parametrize(("share", "tight"), [(0.5, False), (0.7, True)])
def test_gaps_in_memory_are_allowed_for(
    share: float, tight: bool, write_scene: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    document = document.read(write_scene())
    generators, guided = batch._parts(document, torch.device("cpu"))
    need = needed(guided, generators[0], document.frames[0], torch.empty(1, 3, 32, 32))
    monkeypatch.setattr(memory, "free", lambda device: round(need / share))
    fit = memory.fit(guided, generators, document.frames, torch.empty(1, 3, 32, 32))
    assert (fit.pieces, fit.tight) == (1, tight)
    said = batch.estimate(document, torch.device("cpu"))
    assert ("what it frees goes back at once, which is slower" in said) == tight


def test_a_machine_that_does_not_say_what_is_free(
    write_scene: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "free", lambda device: None)
    result, said, _ = render(write_scene(), tmp_path / "out")
    assert result.film is not None
    assert "pieces" not in said
    assert "free" not in batch.estimate(document.read(write_scene()), torch.device("cpu"))
