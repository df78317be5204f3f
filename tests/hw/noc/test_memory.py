"""The block of memory of a NoC: room for what is to come, and rows that do not overlap."""

import numpy as np
import pytest

from spinn2sim.hw.noc import layout as at
from spinn2sim.hw.noc import memory as memory_of_noc
from spinn2sim.hw.noc.faults import LinkFaults
from spinn2sim.hw.noc.memory import MIN_GROWTH, Memory
from spinn2sim.hw.noc.topology import Topology
from tests.hw.noc.boards import NOC_HZ, board_of, event_router_of
from tests.hw.noc.meshes import ROW, chip_of

FAST = {"inject_cycles": 2, "eject_cycles": 2, "hop_cycles": 2}


def memory_of(chip, n_pe=4, *, board=None, faults=None, record_arrivals=False):
    return Memory(
        Topology(chip, n_pe, board),
        chip,
        ticks_per_cycle=1,
        record_arrivals=record_arrivals,
        faults=faults,
    )


def n_slots(memory):
    return int(memory.block[at.WHEEL_MASK]) + 1


@pytest.mark.parametrize(
    ("cycles", "slots"), [(1, 2), (2, 4), (3, 4), (4, 8), (7, 8), (8, 16), (15, 16), (16, 32)]
)
def test_the_wheel_has_a_slot_for_this_cycle_and_each_that_anything_takes(cycles, slots):
    mesh = {"inject_cycles": 1, "eject_cycles": 1, "hop_cycles": cycles}
    assert n_slots(memory_of(chip_of(ROW, 1, **mesh))) == slots
    busy = {"inject_cycles": cycles, "eject_cycles": 1, "hop_cycles": 1}
    assert n_slots(memory_of(chip_of(ROW, 1, **busy))) == slots


def test_the_wheel_holds_what_waits_for_an_edge_of_a_slower_clock():
    """Of 3 units each: two cycles and up to two units to the next edge, and not six alone."""
    router = event_router_of((1, 0), clock=1_500_000, lookup_cycles=1)
    chip = chip_of(((0, 0), (2, 0)), 1, event_router=router, multicast="event_router", **FAST)
    assert n_slots(memory_of(chip, 2)) == 16


@pytest.mark.parametrize(
    ("busy", "latency", "max_resends", "longest"),
    [(1, 2, 0, 2), (1, 2, 1, 8), (2, 4, 1, 16), (1, 4, 5, 54), (1, 4, 6, 64), (8, 1, 0, 16)],
)
def test_the_wheel_holds_what_is_sent_again_as_often_as_can_be(busy, latency, max_resends, longest):
    """A beat of DMA keeps the link for twice as long; each time more, and there and back."""
    assert longest == max(2 * busy, latency) + max_resends * (2 * busy + 2 * latency)
    board = board_of((2, 1), rate=96 * NOC_HZ // busy, latency=1_000 * latency)
    faults = LinkFaults(seed=0, bit_error=0.1, max_resends=max_resends)
    memory = memory_of(chip_of(ROW, 1, **FAST), board=board, faults=faults)
    assert n_slots(memory) == 1 << longest.bit_length()


def unused(memory, head):
    """Addresses of the unused packets or flits in the list that begins at *head*."""
    found, row = [], int(memory.block[head])
    while row != at.NONE:
        found.append(row)
        row = int(memory.block[row + at.BEHIND])
    return found


@pytest.mark.parametrize(
    ("kind", "n_fields"), [("packets", at.PACKET_FIELDS), ("flits", at.BRANCHES + 4)]
)
def test_rows_are_added_by_what_is_needed_or_as_many_as_there_are(kind, n_fields):
    memory, expected = memory_of(chip_of(ROW, 1)), 0
    head, n_free = getattr(at, f"FREE_{kind[:-1].upper()}"), getattr(at, f"N_FREE_{kind.upper()}")
    for needed, added in ((10, MIN_GROWTH), (300, 300), (1, MIN_GROWTH + 300)):
        getattr(memory, f"need_{kind}")(needed)
        expected += added
        found = unused(memory, head)
        assert len(found) == len(set(found)) == memory.block[n_free] == expected
    rows = np.sort(found)
    assert np.diff(rows).min() >= n_fields
    assert rows[-1] + n_fields <= len(memory.block)


def test_a_branch_says_its_flit():
    """By the bits of its address, whatever has been allocated before: FLIT_MASK."""
    chip = chip_of(ROW, 1)
    memory, n_ports = memory_of(chip), Topology(chip, 4).n_ports
    masks = memory.links[:, at.FLIT_MASK].tolist()
    assert masks[:4] == [-1] * 4, "in a transmit queue there are packets, not branches"
    assert len(set(masks[4:])) == 1
    for _ in range(3):
        memory.need_packets(7)
        memory.need_flits()
    for flit in unused(memory, at.FREE_FLIT):
        assert {flit + at.BRANCHES + k & masks[4] for k in range(n_ports)} == {flit}


def test_room_for_arrivals_doubles_when_it_is_full_and_keeps_what_is_known(monkeypatch):
    monkeypatch.setattr(memory_of_noc, "MIN_ARRIVALS", 8)
    memory, known = memory_of(chip_of(ROW, 1), record_arrivals=True), []
    for room in (8, 16, 32):
        memory.need_room()
        assert memory.block[at.MAX_ARRIVALS] == room
        memory.need_room()
        assert memory.block[at.MAX_ARRIVALS] == room, "it is not full"
        assert memory.arrivals[:, 0].tolist() == known
        first = int(memory.block[at.ARRIVALS])
        tags = range(len(known), len(known) + room)
        memory.block[first : first + at.ARRIVAL_FIELDS * room : at.ARRIVAL_FIELDS] = tags
        memory.block[at.N_ARRIVALS] = room
        known += tags
    assert memory.arrivals.shape == (8 + 16 + 32, at.ARRIVAL_FIELDS)


def test_without_a_record_there_is_no_room_for_arrivals():
    memory = memory_of(chip_of(ROW, 1))
    memory.need_room()
    assert memory.block[at.MAX_ARRIVALS] == at.NONE


def test_each_pe_and_link_has_a_row_of_its_own():
    memory = memory_of(chip_of(ROW, 1, fifo_events=8))
    rows = [memory.pe(number) for number in range(4)]
    assert [memory.number(row) for row in rows] == [0, 1, 2, 3]
    assert np.diff(rows).tolist() == [at.PE_FIELDS] * 3
    assert memory.pes.shape == (4, at.PE_FIELDS)
    assert len(memory.links) == 4 + 6 + 4
    memory.pes[2, at.HEAD] = 77
    assert memory.block[rows[2] + at.HEAD] == 77
    ejects = [int(memory.block[row + at.EJECT]) for row in rows]
    assert [int(memory.block[eject + at.TO_PE]) for eject in ejects] == rows
    assert list(memory.targets_ahead()) == []


def test_links_fail_by_nothing_that_is_not_said():
    silent = LinkFaults(seed=3)
    assert (silent.noc_loss, silent.chip_loss, silent.bit_error, silent.max_resends) == (0, 0, 0, 0)
    assert silent.packet_error(96) == 0
    assert LinkFaults(seed=3, bit_error=0.5).packet_error(2) == 0.75
