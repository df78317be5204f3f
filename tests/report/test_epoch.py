"""An epoch at the cost of the samples of a run."""

from types import SimpleNamespace

from spinn2sim.report.epoch import epoch_cost


def summary_of(n_samples):
    return SimpleNamespace(
        n_samples=n_samples, simulated_s=1.5 * n_samples, energy_j={"chip": 0.1 * n_samples}
    )


def test_an_epoch_is_a_sample_times_the_samples_of_the_training_split():
    cost = epoch_cost(summary_of(4), 5_200)
    assert cost.as_dict() == {
        "n_training_samples": 5_200,
        "n_run": 4,
        "sample_j": {"chip": 0.1},
        "epoch_j": {"chip": 520.0},
        "epoch_s": 7_800.0,
    }


def test_it_is_labelled_with_both_numbers_of_samples():
    assert str(epoch_cost(summary_of(4), 5_200)).splitlines() == [
        "epoch      5,200 training samples at the mean of this run's 4 samples",
        "           7,800 s on the machine",
        "           520 J by the chip model, 0.1 J each",
    ]
    assert str(epoch_cost(summary_of(1), 1)).splitlines()[0] == (
        "epoch      1 training sample at the mean of this run's sample"
    )
