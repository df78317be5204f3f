"""The compiled kernels give the bits of the plain reference, in both precisions."""

import inspect

import numpy as np
import pytest

from firmware_models.eprop import kernels, reference
from firmware_models.eprop.parameters import EpropParameters
from firmware_models.eprop.program_constants import program_constants
from tests.eprop.networks import learn_sample, parameters_of, sample_of, slice_of

POST, INPUTS, REC = ("n_post", "n_in"), ("n_in",), ("n_post", "n_rec")
OUT = ("n_out", "n_post")

OPTIMISERS = ("adam", "rmsprop", "momentum", "sgd")

#: Shape of each array by function; names that mean the same everywhere come first.
SHAPES = {
    "x": INPUTS,
    "w_in": POST,
    "w_rec": REC,
    "w_out": OUT,
    "z": ("n_rec",),
    "z_before": ("n_rec",),
    "eps_v_in": ("one", "n_in"),
    "eps_v_rec": REC,
    "a": ("n_alif",),
    "eps_a_in": ("n_alif", "n_in"),
    "eps_a_rec": ("n_alif", "n_rec"),
    **dict.fromkeys(("e_bar_in", "dw_in"), POST),
    **dict.fromkeys(("e_bar_rec", "dw_rec"), REC),
    **dict.fromkeys(("current", "v", "psi", "zbar", "zbar_sum", "signal"), ("n_post",)),
    "spike_count": ("n_post",),
    **dict.fromkeys(("error", "pi", "partial", "output"), ("n_out",)),
}
OWN_SHAPES = {
    "exponential": {"x": ("n_rec",)},
    "presynaptic_trace": {"pre": ("n_rec",), "eps_v": REC},
    "eligibility": {"eps_v": REC, "eps_a": ("n_alif", "n_rec"), "e_bar": REC, "dw": REC},
    "learning_signal": {"b": OUT},
    "gradient": {"dw": REC, "w": REC},
    "output_gradient": {"dw_out": OUT},
    "accumulate": {"dw": REC, "batch": REC},
    **{key: {"w": REC, "dw": REC, "m": REC, "v": REC} for key in OPTIMISERS},
}
FUNCTIONS = [
    name
    for name, function in vars(reference).items()
    if inspect.isfunction(function) and function.__module__ == reference.__name__
]


def arguments(name, constants, precision, rng):
    sizes = {"n_in": rng.integers(1, 40), "n_rec": rng.integers(1, 40), "one": 1}
    sizes["n_post"] = rng.integers(1, sizes["n_rec"] + 1)
    sizes["n_alif"] = rng.integers(0, sizes["n_post"] + 1)
    sizes["n_out"] = rng.integers(1, 14)
    for argument in inspect.signature(getattr(reference, name)).parameters:
        match argument:
            case "constants":
                yield constants
            case "first":
                yield int(rng.integers(0, sizes["n_rec"] - sizes["n_post"] + 1))
            case "rate":
                yield np.dtype(precision).type(1e-3)
            case _:
                shape = {**SHAPES, **OWN_SHAPES.get(name, {})}[argument]
                yield random_array(name, argument, [sizes[n] for n in shape], precision, rng)


def random_array(name, argument, shape, precision, rng):
    if argument in {"z", "z_before"}:
        return rng.random(shape) < 0.3
    if argument == "spike_count":
        return rng.integers(0, 100, shape, np.int32)
    if argument in {"output", "partial"}:
        return (rng.standard_normal(shape) * 3 * 2**40).astype(np.int64)
    values = rng.standard_normal(shape).astype(precision)
    if name == "exponential":
        return -np.abs(values) * np.dtype(precision).type(40)
    return np.abs(values) if name in OPTIMISERS and argument == "v" else values


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("precision", ["float32", "float64"])
@pytest.mark.parametrize("parameter_set", ["authors", "paper-text"])
def test_every_function_has_a_twin_that_gives_its_bits(name, precision, parameter_set):
    rng = np.random.default_rng(5)
    for _ in range(25):
        parameters = EpropParameters(
            parameter_set=parameter_set,
            precision=precision,
            l2=1e-3,
            update_every=3,
            rate_weight=0.3,
        )
        constants = program_constants(parameters, n_timesteps=100)
        plain = list(arguments(name, constants, precision, rng))
        fast = [a.copy() if isinstance(a, np.ndarray) else a for a in plain]

        answers = getattr(reference, name)(*plain), getattr(kernels, name)(*fast)

        assert np.array_equal(*answers)
        for one, other in zip(plain, fast, strict=True):
            assert np.array_equal(one, other)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_twins_take_the_same_arguments(name):
    compiled = getattr(kernels, name).py_func
    plain = inspect.signature(getattr(reference, name))
    assert list(inspect.signature(compiled).parameters) == list(plain.parameters)


@pytest.mark.parametrize("parameter_set", ["authors", "authors-exact", "paper-text"])
def test_two_samples_end_in_the_same_bits(parameter_set):
    parameters = parameters_of(parameter_set, feedback="adaptive")
    losses, weights = [], []
    for arithmetic in (kernels, reference):
        net = slice_of(parameters, arithmetic=arithmetic)
        losses.append([learn_sample(net, *sample_of(parameters, seed=s))[1] for s in (1, 2)])
        weights.append(net.state.weights())

    assert losses[0] == losses[1]
    for name, compiled in weights[0].items():
        assert np.array_equal(compiled, weights[1][name]), name
        assert compiled.dtype == np.float32
