"""Sound under a film: in step from its first picture to its last, and exactly as long."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from animator.batch.order import Order
from animator.batch.run import render_all
from animator.errors import SceneError
from animator.film import codecs, encode, soundtrack
from animator.film.soundtrack import Soundtrack
from animator.media import audio
from animator.scene import output
from animator.scene.audio import Audio
from animator.scene.document import read, resolve
from tests.conftest import TINY
from tests.film.played import grey
from tests.media import songs
from tests.mutations import MUTATIONS

SIZE = (16, 16)
FAST = codecs.build(output.read({"preset": "ultrafast", "threads": 1}))
SECONDS = 185.0
FPS = [Fraction(12), Fraction(24000, 1001), Fraction(60), *([Fraction(30)] if MUTATIONS >= 20_000 else [])]


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> dict[bool, Path]:
    """A dark picture and a bright one."""
    folder = tmp_path_factory.mktemp("pictures")
    for bright in (False, True):
        Image.new("RGB", SIZE, "white" if bright else "black").save(folder / f"{bright}.png")
    return {bright: folder / f"{bright}.png" for bright in (False, True)}


def flashes(film: Path, fps: Fraction) -> list[float]:
    """When the picture turns bright, in seconds."""
    bright = grey(film).reshape(-1, SIZE[0] * SIZE[1]).mean(1) > 128
    return [int(index) / float(fps) for index in np.flatnonzero(bright)]


def sounds(film: Path) -> list[float]:
    """When a click begins, in seconds."""
    loud = np.flatnonzero(np.abs(audio.decode(film)) > 0.2) / audio.RATE
    return [float(time) for place, time in enumerate(loud) if not place or time - loud[place - 1] > 0.1]


@pytest.mark.slow
@pytest.mark.parametrize("fps", FPS, ids=str)
def test_a_click_is_heard_when_its_flash_is_seen(tmp_path: Path, pictures: dict[bool, Path], fps: Fraction) -> None:
    """At the start and after three minutes: to a fraction of a frame."""
    count = round(SECONDS * fps)
    bright = {round(second * fps) for second in (0.5, 1, 2, 60, 181, 183, 184)}
    song = songs.write(tmp_path / "song.flac", songs.clicks([float(index / fps) for index in bright], SECONDS))
    sound = Soundtrack(song, 0.0, count / float(fps), 0.0)
    film = tmp_path / "film.mp4"
    encode.encode(encode.reel([pictures[index in bright] for index in range(count)], SIZE, fps), film, FAST, sound)
    seen, heard = flashes(film, fps), sounds(film)
    assert len(seen) == len(heard) == len(bright)
    assert max(abs(one - other) for one, other in zip(seen, heard, strict=True)) < 0.3 / fps
    assert audio.seconds(film) == pytest.approx(count / float(fps), abs=0.05)


@pytest.mark.parametrize(
    ("sound", "frames", "heard"),
    [
        (Audio(file="x"), range(48), [1.0, 3.0]),
        (Audio(file="x", start="0.5s"), range(48), [0.5, 2.5]),
        (Audio(file="x", offset="0.5s"), range(48), [1.5, 3.5]),
        (Audio(file="x", start="0.75s", offset="250ms"), range(48), [0.5, 2.5]),
        (Audio(file="x"), range(24, 48), [1.0]),
        (Audio(file="x", offset="4f"), range(24, 48), [1 + 4 / 12]),
        (Audio(file="x"), range(96), [1.0, 3.0]),  # which ends before the film
    ],
    ids=lambda value: str(value)[-40:],
)
def test_the_song_lies_where_it_was_asked_for(
    tmp_path: Path, pictures: dict[bool, Path], sound: Audio, frames: range, heard: list[float]
) -> None:
    song = songs.write(tmp_path / "song.mp3", songs.clicks([1.0, 3.0], 4.0))
    made = soundtrack.of(sound.model_copy(update={"file": str(song)}), Fraction(12), frames)
    film = tmp_path / "film.mp4"
    encode.encode(encode.reel([pictures[False]] * len(frames), SIZE, Fraction(12)), film, FAST, made)
    assert sounds(film) == pytest.approx(heard, abs=0.02)
    assert audio.seconds(film) == pytest.approx(len(frames) / 12, abs=0.05)


@pytest.mark.parametrize("ending", [".m4a", ".flac"])
@pytest.mark.parametrize("fps", [Fraction(12), Fraction(60)], ids=str)
def test_a_song_that_mp4_takes_is_copied(
    tmp_path: Path, pictures: dict[bool, Path], ending: str, fps: Fraction
) -> None:
    """Only where the film is all of it; and it is as much in step as one that is coded anew."""
    bright = {round(second * fps) for second in (0.5, 1, 4)}
    song = songs.write(tmp_path / f"song{ending}", songs.clicks([float(index / fps) for index in bright], 5.0))
    sound = Soundtrack(song, 0.0, 5.0, 0.0)
    assert sound.copied(["aac"]) == (ending == ".m4a")
    assert not Soundtrack(song, 0.5, 4.5, 0.0).copied(["aac"])
    assert not Soundtrack(song, 0.0, 5.0, 1.0).copied(["aac"])
    assert not Soundtrack(song, 0.0, 3.0, 0.0).copied(["aac"])
    film = tmp_path / "film.mp4"
    encode.encode(
        encode.reel([pictures[index in bright] for index in range(5 * int(fps))], SIZE, fps), film, FAST, sound
    )
    seen, heard = flashes(film, fps), sounds(film)
    assert len(seen) == len(heard) == 3
    assert max(abs(one - other) for one, other in zip(seen, heard, strict=True)) < 0.3 / fps


def test_it_fades(tmp_path: Path, pictures: dict[bool, Path]) -> None:
    song = songs.write(tmp_path / "song.wav", songs.tone(4))
    film = tmp_path / "film.mp4"
    encode.encode(encode.reel([pictures[False]] * 36, SIZE, Fraction(12)), film, FAST, Soundtrack(song, 0.0, 3.0, 1.0))
    samples = np.abs(audio.decode(film))
    before, middle, end = (samples[round(at * audio.RATE) :][:1000].max() for at in (1.5, 2.5, 2.93))
    assert before == pytest.approx(0.3, abs=0.03)
    assert middle == pytest.approx(0.15, abs=0.03)
    assert end < 0.04


def test_the_same_film_has_the_same_bytes(tmp_path: Path, pictures: dict[bool, Path]) -> None:
    song = songs.write(tmp_path / "song.ogg", songs.tone(2))
    for name in ("one.mp4", "two.mp4"):
        sound = Soundtrack(song, 0.0, 2.0, 0.0)
        encode.encode(encode.reel([pictures[True]] * 24, SIZE, Fraction(12)), tmp_path / name, FAST, sound)
    assert (tmp_path / "one.mp4").read_bytes() == (tmp_path / "two.mp4").read_bytes()


@pytest.mark.slow
def test_a_film_with_a_song(tmp_path: Path, write_scene: Callable[..., Path]) -> None:
    """Another song makes another film of the same frames; without one it is the silent film."""
    text = TINY.replace("duration: 6f\n", "").replace("threads: 1", "threads: 1, strip: true")
    one, other = (songs.write(tmp_path / f"{pitch}.flac", songs.tone(1.5, pitch)) for pitch in (440, 660))

    def render(changes: str) -> tuple[bytes, int]:
        path = write_scene(f"{text}{changes}\n", "film.yaml")
        seen: list[object] = []
        (result,) = render_all([path], (), Order(tmp_path / "out", device="cpu"), seen.append)
        assert result.film is not None, result.error
        return result.film.read_bytes(), sum(type(event).__name__ == "FrameDone" for event in seen)

    silent, painted = render("duration: 6f")
    assert painted == 6
    first, painted = render(f"audio: {one}")
    assert painted == 0  # its 1.5 s are six frames, too
    second, painted = render(f"audio: {other}")
    assert painted == 0
    assert len({silent, first, second}) == 3
    assert render(f"audio: {{file: {one}}}") == (first, 0)
    assert render("duration: 6f") == (silent, 0)


def test_a_film_is_as_long_as_its_song(tmp_path: Path) -> None:
    song = songs.write(tmp_path / "song.mp3", songs.tone(3))
    plain = {"prompts": "x", "fps": 10, "audio": {"file": str(song)}}
    assert len(resolve(plain, "x").frames) == pytest.approx(30, abs=1)
    assert len(resolve({**plain, "audio": {"file": str(song), "start": "1s"}}, "x").frames) == pytest.approx(20, abs=1)
    assert len(resolve({**plain, "duration": "5s"}, "x").frames) == 50
    assert resolve({**plain, "audio": str(song)}, "x").scene.audio.file == str(song)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("audio: none.mp3", "1:8: audio.file: none.mp3: no such file"),
        ("audio: {file: none.mp3, start: 1}", "1:32: audio.start: a time needs a unit"),
        ("audio: {fil: x}", '1:9: audio.fil: unknown option; did you mean "file"?'),
        ("audio: {file: SONG, start: 9s}", "1:15: audio.file: SONG: it ends before the film begins"),
        ("audio: {file: TEXT}", "1:15: audio.file: TEXT: not a song that can be read"),
        ("audio: 3", "1:8: audio: expected options by name"),
    ],
)
def test_what_is_wrong_with_a_song_is_placed(
    tmp_path: Path, write_scene: Callable[..., Path], line: str, said: str
) -> None:
    names = {"SONG": tmp_path / "song.wav", "TEXT": tmp_path / "text.mp3"}
    songs.write(names["SONG"], songs.tone(1))
    names["TEXT"].write_text("no song")
    for name, path in names.items():
        line, said = line.replace(name, str(path)), said.replace(name, str(path))
    with pytest.raises(SceneError) as caught:
        read(write_scene(f"{line}\nprompts: x\nduration: 1s\n", "reef.yaml"))
    problems = [f"{problem.line}:{problem.column}: {problem.message}" for problem in caught.value.problems]
    assert any(problem.startswith(said) for problem in problems), problems
