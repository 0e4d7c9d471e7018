"""The notebook, run as Jupyter runs it, with a tiny scene."""

from pathlib import Path

import nbclient
import nbformat
import pytest

from tests.conftest import ROOT, TINY

NOTEBOOK = ROOT / "notebooks" / "quickstart.ipynb"


def test_it_holds_nothing_of_a_run() -> None:
    """So that it does not change each time somebody tries it."""
    cells = [cell for cell in nbformat.read(NOTEBOOK, as_version=4).cells if cell.cell_type == "code"]
    assert all(not cell.outputs and cell.execution_count is None for cell in cells)


@pytest.mark.slow
def test_it_runs_to_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    cells = {cell.metadata["tags"][0]: cell for cell in notebook.cells if cell.cell_type == "code"}
    tiny = TINY.replace("name: tiny", "name: notebook") + "timelapse: {before_after: true}\n"
    cells["scene"].source = f'SCENE = """{tiny}"""\nBUDGET = 0.2'
    nbclient.NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(tmp_path)}}).execute()
    shown = [list(output.data) for name in ("preview", "render", "timelapse") for output in cells[name].outputs]
    assert ["image/png", "text/plain"] in [sorted(kinds) for kinds in shown]
    assert "6 frames" in cells["read"].outputs[0].text
    folder = tmp_path / "outputs" / "notebook"
    for name in ("notebook.mp4", "notebook.timelapse.mp4", "page.html", "preview/preview.mp4"):
        assert (folder / name).is_file(), name
