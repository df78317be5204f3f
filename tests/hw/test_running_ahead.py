"""The core runs ahead of the shared time, and nothing that others do or see changes by it."""

import pytest

from spinn2sim.trace import Cause
from tests.hw.machine import (
    APART,
    ASLEEP,
    HOP,
    PERIOD,
    TO_NEIGHBOUR,
    answers,
    happenings,
    rows,
    run,
    steps,
    waits,
    workload_of,
)

FAR = TO_NEIGHBOUR + HOP


def in_step(*ops):
    return [("wait_timer",), *ops]


def release(trace):
    return rows(trace, "steps")[0].released


def test_packets_are_dated_when_the_core_sends_them():
    sender = in_step(
        ("compute", "a", 100), ("multicast", [1]), ("compute", "b", 50), ("multicast", [2, 3])
    )
    trace = run([sender, in_step(("receive", 3))])
    sends = [(row.at - release(trace), row.n_packets) for row in rows(trace, "sends")]
    assert sends == [(ASLEEP + 100, 1), (ASLEEP + 150, 2)]


def test_a_packet_is_seen_after_its_way_through_the_noc():
    trace = run([in_step(("compute", "a", 100), ("multicast", [1])), in_step(("receive",))])
    start = release(trace)
    assert waits(trace, Cause.PACKETS, pe=1) == [
        (start + ASLEEP, start + ASLEEP + 100 + TO_NEIGHBOUR)
    ]


def test_a_core_that_is_late_for_a_packet_does_not_wait():
    late = in_step(("compute", "b", 5_000), ("receive",))
    trace = run([in_step(("multicast", [7])), late])
    assert answers(trace)[1] == [0, 1, 7]
    assert waits(trace, Cause.PACKETS, pe=1) == []
    assert steps(trace, 1) == [(0, ASLEEP + 5_000)]


def test_packets_of_a_receive_are_those_that_arrived_first_however_far_ahead_the_core_is():
    early = in_step(("compute", "a", 1_000), ("multicast", [1]))
    late = in_step(("compute", "a", 2_000), ("multicast", [2]))
    reader = in_step(("compute", "a", 1_500), ("receive", 1), ("receive", 1))
    assert answers(run([reader, late, early]))[0] == [0, 1, 1, 1, 2]


def test_a_packet_that_is_just_crossing_holds_up_the_sight_of_those_before_it():
    def reader(work):
        first = [("multicast", [1]), ("compute", "a", 1_000), ("multicast", [2])]
        trace = run([in_step(*first), in_step(("compute", "a", work), ("receive",))])
        return [stop - release(trace) for _, stop in waits(trace, Cause.PACKETS, pe=1)]

    crossed = ASLEEP + 1_000 + TO_NEIGHBOUR
    assert reader(1_000 + TO_NEIGHBOUR) == []
    assert reader(1_000 + TO_NEIGHBOUR - 1) == [crossed]
    assert reader(1_000 + TO_NEIGHBOUR - 2) == [crossed]
    assert reader(1_000 + TO_NEIGHBOUR - 3) == []


def test_packets_of_a_busy_core_arrive_while_it_still_works():
    sender = in_step(("multicast", [1]), ("compute", "a", 400_000))
    trace = run([sender, in_step(("receive",))])
    assert steps(trace, 1) == [(0, ASLEEP + TO_NEIGHBOUR)]


def test_dma_that_completes_while_the_core_works_can_be_taken_afterwards():
    writer = in_step(("dma_write", 1, "x", (5,), 16), ("wait_dma",))
    reader = in_step(("compute", "a", 100_000), ("take_dma", "x"))
    assert answers(run([writer, reader]))[1] == [0, 0, 5]


def test_dma_that_completes_later_cannot_be_taken_yet():
    writer = in_step(("compute", "a", 2_000), ("dma_write", 1, "x", (5,), 16), ("wait_dma",))
    reader = in_step(
        ("compute", "a", 1_000), ("take_dma", "x"), ("compute", "a", 9_000), ("take_dma", "x")
    )
    assert answers(run([writer, reader]))[1] == [0, 0, 5]


def test_a_neighbours_variable_is_read_as_of_the_cores_own_time():
    writer = in_step(("share", "x", 1, 1), ("compute", "a", 2_000), ("share", "x", 2, 1))
    reader = in_step(
        ("compute", "a", 1_000),
        ("read_neighbour", 0, "x"),
        ("compute", "a", 5_000),
        ("read_neighbour", 0, "x"),
    )
    assert answers(run([writer, reader]))[1] == [0, 1, 2]


def test_input_that_arrives_while_the_core_works_is_no_wait():
    ops = [*[("read_input",)] * 10, ("compute", "a", 10 * PERIOD), ("read_input",)]
    trace = run([in_step(*ops)], "host.write_rate=1Mbit/s", workload=workload_of(11))
    assert waits(trace, Cause.HOST) == []
    assert answers(trace)[0][-2:] == [10, 0]


