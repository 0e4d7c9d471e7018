"""How a batch ended, sent to somebody: through apprise, where it is installed."""

import importlib.util
import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from typer.testing import CliRunner

from animator.cli import app
from animator.errors import ModelError, RenderError
from animator.report import notify
from tests.conftest import TINY

ENDINGS: list[notify.Ending] = [("reef", None), ("wood", RenderError("odd\x1b[31m")), ("sea", None)]
needs_apprise = pytest.mark.skipif(importlib.util.find_spec("apprise") is None, reason="apprise is not installed")


def test_what_is_said() -> None:
    assert notify.title(ENDINGS) == "2 of 3 films are there"
    assert notify.body(ENDINGS) == "wood: odd\\x1b[31m\nreef: finished\nsea: finished"
    assert notify.body([(str(number), None) for number in range(30)]).endswith("19: finished\nand 10 more")


def test_without_apprise_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)
    with pytest.raises(ModelError, match="apprise"):
        notify.open_service("json://secret@127.0.0.1")


def test_a_service_that_breaks_ends_no_batch() -> None:
    class Broken:
        def notify(self, **said: str) -> None:
            raise OSError("secret")

    assert notify.send(Broken(), ENDINGS) is False


@pytest.mark.slow
@needs_apprise
@pytest.mark.filterwarnings("ignore")
def test_it_arrives_and_the_secret_is_in_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    came: list[dict[str, str]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            came.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"json://canary:canary-token@127.0.0.1:{server.server_port}/"
        with pytest.raises(ModelError) as wrong:
            notify.open_service("nowhere-canary://x")
        assert "canary" not in str(wrong.value)
        scene = tmp_path / "tiny.yaml"
        scene.write_text(TINY.replace("6f", "1f"))
        monkeypatch.setenv("ANIMATOR_NOTIFY", address)
        done = CliRunner().invoke(app, ["batch", str(scene), "--out", str(tmp_path / "out"), "--devices", "cpu"])
        server.shutdown()
    assert done.exit_code == 0, done.output
    assert [message["title"] for message in came] == ["1 of 1 films are there"]
    assert came[0]["message"] == "tiny: finished"
    assert "canary" not in done.output
    assert not any(b"canary" in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
