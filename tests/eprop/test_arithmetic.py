"""The arithmetic against what is known of it from elsewhere."""

import itertools
import math

import numpy as np
import pytest

from firmware_models.eprop import EpropParameters, reference
from firmware_models.eprop.program_constants import program_constants


def constants_of(precision="float64", **given):
    return program_constants(EpropParameters(precision=precision, **given), n_timesteps=100)


def psi_at(u, **given):
    """Psi of a neuron that is *u* above its threshold."""
    psi = np.array([u])
    reference.pseudo_derivative(psi, constants_of(**given))
    return psi[0]


@pytest.mark.parametrize("gamma", [0.5, 1.0])
def test_psi_at_the_threshold_is_0_878_gamma(gamma):
    assert psi_at(0.0, psi_gamma=gamma) == pytest.approx(0.878 * gamma, abs=5e-4)


@pytest.mark.parametrize("side", [-1, 1])
def test_psi_is_negative_from_1_27_on(side):
    assert psi_at(side * 1.26) > 0
    assert psi_at(side * 1.28) < 0


@pytest.mark.parametrize(
    ("precision", "lowest", "n_ulp"), [("float32", -87.0, 1.5), ("float64", -708.0, 2.0)]
)
def test_the_exponential_is_within_an_ulp_or_two(precision, lowest, n_ulp):
    rng = np.random.default_rng(0)
    x = np.concatenate([[0.0, lowest], lowest * rng.random(50_000), -rng.random(50_000)])
    x = x.astype(precision)

    found = reference.exponential(x, constants_of(precision))

    exact = np.exp(x.astype(np.longdouble))
    assert found.dtype == np.dtype(precision)
    assert (np.abs(found - exact) / np.spacing(exact.astype(precision))).max() < n_ulp
    assert found[0] == 1


def test_the_exponential_takes_what_lies_below_its_range_as_the_lowest():
    x = np.array([-87.0, -1e30, -np.inf, np.nan], np.float32)
    found = reference.exponential(x, constants_of("float32"))
    assert (found == found[0]).all()
    assert 0 < found[0] < 2e-38


def test_the_sum_of_outputs_does_not_depend_on_its_grouping():
    rng = np.random.default_rng(3)
    constants = constants_of("float32")
    w_out = rng.standard_normal((12, 120)).astype(np.float32)
    zbar_sum = (100 * rng.random(120)).astype(np.float32)

    def output(bounds):
        total = np.zeros(12, np.int64)
        for start, stop in itertools.pairwise(bounds):
            partial = np.empty(12, np.int64)
            part = np.ascontiguousarray(w_out[:, start:stop])
            assert reference.partial_output(part, zbar_sum[start:stop], partial, constants)
            total += partial
        return total

    whole = output([0, 120])
    for n_cuts in (1, 2, 5, 11, 60):
        cuts = np.sort(rng.choice(np.arange(1, 120), n_cuts, replace=False))
        assert np.array_equal(output([0, *cuts, 120]), whole)
    exact = (w_out.astype(np.float64) * zbar_sum).sum(axis=1) / 100
    assert whole * 2.0**-40 == pytest.approx(exact, rel=1e-5, abs=1e-5)


@pytest.mark.parametrize("factor", [-1.0, 1.0])
def test_the_largest_terms_allowed_do_not_overflow_their_sum(factor):
    constants = constants_of("float32")
    zbar_sum = np.full(120, 100, np.float32)
    w_out = np.full((1, 120), factor * np.nextafter(constants["fixed_limit"][0], 0), np.float32)
    partial = np.zeros(1, np.int64)

    assert reference.partial_output(w_out, zbar_sum, partial, constants)
    assert partial[0] * 2.0**-40 == pytest.approx(factor * 2.0**22, rel=1e-5)
    assert not reference.partial_output(w_out * 1.01, zbar_sum, partial, constants)
    assert not reference.partial_output(w_out * np.nan, zbar_sum, partial, constants)


