"""The film of the camera alone."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from animator.film import test_card
from animator.media import audio
from animator.scene.document import resolve
from animator.scene.motions import IDENTITY, Matrix, compose
from tests.film.played import grey

Run = Callable[..., "subprocess.CompletedProcess[str]"]


def zoomed(factor: float, turn: float = 0.0) -> Matrix:
    return ((1 / factor, -turn, 0.0), (turn, 1 / factor, 0.0), (0.0, 0.0, 1.0))


def test_the_board_never_ends() -> None:
    """However far a film zooms in or out, there are squares, and poses stay numbers."""
    x, y = test_card._points((64, 48))
    for factor in (1.3, 0.7):
        pose = IDENTITY
        for _ in range(2000):
            pose = test_card._nearer(compose(pose, zoomed(factor)))
        picture = test_card._card(pose, x, y)
        assert picture.shape == (48, 64, 3)
        assert picture.std() > 5
        assert 1e-7 < abs(pose[0][0]) < 1e7


def test_another_board_looks_the_same() -> None:
    x, y = test_card._points((64, 48))
    near: Matrix = ((3e-7, -1e-8, 0.37), (1e-8, 3e-7, -0.2), (0.0, 0.0, 1.0))
    assert test_card._nearer(near) != near
    one, other = (test_card._card(pose, x, y).astype(int) for pose in (near, test_card._nearer(near)))
    light = [picture.sum(2) > np.median(picture.sum(2)) for picture in (one, other)]
    assert (light[0] == light[1]).mean() > 0.95


@pytest.mark.slow
def test_it_is_written_in_seconds(tmp_path: Path) -> None:
    """It has the film's frames, its song, and moves when the camera does."""
    scene = {
        "fps": 12,
        "duration": "4s",
        "size": [512, 288],
        "prompts": {"every": "1bar", "texts": ["a [star]", "夜の海"]},
        "audio": {"file": "scenes/song.ogg", "bpm": 120},
        "motion": {"zoom": "1 + 3*pulse(bar, 0.2)"},
    }
    film = tmp_path / "motion.mp4"
    test_card.write(resolve(scene, "x"), film)
    assert audio.seconds(film) == pytest.approx(4.0, abs=0.05)
    frames = grey(film).reshape(48, -1, 480)[:, : 270 - 10].astype(float)
    moved = np.abs(np.diff(frames, axis=0)).mean((1, 2))
    assert moved[[0, 24]].min() > 5 * moved[[10, 20, 40]].max()


@pytest.mark.slow
def test_the_command_writes_it(tmp_path: Path, run_cli: Run, write_scene: Callable[..., Path]) -> None:
    done = run_cli("plan", write_scene(), "--preview", "--out", tmp_path, "--device", "cpu")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "tiny" / "motion.mp4").is_file()
    assert f"preview: {tmp_path}/tiny/motion.mp4" in done.stdout
