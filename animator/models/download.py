"""One address -> one whole file, checked before it gets its name.

A download goes on where it stopped, also in another run: what has come lies in NAME.part, and beside it which version
of the file that was. Only https, no address within somebody's own network, and never more bytes than were announced or
allowed.
"""

import contextlib
import ipaddress
import json
import shutil
import socket
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx2

from animator import files
from animator.errors import ModelError, OutputError

Progress = Callable[[int, int], None]
"""(bytes that are there, bytes in all or 0 where that is unknown)."""


@dataclass(frozen=True)
class Rules:
    """How far an address is trusted. `loopback` is for a server on this very machine, over plain http."""

    most_bytes: int = 20_000_000_000
    most_redirects: int = 5
    tries: int = 5  # that bring nothing new, one after another
    patience: float = 30.0  # seconds of silence
    pause: float = 2.0  # seconds before another try
    loopback: bool = False


STRICT = Rules()


class _Broken(Exception):
    """The transfer broke off; another try may go on from there."""


def download(
    address: str, target: Path, sha256: str = "", rules: Rules = STRICT, progress: Progress = lambda done, total: None
) -> str:
    """Fetch an address to `target`; the sha256 of what came, which is the one asked for, if one was.

    Raises: ModelError when the address refuses, is not allowed, or has other bytes; OutputError when the disk does.
    """
    part = target.with_name(f"{target.name}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        best, failures = -1, 0
        while True:
            if sha256 and target.is_file() and files.sha256(target) == sha256:
                return sha256  # from a run that came to its end here, and then was stopped
            there = part.stat().st_size if part.exists() else 0
            failures = failures + 1 if there <= best else 0
            best = max(best, there)
            try:
                _transfer(address, part, sha256, rules, progress)
                break
            except (_Broken, httpx2.TransportError) as error:
                if failures >= rules.tries:
                    raise ModelError(f"{address}: broke off: {error or type(error).__name__}; run it again") from error
                time.sleep(rules.pause)
        found = files.sha256(part)
        if sha256 and found != sha256:
            _drop(part)
            raise ModelError(f"{address}: refused, its sha256 is {found} and should be {sha256}")
        files.sync(part)
        part.replace(target)
        files.sync(target.parent)
        _drop(part)
        return found
    except OSError as error:
        raise OutputError(f"{target}: cannot be written: {error.strerror or error}") from error


def _transfer(address: str, part: Path, sha256: str, rules: Rules, progress: Progress) -> None:
    """Bring `part` to its end. Raises: _Broken when it did not get there."""
    version = _version(part)
    there = part.stat().st_size if part.exists() and (version or sha256) else 0
    headers = {"Accept-Encoding": "identity"}  # else sizes and ranges would be those of something else
    if there:
        headers["Range"] = f"bytes={there}-"
        if version:
            headers["If-Range"] = version
    with _opened(address, headers, rules) as response:
        if response.status_code == 416 and there:
            if response.headers.get("content-range", "") == f"bytes */{there}":
                return  # nothing was left
            _drop(part)
            raise _Broken("the file has changed")
        if response.status_code >= 500 or response.status_code in (408, 429):
            raise _Broken(f"HTTP {response.status_code}")
        if response.status_code not in (200, 206):
            raise ModelError(f"{address}: HTTP {response.status_code}")
        if response.status_code == 206 and not response.headers.get("content-range", "").startswith(f"bytes {there}-"):
            _drop(part)
            raise _Broken("another part of the file than was asked for")
        if response.headers.get("content-encoding", "identity") != "identity":
            raise ModelError(f"{address}: comes packed, which was not asked for")
        if response.status_code == 200:
            there = 0
        length = response.headers.get("content-length", "")
        total = there + int(length) if length.isdigit() else 0
        _room(part, total, there, rules, address)
        _note(part, response.headers)
        with part.open("ab" if there else "wb") as file:
            for piece in response.iter_raw():  # as they come: a larger piece would be lost with the connection
                there += len(piece)
                if there > rules.most_bytes or (total and there > total):
                    raise ModelError(f"{address}: sends more than it announced, or than is allowed")
                file.write(piece)
                progress(there, total)
        if there < total:
            raise _Broken(f"{there} of {total} bytes")


@contextlib.contextmanager
def _opened(address: str, headers: dict[str, str], rules: Rules) -> Iterator[httpx2.Response]:
    """The answer at the end of all redirects, each of which must be allowed."""
    with httpx2.Client(timeout=rules.patience, follow_redirects=False, trust_env=True) as client:
        for _ in range(rules.most_redirects + 1):
            _allowed(address, rules)
            with client.stream("GET", address, headers=headers) as response:
                _near(address, response, rules)
                if response.next_request is None:
                    yield response
                    return
                address = str(response.next_request.url)
        raise ModelError(f"{address}: more than {rules.most_redirects} redirects")


def _allowed(address: str, rules: Rules) -> None:
    url = httpx2.URL(address)
    if url.scheme != "https" and not (rules.loopback and url.scheme == "http"):
        raise ModelError(f"{address}: refused, only https is read")
    if _proxy(url):
        return  # which asks in our place, and whose own address is nobody's secret
    try:
        found = socket.getaddrinfo(url.host.strip("[]"), url.port or 443, type=socket.SOCK_STREAM)
    except OSError as error:
        raise ModelError(f"{address}: {url.host} is not known here: {error}") from error
    for *_, place in found:
        _public(address, str(place[0]), rules)


def _proxy(url: httpx2.URL) -> bool:
    known = urllib.request.getproxies()
    return bool(known.get(url.scheme) or known.get("all")) and not urllib.request.proxy_bypass(url.host)


def _near(address: str, response: httpx2.Response, rules: Rules) -> None:
    """Whom we really talk to, whatever a name was said to mean a moment ago."""
    stream = response.extensions.get("network_stream")
    peer = stream.get_extra_info("server_addr") if stream is not None else None
    if peer and not _proxy(httpx2.URL(address)):
        _public(address, peer[0], rules)


def _public(address: str, host: str, rules: Rules) -> None:
    place = ipaddress.ip_address(host.split("%")[0])
    if not place.is_global and not (rules.loopback and place.is_loopback):
        raise ModelError(f"{address}: refused, {host} is an address within a private network")


def _room(part: Path, total: int, there: int, rules: Rules, address: str) -> None:
    if total > rules.most_bytes:
        raise ModelError(f"{address}: {total} bytes are more than is allowed")
    if total - there > shutil.disk_usage(part.parent).free:
        raise OutputError(f"{part.parent}: no room for {total / 1e6:.0f} MB; make some, or set ANIMATOR_MODELS")


def _note(part: Path, headers: httpx2.Headers) -> None:
    """Keep what tells this version of the file from another; a weak ETag does not."""
    tag = headers.get("etag", "")
    version = "" if tag.startswith("W/") else tag
    _beside(part).write_text(json.dumps(version or headers.get("last-modified", "")))


def _version(part: Path) -> str:
    with contextlib.suppress(OSError, ValueError):
        return str(json.loads(_beside(part).read_text()))
    return ""


def _beside(part: Path) -> Path:
    return part.with_name(f"{part.name}.json")


def _drop(part: Path) -> None:
    part.unlink(missing_ok=True)
    _beside(part).unlink(missing_ok=True)
