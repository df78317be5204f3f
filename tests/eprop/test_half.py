"""Matrices in 16 bit: stored and read back as such, half the bytes, and cycles to convert."""

import numpy as np
import pytest

from firmware_models.eprop import Eprop, EpropParameters, gather, reference
from firmware_models.eprop.half import kernels
from firmware_models.eprop.training.learner import NO_OTHERS, Learner
from spinn2sim.errors import SpecError
from tests.eprop.networks import (
    context_of,
    firmwares_of,
    learn_sample,
    parameters_of,
    sample_of,
    slice_of,
    train,
)

#: Every matrix that can be kept in 16 bit.
ALL = ("w", "dw", "m", "v", "eps_v", "eps_a", "e_bar")
EDGES = (65504, 65519.99, 65520, -65520, 2**-24, 2**-25, 1.5 * 2**-24, 2**-14, 0, -0.0, np.inf)


def numbers():
    """Every kind of float32: random bits, usual sizes, and where float16 changes its step."""
    rng = np.random.default_rng(2)
    bits = rng.integers(0, 2**32, 50_000, np.uint32).view(np.float32)
    usual = rng.standard_normal(50_000) * np.exp(rng.uniform(-20, 13, 50_000))
    return np.concatenate([bits, usual.astype(np.float32), np.array(EDGES, np.float32)])


def rounded(values, kind):
    found = values.copy()[None]
    kernels.round_matrix(found, kind)
    return found[0]


def test_float16_is_the_one_of_numpy():
    values = numbers()
    with np.errstate(over="ignore"):
        expected = values.astype(np.float16).astype(np.float32)
    assert np.array_equal(rounded(values, kernels.FLOAT16), expected, equal_nan=True)


def test_bfloat16_is_the_nearer_of_its_two_neighbours_and_of_two_as_near_the_even_one():
    values = numbers()
    values = values[np.abs(values) < 1e38]
    found = rounded(values, kernels.BFLOAT16)
    bits = values.view(np.uint32)
    below = (bits & np.uint32(0xFFFF0000)).view(np.float32).astype(float)
    above = ((bits & np.uint32(0xFFFF0000)) + np.uint32(0x10000)).view(np.float32).astype(float)
    to_below, to_above = abs(values - below), abs(above - values)
    even = (bits >> np.uint32(16)) % np.uint32(2) == 0
    expected = np.where((to_below < to_above) | ((to_below == to_above) & even), below, above)
    assert np.array_equal(found, expected.astype(np.float32))
    assert (found != values).mean() > 0.9


def test_no_number_stays_none_and_what_is_kept_is_kept():
    values = np.array([np.nan, 0.1], np.float32)
    for kind in (kernels.BFLOAT16, kernels.FLOAT16):
        assert np.isnan(rounded(values, kind)[0])
    assert np.array_equal(rounded(values, kernels.KEEP), values, equal_nan=True)


def stored_in_float16(parameters, n_samples):
    """Learning where the matrices are arrays of float16, loaded for a function and stored after."""
    net = slice_of(
        EpropParameters(**{**parameters.model_dump(), "float16": ()}), arithmetic=reference
    )
    state = net.state
    names = [
        f"{letter}_{matrix}"
        for letter in ALL
        for matrix in (("rec",) if letter == "eps_v" else ("in", "rec"))
    ]
    memory = {name: getattr(state, name).astype(np.float16) for name in names}

    def load():
        for name, held in memory.items():
            getattr(state, name)[:] = held

    def store():
        for name in memory:
            memory[name] = getattr(state, name).astype(np.float16)

    for seed in range(n_samples):
        x, target = sample_of(parameters, seed=seed)
        load()
        state.reset()
        store()
        for values in x:
            load()
            net.neuron_step(values)
            net.trace_step(NO_OTHERS)
            store()
        load()
        net.sum_output()
        net.form_error(target)
        reference.learning_signal(state.w_out, state.error, state.signal, net.constants)
        reference.gradient(state.dw_in, state.w_in, state.signal, net.constants)
        reference.gradient(state.dw_rec, state.w_rec, state.signal, net.constants)
        reference.output_gradient(
            state.dw_out, state.w_out, state.error, state.zbar_sum, net.constants
        )
        store()
        load()
        net.update()
        store()
    return {"w_in": memory["w_in"], "w_rec": memory["w_rec"], "w_out": state.w_out}


@pytest.mark.parametrize("parameter_set", ["authors", "authors-exact"])
def test_it_computes_what_arrays_of_float16_give(parameter_set):
    parameters = parameters_of(parameter_set, float16=ALL)
    expected = stored_in_float16(parameters, n_samples=3)
    firmwares, _ = train(parameters, 1, n_samples=3)
    found = firmwares[0].readout()
    for name, weights in expected.items():
        assert np.array_equal(found[name], weights.astype(np.float32)), name


def test_the_rounding_is_seen_in_the_weights():
    whole, half = (
        train(parameters_of(**given), 1, n_samples=3)[0][0].readout()["w_rec"]
        for given in ({}, {"bfloat16": ("e_bar",)})
    )
    assert 0 < np.abs(whole - half).max() < 0.01


