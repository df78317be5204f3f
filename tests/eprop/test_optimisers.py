"""Each optimiser takes the steps of its textbook, at the rate of its schedule, in its memory."""

import math

import numpy as np
import pytest

from firmware_models.eprop import EpropParameters, reference
from firmware_models.eprop.arrays import KEPT
from firmware_models.eprop.program_constants import program_constants
from tests.eprop.networks import (
    firmwares_of,
    learn_sample,
    parameters_of,
    sample_of,
    slice_of,
    train,
)

OPTIMISERS = tuple(KEPT)


def steps(optimiser, n_kept, **given):
    """Weights after each of five steps along random gradients, and the gradients."""
    rng = np.random.default_rng(2)
    parameters = EpropParameters(precision="float64", optimiser=optimiser, **given)
    constants = program_constants(parameters, n_timesteps=100)
    w = rng.standard_normal((3, 4))
    kept = [np.zeros((3, 4)) for _ in range(n_kept)]
    begin, weights, gradients = w.copy(), [], []
    for _ in range(5):
        gradients.append(rng.standard_normal((3, 4)))
        getattr(reference, optimiser)(w, gradients[-1], *kept, 0.01, constants)
        weights.append(w.copy())
    return begin, weights, gradients


def test_sgd_goes_down_the_gradient():
    begin, weights, gradients = steps("sgd", 0)
    assert weights[-1] == pytest.approx(begin - 0.01 * sum(gradients), rel=1e-12)


def test_momentum_adds_up_what_is_left_of_all_gradients():
    begin, weights, gradients = steps("momentum", 1, momentum=0.7)
    expected = begin.copy()
    for k, after in enumerate(weights):
        expected -= 0.01 * sum(0.7 ** (k - i) * g for i, g in enumerate(gradients[: k + 1]))
        assert after == pytest.approx(expected, rel=1e-12)


def test_rmsprop_divides_by_the_root_of_the_mean_square():
    begin, weights, gradients = steps("rmsprop", 1, rmsprop_decay=0.8, epsilon=1e-3)
    expected = begin.copy()
    for k, after in enumerate(weights):
        past = enumerate(gradients[: k + 1])
        mean_square = sum(0.2 * 0.8 ** (k - i) * g**2 for i, g in past)
        expected -= 0.01 * gradients[k] / (np.sqrt(mean_square) + 1e-3)
        assert after == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("optimiser", OPTIMISERS)
@pytest.mark.parametrize("feedback", ["symmetric", "adaptive"])
def test_an_array_per_weight_is_held_for_what_the_optimiser_keeps_and_no_more(optimiser, feedback):
    (firmware,) = firmwares_of(parameters_of(optimiser=optimiser, feedback=feedback), 1)
    matrices = ["in", "rec", "out"] + (["b"] if feedback == "adaptive" else [])
    names = {variable.name for variable in firmware.layout}
    found = {name for name in names if name.partition("_")[0] in {"m", "v"} and "_" in name}
    assert found == {f"{letter}_{matrix}" for letter in KEPT[optimiser] for matrix in matrices}


def test_the_memory_that_an_optimiser_saves_shows():
    n_bytes = {
        optimiser: firmwares_of(parameters_of(optimiser=optimiser), 1)[0].layout.n_bytes
        for optimiser in OPTIMISERS
    }
    n_weights = 7 * 12 + 12 * 12 + 12 * 5
    assert n_bytes["adam"] - n_bytes["rmsprop"] == 4 * n_weights
    assert n_bytes["rmsprop"] == n_bytes["momentum"]
    assert n_bytes["momentum"] - n_bytes["sgd"] == 4 * n_weights


def rate_of(**given):
    """The rates of five samples with plain gradient descent, from what they do to w_out."""
    parameters = parameters_of("authors-exact", optimiser="sgd", precision="float64", **given)
    net, rates = slice_of(parameters), []
    for seed in range(5):
        before = net.state.w_out.copy()
        learn_sample(net, *sample_of(parameters, seed=seed))
        k = np.unravel_index(np.abs(net.state.dw_out).argmax(), before.shape)
        rates.append((before[k] - net.state.w_out[k]) / net.state.dw_out[k])
    return rates


def test_the_rate_stays_as_it_is_unless_a_schedule_is_given():
    assert rate_of(learning_rate=0.02, decay=0.5) == pytest.approx([0.02] * 5)


def test_the_rate_falls_each_so_many_samples():
    expected = [0.02, 0.02, 0.01, 0.01, 0.005]
    assert rate_of(learning_rate=0.02, decay=0.5, decay_every=2) == pytest.approx(expected)


def test_adam_starts_with_the_corrections_of_its_textbook_under_a_schedule():
    parameters = parameters_of(precision="float64", decay=0.5, decay_every=1, learning_rate=0.02)
    net = slice_of(parameters)
    w, m, v = net.state.w_in.copy(), 0, 0
    for k in (1, 2, 3):
        learn_sample(net, *sample_of(parameters, seed=k))
        g = net.state.dw_in
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
        rate = 0.02 * 0.5 ** (k - 1) * math.sqrt(1 - 0.999**k) / (1 - 0.9**k)
        w -= rate * m / (np.sqrt(v) + 1e-5)
    assert net.state.w_in == pytest.approx(w, rel=1e-10)


@pytest.mark.parametrize("optimiser", OPTIMISERS)
def test_only_the_update_of_the_own_optimiser_is_charged(optimiser):
    _, run = train(parameters_of(optimiser=optimiser), 1, n_timesteps=1)
    charged = {label for label, n in run.cycles[0].items() if n and "weight_update" in label}
    assert charged == {"weight_update.gradient", f"weight_update.{optimiser}"}


def test_the_cheaper_the_optimiser_the_fewer_its_cycles():
    def cycles(optimiser):
        _, run = train(parameters_of(optimiser=optimiser), 1, n_timesteps=1)
        return run.cycles[0][f"weight_update.{optimiser}"]

    found = [cycles(optimiser) for optimiser in ("adam", "rmsprop", "momentum", "sgd")]
    assert found == sorted(found, reverse=True)
    assert len(set(found)) == 4
