"""The certificate of the depth of input FIFOs: just what a whole window has room for.

One PE sends a burst to another, in the next QPE, which takes a packet every so many cycles: the
packets pile up behind the link between them, and how many slots that takes can be counted by hand.
"""

import itertools

import pytest

from spinn2sim.hw.noc import Noc, PacketKind
from spinn2sim.hw.noc.fast.layout import N_SLOTS
from spinn2sim.trace import WindowCounts
from spinn2sim.units import Clock, Hz
from tests.hw.noc.meshes import chip_of

FAR = 10**6
CASES = list(itertools.product((2, 3, 7), (1, 2, 5), (3, 6, 20, 24, 40)))


def slots_needed(n_packets, latency, eject):
    """Most slots behind the link in use at a grant, that packet's included.

    Packet k is granted in cycle k, comes *latency* later, and leaves when it is its turn, one every
    *eject* cycles; its slot is free again in the cycle after.
    """
    leaves = [latency + k * eject for k in range(n_packets)]
    return max(
        1 + k - sum(left < k for left in leaves[:k])  # those before it that still are there
        for k in range(n_packets)
    )


def window(fifo_flits, n_packets, latency, eject):
    """How the one window of a burst was computed, and when both PEs were let go."""
    chip = chip_of(
        ((0, 0), (1, 0)),
        1,
        fifo_flits=fifo_flits,
        inject_cycles=1,
        link_cycles=1,
        hop_cycles=latency,
        eject_cycles=eject,
    )
    noc = Noc(chip=chip, n_pe=2, clock=Clock(Hz(1_000_000), 1))
    noc.send(0, (1,), PacketKind.RX, 0, range(n_packets - 1))
    for pe in (0, 1):
        noc.send(pe, (1 - pe,), PacketKind.FLAG0, 0, [0])
        noc.watch(pe, PacketKind.FLAG0, 1, FAR)
    ends = []
    while fired := noc.advance(float("inf")):
        ends += fired
    return noc.windows_taken, sorted(ends)


def exact():
    """What never needs more slots than there are for a port is taken whole, deep as the FIFO is."""
    n_left = 0
    for eject, latency, n_packets in CASES:
        counts, _ = window(200, n_packets, latency, eject)
        fits = slots_needed(n_packets, latency, eject) <= N_SLOTS
        assert counts == (WindowCounts(whole=1) if fits else WindowCounts(input_fifo=1))
        n_left += not fits
    assert len(CASES) / 5 < n_left < len(CASES) * 4 / 5


def test_a_window_is_left_if_more_flits_wait_than_a_port_has_slots_for():
    exact()


@pytest.mark.parametrize(("n_behind", "is_left"), [(N_SLOTS - 1, False), (N_SLOTS, True)])
def test_a_window_is_left_if_a_flit_is_passed_by_as_many_as_a_port_has_slots(n_behind, is_left):
    # In a FIFO of 5: only the first waits long, for a PE that its 11 neighbours send to as well.
    chip = chip_of(
        ((0, 0), (1, 0)), 12, fifo_flits=4, hop_cycles=1, inject_cycles=1, eject_cycles=40
    )
    noc = Noc(chip=chip, n_pe=24, clock=Clock(Hz(1_000_000), 1))
    for pe in (0, *range(12, 23)):
        noc.send(pe, (23,), PacketKind.RX, 0, [0])
    for number in range(n_behind):
        noc.send(0, (12 + number % 11,), PacketKind.RX, 1 + number, [0])
    for pe in range(24):
        others = tuple(other for other in range(24) if other != pe)
        noc.send(pe, others, PacketKind.FLAG0, 3_000, [0])
        noc.watch(pe, PacketKind.FLAG0, 23, FAR)
    noc.advance(float("inf"))
    assert noc.windows_taken == (WindowCounts(input_fifo=1) if is_left else WindowCounts(whole=1))


@pytest.mark.parametrize(("eject", "latency", "n_packets"), CASES)
def test_with_as_many_slots_as_it_needs_a_window_ends_as_with_any_number(eject, latency, n_packets):
    # The stages of the link hold packets, too.
    enough = max(1, slots_needed(n_packets, latency, eject) - latency)
    _, ends = window(enough, n_packets, latency, eject)
    assert window(200, n_packets, latency, eject)[1] == ends
