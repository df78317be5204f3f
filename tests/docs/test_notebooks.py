"""The notebooks run, and print what they have kept.

``python -m tests.docs.test_notebooks`` runs them and keeps what they print now.
"""

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOKS = sorted((Path(__file__).parents[2] / "docs" / "notebooks").glob("*.ipynb"))
TIMEOUT_S = 300


def run(path, folder):
    """The notebook in *path* with the outputs of a run in *folder*."""
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
    client = NotebookClient(
        notebook, timeout=TIMEOUT_S, record_timing=False, resources={"metadata": {"path": folder}}
    )
    return client.execute()


def texts(notebook):
    """What is printed, cell by cell; of a figure, that there is one."""
    return [
        "figure" if "image/png" in output.get("data", {}) else output.get("text", output)
        for cell in notebook.cells
        for output in cell.get("outputs", ())
    ]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of the machinery of notebooks
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_prints_what_it_has_kept_and_draws_a_figure(path, tmp_path):
    kept = texts(nbformat.read(path, as_version=4))
    assert "figure" in kept
    assert texts(run(path, str(tmp_path))) == kept


if __name__ == "__main__":
    import tempfile

    for each in NOTEBOOKS:
        with tempfile.TemporaryDirectory() as place:
            nbformat.write(run(each, place), each)
