"""The page of one film: beside it as a file, and live for this machine alone."""

import dataclasses
import http.client
from collections.abc import Callable
from pathlib import Path

import pytest

from animator.errors import RenderError
from animator.film import progress
from animator.film.folder import Folder
from animator.report import charts, events
from animator.report.film_page import FilmPage
from animator.report.live import Live
from animator.report.sinks.page import NAME, Page
from animator.scene.document import Document, resolve
from animator.scene.frame_spec import Aim, PromptAt, seen_text
from tests.report import browser
from tests.report.test_gallery import PAYLOADS, Texts


def evil(payload: str) -> Document:
    """A film that asks for a payload, however long."""
    found = resolve({"duration": "3s", "fps": 4, "prompts": "the sea", "motion": {"zoom": "1 + 0.1*t"}}, "film")
    asked = (PromptAt(Aim(payload)),)
    return dataclasses.replace(found, frames=tuple(dataclasses.replace(spec, prompts=asked) for spec in found.frames))


def drawn(document: Document, folder: Path, *seen: events.Event) -> str:
    page = FilmPage(document, folder, lambda: 1000.0)
    for event in (events.FilmBegan("film", 0, 12), *seen):
        page(event)
    return page.render(live=True)


def done(frame: int, **losses: float) -> events.FrameDone:
    return events.FrameDone("film", frame, 5, 2.0, losses)


def test_what_it_says(tiny: Document, tmp_path: Path) -> None:
    (tmp_path / "latest.png").write_bytes(b"png")
    page = drawn(tiny, tmp_path, done(0, prompt=0.9), done(1, prompt=0.5, drift=0.1))
    assert "2 of 12 frames" in page
    assert "about 20 s left" in page
    assert '<progress max="12" value="2">' in page
    assert 'src="latest.png?1000"' in page
    assert "a red circle" in page
    assert page.count("<polyline") >= 3  # two losses, and the camera
    assert 'http-equiv="refresh"' in page
    ended = drawn(tiny, tmp_path, events.SceneFailed("film", RenderError("<b>lost</b>"), 1.0))
    assert "&lt;b&gt;lost&lt;/b&gt;" in ended
    assert 'http-equiv="refresh"' not in ended


@pytest.mark.parametrize("payload", [payload for payload in PAYLOADS if payload.isprintable()])
def test_prompts_stay_text(payload: str, tmp_path: Path) -> None:
    found = Texts()
    found.feed(drawn(evil(payload), tmp_path))
    assert not [name for name, _ in found.acts if name.startswith("on")]
    assert not found.tags & {"iframe", "object", "embed", "base", "form", "link", "math"}
    assert payload in found.texts


def test_bars_of_a_song_are_drawn(tmp_path: Path) -> None:
    scene = {"duration": "4s", "prompts": "a", "audio": {"file": "scenes/song.ogg", "bpm": 120}}
    assert FilmPage(resolve(scene, "film"), tmp_path).beats == [0.0, 500.0]


def test_losses_of_kept_frames_are_drawn_too(tiny: Document, tmp_path: Path) -> None:
    for frame in range(3):
        progress.note(Folder(tmp_path), frame, 3, 1.0, {"prompt": 0.9 - 0.1 * frame})
    page = FilmPage(tiny, tmp_path)
    page(events.FramesKept("tiny", 2, 6, 2))
    assert page.losses == {"prompt": {0: 0.9, 1: 0.8}}


def test_a_fade_is_called_by_what_it_is_nearer_to() -> None:
    found = resolve({"duration": "4s", "prompts": {"0s": "a", "2s": "b", "fade": "2s"}}, "film").frames
    assert [seen_text(found[place]) for place in (0, 18, 23, 25, 40)] == ["a", "a", "a", "b", "b"]


def test_lines_keep_their_highest_and_lowest() -> None:
    values = [0.0] * 5000 + [9.0] + [0.0] * 5000
    line = charts.line("x", values, len(values))
    assert (line.low, line.high, line.last) == (0.0, 9.0, 0.0)
    assert len(line.points.split()) <= charts.MOST + 4
    assert any(float(point.split(",")[1]) < 5 for point in line.points.split())
    assert charts.line("x", [float("nan"), float("inf")], 2).points == ""


def test_a_page_lies_beside_the_film(tiny: Document, tmp_path: Path) -> None:
    now = [0.0]
    page = Page(lambda: now[0])
    page(events.FilmBegan("tiny", 0, 6))  # of a film that nobody opened
    assert b"waiting for a film" in page.now()
    page(events.SceneOpened("tiny", tiny, tmp_path))
    assert "0 of 6" in (tmp_path / NAME).read_text()
    page(events.FilmBegan("tiny", 0, 6))
    page(done(0))
    assert "0 of 6" in (tmp_path / NAME).read_text()
    now[0] = 60.0
    page(done(1))
    assert "2 of 6" in (tmp_path / NAME).read_text()
    (tmp_path / "tiny.mp4").write_bytes(b"film")
    page(events.FilmDone("tiny", tmp_path / "tiny.mp4", 3.0))
    assert '<video class="large"' in (tmp_path / NAME).read_text()


def ask(address: str, path: str, method: str = "GET", host: str = "") -> tuple[int, bytes]:
    where = address.split("/")[2]
    connection = http.client.HTTPConnection(where, timeout=10)
    connection.request(method, path, headers={"Host": host or where})
    answer = connection.getresponse()
    found = answer.status, answer.read()
    connection.close()
    return found


def test_the_live_page_is_for_this_machine_alone(tiny: Document, tmp_path: Path) -> None:
    (tmp_path / "latest.png").write_bytes(b"png")
    (tmp_path / "secret.png").write_bytes(b"mine")
    page = Page()
    page(events.SceneOpened("tiny", tiny, tmp_path))
    with Live(page.now, page.file) as live:
        assert live.server.server_address[0] == "127.0.0.1"
        root = f"/{live.token}/"
        assert ask(live.address, root)[0] == 200
        assert ask(live.address, f"{root}latest.png") == (200, b"png")
        for host in ("evil.example", "evil.example:80", "127.0.0.1", f"127.0.0.1:{live.port()}.evil.example"):
            assert ask(live.address, root, host=host)[0] == 403
        for path in ("/", "/x/", f"/{live.token}", f"/{live.token}x/"):
            assert ask(live.address, path)[0] in (403, 404), path
        for name in (
            "secret.png",
            "../secret.png",
            "%2e%2e/latest.png",
            "frames/000000.png",
            "scene.yaml",
            "/etc/passwd",
        ):
            assert ask(live.address, root + name)[0] == 404, name
        for method in ("POST", "PUT", "DELETE", "OPTIONS"):
            assert ask(live.address, root, method)[0] == 501
    with pytest.raises(OSError, match="refused"):
        ask(live.address, root)


@browser.needed
@pytest.mark.slow
def test_a_browser_sees_the_page_go_on(tiny: Document, tmp_path: Path, write_scene: Callable[..., Path]) -> None:
    page, count = Page(), [0]
    page(events.SceneOpened("tiny", tiny, tmp_path))
    page(events.FilmBegan("tiny", 0, 6))

    def now() -> bytes:
        page(done(count[0], prompt=0.5))
        count[0] += 1
        return page.now()

    with Live(now, page.file) as live:
        seen = browser.dom(live.address)
    assert count[0] >= 2  # its script asked again
    assert f"{count[0]} of 6 frames" in seen or f"{count[0] - 1} of 6 frames" in seen
