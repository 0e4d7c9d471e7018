import subprocess
import sys

import pytest

from tests.conftest import ROOT


@pytest.mark.slow
@pytest.mark.parametrize(("generator", "kills"), [("siren", 6), ("fft", 2)])
def test_some_kills_leave_nothing_wrong(generator: str, kills: int) -> None:
    """`python -m bench.kills --kills 100` is the long form, and `make soak` kills a VQGAN, too."""
    command = [sys.executable, "-m", "bench.kills", "--kills", str(kills), "--seed", "7", "--generator", generator]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=280)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"kills={kills}" in done.stdout
