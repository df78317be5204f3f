"""Random programs on random machines: the answers are those of the machine without a clock.

The programs meet at the same barriers and are free of races; between barriers each PE does what it
likes, for as long as it likes.
"""

from functools import lru_cache
from unittest.mock import patch

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from spinn2sim import simulate
from spinn2sim.hw.sram import Sram
from tests.hw.machine import answers, answers_untimed, happenings, scenario_of, workload_of

N_TIMESTEPS = 3
QPES = [[0, 0], [2, 1], [0, 1], [1, 0], [2, 0], [1, 1]]
CLOCKS = ["1MHz", "65MHz", "66667kHz", "300MHz"]

#: What each machine has, by key path; nothing is lost even if the receive FIFO drops.
MACHINE = {
    "chip.pes_per_qpe": [1, 2, 4],
    "chip.pe.clock": CLOCKS,
    "chip.noc.clock": CLOCKS,
    "chip.noc.multicast": ["tree", "per_qpe"],
    "chip.noc.fifo_flits": [1, 2, 4],
    "chip.noc.eject_cycles": [1, 4, 40],
    "chip.noc.hop_cycles": [1, 5, 200],
    "chip.comms.overflow": ["drop", "overwrite", "stall"],
    "chip.comms.crossing_cycles": [0, 2, 50],
    "chip.dma.cycles_per_beat": [1, 2, 3],
    "host.write_rate": ["20kbit/s", "50Mbit/s"],
    "host.steps_per_buffer": [1, 2, 3, 4],
}

#: Cycles of nothing, a little, or nearly a period; the clock may be slow.
work = st.sampled_from([0, 1, 7, 500, 20_000, 300_000])
machines = st.fixed_dictionaries({key: st.sampled_from(known) for key, known in MACHINE.items()})


@st.composite
def between_barriers(draw, pe, n_pe, neighbours, number):
    """What *pe* does before barrier *number*; its keys say who sent them and when."""
    keys = st.lists(st.integers(0, 50), max_size=12)
    block = f"block {number}"
    kinds = ["compute", "multicast", "payload", "log"]
    kinds += ["dma", "dma and wait"] * (n_pe > 1) + ["share"] * bool(neighbours)
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
    """(programs, machine): up to 6 programs whose answers should not depend on the machine."""
    n_pe, machine = draw(st.integers(1, 6)), draw(machines)
    programs = [[("compute", "boot", draw(work))] for _ in range(n_pe)]
    qpes = [range(n_pe)[k : k + 4] for k in range(0, n_pe, 4) for _ in range(4)]
    if machine["chip.pes_per_qpe"] != 4:
        qpes = [()] * n_pe  # no neighbours' SRAM
    n_read = 0
    for number in range(draw(st.integers(1, 6))):
        takes_step = draw(st.booleans())
        reads = draw(st.booleans()) and n_read < N_TIMESTEPS
        n_read += reads
        for pe in range(n_pe):
            neighbours = [other for other in qpes[pe] if other != pe]
            programs[pe] += [
                *[("wait_timer",)] * takes_step,
                *[("read_input",)] * reads,
                *draw(between_barriers(pe, n_pe, neighbours, number)),
                ("share", "always", (number, pe), 1),
                ("wait_dma",),
                ("barrier",),
                *[("take_dma", f"block {number}")] * draw(st.booleans()),
                *[("read_neighbour", other, "always") for other in neighbours],
                ("barrier",),
            ]
        if draw(st.booleans()):  # All call, and all hear all others.
            for pe in range(n_pe):
                programs[pe] += [("compute", "work", draw(work)), ("multicast", [pe])]
                programs[pe] += [("receive", n_pe - 1), ("barrier",)]
    return programs, machine


@st.composite
def promising(draw):
    """(programs, machine): each barrier comes with a lookahead and work that fills it, or more."""
    programs, machine = draw(applications())
    promising = [
        [
            each
            for op in program
            for each in (
                _promise(draw(work), draw(st.sampled_from([0, 0.5, 1])))
                if op == ("barrier",)
                else (op,)
            )
        ]
        for program in programs
    ]
    return promising, machine


def _promise(cycles, share):
    return ("barrier", int(cycles * share)), ("compute", "promised", cycles)


@lru_cache
def base_of(n_pe):
    return scenario_of(n_pe=n_pe).model_dump(mode="json")


def run(programs, machine):
    return simulate(scenario_for(programs, machine), workload_of(N_TIMESTEPS))


def scenario_for(programs, machine):
    content = base_of(len(programs))
    chip, host = {**content["chip"], "qpes": QPES}, dict(content["host"])
    for path, value in machine.items():
        *parents, last = path.split(".")
        part = {"chip": chip, "host": host}[parents[0]]
        for parent in parents[1:]:
            part[parent] = dict(part[parent])
            part = part[parent]
        part[last] = value
    scenario = scenario_of(n_pe=len(programs), programs=programs)
    return scenario.with_changes(chip=chip, host=host)


@settings(max_examples=60, deadline=None, derandomize=True, database=None)
@given(applications())
def test_random_programs_get_the_same_answers_as_without_a_clock(application):
    programs, machine = application
    trace = run(programs, machine)
    assert answers(trace) == answers_untimed(programs, workload=workload_of(N_TIMESTEPS))
    for loss in ("packets_dropped", "packets_overwritten"):
        assert not trace.tables["pes"][loss].any()


@settings(max_examples=60, deadline=None, derandomize=True, database=None)
@given(applications())
def test_random_programs_take_the_same_time_if_no_core_runs_ahead(application):
    programs, machine = application
    # Taking what nobody has written only lets the shared time catch up.
    in_time = [[op for one in p for op in (one, ("take_dma", "nothing"))] for p in programs]
    # Cycles lost to the beats of others are left out: they are paid at the next wait, by design.
    with patch.object(Sram, "beats"):
        assert happenings(run(programs, machine)) == happenings(run(in_time, machine))


@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],  # what fails is large; to make it smaller takes minutes
)
@given(promising())
def test_a_lookahead_changes_nothing_that_happens(application):
    programs, machine = application
    silent = [[op[:1] if op[0] == "barrier" else op for op in program] for program in programs]
    assert happenings(run(programs, machine)) == happenings(run(silent, machine))
