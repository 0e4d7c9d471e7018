"""Downloads from a server that truncates, lies, redirects, stalls and dies: nothing damaged ever has its final name."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from animator.errors import ModelError, OutputError
from animator.models import download as downloads
from animator.models.download import Rules, download
from tests.conftest import ROOT
from tests.models.server import CONTENT, Server, serving

HERE = Rules(most_bytes=10_000_000, tries=2, patience=0.5, pause=0.0, loopback=True)


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as served:
        yield served


def left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_comes_whole(server: Server, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    found = download(f"{server.address}/x", tmp_path / "x", "", HERE, lambda done, total: seen.append((done, total)))
    assert found == server.sha256
    assert (tmp_path / "x").read_bytes() == CONTENT
    assert seen[-1] == (len(CONTENT), len(CONTENT))
    assert left(tmp_path) == ["x"]


@pytest.mark.parametrize("manner", ["dies", "stalls"])
def test_it_goes_on_where_it_stopped(server: Server, tmp_path: Path, manner: str) -> None:
    server.manners["/x"] = [manner, "dies", "http 503"]
    assert download(f"{server.address}/x", tmp_path / "x", server.sha256, HERE) == server.sha256
    assert (tmp_path / "x").read_bytes() == CONTENT
    assert any(asked for _, asked in server.asked), "it began anew"
    assert left(tmp_path) == ["x"]


def test_another_run_goes_on(server: Server, tmp_path: Path) -> None:
    server.manners["/x"] = ["dies", *["http 503"] * 9]
    with pytest.raises(ModelError, match="broke off"):
        download(f"{server.address}/x", tmp_path / "x", "", HERE)
    assert left(tmp_path) == ["x.part", "x.part.json"]
    server.asked.clear()
    server.manners.clear()
    assert download(f"{server.address}/x", tmp_path / "x", "", HERE) == server.sha256
    assert server.asked == [("/x", f"bytes={len(CONTENT) // 2}-")]


def test_a_killed_download_goes_on(server: Server, tmp_path: Path) -> None:
    server.manners["/x"] = ["stalls"]
    code = (
        "import sys; from pathlib import Path; from animator.models.download import *\n"
        "download(sys.argv[1], Path(sys.argv[2]), '', Rules(patience=60, loopback=True))"
    )
    target = tmp_path / "x"
    child = subprocess.Popen([sys.executable, "-c", code, f"{server.address}/x", str(target)], cwd=ROOT)
    part = tmp_path / "x.part"
    try:
        for _ in range(600):
            if part.exists() and part.stat().st_size >= len(CONTENT) // 2:
                break
            with pytest.raises(subprocess.TimeoutExpired):
                child.wait(0.05)
    finally:
        child.kill()
        child.wait()
    assert left(tmp_path) == ["x.part", "x.part.json"]
    assert download(f"{server.address}/x", target, "", HERE) == server.sha256
    assert server.asked[-1] == ("/x", f"bytes={len(CONTENT) // 2}-")


def test_another_version_of_the_file_is_not_joined_to_the_old(server: Server, tmp_path: Path) -> None:
    server.manners["/x"] = ["dies", *["http 503"] * 9]
    with pytest.raises(ModelError):
        download(f"{server.address}/x", tmp_path / "x", "", HERE)
    server.content, server.manners = b"new" * 50_000, {}
    assert download(f"{server.address}/x", tmp_path / "x", "", HERE) == server.sha256
    assert (tmp_path / "x").read_bytes() == server.content


def test_a_server_that_does_not_know_ranges_begins_anew(server: Server, tmp_path: Path) -> None:
    server.manners["/x"] = ["dies", "deaf"]
    assert download(f"{server.address}/x", tmp_path / "x", "", HERE) == server.sha256


def test_a_version_without_a_name_is_only_continued_under_a_hash(server: Server, tmp_path: Path) -> None:
    server.manners["/x"] = ["nameless", "nameless"]
    (tmp_path / "x.part").write_bytes(CONTENT[:1000])
    assert download(f"{server.address}/x", tmp_path / "x", "", HERE) == server.sha256
    assert server.asked[-1] == ("/x", "")
    (tmp_path / "y.part").write_bytes(CONTENT[:1000])
    assert download(f"{server.address}/x", tmp_path / "y", server.sha256, HERE) == server.sha256
    assert server.asked[-1] == ("/x", "bytes=1000-")


REFUSED = {
    "wrong": "should be",
    "elsewhere": "broke off",
    "endless": "more than",
    "http 404": "HTTP 404",
    "to file:///etc/passwd": "only https",
    "to http://169.254.169.254/latest/meta-data": "private network",
    "to http://10.0.0.1/x": "private network",
    "to http://[fd00::1]/x": "private network",
    "to ftp://example.org/x": "only https",
}


@pytest.mark.parametrize("manner", REFUSED)
def test_a_lying_server_leaves_nothing(server: Server, tmp_path: Path, manner: str) -> None:
    server.manners["/x"] = [manner] * 9
    if manner == "elsewhere":
        server.manners["/x"] = ["dies", *["elsewhere", "dies"] * 9]
    with pytest.raises(ModelError, match=REFUSED[manner]):
        download(f"{server.address}/x", tmp_path / "x", server.sha256, HERE)
    assert "x" not in left(tmp_path)


def test_a_server_that_announces_more_than_it_has_is_not_believed(server: Server, tmp_path: Path) -> None:
    server.manners["/x"] = ["boasts"] * 20
    with pytest.raises(ModelError):
        download(f"{server.address}/x", tmp_path / "x", "", HERE)
    assert "x" not in left(tmp_path)


def test_redirects_end(server: Server, tmp_path: Path) -> None:
    server.manners["/x"] = [f"to {server.address}/x"] * 20
    with pytest.raises(ModelError, match="redirects"):
        download(f"{server.address}/x", tmp_path / "x", "", HERE)
    server.manners["/x"] = [f"to {server.address}/y"]
    assert download(f"{server.address}/x", tmp_path / "x", "", HERE) == server.sha256


@pytest.mark.parametrize(
    "address", ["http://example.org/x", "http://127.0.0.1:1/x", "https://127.0.0.1:1/x", "file:///x"]
)
def test_by_default_only_https_to_the_world(tmp_path: Path, address: str) -> None:
    with pytest.raises(ModelError, match="refused"):
        download(address, tmp_path / "x")
    assert left(tmp_path) == []


def test_a_name_that_means_this_machine_is_refused(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Looked at once the connection stands, so that a name cannot mean one thing to us and another to the network."""
    monkeypatch.setattr(downloads, "_allowed", lambda address, rules: None)
    with pytest.raises(ModelError, match=r"127\.0\.0\.1 is an address within a private network"):
        download(server.address.replace("127.0.0.1", "localhost") + "/x", tmp_path / "x")


def test_too_large_and_no_room(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ModelError, match="more than is allowed"):
        download(f"{server.address}/x", tmp_path / "x", "", Rules(most_bytes=1000, loopback=True))
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=100))
    with pytest.raises(OutputError, match="no room"):
        download(f"{server.address}/x", tmp_path / "x", "", HERE)
    assert "x" not in left(tmp_path)
