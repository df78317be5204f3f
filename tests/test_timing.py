"""simulate() by either machine: the same happenings, and who found them out."""

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from spinn2sim import load_scenario, simulate
from spinn2sim.elaboration import scenario_workload
from spinn2sim.errors import LostPacketError, OverrunError, Spinn2SimError, StarvationError
from spinn2sim.report import notes
from spinn2sim.sim import MIN_COMPILED_STEPS
from spinn2sim.workload import Workload
from tests.hw.machine import happenings, scenario_of, workload_of
from tests.hw.test_random_programs import N_TIMESTEPS, applications, scenario_for

SMALL_FIFO = ("chip.comms.fifo_events=1", "chip.comms.overflow=drop")
SEND = [("multicast", [1]), ("barrier",)]


@settings(max_examples=40, deadline=None, derandomize=True, database=None, phases=[Phase.generate])
@given(applications(), st.sampled_from([1, 2, 1024]))
def test_random_programs_run_alike_even_where_packets_are_lost_or_raced_for(application, depth):
    programs, machine = application
    scenario = scenario_for(programs, {**machine, "chip.comms.fifo_events": depth})
    workload = workload_of(N_TIMESTEPS)
    expected, found = (outcome(scenario, workload, timing) for timing in ("simpy", "compiled"))
    assert found == expected


def outcome(scenario, workload, timing):
    """All that a user sees of a run: what happened and what was read out, or the message."""
    try:
        trace = simulate(scenario, workload, timing=timing)
    except Spinn2SimError as error:
        return f"{type(error).__name__}: {error}"
    return happenings(trace), {name: array.tolist() for name, array in trace.arrays.items()}


def timed_by(*programs, overrides=()):
    scenario = scenario_of(*overrides, n_pe=len(programs), programs=list(programs))
    return simulate(scenario, workload_of(), timing="compiled").timed_by


def test_programs_without_a_race_are_timed_by_the_compiled_machine():
    assert timed_by(SEND, SEND) == "compiled"
    write = [("dma_write", 1, "x", 7, 4), ("wait_dma",), ("barrier",)]
    assert timed_by(write, [("barrier",), ("take_dma", "x")]) == "compiled"
    share = [("share", "x", 7, 1), ("barrier",)]
    assert timed_by(share, [("barrier",), ("read_neighbour", 0, "x")]) == "compiled"


RACES = {
    "a receive": (
        [("multicast", [1])],
        [("receive", 1)],
        "PE 1 takes packets in the order of their arrival",
    ),
    "a DMA that is taken at once": (
        [("dma_write", 1, "x", 7, 4), ("wait_dma",), ("barrier",)],
        [("take_dma", "x"), ("barrier",)],
        "no barrier between a DMA and a use of 'x' of PE 1",
    ),
    "a DMA that was not waited for": (
        [("dma_write", 1, "x", 7, 4), ("barrier",), ("wait_dma",)],
        [("barrier",), ("take_dma", "x")],
        "no barrier between a DMA and a use of 'x' of PE 1",
    ),
    "a DMA that begins after it is taken": (
        [("take_dma", "x"), ("barrier",)],
        [("dma_write", 0, "x", 7, 4), ("wait_dma",), ("barrier",)],
        "no barrier between a DMA of PE 1 and a use of 'x' of PE 0",
    ),
    "a variable shared and read": (
        [("share", "x", 7, 1), ("barrier",)],
        [("read_neighbour", 0, "x"), ("barrier",)],
        "no barrier between sharing and a use of 'x' of PE 0",
    ),
    "a variable read and shared anew": (
        [("barrier",), ("read_neighbour", 1, "x"), ("barrier",)],
        [("share", "x", 7, 1), ("barrier",), ("share", "x", 8, 1), ("barrier",)],
        "no barrier between sharing and a use of 'x' of PE 1",
    ),
}


@pytest.mark.parametrize(("one", "other", "race"), RACES.values(), ids=RACES)
def test_a_race_is_left_to_simpy(one, other, race):
    # In this order SimPy, too, finds what is read.
    late = [("compute", "late", 10_000), *other] if other[0][0] != "barrier" else other
    assert timed_by(one, late) == f"simpy: {race}"


def test_lost_packets_are_left_to_simpy_because_programs_may_miss_them():
    send = [("multicast", [1, 2, 3]), ("barrier",)]
    assert timed_by(send, send, overrides=SMALL_FIFO) == "simpy: packets are lost"
    scenario = scenario_of(*SMALL_FIFO, n_pe=2, programs=[send, send])
    trace = simulate(scenario, workload_of(), timing="compiled")
    assert notes(trace)[-1] == "timed by the SimPy machine, not the compiled one: packets are lost"
    assert notes(simulate(scenario, workload_of(), timing="simpy")) == notes(trace)[:-1]


def test_strict_ends_at_the_same_overrun_and_a_punctual_run_is_compiled():
    late = scenario_of("strict=true", programs=[[("wait_timer",), ("compute", "a", 700_000)]])
    errors = []
    for timing in ("simpy", "compiled"):
        with pytest.raises(OverrunError) as caught:
            simulate(late, workload_of(), timing=timing)
        errors.append(str(caught.value))
    assert errors[0] == errors[1]
    punctual = scenario_of("strict=true", programs=[[("wait_timer",), ("compute", "a", 7)]])
    assert simulate(punctual, workload_of(), timing="compiled").timed_by == "compiled"


def test_strict_ends_at_a_lost_packet_by_either_machine():
    send = [("multicast", [1, 2, 3]), ("barrier",)]
    scenario = scenario_of("strict=true", *SMALL_FIFO, n_pe=2, programs=[send, send])
    for timing in ("simpy", "compiled"):
        with pytest.raises(LostPacketError):
            simulate(scenario, workload_of(), timing=timing)


def test_a_program_that_never_ends_is_refused_by_either_machine():
    scenario = scenario_of("patience_steps=50", firmware="ForEver", op=["wait_timer"])
    for timing in ("simpy", "compiled"):
        with pytest.raises(StarvationError, match="after its input"):
            simulate(scenario, workload_of(), timing=timing)


def test_a_run_from_given_weights_has_the_same_digest():
    scenario = load_scenario(preset="paper-12pe", overrides=["parameters.n_rec=24", "n_pe=3"])
    workload = scenario_workload(scenario)
    rng = np.random.default_rng(7)
    shapes = {"w_in": (24, 80), "w_rec": (24, 24), "w_out": (12, 24)}
    weights = {name: rng.normal(size=shape).astype("f4") for name, shape in shapes.items()}
    traces = [
        simulate(scenario, workload, weights=weights, timing=timing)
        for timing in ("simpy", "compiled")
    ]
    assert [trace.timed_by for trace in traces] == ["simpy", "compiled"]
    assert traces[0].digest() == traces[1].digest()
    assert len(traces[0].tables["spikes"]["pe"])


def test_short_runs_are_left_to_simpy_which_is_loaded_sooner():
    scenario = load_scenario(preset="paper-1pe")
    workload = scenario_workload(scenario)
    assert simulate(scenario, workload).timed_by == "simpy"
    n_samples = -(-MIN_COMPILED_STEPS // workload.n_timesteps)
    many = Workload(workload.samples * n_samples, workload.classes)
    assert simulate(scenario, many).timed_by == "compiled"


def test_progress_reaches_the_end_by_either_machine():
    scenario = scenario_of(programs=[[("wait_timer",)] * 4])
    shares = []
    simulate(scenario, workload_of(4), timing="compiled", progress=shares.append)
    assert shares == [0.0, 0.25, 0.5, 0.75, 1.0]
