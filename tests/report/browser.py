"""A real browser, where one is installed."""

import functools
import http.server
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

PROGRAM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), ""
)
OPTIONS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
needed = pytest.mark.skipif(not PROGRAM, reason="needs Chromium, which is not installed here")


def run(address: str, *options: str) -> str:
    """What Chromium prints of a page."""
    with tempfile.TemporaryDirectory() as profile:
        command = [PROGRAM, *OPTIONS, f"--user-data-dir={profile}", *options, address]
        return subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout


def dom(address: str, *options: str) -> str:
    """A page after its scripts ran, as text."""
    return run(address, "--virtual-time-budget=3000", "--dump-dom", *options)


@contextmanager
def served(folder: Path) -> Iterator[tuple[str, list[str]]]:
    """A folder as a web site on this machine: its address, and every path that was asked for."""
    asked: list[str] = []

    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, form: str, *arguments: object) -> None:
            asked.append(self.path)

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
