"""The C firmware, compiled for this computer, computes what the kernels compute."""

import numpy as np
import pytest

from firmware_models.eprop.training.learner import NO_OTHERS
from tests.eprop.c_firmware import (
    FIRMWARES,
    SIZES,
    arrays,
    assert_agrees,
    build_host,
    excite,
    expected,
    labels,
    number,
    stages,
)
from tests.eprop.networks import parameters_of, sample_of, slice_of

STYLES_AT_O2 = ["matrix-O2", "loops-O2", "fused-O2"]


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    return build_host(tmp_path_factory.mktemp("build"))


@pytest.mark.parametrize("sizes", SIZES, ids=lambda sizes: "-".join(map(str, sizes.values())))
@pytest.mark.parametrize("name", FIRMWARES)
def test_each_function_leaves_what_the_kernels_leave(built, name, sizes):
    memory, style = built[name], name.partition("-")[0]
    step, sample = labels(memory)
    assert memory.setup(sizes, seed=3) == 0
    excite(memory, sizes)
    for stage, functions in stages([*step, *sample]).items():
        before = arrays(memory, style, sizes)
        wanted = expected(stage, memory, before)

        for function in functions:
            memory.call(function)

        assert_agrees(arrays(memory, style, sizes), wanted)


@pytest.mark.parametrize("name", STYLES_AT_O2)
def test_a_spike_is_sent_as_the_number_of_its_neuron(built, name):
    memory = built[name]
    memory.setup(SIZES[1])
    z = np.zeros(120, np.float32)
    spiking = number(memory, "first") + 3
    z[[0, spiking, 119]] = 1  # neurons 0 and 119 are of other PEs
    memory.write("z", z)

    memory.call("send_spikes")

    assert number(memory, "comms_send") == spiking


def test_the_fused_style_lists_the_spikes_of_the_step_before(built):
    memory = built["fused-O2"]
    memory.setup(SIZES[1])
    z = np.zeros(120, np.float32)
    z[[2, 40, 119]] = 1
    memory.write("z", z)

    memory.call("output__advance")

    assert memory.read("spikes", np.uint32, number(memory, "n_spikes")).tolist() == [2, 40, 119]


@pytest.mark.parametrize(
    "change",
    [
        *({"n_own": n} for n in (0, 121, 257)),
        *({"n_in": n} for n in (0, 257)),
        *({"n_rec": n} for n in (0, 9, 2049)),
        *({"n_out": n} for n in (0, 65)),
        {"n_own": 200, "n_rec": 200},  # too many synapses
    ],
    ids=str,
)
def test_sizes_that_do_not_fit_are_refused(built, change):
    assert built["loops-O2"].setup(SIZES[1] | change) == 1


def test_setup_fills_the_arrays_the_same_for_the_same_seed(built):
    memory, sizes = built["loops-O2"], SIZES[1]
    found = []
    for seed in (5, 5, 6):
        memory.setup(sizes, seed)
        found.append(arrays(memory, "loops", sizes))

    assert all(np.array_equal(found[0][name], found[1][name]) for name in found[0])
    assert not np.array_equal(found[0]["w_in"], found[2]["w_in"])


@pytest.mark.parametrize("name", STYLES_AT_O2)
def test_a_whole_sample_ends_in_the_weights_of_the_simulated_program(built, name):
    """100 time steps on one PE, spikes and all, then the update."""
    parameters = parameters_of(n_in=7, n_rec=12, n_out=5)
    net = slice_of(parameters, n_timesteps=100)
    frames, target = sample_of(parameters, n_timesteps=100)
    memory, style = built[name], name.partition("-")[0]
    sizes = {"n_own": 12, "n_in": 7, "n_rec": 12, "n_out": 5}
    _begin_sample(memory, style, sizes, net.state, target)
    step, sample = labels(memory)
    net.state.reset()
    n_spikes = 0

    for values in frames:
        n_spikes += len(net.neuron_step(values))
        net.trace_step(NO_OTHERS)
        memory.write("frames", np.tile(values, 10))
        for function in step:
            memory.call(function)
        assert np.array_equal(memory.read("z_before", np.float32, 12) > 0, net.state.z_before)
    net.sum_output()
    net.form_error(target)
    net.learn()
    for function in sample:
        memory.call(function)

    assert n_spikes > 20
    found = arrays(memory, style, sizes)
    wanted = {
        symbol: getattr(net.state, symbol)
        for symbol in ("w_in", "w_rec", "w_out", "dw_in", "dw_rec", "dw_out", "zbar_sum")
    }
    assert_agrees(found, wanted)


def _begin_sample(memory, style, sizes, state, target):
    """The weights of *state*, all else at rest, no other PEs."""
    memory.setup(sizes)
    for symbol, array in arrays(memory, style, sizes).items():
        memory.write(symbol, np.zeros_like(array))
    for symbol in ("w_in", "w_rec", "w_out"):
        memory.write(symbol, getattr(state, symbol))
    for symbol in ("n_spikes", "comms_n_keys"):
        memory.write(symbol, np.zeros(1, np.uint32))
    memory.write("target", np.array([target], np.uint32))
    first_update = 0.001 * np.sqrt(1 - 0.999) / (1 - 0.9)
    memory.write("rate", np.array([first_update], np.float32))
