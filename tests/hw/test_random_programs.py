"""Random programs on random machines: the answers are those of the machine without a clock.

The programs meet at the same barriers and are free of races; between barriers each PE does what it
likes, for as long as it likes.
"""

from hypothesis import given, settings
from hypothesis import strategies as st

from spinn2sim import simulate
from tests.hw.machine import answers, answers_untimed, happenings, scenario_of, workload_of

N_TIMESTEPS = 3

#: Nothing, a little, or more than a period; the clock may be slow.
work = st.sampled_from([0, 1, 7, 500, 20_000, 300_000])


@st.composite
def machines(draw):
    """Overrides for up to 6 PEs."""
    rates = st.sampled_from(["1MHz", "65MHz", "66667kHz", "300MHz"])
    n_pe = draw(st.integers(1, 6))
    pes_per_qpe = draw(st.sampled_from([1, 2, 4]))
    return n_pe, pes_per_qpe, (
        "chip.qpes=[[0,0],[2,1],[0,1],[1,0],[2,0],[1,1]]",
        f"chip.pes_per_qpe={pes_per_qpe}",
        f"chip.pe.clock={draw(rates)}",
        f"chip.noc.clock={draw(rates)}",
        f"chip.noc.multicast={draw(st.sampled_from(['tree', 'per_qpe']))}",
        f"chip.noc.fifo_flits={draw(st.integers(1, 4))}",
        f"chip.noc.eject_cycles={draw(st.sampled_from([1, 4, 40]))}",
        f"chip.noc.hop_cycles={draw(st.sampled_from([1, 5, 200]))}",
        f"chip.comms.overflow={draw(st.sampled_from(['drop', 'stall']))}",
        f"chip.comms.crossing_cycles={draw(st.sampled_from([0, 2, 50]))}",
        f"chip.dma.cycles_per_beat={draw(st.integers(1, 3))}",
        f"host.write_rate={draw(st.sampled_from(['20kbit/s', '50Mbit/s']))}",
        f"host.steps_per_buffer={draw(st.integers(1, 4))}",
    )  # fmt: skip


@st.composite
def between_barriers(draw, pe, n_pe, reach, number):
    """What *pe* does before barrier *number*; its keys say who sent them and when."""
    keys = st.lists(st.integers(0, 50), max_size=12)
    block = f"block {number}"
    kinds = ["compute", "multicast", "payload", "log"]
    kinds += ["dma", "dma and wait"] * (n_pe > 1) + ["share"] * bool(reach)
    ops, payload_sent = [], False
    for kind in draw(st.lists(st.sampled_from(kinds), max_size=5)):
        match kind:
            case "compute":
                ops.append(("compute", "work", draw(work)))
            case "multicast":
                ops.append(("multicast", draw(keys)))
            case "payload" if not payload_sent:
                ops.append(("multicast", [1_000 * number + 100 + pe], ((pe + 0.5, number),)))
                payload_sent = True
            case "log":
                ops.append(("log", "figure", number))
            case "dma" | "dma and wait":
                to = draw(st.integers(0, n_pe - 2))
                n_bytes = draw(st.sampled_from([0, 1, 16, 500]))
                ops.append(("dma_write", to + (to >= pe), block, (number, pe), n_bytes))
                ops += [("wait_dma",)] * (kind == "dma and wait")
            case "share":
                ops.append(("share", "variable", (number,), 3))
    return ops


@st.composite
def applications(draw):
    """(programs, overrides) that should give the same answers on any machine."""
    n_pe, pes_per_qpe, overrides = draw(machines())
    programs = [[] for _ in range(n_pe)]
    for pe, program in enumerate(programs):
        program += [("compute", "boot", draw(work))]
    n_steps, n_read = 0, 0
    for number in range(draw(st.integers(1, 6))):
        step = draw(st.booleans())
        read = draw(st.booleans()) and n_read < N_TIMESTEPS
        n_steps, n_read = n_steps + step, n_read + read
        for pe, program in enumerate(programs):
            first = pe // pes_per_qpe * pes_per_qpe
            reach = [o for o in range(first, min(first + pes_per_qpe, n_pe)) if o != pe]
            program += [("wait_timer",)] * step + [("read_input",)] * read
            program += draw(between_barriers(pe, n_pe, reach, number))
            program += [("share", "always", (number, pe), 1), ("wait_dma",), ("barrier",)]
            program += [("take_dma", f"block {number}")] * draw(st.booleans())
            program += [("read_neighbour", o, "always") for o in reach[: draw(st.integers(0, 2))]]
            program += [("barrier",)]
        if draw(st.booleans()):  # All call, and all hear all others.
            for pe, program in enumerate(programs):
                program += [("compute", "work", draw(work)), ("multicast", [pe])]
                program += [("receive", n_pe - 1), ("barrier",)]
    return programs, overrides


def run(programs, overrides):
    scenario = scenario_of(*overrides, n_pe=len(programs), programs=programs)
    return simulate(scenario, workload_of(N_TIMESTEPS))


@settings(max_examples=150, deadline=None, derandomize=True, database=None)
@given(applications())
def test_random_programs_get_the_same_answers_as_without_a_clock(application):
    programs, overrides = application
    trace = run(programs, overrides)
    assert answers(trace) == answers_untimed(programs, workload=workload_of(N_TIMESTEPS))


@settings(max_examples=100, deadline=None, derandomize=True, database=None)
@given(applications())
def test_random_programs_take_the_same_time_if_no_core_runs_ahead(application):
    programs, overrides = application
    # With 64 banks a core pays nothing for others' beats, so it does not matter when it pays.
    overrides = (*overrides, "chip.pe.sram.banks=64")
    in_time = [[op for one in p for op in (one, ("take_dma", "nothing"))] for p in programs]
    assert happenings(run(programs, overrides)) == happenings(run(in_time, overrides))
