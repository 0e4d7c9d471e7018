"""Too little memory: the film goes on with its cutouts in pieces, and says so; or it says what to do."""

import dataclasses
import io
import subprocess
import sys
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
from tests.conftest import ROOT, TINY

LIMITED = """
import resource, sys
from pathlib import Path
import torch
from animator import batch, guide
from animator.report import PlainReport

torch.set_num_threads(1)
build = guide.build

def limited(*parts):
    made = build(*parts)
    status = Path("/proc/self/status").read_text()
    used = int(next(line for line in status.splitlines() if line.startswith("VmData")).split()[1]) << 10
    room = used + (20 << 20)
    resource.setrlimit(resource.RLIMIT_DATA, (room, room))
    return made

guide.build = limited
(result,) = batch.render_all([Path(sys.argv[1])], batch.Order(out=Path(sys.argv[2])), PlainReport())
print(result.error)
"""


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


def test_a_film_goes_on_in_pieces(
    write_scene: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, said, usual = render(write_scene(), tmp_path / "usual")
    assert "pieces" not in said
    build = guide.build

    def short_of_memory(*parts: Any) -> guide.Guide:
        made = build(*parts)
        return dataclasses.replace(made, encoders={name: Full(one, 1) for name, one in made.encoders.items()})

    monkeypatch.setattr(guide, "build", short_of_memory)
    result, said, frames = render(write_scene(), tmp_path / "out")
    assert result.film is not None
    assert result.film.is_file()
    assert "going on with cutouts in 2 pieces" in said
    assert "going on with cutouts in 4 pieces" in said
    assert len(frames) == len(usual) == 6
    for one, other in zip(frames, usual, strict=True):
        assert abs(one - other).max() <= 2  # the same sums in another order


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the limit is read from /proc")
def test_a_film_that_does_not_fit_says_what_to_do(write_scene: Callable[..., Path], tmp_path: Path) -> None:
    many = write_scene(TINY.replace("count: 4", "count: 384"))
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(many), str(tmp_path / "out")],
        cwd=ROOT, capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip
    assert "out of memory" in done.stdout, done.stdout + done.stderr
    assert "try fewer guide.cutouts.count" in done.stdout
    assert not list((tmp_path / "out" / "tiny").glob("*.mp4"))