def test_a_refill_is_asked_for_when_the_core_has_read_the_half_not_before():
    ops = [*[("read_input",)] * 4, ("compute", "a", 10_000), ("read_input",)]
    trace = run([in_step(*ops)], workload=workload_of(11))
    (refill,) = rows(trace, "refills", block=2)
    assert refill.requested - release(trace) == ASLEEP + 10_000


def test_a_pe_that_never_waits_runs_to_its_end_without_the_others():
    slow = [("wait_timer",), ("compute", "a", 3 * PERIOD)] * 4
    trace = run([slow, in_step(("receive", 1)), [("multicast", [9])]], workload=workload_of(4))
    assert len(steps(trace, 0)) == 4
    assert answers(trace)[1] == [0, 1, 9]


# Orders of ops in which the core's time, the shared time and what was handed to the NoC differ.
MEETING = [("barrier",)]
ODD_ORDERS = {
    "receive after compute": [("multicast", [1]), ("compute", "a", 9_999), ("receive", 1)],
    "barrier right after receive": [("multicast", [1]), ("receive", 1), *MEETING],
    "receive after barrier": [("multicast", [1]), *MEETING, ("multicast", [2]), ("receive", 1)],
    "nothing to receive": [("receive", 0), ("compute", "a", 10), ("receive", 0)],
    "barriers in a row": MEETING * 5,
    "no time between barriers": [("compute", "a", 1), *MEETING, ("compute", "a", 1), *MEETING],
    "dma without wait": [("dma_write", "other", "x", (1,), 4_000)],
    "packets behind dma": [
        ("dma_write", "other", "x", (1,), 4_000),
        ("multicast", [1]),
        ("receive", 1),
    ],
    "barrier behind dma": [("dma_write", "other", "x", (1,), 4_000), *MEETING],
    "dma after a barrier that it delays": [
        ("dma_write", "other", "x", (1,), 160),
        *MEETING,
        ("dma_write", "other", "y", (1,), 160),
        ("wait_dma",),
        *MEETING,
        ("take_dma", "y"),
    ],
    "dma of nothing": [("dma_write", "other", "x", (1,), 0), ("wait_dma",)],
    "wait for no dma": [("wait_dma",), ("compute", "a", 10), ("wait_dma",)],
    "wait for dma long done": [
        ("dma_write", "other", "x", (1,), 16),
        ("compute", "a", 9_999),
        ("wait_dma",),
    ],
    "share ahead": [("compute", "a", 500), ("share", "x", 1, 1), *MEETING],
    "input before the timer": [("read_input",), *MEETING, ("wait_timer",), ("read_input",)],
    "timer after the end of work": [
        ("wait_timer",),
        ("compute", "a", 3 * PERIOD),
        ("wait_timer",),
        *MEETING,
    ],
    "an empty program": [],
}


CASES = [
    pytest.param(ops, apart, id=f"{name}{', apart' if apart else ''}")
    for name, ops in ODD_ORDERS.items()
    for apart in ((), APART)
]


def both(ops):
    """The program *ops* for each of two PEs."""
    return [[tuple(1 - pe if a == "other" else a for a in op) for op in ops] for pe in (0, 1)]


@pytest.mark.parametrize(("ops", "apart"), CASES)
def test_two_pes_get_through_any_order_of_ops(ops, apart):
    first, second = answers(run(both(ops), *apart, workload=workload_of(2)))
    assert len(first) == len(second)


@pytest.mark.parametrize(("ops", "apart"), CASES)
def test_a_core_that_never_runs_ahead_does_the_same_at_the_same_time(ops, apart):
    # Taking what nobody has written only lets the shared time catch up.
    behind = [
        [op for pair in ((op, ("take_dma", "nothing")) for op in program) for op in pair]
        for program in both(ops)
    ]
    ahead, in_time = (
        # So many banks that the core loses no cycle to DMA; when it pays depends on when it waits.
        happenings(run(programs, "chip.pe.sram.banks=64", *apart, workload=workload_of(2)))
        for programs in (both(ops), behind)
    )
    assert ahead == in_time


@pytest.mark.parametrize(
    "name", ["barriers in a row", "wait for no dma", "an empty program", "input before the timer"]
)
def test_a_pe_alone_waits_for_nobody(name):
    trace = run([ODD_ORDERS[name]], workload=workload_of(2))
    assert not waits(trace, Cause.SYNC) + waits(trace, Cause.DMA) + waits(trace, Cause.PACKETS)


def test_a_program_that_ends_early_leaves_the_others_their_time():
    trace = run([in_step(), in_step(("compute", "a", 1_000), *in_step())], workload=workload_of(3))
    assert steps(trace, 0) == [(0, ASLEEP)]
    assert steps(trace, 1) == [(0, ASLEEP + 1_000), (0, ASLEEP)]


def test_a_core_at_the_barrier_waits_for_the_way_of_the_last_flag():
    trace = run([in_step(("compute", "a", 300), ("barrier",)), in_step(("barrier",))], *APART)
    start = release(trace)
    assert waits(trace, Cause.SYNC, pe=1) == [(start + ASLEEP, start + ASLEEP + 300 + FAR)]
    assert waits(trace, Cause.SYNC, pe=0) == []
