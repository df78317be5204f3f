"""The fidelity train: what training gives, as columns of a sweep."""

import pytest

from spinn2sim.errors import SpecError
from spinn2sim.explore.fidelities import FIDELITIES
from spinn2sim.explore.learning import LEARNING_OUTPUTS, LearningSettings, learn
from spinn2sim.explore.variant import Variant
from tests.explore.sweeps import scenario


@pytest.mark.slow
def test_it_is_the_training_of_the_point_s_seed_and_leaves_nothing_behind(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    settings = LearningSettings(epochs=2)
    evaluate = FIDELITIES["train"].evaluate
    first = evaluate(scenario("seed=3"), Variant(), settings)
    assert tuple(first) == LEARNING_OUTPUTS
    assert learn(scenario("seed=3"), settings) == first
    assert learn(scenario("seed=4"), settings) != first
    assert 0 <= first["test_accuracy"] <= 1
    assert 1 <= first["best_epoch"] <= 2
    assert first["firing_rate_hz"] > 0
    assert list(tmp_path.iterdir()) == []


def test_a_form_that_does_not_exist_is_told():
    with pytest.raises(SpecError, match="no form 'slow' of the arithmetic"):
        learn(scenario(), LearningSettings(form="slow"))
