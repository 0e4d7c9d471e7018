"""Settings of the process: made in one place, and undone."""

import os
import subprocess
import sys

import pytest
import torch

from animator.paint import process
from tests.conftest import ROOT


def test_what_is_set_is_undone() -> None:
    before = (torch.get_float32_matmul_precision(), torch.get_num_threads())
    with process.restored():
        process.prepare(deterministic=True)
        torch.set_num_threads(before[1] + 1)
        assert torch.are_deterministic_algorithms_enabled()
        assert os.environ["CUBLAS_WORKSPACE_CONFIG"] == ":4096:8"
    assert not torch.are_deterministic_algorithms_enabled()
    assert (torch.get_float32_matmul_precision(), torch.get_num_threads()) == before
    assert "CUBLAS_WORKSPACE_CONFIG" not in os.environ


SETTINGS = [({}, "3000"), ({"GOMP_SPINCOUNT": "7"}, "7"), ({"OMP_WAIT_POLICY": "active"}, "None")]


@pytest.mark.parametrize(("given", "expected"), SETTINGS)
def test_waiting_is_set_before_torch_comes_but_not_over_a_persons_own(given: dict[str, str], expected: str) -> None:
    program = "import os; from animator.paint import process; process.before_torch(); "
    program += "print(os.environ.get('GOMP_SPINCOUNT'))"
    env = {name: value for name, value in os.environ.items() if name not in ("GOMP_SPINCOUNT", "OMP_WAIT_POLICY")}
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, env=env | given, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == expected


def test_a_card_is_made_current_and_computes_exactly(monkeypatch: pytest.MonkeyPatch) -> None:
    current: list[torch.device] = []
    monkeypatch.setattr(torch.cuda, "set_device", current.append)
    process.prepare(device=torch.device("cuda:1"))
    assert current == [torch.device("cuda:1")]
    assert torch.get_float32_matmul_precision() == "highest"
    assert not torch.backends.cudnn.allow_tf32
    process.prepare(deterministic=True, device=torch.device("cuda:1"))
    assert not torch.utils.deterministic.fill_uninitialized_memory  # type: ignore[attr-defined]
    process.prepare(device=torch.device("cuda:1"))
    assert not torch.are_deterministic_algorithms_enabled()
