"""Slow rows of the paper's table: what they make of trained networks, on networks of the test."""

import json
from pathlib import Path

import pytest

from experiments.paper import training
from spinn2sim.claims import Place
from spinn2sim.errors import SpecError

ACCURACY = {
    "authors": 0.80,
    "adam-0.01": 0.70,
    "adam-0.0003": 0.60,
    "rmsprop-0.001": 0.78,
    "rmsprop-0.0003": 0.50,
    "momentum-0.01": 0.40,
    "sgd-0.1": 0.30,
    "online": 0.81,
    "bptt-256": 0.83,
    "eprop-360": 0.82,
    "size-80-120": 0.90,
}
PLACE = Place(Path("runs"), "somewhere/corpus")


@pytest.fixture(autouse=True)
def _trained(monkeypatch):
    """Every network has learned as ACCURACY says, or nothing."""

    def trained(_place, row, seeds=3):
        accuracy = ACCURACY.get(row.key, 0.2)
        return {
            "seeds": [{}] * seeds,
            "test_accuracy_mean": accuracy,
            "majority_class_share": 0.15,
        }

    monkeypatch.setattr(training, "trained", trained)


def test_the_best_rate_is_that_of_the_best_accuracy_out_of_those_asked_for():
    assert training.best_rate(PLACE, rates=[0.01, 0.001, 0.0003]).value == 0.001
    assert training.best_rate(PLACE, rates=[0.01, 0.0003]).value == 0.01


def test_each_optimiser_is_judged_by_its_best_rate():
    found = training.best_optimiser(PLACE)
    assert found.value == "adam"
    assert "adam 80.0%, rmsprop 78.0%, momentum 40.0%, sgd 30.0%" in found.note
    assert training.behind_adam(PLACE, optimiser="rmsprop").value == pytest.approx(2)


def test_what_an_optimiser_learns_is_counted_from_the_most_frequent_class():
    assert training.above_chance(PLACE, optimiser="sgd").value == pytest.approx(15)


def test_leads_are_in_points_and_have_a_sign():
    assert training.bptt_ahead(PLACE).value == pytest.approx(1)
    assert training.online_ahead(PLACE).value == pytest.approx(1)


def test_the_sweep_of_sizes_has_a_row_for_each_n_rec_and_a_column_for_each_n_in():
    columns, rows = training.sizes_table(PLACE)
    assert columns == ("N_rec, on the corpus corpus", "N_in = 40", "N_in = 80", "N_in = 120")
    assert [row[0] for row in rows] == [str(n) for n in training.N_REC]
    assert rows[training.N_REC.index(120)] == ("120", "20.0%", "90.0%", "20.0%")


def test_a_network_of_another_size_has_the_features_for_it():
    row = training.size_row(2, 60)
    assert training.scenario_of(row).workload.derivative_order == 2
    assert training.scenario_of(row).parameters["n_in"] == 120


def test_synthetic_speech_is_named_as_such(tmp_path):
    assert training.heard(Place(tmp_path, str(tmp_path))) == f"on the corpus {tmp_path.name}"
    (tmp_path / "README.md").write_text("Synthetic speech, not recordings.")
    assert training.heard(Place(tmp_path, str(tmp_path))) == "on synthetic speech"


def test_a_folder_that_was_trained_otherwise_is_not_taken_for_ours(tmp_path):
    plan = training.Plan(source="a", form="fast", epochs=12, seeds=3)
    held = plan.model_dump(mode="json") | {"epochs": 5}
    (tmp_path / "plan.json").write_text(json.dumps(held))
    with pytest.raises(SpecError, match="was trained with epochs = 5, not 12; give another --runs"):
        training._refuse_another(tmp_path, plan)
