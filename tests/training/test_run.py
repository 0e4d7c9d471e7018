"""What any training goes on from."""

from pathlib import Path

import pytest
import torch

from animator.errors import OutputError
from animator.training.run import load_checkpoint, save_checkpoint


def test_a_checkpoint_is_read_as_it_was_written(tmp_path: Path) -> None:
    whole = {"model": {"weight": torch.rand(2, 3)}, "step": 7}
    save_checkpoint(tmp_path / "last.pt", whole)
    read = load_checkpoint(tmp_path / "last.pt", torch.device("cpu"))
    assert read["step"] == 7
    assert torch.equal(read["model"]["weight"], whole["model"]["weight"])  # type: ignore[index]


def test_a_save_that_breaks_off_leaves_the_checkpoint_before(tmp_path: Path) -> None:
    save_checkpoint(tmp_path / "last.pt", {"step": 7})
    with pytest.raises(Exception, match="pickle"):
        save_checkpoint(tmp_path / "last.pt", {"step": 8, "model": lambda: None})
    assert load_checkpoint(tmp_path / "last.pt", torch.device("cpu")) == {"step": 7}
    assert [path.name for path in tmp_path.iterdir()] == ["last.pt"]


def test_a_folder_that_cannot_be_written_is_an_error_of_ours(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="cannot be written"):
        save_checkpoint(tmp_path / "none" / "last.pt", {"step": 1})
