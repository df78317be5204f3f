"""Named sets of constants, and what may replace them."""

import math

import pytest

from firmware_models.eprop import EpropParameters
from spinn2sim.errors import SpecError
from spinn2sim.validated import validate


def constants(**given):
    return validate(EpropParameters, given, "parameters").constants()


def test_the_authors_set_is_the_default_and_what_their_code_runs():
    found = constants()
    assert found == constants(parameter_set="authors")
    assert (found.tau_m, found.tau_a, found.tau_out) == (5, 150, 10)
    assert (found.v_th, found.beta, found.psi_gamma) == (1.6, 0.184, 0.5)
    assert (found.psi_sigma, found.psi_h, found.psi_s) == (0.5, 0.15, 6)
    assert (found.reset, found.eligibility) == ("threshold", "authors")
    assert found.zero_recurrent_diagonal
    assert found.g_in == 1 - math.exp(-1 / 5)
    assert found.g_a == 1 - math.exp(-1 / 150)


def test_the_exact_set_changes_the_gradient_only():
    exact = constants(parameter_set="authors-exact")
    same = constants(eligibility="exact", zero_recurrent_diagonal=False)
    assert exact == same


def test_the_text_set_has_a_low_threshold_and_gains_of_one():
    text = constants(parameter_set="paper-text")
    assert (text.v_th, text.psi_gamma, text.reset) == (0.01, 1, "v_th")
    assert (text.g_in, text.g_a, text.eligibility) == (1, 1, "exact")
    assert not text.zero_recurrent_diagonal


@pytest.mark.parametrize("parameter_set", ["authors", "authors-exact", "paper-text"])
def test_a_given_field_wins_over_the_set(parameter_set):
    found = constants(parameter_set=parameter_set, v_th=0.7, zero_recurrent_diagonal=True, beta=0)
    assert (found.v_th, found.zero_recurrent_diagonal, found.beta) == (0.7, True, 0)
    assert found.tau_m == 5


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"tau_m": 0}, "parameters: tau_m = 0: expected a number above 0"),
        ({"beta2": 1}, "parameters: beta2 = 1: expected a number below 1"),
        ({"l2": -1e-6}, "parameters: l2 = -1e-06: expected 0 or more"),
        ({"v_th": math.inf}, "parameters: v_th = inf: expected a finite number"),
        ({"n_lif": -1}, "parameters: n_lif = -1: expected 0 or more"),
        ({"decay": 0}, "parameters: decay = 0: expected a number above 0"),
        ({"n_rec": True}, "parameters: n_rec = true: expected a number"),
        ({"learning_rate": True}, "parameters: learning_rate = true: expected a number"),
        (
            {"optimiser": "adagrad"},
            ("parameters: optimiser = 'adagrad': expected 'adam', 'rmsprop', 'momentum' or 'sgd'"),
        ),
        (
            {"update_every": 0},
            "parameters: update_every = 0: expected 1 or more samples, or 'timestep'",
        ),
        (
            {"update_every": "step"},
            "parameters: update_every = 'step': expected 1 or more samples, or 'timestep'",
        ),
        ({"n_rek": 5}, "parameters: unknown key 'n_rek'; did you mean 'n_rec'?"),
    ],
)
def test_values_out_of_range_and_unknown_keys_are_refused(given, message):
    with pytest.raises(SpecError) as refused:
        constants(**given)
    assert str(refused.value) == message
