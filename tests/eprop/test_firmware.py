"""The program: which ops it asks for, and what it refuses."""

import numpy as np
import pytest

from firmware_models.eprop import Eprop
from spinn2sim.errors import DivergenceError, SpecError
from spinn2sim.firmware import Firmware, PEContext, WorkloadShape, ops
from spinn2sim.firmware.untimed import run_untimed
from tests.eprop.networks import context_of, firmwares_of, frames_of, parameters_of, slice_of, train

STEP = ["WaitTimer", "ReadInput", "Compute", "Multicast", "Barrier", "Compute"]


def ops_of(firmware, frames):
    """The program's ops, driven by hand as if no other PE ever sent anything."""
    frames, program, seen, answer = iter(frames), firmware.main(), [], None
    while True:
        try:
            op = program.send(answer)
        except StopIteration:
            return seen
        seen.append(op)
        match op:
            case ops.ReadInput():
                answer = next(frames)
            case ops.Barrier():
                answer = ops.EMPTY_INBOX
            case ops.TakeDma():
                answer = {1: np.zeros(5, np.int64), 2: np.zeros(5, np.int64)}
            case _:
                answer = None


def names(program_ops):
    return [type(op).__name__ for op in program_ops]


def test_a_pe_alone_has_nothing_to_reduce_or_share():
    parameters = parameters_of()
    firmware = Eprop(parameters, context_of(parameters, n_timesteps=2))
    seen = ops_of(firmware, frames_of(parameters, 2, 1))
    sample_end = ["Log", "Compute", "Log", "Log", "Compute"]
    assert names(seen) == [*STEP, *STEP, *sample_end]
    assert [op.name for op in seen if isinstance(op, ops.Log)] == ["spikes", "loss", "correct"]


def test_pe_0_of_several_exchanges_spikes_each_step_and_the_error_once():
    parameters = parameters_of()
    firmware = Eprop(parameters, context_of(parameters, n_timesteps=2, n_pe=3))
    reduce = ["Log", "Compute", "Barrier", "TakeDma"]
    error = ["Compute", "Log", "Log", "Multicast", "Barrier", "Compute"]
    assert names(ops_of(firmware, frames_of(parameters, 2, 1))) == [*STEP, *STEP, *reduce, *error]


def test_the_partial_output_goes_to_pe_0_by_dma():
    parameters = parameters_of()
    firmwares = firmwares_of(parameters, 3, n_timesteps=2)
    program = firmwares[1].main()
    seen = [program.send(None)]
    frames = iter(frames_of(parameters, 2, 1))
    while not isinstance(seen[-1], ops.DmaWrite):
        match seen[-1]:
            case ops.ReadInput():
                answer = next(frames)
            case ops.Barrier():
                answer = ops.EMPTY_INBOX
            case _:
                answer = None
        seen.append(program.send(answer))

    write = seen[-1]
    assert (write.to, write.name, write.n_bytes) == (0, "partial_outputs", 8 * 5)
    assert names([program.send(None), program.send(None)]) == ["WaitDma", "Barrier"]


def test_the_error_travels_in_packets_of_four_words_with_keys_above_the_neurons():
    firmwares, run = train(parameters_of(n_out=6), 2, n_timesteps=1)
    assert np.array_equal(firmwares[0].net.state.error, firmwares[1].net.state.error)
    spikes = [entry.value for entry in run.log if entry.name == "spikes"]
    assert run.n_packets == (spikes[0] + 2, spikes[1])

    parameters = parameters_of(n_out=5)
    firmware = Eprop(parameters, context_of(parameters, n_timesteps=1, n_pe=3))
    error = [
        op for op in ops_of(firmware, frames_of(parameters, 1, 1)) if isinstance(op, ops.Multicast)
    ][-1]
    assert error.keys == (12, 13)
    assert [len(payload) for payload in error.payloads] == [4, 1]


def test_cycles_of_the_papers_network_are_those_of_the_table():
    _, run = train(parameters_of("authors", 80, 120, 12), 12, n_timesteps=2)
    e_prop = sum(n for label, n in run.cycles[3].items() if label.startswith("e_prop."))
    assert e_prop == pytest.approx(2 * 70 * 10 * 200, rel=0.01)
    assert "softmax_loss" not in +run.cycles[3]
    assert run.cycles[0]["softmax_loss"] > 0


def test_a_sample_is_correct_if_its_target_has_the_largest_output():
    net = slice_of(parameters_of())
    answers = []
    for target in range(5):
        net.state.output[:] = np.array([1, 3, 2, -4, 0]) * 2**40
        answers.append(net.form_error(target))
    assert [answer.correct for answer in answers] == [False, True, False, False, False]
    assert np.argmin([answer.loss for answer in answers]) == 1


@pytest.mark.parametrize("outputs", [[0, 0, 0, 0, 0], [3, 1, 3, -4, 0]])
def test_several_largest_outputs_are_undecided_and_correct_for_no_target(outputs):
    for target in range(5):
        net = slice_of(parameters_of())
        net.state.output[:] = np.array(outputs) * 2**40
        assert net.form_error(target)[1:] == (5, False)


def test_eprop_is_a_firmware():
    parameters = parameters_of()
    firmware: Firmware = Eprop(parameters, context_of(parameters))
    assert firmware.costs.name == "paper"
    assert firmware.sizes == {"L": 12, "I": 7, "R": 12, "O": 5}
    assert firmware.readout().keys() == {"w_in", "w_rec", "w_out"}


def test_a_workload_of_another_shape_is_refused():
    parameters = parameters_of(n_in=7, n_out=5)
    workload = WorkloadShape(n_samples=1, n_timesteps=1, n_in=8, n_classes=6)
    with pytest.raises(SpecError) as refused:
        Eprop(parameters, PEContext(0, 1, 1, workload, 5))
    assert str(refused.value).splitlines() == [
        "parameters: n_in = 7: the workload has 8 inputs per time step; set n_in to 8",
        "parameters: n_out = 5: the workload has 6 classes; set n_out to 6 or more",
    ]


def diverge(name, value):
    parameters = parameters_of("authors")
    firmwares = firmwares_of(parameters, 2)
    getattr(firmwares[1].net.state, name)[:] = value
    with pytest.raises(DivergenceError) as diverged:
        run_untimed(firmwares, frames_of(parameters, 40, 1))
    return str(diverged.value)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_weights_that_are_no_numbers_end_the_run(value):
    assert diverge("w_in", value) == (
        "sample 0, neurons 6 to 11: membrane potentials are infinite or not a number; "
        "lower learning_rate (0.001) or the scale of the input"
    )


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e30])
def test_an_output_beyond_its_fixed_point_ends_the_run(value):
    assert diverge("w_out", value) == (
        "sample 0, neurons 6 to 11: terms of the output are beyond 349,525 or not a number; "
        "lower learning_rate (0.001) or the scale of the input"
    )
