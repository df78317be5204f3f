"""Regularisation of the firing rate."""

import numpy as np
import pytest

from firmware_models.eprop import gather
from firmware_models.eprop.training.learner import Learner
from spinn2sim.errors import SpecError
from spinn2sim.validated import validate
from tests.eprop.networks import (
    firmwares_of,
    learn_sample,
    parameters_of,
    sample_of,
    slice_of,
    train,
)


def test_the_learning_signal_gets_the_rate_above_its_target():
    plain, regularised = (
        parameters_of(rate_weight=c, rate_target=0.05, precision="float64", l2=0.0)
        for c in (0.0, 0.3)
    )
    nets = [slice_of(parameters) for parameters in (plain, regularised)]
    spikes = [learn_sample(net, *sample_of(plain))[0] for net in nets]
    rate = spikes[0].mean(axis=0)
    added = nets[1].state.signal - nets[0].state.signal
    assert added == pytest.approx(0.3 * (rate - 0.05), rel=1e-10)
    assert np.ptp(rate) > 0.02
    assert np.array_equal(nets[0].state.dw_out, nets[1].state.dw_out)


@pytest.mark.parametrize(("rate_target", "side"), [(0.01, -1), (0.3, 1)])
def test_rates_go_to_the_side_of_their_target(rate_target, side):
    parameters = parameters_of(
        rate_weight=1.0, rate_target=rate_target, optimiser="sgd", learning_rate=0.01, l2=0.0
    )
    net = slice_of(parameters)
    rates = [learn_sample(net, *sample_of(parameters))[0].mean() for _ in range(40)]
    assert 0.05 < rates[0] < 0.15
    assert side * (rates[-1] - rates[0]) > 0.02


@pytest.mark.parametrize("form", ["online", "reference"])
def test_chip_and_host_agree_to_the_bit(form):
    parameters = parameters_of(rate_weight=0.3)
    firmwares, _ = train(parameters, 5, n_samples=2)
    learner = Learner(parameters, n_timesteps=40, n_classes=5, seed=1, form=form)
    for seed in (0, 1):
        learner.learn(*sample_of(parameters, seed=seed))
    chip = gather([firmware.readout() for firmware in firmwares])
    assert all(np.array_equal(chip[name], w) for name, w in learner.weights().items())


def test_a_count_per_neuron_is_held_and_charged_only_if_it_is_on():
    off, on = (firmwares_of(parameters_of(rate_weight=c), 1)[0] for c in (0.0, 0.3))
    names = [{variable.name for variable in firmware.layout} for firmware in (off, on)]
    assert names[1] - names[0] == {"spike_count"}
    assert on.layout.n_bytes - off.layout.n_bytes == 4 * 12
    labels = [{term.label for term in firmware.costs.terms} for firmware in (off, on)]
    assert labels[1] - labels[0] == {"output.spike_count", "learning_signal.rate"}


def test_it_needs_whole_samples():
    given = {"rate_weight": 0.1, "update_every": "timestep"}
    with pytest.raises(SpecError) as refused:
        validate(type(parameters_of()), given, "parameters")
    assert str(refused.value) == (
        "parameters: rate_weight = 0.1: the rate of a sample is not known at "
        "update_every: timestep; set rate_weight to 0"
    )
