"""The barrier: whom it waits for, and which packets belong to it."""

import numpy as np
import pytest

from spinn2sim.errors import FirmwareError
from spinn2sim.trace import Cause
from tests.hw.machine import (
    APART,
    answers,
    answers_untimed,
    happenings,
    rows,
    run,
    waits,
    workload_of,
)

#: Three PEs in a row, the first two closer to each other; a PE cycle lasts 300 NoC cycles.
SLOW_CORES_IN_A_ROW = (
    "chip.pes_per_qpe=1",
    "chip.qpes=[[0,0],[1,0],[3,0]]",
    "chip.pe.clock=1MHz",
    "chip.noc.clock=300MHz",
    "chip.noc.hop_cycles=98",
    "chip.noc.multicast=tree",
)
NOCS = {
    "the prototype's": (),
    "one PE per QPE": APART,
    "fast NoC": ("chip.noc.clock=300MHz",),
    "slow NoC": ("chip.noc.clock=1MHz", "chip.pe.clock=300MHz"),
    "trees": ("chip.noc.multicast=tree",),
    "long hops": (*APART, "chip.noc.hop_cycles=1000"),
    "narrow ejects": ("chip.noc.eject_cycles=50", "chip.noc.fifo_flits=1"),
    "slow crossing": ("chip.comms.crossing_cycles=5000",),
    "stalling FIFO": ("chip.comms.overflow=stall",),
}


def test_everyone_gets_what_the_others_sent_before_their_flags():
    programs = [[("multicast", [pe, 10 + pe]), ("barrier",)] for pe in range(4)]
    assert answers(run(programs)) == [
        [6, 1, 2, 3, 11, 12, 13],
        [6, 0, 2, 3, 10, 12, 13],
        [6, 0, 1, 3, 10, 11, 13],
        [6, 0, 1, 2, 10, 11, 12],
    ]


def test_a_barrier_brings_the_packets_in_order_of_key_with_their_payloads():
    words = ((1.5, 2.5), (3.5,))
    programs = [[("multicast", [7, 3], words), ("barrier",)], [("multicast", [5]), ("barrier",)]]
    assert answers(run(programs)) == [[1, 5], [2, 3, 7, 3, 3.5, 7, 1.5, 2.5]]


def test_every_pe_waits_for_the_slowest():
    programs = [[("compute", "work", work), ("barrier",)] for work in (100, 90_000, 20)]
    trace = run(programs)
    assert waits(trace, Cause.SYNC, pe=1) == []
    assert [stop - 90_000 for pe in (0, 2) for _, stop in waits(trace, Cause.SYNC, pe)] == [11, 11]


def test_a_fast_neighbours_next_packet_that_overtakes_a_barrier_waits_for_the_next_one():
    programs = [
        [("multicast", [1]), ("barrier",), ("barrier",)],
        [("multicast", [2]), ("barrier",), ("multicast", [99]), ("barrier",)],
        [("barrier",), ("barrier",)],
    ]
    trace = run(programs, *SLOW_CORES_IN_A_ROW)

    sent = rows(trace, "sends", pe=1)[1].at
    arrived = sent + 1 + 4 + 2 * 98 + 4
    (_, passed), _ = waits(trace, Cause.SYNC, pe=2)
    assert sent < arrived < passed
    assert answers(trace) == [[1, 2, 1, 99], [1, 1, 0], [2, 1, 2, 1, 99]]


def test_a_burst_longer_than_any_buffer_of_the_noc_arrives_before_the_flag_behind_it():
    programs = [[("multicast", list(range(300))), ("barrier",)], [("barrier",)], [("barrier",)]]
    trace = run(programs, "chip.noc.eject_cycles=50", "chip.noc.fifo_flits=1")
    assert answers(trace)[1:] == [[300, *range(300)]] * 2


def unequal(seed, n_pe=6, n_barriers=8):
    """Programs whose work between barriers differs by up to four orders of magnitude."""
    rng = np.random.default_rng(seed)
    programs = [[("wait_timer",)] for _ in range(n_pe)]
    for number in range(n_barriers):
        for pe, program in enumerate(programs):
            keys = [int(key) for key in rng.integers(0, 2**32, rng.integers(0, 20))]
            program += [
                ("compute", "before", int(10 ** rng.uniform(0, 4))),
                ("multicast", keys),
                ("multicast", [1_000 * number + pe], ((float(pe), 0.5),)),
                ("barrier",),
            ]
    return programs


@pytest.mark.parametrize("noc", NOCS.values(), ids=NOCS)
@pytest.mark.parametrize("n_pe", [2, 3, 6])
def test_answers_do_not_depend_on_who_is_fast_and_what_the_noc_is_like(noc, n_pe):
    programs = unequal(n_pe, n_pe)
    qpes = ("chip.qpes=[[0,0],[1,0],[0,1],[1,1],[2,0],[2,1]]",)
    assert answers(run(programs, *qpes, *noc)) == answers_untimed(programs)


def test_barriers_cost_no_packet_of_the_receive_fifo():
    trace = run([[("barrier",)] * 9] * 3, workload=workload_of())
    assert [row.packets_expected for row in rows(trace, "pes")] == [18, 18, 18]
    assert [row.fifo_peak for row in rows(trace, "pes")] == [0, 0, 0]


@pytest.mark.parametrize(
    "op",
    [("multicast", [1]), ("barrier",), ("receive", 0), ("dma_write", 0, "x", 1, 16), ("wait_dma",)],
)
def test_a_lookahead_that_is_not_kept_is_refused(op):
    second = [("barrier", 1_000), ("compute", "work", 999), op]
    with pytest.raises(FirmwareError) as raised:
        run([[("barrier",), ("barrier",)], second])
    assert str(raised.value) == (
        "PE 1: it meets others 1 cycles before the end of the lookahead it gave a barrier; "
        "give a shorter lookahead"
    )


@pytest.mark.parametrize("lookahead", [0, 3, 1_000, 200_000])
def test_a_lookahead_that_is_just_kept_changes_nothing(lookahead):
    def programs(promise):
        step = [("multicast", [1]), ("barrier", *promise), ("compute", "work", lookahead)]
        return [
            [*step, *step, ("barrier",)],
            [("compute", "work", 700), *step, *step, ("barrier",)],
        ]

    assert happenings(run(programs([lookahead]))) == happenings(run(programs([])))


def test_a_refill_that_ends_before_a_barrier_lets_go_is_paid_there():
    step = [("wait_timer",), ("read_input",), ("barrier",), ("compute", "work", 9_000)]
    slow = ("chip.comms.crossing_cycles=50000", "host.steps_per_buffer=1")
    trace = run([step * 3], *slow, n_pe=2, workload=workload_of(3, n_in=1_000))
    (_, passed), *_ = waits(trace, Cause.SYNC, pe=0)
    (paid, _), *_ = waits(trace, Cause.SRAM, pe=0)
    assert paid == passed
