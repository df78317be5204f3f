"""The receive FIFO and the counters of a PE: policies, selection, back-pressure."""

import math

import pytest

from spinn2sim.hw.noc import Noc, PacketKind
from spinn2sim.units import Clock, Hz
from tests.hw.noc.meshes import ROW, chip_of

RX, FLAG0, FLAG1, DMA = PacketKind


def noc_of(overflow, fifo_events, ticks_per_cycle=1, **noc):
    """Four QPEs in a row, one PE each."""
    chip = chip_of(ROW, pes_per_qpe=1, overflow=overflow, fifo_events=fifo_events, **noc)
    return Noc(chip=chip, n_pe=4, clock=Clock(Hz(1_000_000), ticks_per_cycle))


def run(noc):
    while noc.advance(math.inf):
        pass
    return noc.stats()


def test_drop_keeps_the_oldest_and_counts_the_rest():
    noc = noc_of("drop", 2, ticks_per_cycle=3)
    noc.send(0, (1,), RX, 0, range(5))
    stats = run(noc)
    assert noc.take(1, 1000).tolist() == [0, 1]
    assert noc.count(1, RX) == 2
    assert (stats.n_delivered[1], stats.n_dropped[1], stats.n_overwritten[1]) == (2, 3, 0)
    assert stats.first_loss == (None, 3 * (1 + 4 + 5 + 4 + 2 * 4), None, None)
    assert stats.is_conserved


def test_overwrite_keeps_the_newest_and_counts_all():
    noc = noc_of("overwrite", 2, ticks_per_cycle=3)
    noc.send(0, (1,), RX, 0, range(5))
    stats = run(noc)
    assert noc.take(1, 1000).tolist() == [3, 4]
    assert noc.count(1, RX) == 5
    assert (stats.n_delivered[1], stats.n_dropped[1], stats.n_overwritten[1]) == (5, 0, 3)
    assert stats.first_loss == (None, 3 * (1 + 4 + 5 + 4 + 2 * 4), None, None)
    assert stats.is_conserved


def test_a_stalled_pe_stops_its_senders_and_loses_nothing_once_drained():
    noc = noc_of("stall", 3, fifo_flits=2)
    noc.send(0, (1,), RX, 0, range(60))
    stats = run(noc)
    flits = {link.name: link.n_flits for link in stats.links}
    # Delivered, then full: the input FIFO of the target's router, then that of the sender's.
    assert flits["eject PE 1"] == 3
    assert flits["(0,0)->(1,0)"] == 3 + (2 + 5)
    assert flits["inject PE 0"] == 3 + (2 + 5) + (2 + 4)
    assert (stats.n_in_flight, stats.is_conserved) == (57, True)
    taken, at = [], 10_000
    while len(taken) < 60:
        taken += noc.take(1, at, at_most=1).tolist()
        at += 100
        noc.advance(at)
    assert taken == list(range(60))
    assert run(noc).n_in_flight == 0
    assert noc.stats().peak_fifo[1] == 3


def test_room_made_at_a_cycle_is_for_grants_after_it():
    noc = noc_of("stall", 1, ticks_per_cycle=10)
    noc.send(0, (0,), RX, 0, [0, 1])
    run(noc)
    assert noc.take(0, 1009).tolist() == [0]
    assert noc.horizon == 101 * 10
    noc.watch(0, RX, 2)
    assert noc.advance(math.inf) == [(0, (101 + 4) * 10)]


def test_behind_a_stalled_packet_others_wait_in_its_port_but_other_ports_pass():
    noc = noc_of("stall", 1)
    noc.send(0, (2,), RX, 0, [0, 1])
    noc.send(0, (2,), FLAG0, 0, [2])
    noc.send(3, (2,), FLAG0, 0, [3])
    noc.send(3, (2,), DMA, 0, [4])
    run(noc)
    assert (noc.count(2, RX), noc.count(2, FLAG0), noc.count(3, DMA)) == (1, 1, 1)
    noc.take(2, 1000)
    run(noc)
    assert (noc.count(2, RX), noc.count(2, FLAG0), noc.count(3, DMA)) == (2, 2, 1)


@pytest.mark.parametrize("overflow", ["drop", "overwrite", "stall"])
def test_flags_and_dma_pass_a_full_receive_fifo(overflow):
    noc = noc_of(overflow, 1)
    noc.send(0, (2,), RX, 0, [0])
    for kind in (FLAG0, FLAG1, DMA):
        noc.send(1, (2,), kind, 50, range(3))
    stats = run(noc)
    assert (noc.count(2, FLAG0), noc.count(2, FLAG1), noc.count(1, DMA)) == (3, 3, 3)
    assert (stats.n_delivered[2], stats.peak_fifo[2]) == (10, 1)
    assert noc.take(2, 1000).tolist() == [0]


def test_the_completion_of_a_dma_is_counted_by_its_sender():
    noc = noc_of("drop", 8)
    noc.send(0, (3,), DMA, 0, range(5))
    run(noc)
    assert [noc.count(pe, DMA) for pe in range(4)] == [5, 0, 0, 0]


def test_take_selects_by_parity_and_number_and_leaves_the_others_in_order():
    noc = noc_of("drop", 16)
    for tag in range(10):
        noc.send(0, (1,), RX, 100 * tag, [tag], parity=tag % 2)
    run(noc)
    assert noc.level(1) == 10
    assert noc.take(1, 2000, parity=1, at_most=2).tolist() == [1, 3]
    assert noc.level(1) == 8
    assert noc.take(1, 2000, at_most=3).tolist() == [0, 2, 4]
    assert noc.take(1, 2000, parity=1).tolist() == [5, 7, 9]
    assert noc.take(1, 2000, parity=1).tolist() == []
    assert noc.take(1, 2000).tolist() == [6, 8]
    assert noc.take(1, 2000).tolist() == []


def test_what_is_left_of_an_overwritten_fifo_stays_in_order():
    noc = noc_of("overwrite", 4)
    for tag in range(7):
        noc.send(0, (1,), RX, 100 * tag, [tag], parity=tag % 2)
    run(noc)
    assert noc.take(1, 2000, parity=0).tolist() == [4, 6]
    noc.send(0, (1,), RX, 3000, [7, 8, 9])
    run(noc)
    assert noc.take(1, 5000).tolist() == [5, 7, 8, 9]
    assert noc.stats().n_overwritten[1] == 4


def test_without_targets_no_packet_leaves():
    noc = noc_of("drop", 1)
    noc.send(0, (), RX, 0, range(3))
    assert noc.horizon == math.inf
    assert run(noc).n_sent == (0, 0, 0, 0)


def test_a_packet_cannot_be_sent_into_the_past():
    noc = noc_of("drop", 1)
    noc.advance(100)
    with pytest.raises(AssertionError, match="sent at tick 99, but the NoC has run up to 100"):
        noc.send(0, (1,), RX, 99, [0])


def test_a_pe_cannot_take_before_the_network_has_caught_up():
    noc = noc_of("drop", 1)
    noc.send(0, (1,), RX, 0, [0])
    with pytest.raises(AssertionError):
        noc.take(1, 100)
