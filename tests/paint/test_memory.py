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

from animator import variants
from animator.batch import run
from animator.batch.order import Order, Result
from animator.batch.works import estimate, works_of
from animator.errors import RenderError
from animator.models.networks.torch_internals import FakeTensor
from animator.paint import guide, memory
from animator.paint.losses import Candidate, total_variation
from animator.report.plan import memory_line
from animator.report.sinks.plain import Plain
from animator.scene.document import read
from animator.scene.frame_spec import FrameSpec

CPU = torch.device("cpu")


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


def render(scene: Path, out: Path) -> tuple[Result, str, list[np.ndarray[Any, Any]]]:
    said = io.StringIO()
    (result,) = run.render_all([scene], ("optimize.precision=fp32",), Order(out=out), Plain(said))
    frames = [np.asarray(Image.open(path)).astype(int) for path in sorted((out / "tiny" / "frames").iterdir())]
    return result, said.getvalue(), frames


def leave_room(room: int, monkeypatch: pytest.MonkeyPatch) -> None:
    build = guide.build

    def short_of_memory(*parts: Any, **more: Any) -> guide.Guide:
        made = build(*parts, **more)
        return dataclasses.replace(made, encoders={name: Full(one, room) for name, one in made.encoders.items()})

    monkeypatch.setattr(guide, "build", short_of_memory)


@pytest.mark.slow
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


@pytest.mark.slow
def test_a_step_is_known_before_it_is_taken(write_scene: Callable[..., Path]) -> None:
    document = read(write_scene())
    works = works_of(document, CPU)
    spec, canvas = document.frames[0], torch.empty(1, 3, *reversed(document.scene.size))
    known = needed(works.guide, works.generators[0], spec, canvas)

    latent = {name: leaf.requires_grad_(True) for name, leaf in works.generators[0].init(0).items()}
    terms = works.guide.objective(memory.without_augmentations(spec), works.generators[0], latent)
    with memory.Held() as held:  # the step itself
        torch.stack(list(terms(latent, 0).values())).sum().backward()
    assert held.most == pytest.approx(known, rel=0.05)

    more = with_count(spec, 32.0)
    painter = works.generators[0]

    def in_pieces(count: int) -> int:
        return needed(dataclasses.replace(works.guide, pieces=count), painter, more, canvas)

    needs = [in_pieces(count) for count in (1, 2, 8)]
    assert needs[0] > needs[1] > needs[2]
    assert memory.pieces(works.guide, painter, more, canvas, room=needs[0]) == 1
    assert memory.pieces(works.guide, painter, more, canvas, room=needs[0] - 1) == 2


@pytest.mark.soak
def test_cutouts_go_into_no_more_pieces_than_save_memory(write_scene: Callable[..., Path]) -> None:
    document = read(write_scene())
    works = works_of(document, CPU)
    spec, canvas = with_count(document.frames[0], 32.0), torch.empty(1, 3, *reversed(document.scene.size))
    painter = works.generators[0]
    most = memory.pieces(works.guide, painter, spec, canvas, room=0)
    assert 2 < most < 32  # the rest would cost time and save nothing
    less, least = (needed(dataclasses.replace(works.guide, pieces=n), painter, spec, canvas) for n in (2 * most, most))
    assert less > memory.WORTH * least


def with_count(spec: FrameSpec, count: float) -> FrameSpec:
    return dataclasses.replace(spec, cutouts=dataclasses.replace(spec.cutouts, count=count))


def needed(*step: Any) -> int:
    known = memory.of_step(*step)
    assert known is not None
    return known


@pytest.mark.slow
@pytest.mark.parametrize("name", variants.names("generators"))
def test_any_generators_step_is_known(name: str, write_scene: Callable[..., Path]) -> None:
    document = read(write_scene(), (f"generator={name}",))
    works = works_of(document, CPU)
    assert needed(works.guide, works.generators[0], document.frames[0], torch.empty(1, 3, 32, 32)) > 100_000


@pytest.mark.slow
def test_the_costliest_frame_counts(write_scene: Callable[..., Path]) -> None:
    """Not the first, at which nothing is asked for, and so no encoder looks."""
    document = read(write_scene())
    specs = [dataclasses.replace(spec, prompts=()) if spec.index < 3 else spec for spec in document.frames]
    works = works_of(document, CPU)

    def need(some: list[FrameSpec]) -> int:
        found = memory.fit(works.guide, works.generators, some, (32, 32), CPU).need
        assert found is not None
        return found

    blind, whole = need(specs[:3]), need(specs)
    assert whole > 2 * blind
    few = [with_count(spec, 1.0) for spec in specs]
    assert need(few) < whole
    assert need([*few, specs[-1]]) == whole


@pytest.mark.slow
def test_a_loss_that_needs_numbers_is_rendered_all_the_same(
    write_scene: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def numbers(candidate: Candidate) -> Tensor:
        return candidate.picture.mean() * float(candidate.picture.max())

    monkeypatch.setattr(total_variation, "build", lambda config: numbers)
    document = read(write_scene())
    assert estimate(document, CPU).need is None
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
    build = guide.build

    def watched(*given: Any, **more: Any) -> guide.Guide:
        made = build(*given, **more)
        held.append(weakref.ref(made))
        return made

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(guide, "build", watched)
        patch.setattr(total_variation, "build", lambda config: lambda candidate: candidate.picture.sum() * math.nan)
        result, _, _ = render(write_scene(), tmp_path / "out")
    assert isinstance(result.error, RenderError)
    gc.collect()
    assert held
    assert held[0]() is None


@pytest.mark.slow
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
    document = read(write_scene())
    works = works_of(document, CPU)
    need = needed(works.guide, works.generators[0], document.frames[0], torch.empty(1, 3, 32, 32))
    monkeypatch.setattr(memory, "free", lambda device: round(need / share))
    fit = estimate(document, CPU)
    assert (fit.pieces, fit.tight) == (1, tight)
    line = memory_line(document, "cpu", *fit)
    assert ("what it frees goes back at once, which is slower" in line) == tight


@pytest.mark.slow
def test_a_machine_that_does_not_say_what_is_free(
    write_scene: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "free", lambda device: None)
    result, said, _ = render(write_scene(), tmp_path / "out")
    assert result.film is not None
    assert "pieces" not in said
    document = read(write_scene())
    assert "free" not in memory_line(document, "cpu", *estimate(document, CPU))
