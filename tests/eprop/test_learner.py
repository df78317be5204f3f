"""Learning on the host gives what the chip gives, in each of its forms."""

import numpy as np
import pytest

from firmware_models.eprop import gather
from firmware_models.eprop.training.learner import FORMS, Learner
from tests.eprop.networks import parameters_of, sample_of, train

SETS = ("authors", "authors-exact", "paper-text")


def learner_of(parameters, form, n_timesteps=40):
    return Learner(
        parameters, n_timesteps=n_timesteps, n_classes=parameters.n_out, seed=1, form=form
    )


def after(parameters, form, n_samples=3):
    learner = learner_of(parameters, form)
    judgements = [learner.learn(*sample_of(parameters, seed=seed)) for seed in range(n_samples)]
    return learner, judgements


@pytest.mark.parametrize("parameter_set", SETS)
@pytest.mark.parametrize("feedback", ["symmetric", "random", "adaptive"])
@pytest.mark.parametrize("form", ["reference", "online"])
def test_the_host_learns_the_very_weights_of_the_chip(parameter_set, feedback, form):
    parameters = parameters_of(parameter_set, feedback=feedback)
    firmwares, run = train(parameters, 3, n_samples=3)
    chip = gather([firmware.readout() for firmware in firmwares])
    learner, judgements = after(parameters, form)
    assert [entry.value for entry in run.log if entry.name == "loss"] == [
        judgement.loss for judgement in judgements
    ]
    for name, weights in learner.weights().items():
        assert np.array_equal(weights, chip[name]), name


@pytest.mark.parametrize("parameter_set", SETS)
@pytest.mark.parametrize("sizes", [(7, 12, 5, 40), (9, 21, 3, 33), (4, 6, 2, 1), (5, 7, 2, 2)])
def test_the_fast_form_agrees_on_every_gradient_to_1e_5(parameter_set, sizes):
    n_in, n_rec, n_out, n_timesteps = sizes
    parameters = parameters_of(parameter_set, n_in, n_rec, n_out, learning_rate=1e-9)
    x, target = sample_of(parameters, n_timesteps)
    gradients = {}
    for form in ("online", "fast"):
        learner = learner_of(parameters, form, n_timesteps)
        learner.learn(x, target)
        state = learner.net.state
        gradients[form] = [state.dw_in.copy(), state.dw_rec.copy(), state.dw_out.copy()]
    for exact, found in zip(gradients["online"], gradients["fast"], strict=True):
        assert np.abs(exact - found).max() <= 1e-5 * np.abs(exact).max()


def test_the_samples_of_that_test_make_the_network_spike():
    parameters = parameters_of()
    learner, _ = after(parameters, "fast")
    assert 20 < learner.n_spikes < 400


@pytest.mark.parametrize("form", FORMS)
def test_judging_changes_nothing_and_finds_the_same_loss(form):
    parameters = parameters_of()
    learner = learner_of(parameters, form)
    x, target = sample_of(parameters)
    before = learner.weights()
    judged = learner.judge(x, target)
    assert all(np.array_equal(before[name], now) for name, now in learner.weights().items())
    assert learner.learn(x, target).loss == pytest.approx(judged.loss, rel=1e-6)


def test_the_fast_form_forgets_the_sample_before():
    parameters = parameters_of(learning_rate=1e-12)
    x, target = sample_of(parameters)
    learner = learner_of(parameters, "fast")
    first = learner.learn(x, target).loss
    learner.learn(*sample_of(parameters, seed=5))
    assert learner.learn(x, target).loss == pytest.approx(first, rel=1e-6)
