"""LIF neurons and mixtures: what they compute, hold and cost."""

import numpy as np
import pytest

from firmware_models.eprop.training.learner import NO_OTHERS, Learner
from tests.eprop.networks import (
    firmwares_of,
    learn_sample,
    parameters_of,
    sample_of,
    slice_of,
    train,
)

SETS = ("authors", "authors-exact", "paper-text")


def learned(parameters):
    net = slice_of(parameters)
    outcomes = [learn_sample(net, *sample_of(parameters, seed=seed)) for seed in (1, 2)]
    assert outcomes[1][0].sum() > 20
    return net.state.weights(), [loss for _, loss in outcomes]


@pytest.mark.parametrize("parameter_set", SETS)
def test_a_lif_network_has_the_bits_of_alif_neurons_with_beta_0(parameter_set):
    weights, losses = learned(parameters_of(parameter_set, n_lif=12))
    same, same_losses = learned(parameters_of(parameter_set, beta=0))
    assert losses == same_losses
    assert all(np.array_equal(weights[name], same[name]) for name in weights)


def test_the_first_neurons_are_the_lif_ones():
    parameters = parameters_of(n_lif=5)
    net = slice_of(parameters)
    x, _ = sample_of(parameters)
    for values in x:
        current, psi, z = np.zeros_like(net.state.v), np.zeros_like(net.state.v), net.state.z
        net.arithmetic.alif_update(
            current, net.state.z_before, net.state.v, net.state.a, z, psi, 0, net.constants
        )
        threshold = net.state.v - psi
        net.neuron_step(values)
        net.trace_step(NO_OTHERS)
    assert threshold[:5] == pytest.approx(1.6)
    assert (threshold[5:] > 1.6 + 1e-3).any()


@pytest.mark.parametrize(("n_lif", "alif_by_pe"), [(0, [4, 4, 4]), (6, [0, 2, 4]), (50, [0, 0, 0])])
def test_a_pe_keeps_adaptation_for_its_alif_neurons_only(n_lif, alif_by_pe):
    firmwares = firmwares_of(parameters_of(n_lif=n_lif), 3)
    for firmware, n_alif in zip(firmwares, alif_by_pe, strict=True):
        state = firmware.net.state
        assert (len(state.a), len(state.eps_a_in), len(state.eps_a_rec)) == (n_alif,) * 3


def test_a_lif_neuron_spares_its_row_of_eps_a():
    alif, lif = (firmwares_of(parameters_of(n_lif=n), 1)[0].layout.n_bytes for n in (0, 1))
    assert alif - lif == 4 * (1 + 7 + 12)


def test_only_alif_neurons_are_charged_for_eps_a():
    def cycles(n_lif):
        _, run = train(parameters_of(n_lif=n_lif), 3, n_timesteps=2)
        eps_a = [c["e_prop.eps_a.multiply"] for c in run.cycles]
        others = [c["e_prop.eps_v.multiply"] for c in run.cycles]
        return eps_a, others

    (all_alif, others), (mixed, same) = cycles(0), cycles(6)
    assert mixed == [0, all_alif[1] / 2, all_alif[2]]
    assert others == same


@pytest.mark.parametrize("form", ["online", "reference"])
def test_the_host_learns_a_mixture_to_the_bit(form):
    parameters = parameters_of(n_lif=5)
    weights, losses = learned(parameters)
    learner = Learner(parameters, n_timesteps=40, n_classes=5, seed=1, form=form)
    assert [learner.learn(*sample_of(parameters, seed=s)).loss for s in (1, 2)] == losses
    assert all(np.array_equal(weights[name], w) for name, w in learner.weights().items())


@pytest.mark.parametrize("parameter_set", SETS)
def test_the_fast_form_learns_a_mixture(parameter_set):
    parameters = parameters_of(parameter_set, n_lif=5)
    gradients = {}
    for form in ("online", "fast"):
        learner = Learner(parameters, n_timesteps=40, n_classes=5, seed=1, form=form)
        learner.learn(*sample_of(parameters))
        gradients[form] = learner.gradients()
    for name, exact in gradients["online"].items():
        assert np.abs(exact - gradients["fast"][name]).max() <= 1e-5 * np.abs(exact).max()
