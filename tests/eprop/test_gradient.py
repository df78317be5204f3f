"""The firmware's gradients against automatic differentiation, with every detach undone in turn."""

import numpy as np
import pytest

from tests.eprop import oracle
from tests.eprop.networks import learn_sample, parameters_of, sample_of, slice_of

#: n_in, n_rec, n_out, n_timesteps and seed.
NETWORKS = [(7, 12, 5, 40, 3), (5, 20, 3, 60, 4), (13, 6, 4, 30, 4), (6, 9, 7, 50, 5)]
EXACT = ["authors-exact", "paper-text"]


def worst_difference(parameters, n_timesteps, seed, departures=()):
    """Largest difference to the oracle by matrix, in units of the oracle's largest entry."""
    net = slice_of(parameters, n_timesteps, seed=seed)
    state = net.state
    weights = [w.copy() for w in (state.w_in, state.w_rec, state.w_out)]
    feedback = None if parameters.feedback == "symmetric" else state.b_out.copy()
    x, target = sample_of(parameters, n_timesteps, seed)

    spikes, _ = learn_sample(net, x, target)
    assert 0.03 < spikes.mean() < 0.6
    assert np.array_equal(spikes, oracle.spikes_of(weights, x, parameters))

    expected = oracle.gradients(
        weights, x, target, parameters, feedback=feedback, departures=departures
    )
    found = (state.dw_in, state.dw_rec, state.dw_out)
    return {
        name: np.abs(ours - theirs).max() / np.abs(theirs).max()
        for name, ours, theirs in zip(oracle.MATRICES, found, expected, strict=True)
    }


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("feedback", ["symmetric", "random", "adaptive"])
@pytest.mark.parametrize("parameter_set", EXACT)
@pytest.mark.parametrize(("precision", "tolerance"), [("float64", 1e-9), ("float32", 1e-5)])
def test_the_gradient_is_that_of_automatic_differentiation(
    parameter_set, feedback, network, precision, tolerance
):
    n_in, n_rec, n_out, n_timesteps, seed = network
    parameters = parameters_of(
        parameter_set, n_in, n_rec, n_out, feedback=feedback, l2=1e-3, precision=precision
    )

    difference = worst_difference(parameters, n_timesteps, seed)

    assert max(difference.values()) < tolerance, difference


@pytest.mark.parametrize("parameter_set", EXACT)
@pytest.mark.parametrize("n_lif", [1, 5, 12, 99])
def test_lif_neurons_have_their_own_gradient(parameter_set, n_lif):
    parameters = parameters_of(parameter_set, n_lif=n_lif, l2=1e-3, precision="float64")
    assert max(worst_difference(parameters, 40, seed=3).values()) < 1e-9


@pytest.mark.parametrize(
    ("parameter_set", "departure", "at_least"),
    [
        ("authors-exact", "spike in recurrence", 1e-2),
        ("authors-exact", "spike in reset", 1e-2),
        ("authors-exact", "threshold in reset", 1e-4),
        ("authors-exact", "spike in adaptation", 1e-4),
        ("paper-text", "spike in recurrence", 1e-2),
        ("paper-text", "spike in reset", 1e-3),
        ("paper-text", "spike in adaptation", 1e-2),
    ],
)
def test_every_broken_rule_of_detachment_shows(parameter_set, departure, at_least):
    parameters = parameters_of(parameter_set, precision="float64")

    difference = worst_difference(parameters, 40, seed=1, departures=(departure,))

    assert min(difference["w_in"], difference["w_rec"]) > at_least
    assert difference["w_out"] < 1e-9


@pytest.mark.parametrize("parameter_set", EXACT)
def test_eps_a_one_time_step_early_shows(parameter_set):
    parameters = parameters_of(parameter_set, precision="float64", eligibility="authors")

    difference = worst_difference(parameters, 40, seed=1)

    assert min(difference["w_in"], difference["w_rec"]) > 1e-5


def test_a_zeroed_recurrent_diagonal_shows_on_the_diagonal_only():
    net = slice_of(parameters_of("authors-exact", zero_recurrent_diagonal=True, l2=0.0))
    whole = slice_of(parameters_of("authors-exact", l2=0.0))
    x, target = sample_of(parameters_of())
    for each in (net, whole):
        learn_sample(each, x, target)

    zeroed, kept = net.state.dw_rec, whole.state.dw_rec
    assert not np.diag(zeroed).any()
    assert np.diag(kept).any()
    off = ~np.eye(len(kept), dtype=bool)
    assert np.array_equal(zeroed[off], kept[off])


@pytest.mark.parametrize(
    ("parameter_set", "low", "high"), [("authors-exact", 2e-4, 8e-4), ("paper-text", 0.08, 0.16)]
)
def test_the_authors_timing_differs_little_with_their_gains_and_much_with_gains_of_one(
    parameter_set, low, high
):
    # Known of this network: 4e-4, and 10 to 13 %.
    gradients = []
    for eligibility in ("exact", "authors"):
        parameters = parameters_of(parameter_set, 80, 120, 12, eligibility=eligibility, l2=0.0)
        net = slice_of(parameters, 100)
        learn_sample(net, *sample_of(parameters, 100))
        gradients.append(np.hstack([net.state.dw_in, net.state.dw_rec]))

    exact, authors = gradients
    assert low < np.linalg.norm(authors - exact) / np.linalg.norm(exact) < high


def test_the_logged_loss_is_that_of_the_oracle_without_l2():
    parameters = parameters_of("authors-exact", precision="float64", l2=0.0)
    net = slice_of(parameters)
    weights = tuple(w.copy() for w in (net.state.w_in, net.state.w_rec, net.state.w_out))
    x, target = sample_of(parameters)

    _, loss = learn_sample(net, x, target)

    assert loss == pytest.approx(oracle.loss(weights, x, target, parameters), rel=1e-11)


def test_adaptive_feedback_learns_what_the_readout_learns():
    parameters = parameters_of("authors-exact", feedback="adaptive", precision="float64", l2=0.0)
    net = slice_of(parameters)
    before = {name: w.copy() for name, w in net.state.weights().items()}

    learn_sample(net, *sample_of(parameters))

    after = net.state.weights()
    changes = {name: after[name] - before[name] for name in ("w_out", "b_out")}
    assert np.abs(changes["w_out"]).max() > 1e-5
    assert changes["b_out"] == pytest.approx(changes["w_out"], rel=1e-9, abs=1e-15)


def test_every_sample_is_one_step_of_adam_along_its_gradient():
    parameters = parameters_of(
        "authors-exact", precision="float64", learning_rate=0.02, beta1=0.7, beta2=0.8, epsilon=1e-4
    )
    net = slice_of(parameters)
    expected = {name: w.copy() for name, w in net.state.weights().items()}
    m, v = dict.fromkeys(expected, 0.0), dict.fromkeys(expected, 0.0)

    for k in (1, 2, 3):
        learn_sample(net, *sample_of(parameters, seed=k))
        for name in expected:
            g = getattr(net.state, "d" + name)
            m[name] = 0.7 * m[name] + 0.3 * g
            v[name] = 0.8 * v[name] + 0.2 * g**2
            rate = 0.02 * np.sqrt(1 - 0.8**k) / (1 - 0.7**k)
            expected[name] -= rate * m[name] / (np.sqrt(v[name]) + 1e-4)

    for name, w in net.state.weights().items():
        assert w == pytest.approx(expected[name], rel=1e-10), name
