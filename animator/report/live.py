"""One page served to this machine alone: on 127.0.0.1, behind a token, to those who only ask for it by name."""

import http.server
import secrets
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Any
from urllib.parse import unquote, urlsplit

Page = Callable[[], bytes]  # the page as it is now
File = Callable[[str], bytes | None]  # the picture beside it with a name; None where there is none to be shown


class Live:
    """A server in a thread of its own, for as long as the `with` lasts."""

    def __init__(self, page: Page, file: File, port: int = 0) -> None:
        self.token = secrets.token_urlsafe(18)
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", port), _handler(page, file, self.token, self.port))
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)

    def port(self) -> int:
        """Which port of this machine it listens at."""
        return int(self.server.server_port)

    @property
    def address(self) -> str:
        """Where the page is; the token in it is what lets somebody in."""
        return f"http://127.0.0.1:{self.port()}/{self.token}/"

    def __enter__(self) -> "Live":
        self.thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.server.shutdown()
        self.server.server_close()


def _handler(page: Page, file: File, token: str, port: Callable[[], int]) -> type[http.server.BaseHTTPRequestHandler]:
    class Handler(http.server.BaseHTTPRequestHandler):
        server_version, sys_version = "animator", ""

        def do_GET(self) -> None:
            if self.headers.get("Host") not in (f"127.0.0.1:{port()}", f"localhost:{port()}"):
                self.answer(403, b"this page is for this machine alone", "text/plain")
                return
            first, slash, rest = urlsplit(self.path).path.removeprefix("/").partition("/")
            if not secrets.compare_digest(first.encode(), token.encode()) or not slash:
                self.answer(403, b"the address is the one that the program prints", "text/plain")
                return
            name = unquote(rest)
            content = page() if not name else file(name)
            if content is None:
                self.answer(404, b"there is no such file", "text/plain")
            else:
                self.answer(200, content, "image/png" if name else "text/html; charset=utf-8")

        def answer(self, code: int, content: bytes, kind: str) -> None:
            self.send_response(code)
            for header, value in (
                ("Content-Type", kind),
                ("Content-Length", str(len(content))),
                ("Cache-Control", "no-store"),
                ("X-Content-Type-Options", "nosniff"),
                ("Referrer-Policy", "no-referrer"),
            ):
                self.send_header(header, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            """Nothing: the log is the film's."""

    return Handler
