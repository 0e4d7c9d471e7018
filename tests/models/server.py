"""A real web server on this machine that answers as badly as it is told."""

import contextlib
import hashlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

CONTENT = bytes(range(256)) * 1000


@dataclass
class Server:
    """`manners` maps a path to how it misbehaves, each time once; what is asked for is kept in `asked`."""

    address: str
    content: bytes = CONTENT
    manners: dict[str, list[str]] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)  # path, Range
    release: threading.Event = field(default_factory=threading.Event)

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


@contextlib.contextmanager
def serving() -> Iterator[Server]:
    class Answers(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *ignored: object) -> None:
            pass

        def do_GET(self) -> None:
            asked = self.headers.get("Range", "")
            served.asked.append((self.path, asked))
            manners = served.manners.get(self.path, [])
            manner = manners.pop(0) if manners else "well"
            if manner.startswith("http "):
                self.send_response(int(manner.split()[1]))
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            if manner.startswith("to "):
                self.send_response(302)
                self.send_header("Location", manner.removeprefix("to "))
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            content, tag = served.content, f'"{served.sha256[:8]}"'
            start = 0
            if asked and self.headers.get("If-Range", tag) == tag and manner != "deaf":
                start = int(asked.removeprefix("bytes=").removesuffix("-"))
            self.send_response(206 if start else 200)
            if manner != "nameless":
                self.send_header("ETag", tag)
            if start:
                place = 0 if manner == "elsewhere" else start
                self.send_header("Content-Range", f"bytes {place}-{len(content) - 1}/{len(content)}")
            left = content[start:]
            if manner == "wrong":
                left = left[:-1] + b"!"
            if manner == "endless":
                self.send_header("Transfer-Encoding", "chunked")
                self.end_headers()
                with contextlib.suppress(OSError):
                    while True:
                        self.wfile.write(b"10000\r\n" + b"x" * 0x10000 + b"\r\n")
                return
            self.send_header("Content-Length", str(len(left) + (1000 if manner == "boasts" else 0)))
            self.end_headers()
            if manner in ("dies", "boasts", "stalls"):
                self.wfile.write(left if manner == "boasts" else left[: len(left) // 2])
                self.wfile.flush()
                if manner == "stalls":
                    served.release.wait(10)
                self.close_connection = True
                self.connection.shutdown(2)
                return
            self.wfile.write(left)

    class Quiet(ThreadingHTTPServer):
        def handle_error(self, *ignored: object) -> None:
            pass

    server = Quiet(("127.0.0.1", 0), Answers)
    served = Server(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield served
    finally:
        served.release.set()
        server.shutdown()
        server.server_close()
        thread.join()
