"""The step model: what it says of a sample is what the machine takes for it."""

from types import SimpleNamespace

import numpy as np
import pytest

from firmware_models.eprop import Eprop
from spinn2sim.pricing import make_pricer, price_of
from spinn2sim.sim import simulate
from spinn2sim.spec import load_scenario
from spinn2sim.training.price import Price
from spinn2sim.workload import Sample, Workload
from tests.training.samples import CLASSES, features_of, parameters_of

FEATURES = features_of(n_train=40)


def scenario_of(**changes):
    scenario = load_scenario(preset="paper-12pe", overrides=["n_pe=7", "seed=1"])
    given = parameters_of().model_dump(exclude_defaults=True)
    return scenario.with_changes(parameters=given, **changes)


@pytest.fixture(scope="module")
def model():
    return make_pricer(scenario_of(), Eprop, FEATURES)


def on_the_machine(x):
    workload = Workload((Sample("x", x, 1),), CLASSES)
    return price_of(simulate(scenario_of(), workload))


def n_spikes_of(x):
    learner = Eprop.learner(parameters_of(), n_timesteps=15, n_classes=3, seed=1, form="online")
    learner.judge(x, 0)
    return learner.n_spikes


@pytest.mark.parametrize("k", [33, 36, 39])  # Beyond those that the model was made of.
def test_a_sample_costs_what_it_costs_on_the_machine(model, k):
    x = FEATURES.train.x[k]
    found, expected = model(SimpleNamespace(n_spikes=n_spikes_of(x))), on_the_machine(x)
    assert n_spikes_of(x) > 0
    for one, other, quiet in zip(found, expected, model.quiet, strict=True):
        assert abs(one - other) <= 0.25 * abs(other - quiet) + 1e-12


def test_a_sample_without_a_spike_costs_exactly_that(model):
    assert model(SimpleNamespace(n_spikes=0)) == on_the_machine(np.zeros((15, 6), np.float32))


def test_a_spike_costs_time_and_energy_but_no_timer_ticks(model):
    assert model.per_spike.response_s > 0
    assert model.per_spike.chip_j > 0
    assert (model.per_spike.paced_s, model.per_spike.paper_j) == (0, 0)
    assert model.quiet.paced_s == 0.15


def test_it_says_how_far_off_it_was_in_a_check(model):
    assert 0 <= model.error < 1e-3
    assert str(model).startswith("step model: 0.0")
    assert str(model).endswith("off in a check")


def test_a_network_that_never_spikes_has_the_price_of_silence():
    still = features_of(scale=0.0)
    model = make_pricer(scenario_of(), Eprop, still)
    assert (model.per_spike, model.error) == (Price(), None)
    assert str(model).endswith("no sample spiked")


def test_strict_does_not_stop_the_timing():
    slow = scenario_of(strict=True, timestep=10_000)  # 10 us
    model = make_pricer(slow, Eprop, FEATURES)
    assert model.quiet.paced_s > 15 * 10e-6


def test_prices_add_up():
    total = Price(1, 2, 3, 4).plus(Price(10, 20, 30, 40), 0.5)
    assert total == Price(6, 12, 18, 24)