def test_softmax_is_that_of_the_fixed_point_output():
    y = np.array([1.0, -2.0, 0.5, 0.5])
    pi = np.empty(4)
    reference.softmax((y * 2**40).astype(np.int64), pi, constants_of())
    assert pi == pytest.approx(np.exp(y) / np.exp(y).sum(), rel=1e-14)


def test_adam_takes_the_steps_of_its_textbook():
    rng = np.random.default_rng(2)
    lr, beta1, beta2, epsilon = 0.01, 0.8, 0.95, 1e-3
    constants = constants_of(beta1=beta1, beta2=beta2, epsilon=epsilon)
    w, m, v = rng.standard_normal((3, 4)), np.zeros((3, 4)), np.zeros((3, 4))
    expected = w.copy()
    gradients = []

    for k in range(1, 6):
        g = rng.standard_normal((3, 4))
        gradients.append(g)
        rate = lr * math.sqrt(1 - beta2**k) / (1 - beta1**k)
        reference.adam(w, g, m, v, rate, constants)

        mean = sum((1 - beta1) * beta1 ** (k - 1 - i) * g for i, g in enumerate(gradients))
        square = sum((1 - beta2) * beta2 ** (k - 1 - i) * g**2 for i, g in enumerate(gradients))
        corrected = mean / (1 - beta1**k)
        root = np.sqrt(square / (1 - beta2**k))
        expected -= lr * corrected / (root + epsilon / math.sqrt(1 - beta2**k))

    assert w == pytest.approx(expected, rel=1e-12)


def test_a_spike_needs_more_than_the_threshold():
    constants = constants_of(beta=0.0, v_th=0.5, input_gain="one", tau_m=1.0)
    v, a, z, psi = np.zeros(2), np.zeros(2), np.zeros(2, np.bool_), np.zeros(2)
    current = np.array([0.5, np.nextafter(0.5, 1)])
    reference.alif_update(current, np.zeros(2, np.bool_), v, a, z, psi, 0, constants)
    assert z.tolist() == [False, True]


def test_a_step_answers_how_many_of_its_own_neurons_spike():
    constants = constants_of(v_th=0.5, input_gain="one")
    n_post, n_rec, first = 3, 6, 2
    w_in = np.array([[2.0], [0.0], [2.0]])
    z = np.zeros(n_rec, np.bool_)
    z[[0, 5]] = True  # neurons of other PEs
    current, v, a, psi = np.zeros((4, n_post))
    n_spikes = reference.neuron_step(
        np.ones(1),
        np.zeros(n_rec, np.bool_),
        w_in,
        np.zeros((n_post, n_rec)),
        current,
        v,
        a,
        z,
        psi,
        first,
        constants,
    )
    assert n_spikes == 2
    assert z.tolist() == [True, False, True, False, True, True]


@pytest.mark.parametrize("n_alif", [1, 2, 4])
def test_the_eligibilities_of_a_mixture_are_those_of_each_neuron_alone(n_alif):
    rng = np.random.default_rng(4)
    constants = constants_of(beta=0.3)
    n_post, n_pre = 5, 3
    n_lif = n_post - n_alif
    psi, eps_v = rng.random(n_post), rng.random((1, n_pre))
    eps_a, (e_bar, dw) = rng.random((n_alif, n_pre)), rng.random((2, n_post, n_pre))
    alone = []
    for j in range(n_post):
        one = slice(j, j + 1)
        a = eps_a[max(j - n_lif, 0) : max(j + 1 - n_lif, 0)].copy()
        filtered, total = e_bar[one].copy(), dw[one].copy()
        reference.eligibility(psi[one], eps_v, a, filtered, total, constants)
        alone.append((filtered, total, a))

    reference.eligibility(psi, eps_v, eps_a, e_bar, dw, constants)

    for found, parts in zip((e_bar, dw, eps_a), zip(*alone, strict=True), strict=True):
        assert np.array_equal(found, np.concatenate(parts))
