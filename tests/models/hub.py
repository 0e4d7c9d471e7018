"""A Hugging Face hub on this machine, as far as `huggingface_hub` asks one: one repository at one revision."""

import contextlib
import hashlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

REVISION = "c" * 40


@contextlib.contextmanager
def hub(repository: str, folder: Path) -> Iterator[str]:
    """Serve a folder as a repository; the address to give as HF_ENDPOINT."""

    class Answers(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *ignored: object) -> None:
            pass

        def answer(self, body: bytes, **headers: str) -> None:
            self.send_response(200)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name.replace("_", "-"), value)
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(body)

        def do_GET(self) -> None:
            path = unquote(urlsplit(self.path).path)
            files = {str(file.relative_to(folder)): file for file in folder.rglob("*") if file.is_file()}
            if path.startswith(f"/api/models/{repository}/tree/"):
                listed = [
                    {"type": "file", "path": name, "size": file.stat().st_size, "oid": _oid(file)}
                    for name, file in files.items()
                ]
                return self.answer(json.dumps(listed).encode(), Content_Type="application/json")
            if path.startswith(f"/api/models/{repository}"):
                siblings = [{"rfilename": name, "size": file.stat().st_size} for name, file in files.items()]
                told = {"id": repository, "sha": REVISION, "siblings": siblings, "tags": [], "downloads": 0}
                return self.answer(json.dumps(told).encode(), Content_Type="application/json")
            _, _, name = path.partition("/resolve/")[2].partition("/")
            if path.startswith(f"/{repository}/resolve/") and name in files:
                return self.answer(files[name].read_bytes(), ETag=f'"{_oid(files[name])}"', X_Repo_Commit=REVISION)
            self.send_response(404)
            self.send_header("Content-Length", "0")
            self.send_header("X-Error-Code", "EntryNotFound" if repository in path else "RepoNotFound")
            self.end_headers()
            return None

        do_HEAD = do_GET

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _oid(file: Path) -> str:
    return hashlib.sha1(file.read_bytes(), usedforsecurity=False).hexdigest()
