"""What holds for every codec. A new one is found here by itself."""

import itertools
import re
import subprocess
from fractions import Fraction
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest
from PIL import Image

from animator import variants
from animator.errors import MovieError
from animator.film import codecs, encode
from animator.film.interpolate import interpolated
from animator.film.soundtrack import Soundtrack
from animator.media import audio
from animator.scene import output
from animator.scene.problems import Flaw
from tests.media import songs

SIZE, FPS, COUNT = (64, 48), Fraction(12), 24
CODECS = variants.names("codecs")
QUICK: dict[str, dict[str, object]] = {
    "h264": {"preset": "ultrafast"},
    "h265": {"preset": "ultrafast"},
    "av1": {"preset": 12},
    "webm": {"speed": 5},
}


@pytest.fixture(scope="session")
def frames(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """A white bar that walks over a red that fades."""
    folder = tmp_path_factory.mktemp("100% frames")
    paths = []
    for index in range(COUNT):
        pixels = np.full((48, 64, 3), (200, 4 * index, 40), np.uint8)
        pixels[:, 2 * index : 2 * index + 8] = 255
        paths.append(folder / f"{index:06d}.png")
        Image.fromarray(pixels).save(paths[-1])
    return paths


def coding(codec: str, **options: object) -> codecs.Coding:
    return codecs.build(output.read({"codec": codec, "threads": 1, **QUICK.get(codec, {}), **options}))


def decoded(film: Path, one: codecs.Coding) -> np.ndarray:
    source = film / "%06d.png" if one.folder else film
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-loglevel", "error", "-i", str(source), "-fps_mode", "passthrough"]
    raw = subprocess.run([*command, "-f", "rawvideo", "-pix_fmt", "rgb24", "-"], capture_output=True, check=True)
    return np.frombuffer(raw.stdout, np.uint8).reshape(-1, *SIZE[::-1], 3)


def test_suffixes_differ() -> None:
    """So that a film in another codec takes no film's place."""
    assert len({coding(codec).suffix for codec in CODECS}) == len(CODECS)


@pytest.mark.parametrize("codec", CODECS)
def test_a_film_has_its_pictures_and_its_sound(tmp_path: Path, frames: list[Path], codec: str) -> None:
    one = coding(codec)
    song = songs.write(tmp_path / "song.wav", songs.tone(3.0))
    film = tmp_path / f"film{one.suffix}"
    encode.encode(encode.reel(frames, SIZE, FPS), film, one, Soundtrack(song, 0.0, 2.0, 0.0))
    pictures = decoded(film, one)
    assert len(pictures) == COUNT
    wanted = np.asarray(Image.open(frames[7])).astype(int)
    off = abs(pictures[7].astype(int) - wanted).mean()
    assert off < (0.01 if codec in ("png", "ffv1") else 8)  # a wrong colour matrix is off by more
    if one.sound is not None:
        assert audio.seconds(film) == pytest.approx(2.0, abs=encode.PACKET)


@pytest.mark.parametrize("codec", CODECS)
def test_a_film_that_fails_leaves_the_old_one(tmp_path: Path, frames: list[Path], codec: str) -> None:
    one = coding(codec)
    film = tmp_path / f"film{one.suffix}"
    encode.encode(encode.reel(frames[:4], SIZE, FPS), film, one)
    encode.note_source(film, "these")
    short = encode.Reel(encode.reel(frames[:6], SIZE, FPS).pictures, 7, SIZE, FPS)  # one picture never comes
    with pytest.raises(MovieError, match="7 frames"):
        encode.encode(short, film, one)
    assert encode.is_made_from(film, "these")
    encode.encode(encode.reel(frames[:6], SIZE, FPS), film, one)
    assert len(decoded(film, one)) == 6
    assert not encode.is_made_from(film, "these")
    assert {path.name for path in tmp_path.iterdir()} == {film.name, encode.note_path(film).name}


def test_interpolated_pictures_lie_between(frames: list[Path]) -> None:
    reel = interpolated(encode.reel(frames, SIZE, FPS), 3)
    assert (reel.count, reel.fps) == (72, Fraction(36))
    pictures = [np.frombuffer(picture, np.uint8).reshape(48, 64, 3).astype(int) for picture in reel.pictures]
    assert len(pictures) == 72
    for index in (0, 5, 23):
        wanted = np.asarray(Image.open(frames[index])).astype(int)
        assert (pictures[3 * index] == wanted).all()
    bars = [float((picture[:, :, 1].mean(0) * np.arange(64)).sum() / picture[:, :, 1].sum()) for picture in pictures]
    assert all(after > before - 0.05 for before, after in itertools.pairwise(bars[:60]))


def test_a_loop_goes_on_to_its_first_picture(frames: list[Path]) -> None:
    """Pictures after the last frame lie between it and the first, and without a loop they are the last one again."""
    there_and_back, ends = [*frames[8:16], *frames[9:15][::-1]], []
    for loop in (True, False):
        reel = encode.reel(there_and_back, SIZE, FPS)
        last = list(interpolated(reel, 4, loop=loop).pictures)[-4:]
        ends.append([np.frombuffer(picture, np.uint8).reshape(48, 64, 3).astype(int) for picture in last])
    first = np.asarray(Image.open(frames[8])).astype(int)
    around, still = ([abs(picture - first).mean() for picture in end] for end in ends)
    assert all(after < before for before, after in itertools.pairwise(around))
    assert still == pytest.approx([still[0]] * 4, abs=0.3)
    assert around[0] == pytest.approx(still[0], abs=0.3)


def test_nothing_is_made_up_across_a_cut(frames: list[Path], tmp_path: Path) -> None:
    """Between two frames that have nothing in common there is one of them, whole."""
    noise = np.random.default_rng(3).integers(0, 256, (6, 8, 3), np.uint8)
    other = tmp_path / "other.png"
    Image.fromarray(noise).resize(SIZE, Image.Resampling.NEAREST).save(other)
    reel = interpolated(encode.reel([*frames[:6], *[other] * 6], SIZE, FPS), 4)
    pictures = [np.frombuffer(picture, np.uint8).reshape(48, 64, 3).astype(int) for picture in reel.pictures]
    ends = [np.asarray(Image.open(path)).astype(int) for path in (frames[5], other)]
    for picture in pictures[21:24]:
        assert min(abs(picture - end).mean() for end in ends) < 6


def test_where_much_changes_pictures_are_mixed(tmp_path: Path) -> None:
    """And not put together of squares: halfway between two frames of a fade is their mean."""
    rng, paths = np.random.default_rng(3), []
    for index in range(6):
        pixels = np.clip(rng.integers(0, 60, (48, 64, 3)) + 30 * index, 0, 255).astype(np.uint8)
        paths.append(tmp_path / f"{index}.png")
        Image.fromarray(pixels).save(paths[-1])
    pictures = [np.frombuffer(one, np.uint8) for one in interpolated(encode.reel(paths, SIZE, FPS), 2).pictures]
    before, between, after = (pictures[place].astype(float) for place in (4, 5, 6))
    assert abs(between - (before + after) / 2).max() <= 1


def test_a_bad_frame_ends_an_interpolated_film(frames: list[Path], tmp_path: Path) -> None:
    bad = tmp_path / "bad.png"
    bad.write_bytes(b"")
    reel = interpolated(encode.reel([*frames[:3], bad, *frames[3:]], SIZE, FPS), 2)
    with pytest.raises(MovieError, match=r"bad\.png: not a whole picture"):
        encode.encode(reel, tmp_path / "film.mp4", coding("h264"))
    assert not (tmp_path / "film.mp4").exists()


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ({"codec": "mp4"}, r"unknown codec. Codecs: av1, ffv1"),
        ({"codec": "webm", "preset": "slow"}, r"unknown option.* Options: .*speed"),
        ({"crf": 90}, r"less than or equal to 51"),
        ({"codec": "h265", "crf": "good"}, r"valid integer"),
        ({"interpolate": "twice"}, r"valid integer"),
        ({"threads": 0}, r"greater than or equal to 1"),
        (["webm"], r"expected options by name"),
    ],
)
def test_what_a_scene_gets_wrong_is_said(written: object, says: str) -> None:
    flaws: list[Flaw] = []
    output.read(written, ("output",), flaws)
    assert flaws
    assert re.search(says, flaws[0].message), flaws[0].message


def test_options_of_all_codecs_and_of_one_stand_side_by_side() -> None:
    read = output.read({"codec": "webm", "crf": 30, "interpolate": "2x", "upscale": 1.5, "states_every": 4})
    assert (read.codec, read.interpolate, read.upscale, read.states_every) == ("webm", 2, 1.5, 4)
    assert read.coding.model_dump() == {"crf": 30, "speed": 2}
