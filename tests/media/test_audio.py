"""Songs of every kind, and files that only call themselves songs."""

import os
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest
from PIL import Image

from animator.errors import SoundError
from animator.media import audio
from tests.media import songs


def loudest(samples: audio.Samples) -> float:
    """Where the loudest sample is, in seconds."""
    return int(np.abs(samples).argmax()) / audio.RATE


@pytest.mark.parametrize("ending", songs.CODECS)
def test_every_container_is_read_in_step(tmp_path: Path, ending: str) -> None:
    """To within a hundredth of a second: what a codec puts before the sound is taken away again."""
    path = songs.write(tmp_path / f"x{ending}", songs.clicks([1.0], 2.5))
    samples = audio.decode(path)
    assert samples.dtype == np.float32
    assert len(samples) / audio.RATE == pytest.approx(2.5, abs=0.06)
    assert loudest(samples) == pytest.approx(1.0, abs=0.015)


@pytest.mark.parametrize(("rate", "channels"), [(8000, 1), (96_000, 2), (48_000, 6), (44_100, 1)])
def test_any_rate_and_number_of_channels(tmp_path: Path, rate: int, channels: int) -> None:
    one = songs.tone(1.5, rate=rate)
    path = songs.write(tmp_path / "x.wav", np.repeat(one[:, None], channels, 1), rate=rate, channels=channels)
    assert len(audio.decode(path)) == pytest.approx(1.5 * audio.RATE, abs=5)


def test_odd_songs_that_are_songs(tmp_path: Path) -> None:
    silent = songs.write(tmp_path / "silent.flac", np.zeros(songs.RATE, np.float32))
    assert not audio.decode(silent).any()
    short = songs.write(tmp_path / "short.wav", songs.tone(1.0))
    assert len(audio.decode(short)) == audio.RATE
    noise = np.random.default_rng(1).uniform(-4, 4, songs.RATE).astype(np.float32)
    assert np.isfinite(audio.decode(songs.write(tmp_path / "loud.wav", noise))).all()
    odd = np.array([np.nan, np.inf, -np.inf, 0.5] * 5000, np.float32)
    assert np.isfinite(audio.decode(songs.write(tmp_path / "odd.wav", odd, "-c:a", "pcm_f32le"))).all()
    changing = songs.write(tmp_path / "x.mp3", songs.tone(3), "-c:a", "libmp3lame", "-q:a", "9", "-write_xing", "0")
    assert len(audio.decode(changing)) / audio.RATE == pytest.approx(3, abs=0.1)


def test_a_cover_is_not_the_song(tmp_path: Path) -> None:
    Image.new("RGB", (64, 64), "red").save(tmp_path / "cover.png")
    plain = songs.write(tmp_path / "plain.mp3", songs.tone(2))
    covered = tmp_path / "covered.mp3"
    command = [
        imageio_ffmpeg.get_ffmpeg_exe(),
        "-loglevel",
        "error",
        "-nostdin",
        "-i",
        plain,
        "-i",
        tmp_path / "cover.png",
    ]
    subprocess.run([*command, "-map", "1:v", "-map", "0:a", "-c", "copy", covered], check=True)
    assert np.array_equal(audio.decode(covered), audio.decode(plain))


def test_a_stream_without_a_length_is_read_to_its_end(tmp_path: Path) -> None:
    path = songs.write(tmp_path / "x.wav", songs.tone(2))
    content = bytearray(path.read_bytes())
    size = content.index(b"data") + 4
    content[4:8] = content[size : size + 4] = b"\xff" * 4  # as a program writes that does not know the end yet
    path.write_bytes(content)
    assert len(audio.decode(path)) / audio.RATE == pytest.approx(2, abs=0.1)


@pytest.fixture
def listener() -> Iterator[tuple[int, list[str]]]:
    """A port of this machine, and who came."""
    came: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def listen() -> None:
            while True:
                try:
                    connection, address = server.accept()
                except OSError:
                    return
                came.append(str(address))
                connection.close()

        threading.Thread(target=listen, daemon=True).start()
        yield server.getsockname()[1], came


def test_what_only_calls_itself_a_song_is_refused_and_asks_nobody(
    tmp_path: Path, listener: tuple[int, list[str]]
) -> None:
    port, came = listener
    songs.write(tmp_path / "secret.wav", songs.tone(1))
    address = f"http://127.0.0.1:{port}/a.mp3"
    tricks = {
        "text.mp3": "this is no song, whatever its name says",
        "empty.flac": "",
        "concat.mp3": f"ffconcat version 1.0\nfile {tmp_path}/secret.wav\n",
        "concat.wav": "ffconcat version 1.0\nfile secret.wav\n",
        "list.m3u8": f"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{address}\n#EXT-X-ENDLIST\n",
        "list.mp3": f"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{address}\n#EXT-X-ENDLIST\n",
        "list.pls": f"[playlist]\nFile1={address}\nNumberOfEntries=1\n",
        "page.ogg": f'<?xml version="1.0"?><MPD><Period><BaseURL>{address}</BaseURL></Period></MPD>',
        "session.m4a": f"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nm=audio {port} RTP/AVP 0\n",
        "script.flac": "#!/bin/sh\ntouch canary\n",
    }
    for name, text in tricks.items():
        (tmp_path / name).write_text(text)
        with pytest.raises(SoundError, match=r"not a song that can be read: \S"):
            audio.decode(tmp_path / name)
    for name in (address, f"concat:{tmp_path}/secret.wav", "pipe:0", "data:audio/wav;base64,AAAA", f"cache:{address}"):
        with pytest.raises(SoundError, match="no such file"):
            audio.decode(Path(name))
    Image.new("RGB", (8, 8)).save(tmp_path / "picture.png")
    with pytest.raises(SoundError, match="not a song"):
        audio.decode(tmp_path / "picture.png")
    assert came == []
    assert not (tmp_path / "canary").exists()


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.wav")
    for path in (tmp_path, tmp_path / "pipe.wav", Path("/dev/zero")):
        with pytest.raises(SoundError, match="not a file"):
            audio.decode(path)
    for path in (tmp_path / "none.wav", Path("a\0b"), tmp_path / ("x" * 300)):
        with pytest.raises(SoundError, match="no such file"):
            audio.decode(path)


@pytest.mark.parametrize("name", ["-y.wav", "a b'c\"d.wav", "%03d.wav", "x:y.wav", "a;b&c.wav", "夜.wav", "[0].wav"])
def test_any_name_is_only_a_name(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    songs.write(tmp_path / "x.wav", songs.tone(0.5)).rename(tmp_path / name)
    monkeypatch.chdir(tmp_path)
    assert len(audio.decode(Path(name))) == pytest.approx(0.5 * audio.RATE, abs=2)


def test_a_song_that_is_too_long_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audio, "LONGEST", 1)
    with pytest.raises(SoundError, match="longer than"):
        audio.decode(songs.write(tmp_path / "x.wav", songs.tone(3)))
