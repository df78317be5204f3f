"""The certificate of the depth of input FIFOs: exact where slots come back in order.

One PE sends a burst to another, in the next QPE, which takes a packet every so many cycles: the
packets pile up behind the link between them, and how many slots that takes can be counted by hand.
"""

import itertools

import pytest

from spinn2sim.hw.noc import Noc, PacketKind
from spinn2sim.trace import WindowCounts
from spinn2sim.units import Clock, Hz
from tests.hw.noc.meshes import chip_of

FAR = 10**6
CASES = list(itertools.product((2, 3, 7), (1, 2, 5), (3, 6, 20)))


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
    noc.send(0, (1,), PacketKind.RX, n_packets - 1, 0, range(n_packets - 1))
    for pe in (0, 1):
        noc.send(pe, (1 - pe,), PacketKind.FLAG0, 1, 0, [0])
        noc.watch(pe, PacketKind.FLAG0, 1, FAR)
    ends = []
    while fired := noc.advance(float("inf")):
        ends += fired
    return noc.windows_taken, sorted(ends)


def exact():
    """With as many slots as are needed the window is taken, with one fewer it is left."""
    n_left = 0
    for eject, latency, n_packets in CASES:
        # The stages of the link hold packets, too.
        enough = max(1, slots_needed(n_packets, latency, eject) - latency)
        taken, _ = window(enough, n_packets, latency, eject)
        assert taken == WindowCounts(link_by_link=1), (eject, latency, n_packets)
        if enough > 1:
            left, _ = window(enough - 1, n_packets, latency, eject)
            assert left == WindowCounts(input_fifo=1), (eject, latency, n_packets)
            n_left += 1
    assert n_left > len(CASES) / 2


def test_the_depth_that_a_window_needs_is_the_depth_that_is_asked_for():
    exact()


@pytest.mark.parametrize(("eject", "latency", "n_packets"), CASES)
def test_a_window_that_is_left_for_its_depth_ends_when_it_would(eject, latency, n_packets):
    enough = max(1, slots_needed(n_packets, latency, eject) - latency)
    _, ends = window(enough, n_packets, latency, eject)
    assert window(200, n_packets, latency, eject)[1] == ends
