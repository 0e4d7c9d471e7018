"""The page of all films: what it shows, and that whatever a prompt or a name holds stays text."""

import json
import re
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from typer.testing import CliRunner

from animator.cli import app
from animator.errors import OutputError
from animator.report import gallery, pages
from tests.report import browser

EVIL = "document.documentElement.dataset.hit=1"
PAYLOADS = [
    f"<script>{EVIL}</script>",
    f"</script><script>{EVIL}</script>",
    f"<img src=x onerror={EVIL}>",
    f"<img src=ADDRESS/img onerror='{EVIL}'>",
    f"<svg onload={EVIL}>",
    f"<svg><script>{EVIL}</script></svg>",
    f'"><script>{EVIL}</script>',
    f"'><script>{EVIL}</script>",
    f'" onmouseover="{EVIL}" autofocus onfocus="{EVIL}" x="',
    f"' autofocus onfocus='{EVIL}' x='",
    f'<iframe src="javascript:parent.{EVIL}"></iframe>',
    "<iframe src=ADDRESS/frame></iframe>",
    f'<a href="javascript:{EVIL}">x</a>',
    f"<body onload={EVIL}>",
    f"<details open ontoggle={EVIL}>",
    f"<video><source onerror={EVIL}>",
    f"<audio src=x onerror={EVIL}>",
    "<link rel=stylesheet href=ADDRESS/style>",
    "<link rel=prefetch href=ADDRESS/prefetch>",
    "<style>@import 'ADDRESS/import';</style>",
    "<style>body{background:url(ADDRESS/background)}</style>",
    "<base href=ADDRESS/base>",
    "<meta http-equiv=refresh content='0;url=ADDRESS/refresh'>",
    "<object data=ADDRESS/object></object>",
    "<embed src=ADDRESS/embed>",
    "<form action=ADDRESS/form><input autofocus></form>",
    f"<math><mtext></form><form><mglyph><style></math><img src onerror={EVIL}>",
    "{{ 7*7 }}{% for x in y %}${7*7}<%= 7*7 %>",
    f"<!--><img src=x onerror={EVIL}-->",
    f"&lt;script&gt;{EVIL}&lt;/script&gt; &amp; &#60;b&#62;",
    f'<noscript><p title="</noscript><img src=x onerror={EVIL}>">',
    "\u202eright to left \u0000\u001b[31m red",
]


class Texts(HTMLParser):
    """The texts of a page, and what its elements may do."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.tags: set[str] = set()
        self.acts: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.acts += [(name, value or "") for name, value in attrs if name.startswith("on") or name in ("src", "href")]

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def film(out: Path, name: str, **more: Any) -> Path:
    """A film's folder as a renderer leaves it, with a picture or two."""
    path = out / name
    (path / "frames").mkdir(parents=True)
    prompts = more.get("prompts", ["the sea"])
    specs = [
        {"index": index, "time": index / 4, "steps": 3, "prompts": [{"aim": {"text": text}}]}
        for index, text in enumerate(prompts)
    ]
    for index in range(len(specs)):
        Image.new("RGB", (32, 18), (9, 40 * index % 256, 90)).save(path / "frames" / f"{index:06d}.png")
    lines = [{"frame": i, "key": "k", "png": "p", "state": "s", "spec": spec} for i, spec in enumerate(specs)]
    (path / "journal.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    base = {"size": [32, 18], "generator": [{"type": "siren", "layers": 3}], "encoders": {"pocket": 1}, "seed": 7}
    (path / "base.json").write_text(json.dumps({**base, **more.get("base", {})}))
    for ending in more.get("files", (".mp4",)):
        (path / f"{name}{ending}").write_bytes(b"film")
    (path / "progress.jsonl").write_text('{"frame": 0, "steps": 3, "seconds": 4000.0, "losses": {}}\ntorn')
    return path


def test_a_film_with_all_it_has(tmp_path: Path) -> None:
    endings = (".mp4", ".timelapse.mp4", ".before-after.png", ".before-after.mp4", ".webm")
    film(tmp_path, "reef", prompts=["the sea", "the sea", "mountains"], files=endings)
    (card,) = gallery.films(tmp_path)
    assert card.film == "reef/reef.mp4"
    assert card.poster == "reef/frames/000001.png"
    assert (card.timelapse, card.pair) == ("reef/reef.timelapse.mp4", "reef/reef.before-after.png")
    assert card.prompts == (("0:00.00", "the sea"), ("0:00.50", "mountains"))
    assert dict(card.settings)["generator"] == "siren (layers 3)"
    assert "rendered in 1 h 7 min" in card.facts
    assert card.seconds == 0.75
    assert card.others == (("webm", "reef/reef.webm"),)
    assert not card.loops


def test_films_that_are_none_or_odd_are_left_out(tmp_path: Path) -> None:
    film(tmp_path, "good")
    film(tmp_path, "reef.old-20260101-000000-1")
    for name, part, content in (
        ("a", "base.json", "["), ("b", "base.json", "[]"), ("c", "journal.jsonl", ""), ("d", "progress.jsonl", "\xff"),
    ):  # fmt: skip
        (film(tmp_path, name) / part).write_text(content)
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / "link").symlink_to(tmp_path / "good")
    assert {card.name for card in gallery.films(tmp_path)} <= {"good", "c", "d"}
    assert "good" in {card.name for card in gallery.films(tmp_path)}
    gallery.write(tmp_path)


