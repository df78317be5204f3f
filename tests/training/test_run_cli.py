"""The command ``run`` on a trained network and a corpus: what an epoch costs, what it came from."""

import hashlib
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from spinn2sim.cli import app
from spinn2sim.training.checkpoint import BEST
from spinn2sim.training.loop import train
from tests.training.samples import SILENT, features_of, job_of

NETWORK = str(Path(__file__).with_name("network.yaml"))
EPROP = ("--set", "firmware=firmware_models.eprop:Eprop")


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("trained")
    train(job_of(folder, n_epochs=2), SILENT)
    return folder


@pytest.fixture(autouse=True)
def synthetic(monkeypatch):
    monkeypatch.setattr("spinn2sim.training.source.open_source", lambda *_: features_of())
    monkeypatch.setattr("spinn2sim.run_folder.draw_profile", lambda *_: None)


def run(*arguments):
    fixed = ("run", NETWORK, *EPROP, "--data", "corpus", "--samples", 3)
    result = CliRunner().invoke(app, [str(each) for each in (*fixed, *arguments)])
    assert result.exit_code == 0, result.exception
    return result.stdout


def test_an_epoch_is_priced_from_the_samples_of_the_run(tmp_path, trained):
    found = json.loads(run("--checkpoint", trained, "--out", tmp_path / "run", "--json"))
    assert not any("untrained" in note for note in found["notes"])
    assert found["n_samples"] == 3
    assert found["epoch"]["n_training_samples"] == 40
    assert found["epoch"]["epoch_s"] == pytest.approx(40 * 15 * 0.01)
    for model, joules in found["energy_j"].items():
        assert found["epoch"]["epoch_j"][model] == pytest.approx(40 / 3 * joules)
    lines = run("--checkpoint", trained, "--out", tmp_path / "other").splitlines()
    at = lines.index("epoch      40 training samples at the mean of this run's 3 samples")
    assert lines[at + 1] == "           6 s on the machine"


def test_the_run_folder_names_checkpoint_and_corpus_by_digest(tmp_path, trained):
    run("--checkpoint", trained, "--out", tmp_path / "run")
    found = json.loads((tmp_path / "run" / "provenance.json").read_text())
    assert found["checkpoint"] == {
        "path": str(trained / BEST),
        "sha256": hashlib.sha256((trained / BEST).read_bytes()).hexdigest(),
    }
    assert found["data"] == {"source": "corpus", "digest": "synthetic"}


def test_a_run_without_a_checkpoint_names_none(tmp_path):
    run("--out", tmp_path / "run")
    assert "checkpoint" not in json.loads((tmp_path / "run" / "provenance.json").read_text())
