"""Networks that have diverged: the message says which way, where, and what to try."""

import numpy as np
import pytest

from spinn2sim.errors import DivergenceError
from spinn2sim.training.checkpoint import LAST, load_checkpoint
from spinn2sim.training.loop import train
from tests.training.samples import SILENT, features_of, job_of, parameters_of
from tests.training.scripted import Scripted, ScriptedParameters


def message(job):
    with pytest.raises(DivergenceError) as error:
        train(job, SILENT)
    return str(error.value)


def told(folder, **parameters):
    given = ScriptedParameters(right=(1, 1, 1), **parameters)
    return job_of(folder, firmware_class=Scripted, parameters=given)


def test_a_loss_that_is_not_a_number(tmp_path):
    assert message(told(tmp_path, loss=float("nan"))) == (
        "seed 1, epoch 1, after 0 of 40 samples: the loss is nan, so a weight has left the range "
        "of its number format; lower the learning rate or the scale of the input"
    )


def test_a_dead_network(tmp_path):
    assert message(told(tmp_path, spikes=0)) == (
        "seed 1, epoch 1, after 40 of 40 samples: dead network: not one spike in the whole epoch; "
        "scale the input or the weights up, or lower the threshold or the learning rate"
    )


def test_a_saturated_network(tmp_path):
    assert message(told(tmp_path, spikes=140)) == (
        "seed 1, epoch 1, after 40 of 40 samples: saturated network: neurons spike in 67% of their "
        "time steps; scale the input or the weights down, raise the threshold, lower the learning "
        "rate, or regularise the firing rate"
    )


@pytest.mark.parametrize("spikes", [1, 105])
def test_one_spike_is_not_dead_and_half_of_all_steps_is_not_saturated(tmp_path, spikes):
    train(told(tmp_path, spikes=spikes), SILENT)


def test_a_network_whose_threshold_is_out_of_reach_is_dead(tmp_path):
    job = job_of(tmp_path, parameters=parameters_of(v_th=1e6))
    assert "dead network" in message(job)


def test_a_network_without_a_threshold_is_saturated(tmp_path):
    # A current of one sign only, and a threshold that hardly counts.
    def features():
        made = features_of()
        np.abs(made.train.x, out=made.train.x)
        return made

    given = parameters_of(v_th=1e-9, beta=0, reset="v_th", learning_rate=1e-9)
    assert "saturated network" in message(job_of(tmp_path, parameters=given, features=features))


def test_numbers_out_of_range_end_with_the_remedy_of_the_firmware(tmp_path):
    job = job_of(tmp_path, parameters=parameters_of(learning_rate=1e30))
    assert message(job).startswith("seed 1, epoch 1, after 1 of 40 samples: ")
    assert message(job).endswith("lower learning_rate (1e+30) or the scale of the input")


def test_a_diverged_run_keeps_its_last_checkpoint_and_diverges_again(tmp_path):
    def features():
        made = features_of()
        made.train.x[30] = 3e38  # Comes somewhere in the epoch.
        return made

    job = job_of(tmp_path, features=features)
    first = message(job)
    assert load_checkpoint(tmp_path / LAST).tally.n > 0
    assert message(job) == first
