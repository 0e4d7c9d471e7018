"""Some of `bench.night`, which breaks renders in every way: its whole form takes an hour, and `make soak` runs it."""

import subprocess
import sys

import pytest

from tests.conftest import ROOT

ROWS = ("siren", "fft", "power", "races", "damage")


@pytest.mark.slow
@pytest.mark.timeout(280)
def test_what_is_broken_comes_out_whole() -> None:
    command = [sys.executable, "-m", "bench.night", *ROWS, "--share", "0.025", "--seed", "7"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    figures = [line for line in done.stdout.splitlines() if "(bar" in line]
    assert len(figures) == len(ROWS), done.stdout
    assert all(line.endswith("ok") for line in figures)


def test_a_row_that_is_not_there_is_named() -> None:
    command = [sys.executable, "-m", "bench.night", "sirens"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 2
    assert "no row sirens; rows: siren, vqgan" in done.stderr
