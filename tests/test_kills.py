import subprocess
import sys

from tests.conftest import ROOT


def test_ten_kills_leave_nothing_wrong() -> None:
    """`python -m bench.kills --kills 100` is the long form."""
    command = [sys.executable, "-m", "bench.kills", "--kills", "10", "--seed", "7"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=280)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "kills=10" in done.stdout
