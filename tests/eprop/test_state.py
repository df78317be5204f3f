"""What a PE holds in data SRAM."""

import numpy as np
import pytest

from firmware_models.eprop.partition import own_neurons
from firmware_models.eprop.state import State
from tests.eprop.networks import context_of, parameters_of, slice_of


def states(parameters, n_pe=1, seed=1):
    contexts = [context_of(parameters, pe=pe, n_pe=n_pe, seed=seed) for pe in range(n_pe)]
    return [
        State(parameters, context, own_neurons(parameters.n_rec, n_pe, pe))
        for pe, context in enumerate(contexts)
    ]


@pytest.mark.parametrize(
    ("n_rec", "n_pe", "paper_kb"), [(20, 1, 56), (120, 12, 680), (360, 36, 4.3 * 1024)]
)
def test_the_allocated_memory_is_within_3_percent_of_the_papers(n_rec, n_pe, paper_kb):
    parameters = parameters_of("authors", 80, n_rec, 12)
    allocated = sum(state.layout.n_bytes for state in states(parameters, n_pe))
    assert allocated / 1024 == pytest.approx(paper_kb, rel=0.03)


@pytest.mark.parametrize("feedback", ["symmetric", "random", "adaptive"])
def test_every_array_of_a_pe_is_in_the_layout_once(feedback):
    for state in states(parameters_of("authors", feedback=feedback), n_pe=3):
        arrays = {id(a): a for a in vars(state).values() if isinstance(a, np.ndarray)}
        assert sum(a.nbytes for a in arrays.values()) == state.layout.n_bytes


def test_only_pe_0_keeps_room_for_the_partial_outputs_of_the_others():
    first, second = states(parameters_of("authors"), n_pe=2)
    names = [{variable.name for variable in state.layout} for state in (first, second)]
    assert names[0] - names[1] == {"partial_outputs"}
    assert first.partial_outputs.shape == (1, 5)


def test_initial_weights_have_the_spread_of_their_fan_in():
    (state,) = states(parameters_of("authors", 80, 120, 12, feedback="random"))
    assert state.w_in.std() * np.sqrt(80) == pytest.approx(1, rel=0.05)
    for w in (state.w_rec, state.w_out, state.b_out):
        assert w.std() * np.sqrt(120) == pytest.approx(1, rel=0.05)
    assert not np.array_equal(state.w_out, state.b_out)


def test_the_seed_decides_the_initial_weights():
    one, same, other = (states(parameters_of(), seed=seed)[0].w_rec for seed in (1, 1, 2))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


def test_the_ping_pong_buffer_holds_the_last_two_halves_of_input():
    net = slice_of(parameters_of())
    for t in range(13):
        net.neuron_step(np.full(7, t, np.float32))
    assert net.state.x[:, 0].tolist() == [10, 11, 12, 3, 4, 5, 6, 7, 8, 9]


def test_a_sample_begins_with_neurons_and_traces_at_rest():
    (state,) = states(parameters_of("authors", feedback="adaptive"))
    kept = {"w_in", "w_rec", "w_out", "b_out", "m_in", "v_in", "m_rec", "v_rec", "m_out", "v_out"}
    kept |= {"m_b", "v_b", "x"}
    overwritten = {"current", "psi", "output", "error", "signal", "dw_out"}
    arrays = {n: a for n, a in vars(state).items() if isinstance(a, np.ndarray)}
    for array in arrays.values():
        array.fill(1)

    state.reset()

    assert {n for n, a in arrays.items() if a.any()} == kept | overwritten
