"""The compiled replay of known programs against the SimPy machine, tick for tick."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import Phase, given, settings

from spinn2sim import load_scenario, simulate
from spinn2sim.elaboration import scenario_workload
from spinn2sim.errors import FirmwareError
from spinn2sim.hw.replay import layout
from spinn2sim.recording import record
from spinn2sim.replay import time_programs
from spinn2sim.trace import Cause
from spinn2sim.workload import Workload
from tests.hw.machine import happenings, scenario_of, workload_of
from tests.hw.test_random_programs import N_TIMESTEPS, applications, scenario_for


def replayed(scenario, workload):
    trace = time_programs(scenario, workload, record(scenario, workload))
    assert trace is not None
    return trace


def simulated(scenario, workload):
    return simulate(scenario, workload, timing="simpy")


@settings(max_examples=50, deadline=None, derandomize=True, database=None, phases=[Phase.generate])
@given(applications())
def test_random_programs_on_random_machines_happen_at_the_same_ticks(application):
    scenario, workload = scenario_for(*application), workload_of(N_TIMESTEPS)
    assert happenings(replayed(scenario, workload)) == happenings(simulated(scenario, workload))


def test_a_run_of_the_papers_network_has_the_same_digest():
    scenario = load_scenario(preset="paper-12pe", overrides=["workload.n_samples=2"])
    workload = scenario_workload(scenario)
    assert replayed(scenario, workload).digest() == simulated(scenario, workload).digest()


def test_late_steps_and_a_late_host_are_replayed():
    overrides = ["chip.pe.clock=20MHz", "host.ethernet_rate=3Mbit/s", "workload.n_samples=1"]
    scenario = load_scenario(preset="paper-12pe", overrides=overrides)
    workload = scenario_workload(scenario)
    trace = replayed(scenario, workload)
    assert trace.digest() == simulated(scenario, workload).digest()
    steps = trace.tables["steps"]
    assert (steps["finished"] - steps["released"] > trace.meta["period"]).any()
    assert (trace.tables["waits"]["cause"] == Cause.HOST).any()


def test_a_run_that_cannot_go_on_is_left_to_the_simpy_machine():
    scenario = scenario_of(programs=[[("receive", 1)], []])
    recording = record(scenario_of(programs=[[], []]), workload_of())
    assert time_programs(scenario, workload_of(), with_receive(recording)) is None


REFUSED = {
    "a broken promise": [[("barrier",)] * 2, [("barrier", 9), ("compute", "a", 8), ("barrier",)]],
    "a payload too long": [[("multicast", [1], ((1.0,) * 5,)), ("barrier",)], [("barrier",)]],
    "a variable not shared": [[("barrier",)], [("barrier",), ("read_neighbour", 0, "x")]],
    "a neighbour too far": [
        [("share", "x", 1, 1), ("barrier",)],
        *[[("barrier",)]] * 3,
        [("barrier",), ("read_neighbour", 0, "x")],
    ],
}


@pytest.mark.parametrize("programs", REFUSED.values(), ids=REFUSED)
def test_what_the_machine_refuses_a_program_is_refused_when_it_is_replayed(programs):
    scenario, workload = scenario_of(n_pe=len(programs), programs=programs), workload_of()
    with pytest.raises(FirmwareError) as expected:
        simulated(scenario, workload)
    with pytest.raises(FirmwareError) as refused:
        simulate(scenario, workload, timing="compiled")
    assert str(refused.value) == str(expected.value)


def test_a_promise_that_is_just_kept_is_replayed():
    step = [("barrier", 9), ("multicast", []), ("compute", "a", 9), ("multicast", [1])]
    scenario = scenario_of(n_pe=2, programs=[[*step, *step, ("barrier",)]])
    replayed(scenario, workload_of())


@pytest.mark.parametrize(("cycles", "kept"), [(8, False), (9, True)])
def test_promises_are_cycles_of_a_pe_however_many_ticks_they_take(cycles, kept):
    step = [("barrier", 9), ("compute", "a", cycles), ("multicast", [1])]
    programs = [[*step, *step, ("barrier",)]]
    scenario = scenario_of("chip.noc.clock=130MHz", n_pe=2, programs=programs)
    found = time_programs(scenario, workload_of(), record(scenario, workload_of()))
    assert (found is not None) == kept


def with_receive(recording):
    """The first PE waits for a packet that nobody sends."""
    ops = np.zeros((2, 2, 3), np.int64)
    ops[:, :, 0] = layout.HALT
    ops[0, 0] = layout.RECEIVE, 1, 0
    return replace(recording, programs=replace(recording.programs, ops=ops))


def test_the_same_programs_with_the_spikes_of_another_sample_take_the_time_of_that_sample():
    scenario = load_scenario(preset="paper-12pe", overrides=["workload.n_samples=2"])
    whole = scenario_workload(scenario)
    one, other = (Workload((each,), whole.classes) for each in whole.samples)
    programs = record(scenario, one).programs
    recording = record(scenario, other)
    expected = recording.programs
    timesteps = (expected.ops[:, :, 0] == layout.WAIT_TIMER).cumsum(axis=1) - 1
    pe, op, key = expected.spikes.T
    assert len(expected.spikes)
    assert not np.array_equal(expected.spikes, programs.spikes)
    other_spikes = programs.with_spikes(np.stack([pe, timesteps[pe, op], key], axis=1))
    assert np.array_equal(other_spikes.ops, expected.ops)
    traces = [
        time_programs(scenario, other, replace(recording, programs=each))
        for each in (other_spikes, expected)
    ]
    happened = [happenings(trace) for trace in traces]
    for tables in happened:
        del tables["log"]  # what the network makes of the other sample
    assert happened[0] == happened[1]