@pytest.mark.parametrize("n_pe", [2, 3, 5])
def test_any_number_of_pes_learns_the_same_bits(n_pe):
    parameters = parameters_of(bfloat16=("eps_v", "eps_a", "e_bar"), float16=("w", "m"))
    weights = [
        gather([firmware.readout() for firmware in train(parameters, n, n_samples=2)[0]])
        for n in (1, n_pe)
    ]
    for name in weights[0]:
        assert np.array_equal(weights[0][name], weights[1][name]), name


@pytest.mark.slow
@pytest.mark.parametrize("form", ["reference", "online"])
@pytest.mark.parametrize("n_lif", [0, 5])
def test_the_host_learns_the_very_weights_of_the_chip(form, n_lif):
    parameters = parameters_of(
        bfloat16=("eps_v", "eps_a", "dw", "v"), float16=("w", "e_bar"), n_lif=n_lif
    )
    firmwares, _ = train(parameters, 3, n_samples=3)
    chip = gather([firmware.readout() for firmware in firmwares])
    learner = Learner(parameters, n_timesteps=40, n_classes=5, seed=1, form=form)
    for seed in range(3):
        learner.learn(*sample_of(parameters, seed=seed))
    for name, weights in learner.weights().items():
        assert np.array_equal(weights, chip[name]), name


def test_given_weights_are_rounded_as_they_are_loaded():
    given = slice_of(parameters_of()).state.weights()
    net = slice_of(parameters_of(bfloat16=("w",)), seed=9)
    net.load_weights(given)
    assert np.array_equal(net.state.w_in[0], rounded(given["w_in"][0], kernels.BFLOAT16))
    assert np.array_equal(net.state.w_out, given["w_out"])


@pytest.mark.slow
def test_the_fast_form_takes_what_does_not_change_within_a_sample():
    parameters = parameters_of(bfloat16=("w", "m", "v"))
    weights = []
    for form in ("online", "fast"):
        learner = Learner(parameters, n_timesteps=40, n_classes=5, seed=1, form=form)
        learner.learn(*sample_of(parameters))
        weights.append(learner.weights()["w_rec"])
    # A step of bfloat16 is 2**-7 of a number between 1 and 2: a last bit may go the other way.
    assert np.abs(weights[0] - weights[1]).max() <= 2**-7
    assert (weights[0] == weights[1]).mean() > 0.95


@pytest.mark.parametrize("form", ["fast", "bptt"])
def test_a_form_without_the_traces_cannot_round_them(form):
    with pytest.raises(SpecError) as refused:
        Learner(parameters_of(float16=("eps_a",)), n_timesteps=40, n_classes=5, seed=1, form=form)
    assert str(refused.value) == (
        f"parameters: eps_a_in in 16 bit: the form {form} does not have the eps_a_in of each time "
        f"step; use online"
    )


def test_the_chosen_matrices_take_half_of_their_bytes():
    whole, half = (
        {variable.name: variable for variable in firmwares_of(parameters, 2)[0].layout}
        for parameters in (parameters_of(), parameters_of(bfloat16=("m",), float16=("w_rec",)))
    )
    halved = {name for name in whole if half[name].n_bytes * 2 == whole[name].n_bytes}
    assert halved == {"m_in", "m_rec", "w_rec"}
    assert all(half[name] == whole[name] for name in whole.keys() - halved)
    assert (half["m_in"].dtype, half["w_rec"].dtype) == ("bfloat16", "float16")


def test_each_number_costs_its_conversion():
    parameters = parameters_of("authors", 80, 120, 12, float16=("eps_a",), bfloat16=("m",))
    firmwares, run = train(parameters, 12, n_timesteps=2)
    charged = {label: n for label, n in run.cycles[5].items() if label.endswith(".convert")}
    synapses = 10 * (80 + 120)
    # conversion.yaml: 3 to read and 3 to write a float16, 2 and 5 a bfloat16; m once per sample.
    assert charged == {
        "e_prop.eps_a.convert": 2 * 6 * synapses,
        "weight_update.m.convert": 7 * synapses,
    }
    assert firmwares[0].costs.name == "paper"


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"float16": ("eps",)}, "float16: the program has no matrix 'eps' to choose"),
        ({"bfloat16": ("m",), "optimiser": "sgd"}, "bfloat16: the program has no matrix 'm'"),
        ({"bfloat16": ("m",), "float16": ("m_in",)}, "m_in cannot be bfloat16 and float16"),
        ({"float16": ("w",), "precision": "float64"}, "need precision: float32"),
    ],
)
def test_what_is_no_matrix_of_the_program_is_refused(given, problem):
    with pytest.raises(ValueError, match=problem):
        parameters_of(**given)


def test_a_run_says_that_its_gradient_is_rounded():
    parameters = parameters_of("authors-exact", float16=("w",))
    assert Eprop(parameters, context_of(parameters)).approximations == (
        "bfloat16, float16: numbers are rounded as they are stored",
    )


def test_a_sample_on_its_own_goes_through_the_same_rounding():
    parameters = parameters_of(float16=("e_bar",))
    net = slice_of(parameters)
    learn_sample(net, *sample_of(parameters))
    e_bar = net.state.e_bar_rec
    assert e_bar.any()
    assert np.array_equal(e_bar, e_bar.astype(np.float16).astype(np.float32))
