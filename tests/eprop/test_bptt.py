"""Backpropagation through time: its gradient against autograd, its memory against the paper."""

import numpy as np
import pytest

from firmware_models.eprop.partition import own_neurons
from firmware_models.eprop.state import State
from firmware_models.eprop.training.bptt_memory import bptt_layout, bptt_memory
from firmware_models.eprop.training.learner import Learner
from spinn2sim.errors import SpecError
from tests.eprop import oracle
from tests.eprop.networks import context_of, parameters_of, sample_of

SETS = ("authors", "authors-exact", "paper-text")
KB = 1024


def learner_of(parameters, n_timesteps=40):
    return Learner(
        parameters, n_timesteps=n_timesteps, n_classes=parameters.n_out, seed=3, form="bptt"
    )


def worst_difference(parameters, departures, n_timesteps=40):
    """Largest difference to the oracle by matrix, in units of the oracle's largest entry."""
    learner = learner_of(parameters, n_timesteps)
    weights = [learner.weights()[name] for name in oracle.MATRICES]
    x, target = sample_of(parameters, n_timesteps, seed=3)
    expected = oracle.gradients(weights, x, target, parameters, departures=departures)
    learner.learn(x, target)
    assert 0 < learner.n_spikes < 0.6 * n_timesteps * parameters.n_rec
    found = learner.gradients()
    return {
        name: np.abs(found[name] - theirs).max() / np.abs(theirs).max()
        for name, theirs in zip(oracle.MATRICES, expected, strict=True)
    }


@pytest.mark.parametrize("parameter_set", SETS)
@pytest.mark.parametrize("n_lif", [0, 5, 12])
@pytest.mark.parametrize("n_timesteps", [3, 40])
def test_the_gradient_is_that_of_automatic_differentiation_without_any_cut(
    parameter_set, n_lif, n_timesteps
):
    parameters = parameters_of(parameter_set, n_lif=n_lif, l2=1e-3, precision="float64")
    difference = worst_difference(parameters, oracle.CUT, n_timesteps)
    assert max(difference.values()) < 1e-9, difference


@pytest.mark.parametrize("path", oracle.CUT)
def test_every_path_through_time_shows(path):
    parameters = parameters_of("authors", precision="float64")
    departures = [other for other in oracle.CUT if other != path]
    difference = worst_difference(parameters, departures)
    assert min(difference["w_in"], difference["w_rec"]) > 1e-5
    assert difference["w_out"] < 1e-9


def test_it_is_not_the_gradient_of_e_prop():
    difference = worst_difference(parameters_of("authors-exact", precision="float64"), ())
    assert min(difference["w_in"], difference["w_rec"]) > 1e-2


def test_the_loss_falls_on_a_sample_seen_again():
    parameters = parameters_of("authors", learning_rate=0.01)
    learner = learner_of(parameters)
    x, target = sample_of(parameters)
    losses = [learner.learn(x, target).loss for _ in range(10)]
    assert losses[-1] < 0.7 * losses[0]


def test_what_is_no_loss_on_the_averaged_output_is_refused():
    parameters = parameters_of(feedback="random", rate_weight=0.5)
    with pytest.raises(SpecError) as refused:
        learner_of(parameters)
    assert str(refused.value).splitlines() == [
        "form bptt: feedback = 'random': bptt is symmetric",
        "form bptt: rate_weight = 0.5: e-prop's rule for rates is no loss; set 0",
    ]
    with pytest.raises(SpecError, match="bptt needs the whole sample"):
        learner_of(parameters_of(update_every="timestep"))


# Memory


@pytest.mark.parametrize(
    ("n_rec", "paper_bytes"), [(20, 118.6 * KB), (256, 2.674 * KB**2)], ids=["20", "256"]
)
def test_with_e_props_traces_it_holds_what_the_paper_says(n_rec, paper_bytes):
    found = bptt_memory(80, n_rec, 12, 100, with_traces=True)
    assert found == pytest.approx(paper_bytes, rel=0.005)


def test_bptt_needs_about_180_kilobytes_more_than_e_prop_as_the_paper_says():
    difference = bptt_memory(80, 120, 12, 100, with_traces=True) - eprop_memory(120, 12)
    assert difference == pytest.approx(180 * KB, rel=0.1)


def test_with_e_props_traces_256_neurons_overtake_360_of_e_prop_near_600_time_steps():
    assert crossing(with_traces=True) == pytest.approx(600, rel=0.02)


def test_without_them_it_needs_less_and_overtakes_later():
    assert bptt_memory(80, 20, 12, 100) == pytest.approx(94.8 * KB, rel=0.005)
    assert crossing(with_traces=False) == pytest.approx(900, rel=0.02)


def test_memory_is_the_sum_of_the_arrays_and_grows_with_their_history_only():
    layout = bptt_layout(3, 4, 2, 10)
    assert layout.n_bytes == bptt_memory(3, 4, 2, 10) == sum(v.n_bytes for v in layout)
    per_step = bptt_memory(3, 4, 2, 11) - layout.n_bytes
    assert per_step == 4 * (3 + 3 * 4 + 2)
    weights = [variable.n_bytes for variable in layout if variable.is_weight]
    assert sum(weights) == 4 * (12 + 16 + 8)


def crossing(*, with_traces):
    """Time steps from which 256 neurons with BPTT need more than 360 with e-prop on 36 PEs."""
    limit = eprop_memory(360, 36)
    return next(
        t for t in range(1, 2000) if bptt_memory(80, 256, 12, t, with_traces=with_traces) > limit
    )


def eprop_memory(n_rec, n_pe):
    parameters = parameters_of("authors", 80, n_rec, 12)
    return sum(
        State(
            parameters, context_of(parameters, pe=pe, n_pe=n_pe), own_neurons(n_rec, n_pe, pe)
        ).layout.n_bytes
        for pe in range(n_pe)
    )