def test_the_command(tmp_path: Path) -> None:
    film(tmp_path, "reef")
    done = CliRunner().invoke(app, ["gallery", str(tmp_path)])
    assert done.stdout.strip() == f"{tmp_path / 'index.html'}: 1 film, as they are now"
    assert isinstance(CliRunner().invoke(app, ["gallery", str(tmp_path / "none")]).exception, OutputError)
    assert "no films here yet" in pages.page("gallery.html", "gallery.js", title="x", cards=[])


def hostile(out: Path, elsewhere: str) -> list[str]:
    """A film whose every field is a payload, and one whose folder's name is odd, too."""
    payloads = [payload.replace("ADDRESS", elsewhere) for payload in PAYLOADS]
    for place, payload in enumerate(payloads):
        base = {
            "generator": [{"type": payload, payload: payload}],
            "encoders": {payload: payload},
            "losses": {payload: 1},
            "version": payload,
            "seed": payload,
            "size": [payload, payload],
        }
        film(out, f"film{place}", prompts=[payload, payload[::-1]], base=base)
    film(out, "100% a&b'\"<i> #1?x=2", prompts=["the sea"])
    gallery.write(out)
    return payloads


def test_whatever_is_written_stays_text(tmp_path: Path) -> None:
    payloads = hostile(tmp_path, "http://127.0.0.1:9")
    page = (tmp_path / "index.html").read_text(encoding="utf-8")
    found = Texts()
    found.feed(page)
    assert not found.tags & {"iframe", "object", "embed", "base", "form", "link", "svg", "math", "body onload"}
    assert not [name for name, _ in found.acts if name.startswith("on")]
    assert all(not re.match(r"(?i)\s*(javascript|data|https?|//)", value) for _, value in found.acts)
    whole = "".join(found.texts)
    assert all(payload.replace("\x00", "") in whole.replace("\x00", "") for payload in payloads)
    assert page.count("<script>") == 1
    assert "100%25%20a%26b%27%22%3Ci%3E%20%231%3Fx%3D2/frames/000000.png" in page


@browser.needed
@pytest.mark.slow
@pytest.mark.parametrize("way", ["files", "server"])
def test_a_browser_runs_nothing_of_it_and_asks_nobody(tmp_path: Path, way: str) -> None:
    with browser.served(tmp_path) as (elsewhere, asked_elsewhere), browser.served(tmp_path) as (site, asked):
        payloads = hostile(tmp_path, elsewhere)
        page = browser.dom(f"{site}/index.html" if way == "server" else f"file://{tmp_path}/index.html")
    assert "data-hit" not in page.split("<head>")[0]
    assert not asked_elsewhere
    found = Texts()
    found.feed(page)
    texts = {unescape(text) for text in found.texts} | set(found.texts)
    for payload in payloads:
        if "\x00" not in payload:
            assert payload in texts, payload
    assert f"{len(PAYLOADS) + 1} of {len(PAYLOADS) + 1}" in texts  # its own script did run
    if way == "server":
        assert {path.split("?")[0] for path in asked} >= {"/index.html"}


@browser.needed
@pytest.mark.slow
def test_pictures_are_seen_from_files_and_a_server(tmp_path: Path) -> None:
    film(tmp_path, "100% a&b'\"<i> #1?x=2", files=())
    gallery.write(tmp_path)
    with browser.served(tmp_path) as (site, asked):
        browser.run(f"{site}/index.html", f"--screenshot={tmp_path}/server.png", "--window-size=400,700")
        assert any(path.endswith("/frames/000000.png") for path in asked)
    browser.run(f"file://{tmp_path}/index.html", f"--screenshot={tmp_path}/files.png", "--window-size=400,700")
    shown = []
    for name in ("server.png", "files.png"):
        with Image.open(tmp_path / name) as picture:
            shown.append(picture.convert("RGB").getpixel((200, 280)))
    assert shown[0] == shown[1] == (9, 0, 90)
