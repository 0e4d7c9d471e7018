"""The film: what it says of itself, and what becomes of bad frames and bad ffmpegs."""

import stat
import subprocess
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest
from PIL import Image

from animator.errors import MovieError, OutputError
from animator.files import sha256
from animator.film import codecs, encode
from animator.media import ffmpeg
from animator.scene import output

SIZE, FPS = (64, 48), Fraction(12)
FAST = codecs.build(output.read({"preset": "ultrafast", "threads": 1}))


@pytest.fixture
def pictures(tmp_path: Path) -> list[Path]:
    folder = tmp_path / "100%d art; $(x)"  # a name that shells and patterns would stumble over
    folder.mkdir()
    paths = []
    for index in range(10):
        pixels = np.full((48, 64, 3), (200, 20 * index, 40), np.uint8)
        pixels[:, index * 5 : index * 5 + 8] = 255
        paths.append(folder / f"{index:06d}.png")
        Image.fromarray(pixels).save(paths[-1])
    return paths


def decoded(path: Path) -> tuple[str, np.ndarray]:
    """What ffmpeg says of the video stream, and its frames (N,H,W,3)."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-i", str(path), "-f", "rawvideo", "-pix_fmt", "rgb24", "-"]
    done = subprocess.run(command, capture_output=True, check=True, timeout=60)
    stream = next(line for line in done.stderr.decode().splitlines() if "Video: h264" in line)
    return stream, np.frombuffer(done.stdout, np.uint8).reshape(-1, 48, 64, 3)


def test_a_film_that_plays_everywhere(tmp_path: Path, pictures: list[Path]) -> None:
    film = tmp_path / "film.mp4"
    encode.encode(encode.reel(pictures, SIZE, FPS), film, FAST)
    about, frames = decoded(film)
    assert len(frames) == 10
    assert "yuv420p(tv, bt709" in about
    assert " 64x48" in about
    assert " 12 fps" in about
    content = film.read_bytes()
    assert content.index(b"moov") < content.index(b"mdat")  # faststart
    first = frames[0].astype(int)
    wanted = np.asarray(Image.open(pictures[0])).astype(int)
    assert abs(first - wanted)[:, 16:].mean() < 4  # the right colour matrix; the wrong one is off by much more


def test_the_same_frames_give_the_same_bytes(tmp_path: Path, pictures: list[Path]) -> None:
    for name in ("a.mp4", "b.mp4"):
        encode.encode(encode.reel(pictures, SIZE, FPS), tmp_path / name, FAST)
    assert sha256(tmp_path / "a.mp4") == sha256(tmp_path / "b.mp4")


def test_odd_rates_are_exact(tmp_path: Path, pictures: list[Path]) -> None:
    encode.encode(encode.reel(pictures, SIZE, Fraction(24000, 1001)), tmp_path / "film.mp4", FAST)
    assert " 23.98 fps" in decoded(tmp_path / "film.mp4")[0]


def _shorter(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-30])


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _missing(path: Path) -> None:
    path.unlink()


def _smaller(path: Path) -> None:
    Image.new("RGB", (62, 48)).save(path)


def _grey(path: Path) -> None:
    Image.new("L", SIZE).save(path)


def _flipped(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 16
    path.write_bytes(bytes(content))


@pytest.mark.parametrize("place", [0, 5, 9])
@pytest.mark.parametrize("damage", [_shorter, _empty, _missing, _smaller, _grey, _flipped])
def test_damaged_frames_are_never_encoded(
    tmp_path: Path, pictures: list[Path], damage: Callable[[Path], None], place: int
) -> None:
    damage(pictures[place])
    with pytest.raises(MovieError):
        encode.encode(encode.reel(pictures, SIZE, FPS), tmp_path / "film.mp4", FAST)
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == []


def test_a_failed_encode_leaves_the_old_film(tmp_path: Path, pictures: list[Path]) -> None:
    film = tmp_path / "film.mp4"
    encode.encode(encode.reel(pictures, SIZE, FPS), film, FAST)
    before = sha256(film)
    _empty(pictures[3])
    with pytest.raises(MovieError):
        encode.encode(encode.reel(pictures, SIZE, FPS), film, FAST)
    assert sha256(film) == before


def test_a_film_says_what_it_was_made_from(tmp_path: Path) -> None:
    film = tmp_path / "film.mp4"
    assert not encode.is_made_from(film, "these frames")
    film.write_bytes(b"a film")
    assert not encode.is_made_from(film, "these frames")
    encode.note_source(film, "these frames")
    assert encode.note_path(film) == tmp_path / "film.mp4.made-from.json"
    assert encode.is_made_from(film, "these frames")
    assert not encode.is_made_from(film, "other frames")
    film.write_bytes(b"a film, touched")
    assert not encode.is_made_from(film, "these frames")
    film.unlink()
    assert not encode.is_made_from(film, "these frames")


FAKES = {
    "exits at once": "exit 3",
    "says a lot": "head -c 10000000 /dev/zero | tr '\\0' 'x' >&2; exit 1",
    "never reads": "exec sleep 60",
    "claims success": "cat > /dev/null; exit 0",
    "writes rubbish": 'cat > /dev/null; for last; do :; done; echo x > "${last#file:}"; exit 0',
}


@pytest.mark.parametrize("kind", FAKES)
def test_a_bad_ffmpeg_is_an_error_and_not_a_hang(
    tmp_path: Path, pictures: list[Path], monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.chdir(tmp_path)
    fake = tmp_path / "bin" / "ffmpeg"
    fake.parent.mkdir()
    fake.write_text(f"#!/bin/bash\n{FAKES[kind]}\n")
    fake.chmod(fake.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setattr(imageio_ffmpeg, "get_ffmpeg_exe", lambda: str(fake))
    monkeypatch.setattr(ffmpeg, "STALL", 1.0)
    with pytest.raises(OutputError):
        encode.encode(encode.reel(pictures * 20, SIZE, FPS), tmp_path / "film.mp4", FAST)
    assert not (tmp_path / "film.mp4").exists()
