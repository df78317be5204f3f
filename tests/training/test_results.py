"""Results over seeds, as values."""

import numpy as np
import pytest

from spinn2sim.errors import DivergenceError
from spinn2sim.training.job import Outcome
from spinn2sim.training.metrics import EpochMetrics, write_metrics
from spinn2sim.training.results import confusion, curves, results


def row_of(seed, epoch, accuracy=0.5):
    return EpochMetrics(seed, epoch, 1.0, 0.4, 1.1, accuracy, 8.0, 100.0)


def outcome_of(seed, accuracy, epoch=3):
    return Outcome(seed, row_of(seed, epoch), 0.7, accuracy, ((3, 1, 0), (0, 2, 4)))


def test_the_deviation_is_that_of_a_sample():
    found = results([outcome_of(1, 0.5, 2), outcome_of(2, 0.7, 7)])
    assert found["test_accuracy_mean"] == pytest.approx(0.6)
    assert found["test_accuracy_sd"] == pytest.approx(0.1 * 2**0.5)
    assert found["best_epoch_mean"] == 4.5


def test_one_seed_has_no_deviation():
    assert results([outcome_of(1, 0.5)])["test_accuracy_sd"] is None


def test_a_seed_that_failed_is_named_and_in_no_mean():
    found = results([outcome_of(1, 0.5)], {2: DivergenceError("seed 2", "dead", "wake it")})
    assert found["failed"] == [{"seed": 2, "error": "seed 2: dead; wake it"}]
    assert (found["n_seeds"], found["test_accuracy_mean"]) == (1, 0.5)


def test_the_majority_class_is_that_of_the_targets():
    assert results([outcome_of(1, 0.5)])["majority_class_share"] == 0.6


def test_confusion_adds_up_over_the_seeds():
    found = confusion([outcome_of(1, 0.5), outcome_of(2, 0.5)])
    assert found.tolist() == [[6, 2, 0], [0, 4, 8]]


def test_a_curve_has_a_gap_where_a_seed_has_not_come_so_far():
    rows = [row_of(4, 1, 0.1), row_of(4, 2, 0.2), row_of(2, 1, 0.3)]
    found = curves(rows, "validation_accuracy")
    assert np.array_equal(found, [[0.3, np.nan], [0.1, 0.2]], equal_nan=True)


def test_metrics_are_written_by_seed_and_epoch_with_a_header(tmp_path):
    path = tmp_path / "metrics.csv"
    write_metrics(path, [row_of(2, 1), row_of(1, 2), row_of(1, 1, 1 / 3)])
    assert path.read_text() == (
        "seed,epoch,train_loss_nats,train_accuracy,validation_loss_nats,validation_accuracy,"
        "firing_rate_hz,samples_per_s\n"
        "1,1,1.0,0.4,1.1,0.3333333333333333,8.0,100.0\n"
        "1,2,1.0,0.4,1.1,0.5,8.0,100.0\n"
        "2,1,1.0,0.4,1.1,0.5,8.0,100.0\n"
    )
