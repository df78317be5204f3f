"""More of a resource does no harm: where that holds, and the counter-examples where it does not.

Schedules have anomalies: a cause that makes one thing better may shift another thing past an edge.
Each that was found is pinned here and explained in docs/mappings.md; the properties say where
monotonicity holds all the same.
"""

import numpy as np
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from spinn2sim import load_scenario, simulate
from spinn2sim.elaboration import make_firmware
from spinn2sim.explore.variant import make_variant
from spinn2sim.feasibility import noise
from spinn2sim.workload import Sample, Workload
from tests.hw.machine import run, workload_of

#: Shrinking a machine takes minutes; the first counter-example is good enough.
PROPERTY = settings(
    max_examples=20, deadline=None, derandomize=True, phases=[Phase.explicit, Phase.generate]
)

#: A core that never sleeps too deep to wake at once.
NO_WAKE = "chip.pe.wake_cycles=0"


def networks(*overrides):
    """Random small e-prop networks on random machines that lose no packet."""

    @st.composite
    def draw(draw):
        n_pe = draw(st.integers(1, 6))
        chosen = {
            "n_pe": n_pe,
            "chip.pe.clock": f"{draw(st.integers(40, 160))}MHz",
            "chip.noc.clock": f"{draw(st.sampled_from([5, 65, 100, 300]))}MHz",
            "chip.noc.multicast": draw(st.sampled_from(["tree", "per_qpe"])),
            "chip.noc.fifo_flits": draw(st.integers(1, 8)),
            "chip.comms.crossing_cycles": draw(st.integers(0, 4)),
            "timestep": f"{draw(st.sampled_from([200, 500, 1_000]))}us",
            "seed": draw(st.integers(0, 100)),
        }
        given_ = tuple(f"{key}={value}" for key, value in chosen.items())
        wanted = load_scenario(preset="paper-12pe", overrides=(*given_, *overrides))
        sizes = {"n_in": draw(st.integers(1, 6)), "n_out": 2, "v_th": 0.1}
        n_rec = n_pe + draw(st.integers(0, 15))
        return wanted.with_changes(parameters={**wanted.parameters, **sizes, "n_rec": n_rec})

    return draw()


def at_clock(scenario, hz):
    pe = scenario.chip.pe.with_changes(clock=hz)
    return scenario.with_changes(chip=scenario.chip.with_changes(pe=pe))


def seconds(trace):
    """From the release of each step to its end, by PE and time step."""
    steps = trace.tables["steps"]
    order = np.lexsort((steps["timestep"], steps["pe"]))
    return (steps["finished"] - steps["released"])[order] / trace.meta["ticks_per_second"]


def n_lost(trace):
    pes = trace.tables["pes"]
    return int(pes["packets_dropped"].sum() + pes["packets_overwritten"].sum())


# A faster clock


@PROPERTY
@given(networks(), st.integers(2, 3))
def test_a_clock_of_two_or_three_times_the_rate_lengthens_no_step(scenario, factor):
    slow = simulate(scenario, noise(scenario, 4))
    fast = simulate(at_clock(scenario, factor * scenario.chip.pe.clock), noise(scenario, 4))
    assert n_lost(slow) == n_lost(fast) == 0
    assert (seconds(fast) <= seconds(slow) + 1e-12).all()


def test_a_slightly_faster_clock_may_miss_the_edge_that_the_slower_one_met():
    """Two PEs meet; the flag arrives just before an edge of 65.1 MHz, just behind one of 65.4."""
    meeting = [("wait_timer",), ("barrier",)]
    noc = ("chip.noc.clock=65MHz", "chip.comms.crossing_cycles=0")
    slow, fast = (
        seconds(run([meeting, meeting], f"chip.pe.clock={khz}kHz", *noc)).max()
        for khz in (65_100, 65_400)
    )
    one_cycle = 1 / 65.1e6
    assert slow < fast < slow + one_cycle


def test_a_slightly_faster_clock_may_let_a_core_fall_asleep_that_would_have_been_late():
    work = 650_000 - (10 + 12 + 10) + 1  # a cycle too late for the period at 65 MHz
    program = [("wait_timer",), ("compute", "work", work), ("wait_timer",)]
    slow, fast = (
        seconds(run([program], f"chip.pe.clock={khz}kHz", workload=workload_of(2)))
        for khz in (65_000, 65_010)
    )
    assert fast[0] < slow[0]
    assert slow[1] < fast[1] < slow[1] + 10 / 65e6


# A deeper FIFO


@st.composite
def senders(draw):
    """For each PE, rounds of packets and a barrier, whatever it receives."""
    n_rounds = draw(st.integers(1, 4))
    sizes = st.lists(st.integers(0, 9), min_size=n_rounds, max_size=n_rounds)
    return [
        [
            ("wait_timer",),
            *(
                op
                for n in draw(sizes)
                for op in (
                    ("compute", "work", draw(st.integers(0, 400))),
                    ("multicast", list(range(100 * pe, 100 * pe + n))),
                    ("barrier",),
                )
            ),
        ]
        for pe in range(draw(st.integers(2, 6)))
    ]


