"""Too little memory: the film goes on with its cutouts in pieces, and says so; or it says what to do."""

import dataclasses
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor
from torch._subclasses.fake_tensor import FakeTensor

from animator import batch, guide, memory, scene_file
from animator.report import PlainReport


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
    document = scene_file.read(write_scene())
    generators, guided = batch._parts(document, torch.device("cpu"))
    spec, canvas = document.frames[0], torch.empty(1, 3, *reversed(document.scene.size))
    known = memory.of_step(guided, generators[0], spec, canvas)

    plain = dataclasses.replace(spec, cutouts=tuple((n, 0.0 if n in memory.UNREAL else v) for n, v in spec.cutouts))
    latent = {name: leaf.requires_grad_(True) for name, leaf in generators[0].init(0).items()}
    terms = guided.objective(plain, generators[0], latent)
    with memory._Held() as held:  # the step itself
        torch.stack(list(terms(latent, 0).values())).sum().backward()
    assert held.most == pytest.approx(known, rel=0.05)

    more = dataclasses.replace(spec, cutouts=tuple((n, 64.0 if n == "count" else v) for n, v in spec.cutouts))
    needs = [
        memory.of_step(dataclasses.replace(guided, pieces=count), generators[0], more, canvas) for count in (1, 2, 8)
    ]
    assert needs[0] > needs[1] > needs[2]
    assert memory.pieces(guided, generators[0], more, canvas, room=needs[0]) == 1
    assert memory.pieces(guided, generators[0], more, canvas, room=needs[0] - 1) == 2
    assert memory.pieces(guided, generators[0], more, canvas, room=0) == 64


def test_little_room_is_seen_before_anything_fails(
    write_scene: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, said, usual = render(write_scene(), tmp_path / "usual")
    assert "pieces" not in said
    monkeypatch.setattr(memory, "free", lambda device: 1000)
    result, said, frames = render(write_scene(), tmp_path / "out")
    assert result.film is not None
    assert "1 MB are free; cutouts go in 4 pieces, which is slower" in said
    for one, other in zip(frames, usual, strict=True):
        assert abs(one - other).max() <= 2


def test_a_machine_that_does_not_say_what_is_free(
    write_scene: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "free", lambda device: None)
    result, said, _ = render(write_scene(), tmp_path / "out")
    assert result.film is not None
    assert "pieces" not in said
    assert "free" not in batch.estimate(scene_file.read(write_scene()))
