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

from animator import batch, guide
from animator.report import PlainReport


@dataclasses.dataclass(frozen=True)
class Full:
    """An encoder on a card that has room for so many pictures at a time."""

    inner: Any
    room: int

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    def encode_image(self, pictures: Tensor) -> Tensor:
        if len(pictures) > self.room:
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