@PROPERTY
@given(senders(), st.integers(1, 12), st.integers(1, 12), st.sampled_from(["drop", "overwrite"]))
def test_a_deeper_fifo_loses_no_more_of_what_is_sent_regardless(programs, depth, more, overflow):
    shallow, deep = (
        n_lost(run(programs, f"chip.comms.fifo_events={n}", f"chip.comms.overflow={overflow}"))
        for n in (depth, depth + more)
    )
    assert deep <= shallow


def test_those_programs_do_lose_packets():
    burst = [("wait_timer",), ("multicast", list(range(9))), ("barrier",)]
    assert n_lost(run([burst, burst, burst], "chip.comms.fifo_events=4")) == 3 * (18 - 4)


def test_a_deeper_fifo_may_let_a_spike_through_that_makes_more_spikes_than_it_holds():
    wanted = load_scenario(preset="paper-12pe", overrides=("n_pe=4", "seed=113"))
    sizes = {"n_in": 2, "n_rec": 8, "n_out": 2, "v_th": 0.05, "reset": "v_th"}
    wanted = wanted.with_changes(parameters={**wanted.parameters, **sizes})
    heard = Workload((Sample("steady", np.full((20, 2), 0.5, np.float32), 0),), ("a", "b"))

    def lost(depth):
        comms = wanted.chip.comms.with_changes(fifo_events=depth)
        chip = wanted.chip.with_changes(comms=comms)
        return n_lost(simulate(wanted.with_changes(chip=chip), heard))

    assert [lost(depth) for depth in (1, 2, 4)] == [40, 61, 0]


# More PEs


def sram_bytes(n_pe, **parameters):
    """Bytes of each PE, without what PE 0 holds for every other one."""
    wanted = load_scenario(preset="paper-12pe", overrides=(f"n_pe={n_pe}",))
    wanted = wanted.with_changes(parameters={**wanted.parameters, **parameters})
    workload = noise(wanted, 1)
    layouts = [make_firmware(wanted, workload, n_pe, pe).layout for pe in range(n_pe)]
    own = [sum(v.n_bytes for v in each if v.name != "partial_outputs") for each in layouts]
    return own, [each.n_bytes for each in layouts]


@PROPERTY
@given(
    n_pe=st.integers(3, 10),
    more=st.integers(1, 3),
    n_rec=st.integers(14, 60),
    division=st.sampled_from(["synapse", "neuron"]),
)
def test_more_pes_raise_no_pe_s_memory_but_for_what_pe_0_gathers(n_pe, more, n_rec, division):
    given_ = {"n_rec": n_rec, "division": division, "n_in": 9, "n_out": 3}
    few, many = (max(sram_bytes(n, **given_)[0]) for n in (n_pe, n_pe + more))
    assert many <= few


def test_one_more_pe_may_raise_the_memory_of_pe_0():
    """100 neurons: two are the most of a PE, on 60 and on 61; PE 0 gathers one output more."""
    before, after = (max(sram_bytes(n, n_rec=100)[1]) for n in (60, 61))
    assert after == before + 12 * 8


# A dearer function


FUNCTIONS = ("input_current", "alif_update", "e_prop", "sync", "output", "weight_update")


@PROPERTY
@given(networks(NO_WAKE), st.sampled_from(FUNCTIONS), st.sampled_from([1.001, 1.01, 1.2, 3.0]))
def test_a_dearer_function_does_not_shorten_a_run_of_cores_that_wake_at_once(
    scenario, function, factor
):
    workload = noise(scenario, 4)
    cheap = simulate(scenario, workload)
    with make_variant({f"costs.{function}": factor}).realised(scenario) as changed:
        dear = simulate(changed, workload)
    last_cheap, last_dear = (trace.tables["steps"]["finished"].max() for trace in (cheap, dear))
    assert last_dear >= last_cheap


def test_a_dearer_function_may_save_a_core_the_time_to_wake_up():
    """In time by nothing, it sleeps and takes 10 cycles to wake; a cycle late, it goes on."""

    def last(cycles, *overrides):
        program = [("wait_timer",), ("compute", "work", cycles), ("wait_timer",)]
        trace = run([program], *overrides, workload=workload_of(2))
        return int(trace.tables["steps"]["finished"].max())

    in_time = 650_000 - (10 + 12 + 10)
    assert last(in_time + 1) == last(in_time) - 9
    in_time = 650_000 - (12 + 10)
    assert last(in_time + 1, NO_WAKE) == last(in_time, NO_WAKE) + 1
