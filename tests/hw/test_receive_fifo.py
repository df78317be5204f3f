"""The receive FIFO: what happens when it is full, and how the trace and strict mode tell."""

import pytest

from spinn2sim.errors import DeadlockError, FirmwareError, LostPacketError
from tests.hw.machine import ASLEEP, TO_NEIGHBOUR, answers, rows, run

SENDER = [("wait_timer",), ("multicast", list(range(10))), ("barrier",)]
READER = [("wait_timer",), ("barrier",)]
#: A barrier's inbox cannot be taken while its packets stall the flags behind them.
SLOW_READER = [("wait_timer",), ("compute", "work", 9_000), *[("receive",)] * 10, ("barrier",)]


def full(policy, *overrides, reader=READER):
    return run(
        [reader, SENDER], "chip.comms.fifo_events=4", f"chip.comms.overflow={policy}", *overrides
    )


def counted(trace, pe=0):
    (row,) = rows(trace, "pes", pe=pe)
    return {
        name.removeprefix("packets_"): count
        for name, count in row._asdict().items()
        if name.startswith("packets_")
    }


def test_drop_keeps_what_came_first():
    trace = full("drop")
    assert answers(trace)[0] == [0, 4, 0, 1, 2, 3]
    # The flag of the other PE is a delivery like any other.
    assert counted(trace) == {"expected": 11, "delivered": 5, "dropped": 6, "overwritten": 0}


def test_overwrite_keeps_what_came_last():
    trace = full("overwrite")
    assert answers(trace)[0] == [0, 4, 6, 7, 8, 9]
    assert counted(trace) == {"expected": 11, "delivered": 11, "dropped": 0, "overwritten": 6}


def test_stall_loses_nothing():
    trace = full("stall", reader=SLOW_READER)
    assert answers(trace)[0] == [0, *(n for key in range(10) for n in (1, key)), 0]
    assert counted(trace) == {"expected": 11, "delivered": 11, "dropped": 0, "overwritten": 0}


@pytest.mark.parametrize("policy", ["drop", "overwrite"])
def test_the_first_loss_is_dated(policy):
    trace = full(policy)
    release = rows(trace, "steps")[0].released
    fifth = ASLEEP + TO_NEIGHBOUR - 2 + 4 * 4  # crossing comes after, 4 cycles to inject each
    assert [row.first_loss for row in rows(trace, "pes")] == [release + fifth, -1]
    assert [row.fifo_peak for row in rows(trace, "pes")] == [4, 0]


def test_a_fifo_that_is_just_deep_enough_loses_nothing():
    trace = full("drop", "chip.comms.fifo_events=10", "strict=true")
    assert answers(trace)[0] == [0, 10, *range(10)]
    assert [row.first_loss for row in rows(trace, "pes")] == [-1, -1]


def test_every_packet_is_delivered_or_dropped():
    for policy, reader in [("drop", READER), ("overwrite", READER), ("stall", SLOW_READER)]:
        trace = full(policy, reader=reader)
        for row in rows(trace, "pes"):
            assert row.packets_expected == row.packets_delivered + row.packets_dropped


def test_strict_ends_the_run_with_the_pe_and_the_number_of_lost_packets():
    with pytest.raises(LostPacketError) as lost:
        full("drop", "strict=true")
    assert str(lost.value) == (
        "strict: the receive FIFO of PE 0 (4 events, policy drop) lost 6 packets; raise "
        "chip.comms.fifo_events or use the policy stall"
    )


def test_strict_counts_overwritten_packets_as_lost():
    with pytest.raises(LostPacketError, match="policy overwrite\\) lost 6 packets"):
        full("overwrite", "strict=true")


def test_strict_names_the_loss_rather_than_the_deadlock_that_follows():
    with pytest.raises(LostPacketError):
        full("drop", "strict=true", reader=SLOW_READER)


def test_a_reader_of_lost_packets_is_told_how_many():
    with pytest.raises(DeadlockError) as stuck:
        full("drop", reader=SLOW_READER)
    (pe, op, _, missing), _ = stuck.value.waiting
    assert (pe, op, missing) == (0, "receive", "1 packets (its FIFO holds 0, 6 were lost)")


def test_a_barrier_whose_packets_stall_its_flags_is_a_deadlock_that_says_so():
    with pytest.raises(DeadlockError) as stuck:
        full("stall")
    waiting = {pe: (op, missing) for pe, op, _, missing in stuck.value.waiting}
    assert waiting == {0: ("barrier", "sync flags behind packets that a full receive FIFO stalls")}


@pytest.mark.parametrize("policy", ["drop", "overwrite", "stall"])
def test_more_packets_at_once_than_the_fifo_holds_are_refused(policy):
    with pytest.raises(FirmwareError) as refused:
        full(policy, reader=[("receive", 5)])
    assert str(refused.value) == (
        "PE 0: it waits for 5 packets; its receive FIFO holds 4; receive fewer at a time"
    )
