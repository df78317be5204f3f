"""Windows of packets taken whole, against the same network as it takes packets one by one."""

import math

import numpy as np
import pytest

from spinn2sim.hw.noc import Noc, PacketKind
from spinn2sim.hw.noc.fast.layout import SEEN_BITS
from spinn2sim.trace import WindowCounts
from spinn2sim.units import Clock, Hz
from tests.hw.noc.meshes import chip_of, random_pattern

N_PATTERNS = 150
FAR = 10**6


def noc_of(pattern, **options):
    clock = Clock(Hz(1_000_000 * pattern.ticks_per_cycle), pattern.ticks_per_cycle)
    return Noc(chip=pattern.chip, n_pe=pattern.n_pe, clock=clock, record_arrivals=True, **options)


def barriers(pattern, noc, n_barriers=3, grace=FAR):
    """All PEs send what the pattern says and then their flags, a few times; what each time brings.

    Packets of a DMA come in between, partial multicasts too; the FIFOs are emptied at each barrier.
    """
    others = [tuple(pe for pe in range(pattern.n_pe) if pe != own) for own in range(pattern.n_pe)]
    now, seen = 0, []
    for number in range(n_barriers):
        for send in pattern.sends:
            if send.kind in (PacketKind.RX, PacketKind.DMA):
                noc.send(
                    *(send.source, send.targets, send.kind, now + send.at),
                    *(send.tags, send.spacing, number & 1),
                )
        kind = PacketKind.FLAG1 if number & 1 else PacketKind.FLAG0
        n_flags = (number // 2 + 1) * (pattern.n_pe - 1)
        for pe in range(pattern.n_pe):
            if others[pe]:
                noc.send(pe, others[pe], kind, now + 7 * pe, [0])
            noc.watch(pe, kind, n_flags, grace)
        reported = []
        while fired := noc.advance(float("inf")):
            reported += fired
        now += FAR
        noc.advance(now)
        taken = [noc.take(pe, now).tolist() for pe in range(pattern.n_pe)]
        seen.append((reported, taken))
        if len(reported) < pattern.n_pe:  # Stalled for good.
            break
    return seen


@pytest.fixture(scope="module", params=range(N_PATTERNS))
def pair(request):
    """A network by windows, and one that takes none, after the same traffic."""
    pattern = random_pattern(request.param)
    nocs = [noc_of(pattern, by_window=by_window) for by_window in (True, False)]
    return nocs, [barriers(pattern, noc) for noc in nocs]


def test_deliveries_reports_and_all_counts_are_the_same(pair):
    (by_window, without), (seen, expected) = pair
    assert seen == expected
    assert by_window.arrivals().tolist() == without.arrivals().tolist()
    assert by_window.stats() == without.stats()
    assert without.windows.counts[:2].tolist() == [0, 0]


def counts(n_patterns=40):
    """Windows left to the other kernel, and done, over some patterns."""
    total = np.zeros(2, int)
    for seed in range(n_patterns):
        noc = noc_of(random_pattern(seed), by_window=True)
        barriers(random_pattern(seed), noc)
        total += noc.windows.counts[:2]
    return total


def test_many_windows_are_taken_and_many_cannot_be():
    left, done = counts()
    assert left > 5
    assert done > 5


def busy(fifo_flits, fifo_events=1024, **options):
    """All 16 PEs of a square send 6 packets to all at once, and their flags."""
    chip = chip_of(fifo_flits=fifo_flits, fifo_events=fifo_events, hop_cycles=1)
    noc = Noc(chip=chip, n_pe=16, clock=Clock(Hz(1_000_000), 1), **options)
    for pe in range(16):
        others = tuple(other for other in range(16) if other != pe)
        noc.send(pe, others, PacketKind.RX, 0, range(6))
        noc.send(pe, others, PacketKind.FLAG0, 0, [0])
        noc.watch(pe, PacketKind.FLAG0, 15, FAR)
    return noc


@pytest.mark.parametrize(
    ("noc", "expected"),
    [
        (busy(fifo_flits=2), WindowCounts(whole=1)),
        (busy(fifo_flits=200), WindowCounts(input_fifo=1)),
        (busy(fifo_flits=2, fifo_events=89), WindowCounts(receive_fifo=1)),
        (busy(fifo_flits=2, fifo_events=90), WindowCounts(whole=1)),
    ],
    ids=["full input FIFOs", "deep FIFOs", "a full receive FIFO", "a receive FIFO just full"],
)
def test_a_window_is_left_that_fills_a_receive_fifo_or_a_deep_one_of_a_router(noc, expected):
    noc.advance(float("inf"))
    assert noc.windows_taken == expected


@pytest.mark.parametrize("fifo_flits", [1, 2, 3, 5, 8, 14, 15, 16, 60])
def test_full_input_fifos_delay_a_window_as_they_delay_packets_one_by_one(fifo_flits):
    by_window, without = busy(fifo_flits), busy(fifo_flits, by_window=False)
    assert by_window.advance(math.inf) == without.advance(math.inf)
    assert by_window.stats() == without.stats()


def test_in_that_traffic_the_depth_of_input_fifos_matters():
    counts = []
    for fifo_flits in (1, 2, 15):
        noc = busy(fifo_flits)
        noc.advance(math.inf)
        counts.append(noc.stats().links)
    assert counts[0] != counts[1] != counts[2]


def test_a_window_is_left_if_somebody_may_act_before_it_is_over():
    pattern = random_pattern(3)
    noc = noc_of(pattern, by_window=True)
    barriers(pattern, noc, n_barriers=1, grace=0)
    assert noc.windows.counts[1] == 0


def test_a_window_is_left_if_something_else_comes_first():
    noc = busy(fifo_flits=2)
    assert noc.advance(30) == []
    assert noc.windows_taken == WindowCounts(not_closed=1)


def test_packets_under_way_are_not_part_of_a_window():
    noc = Noc(chip=chip_of(), n_pe=2, clock=Clock(Hz(1_000_000), 1))
    noc.send(0, (1,), PacketKind.DMA, 0, [0] * 9)
    noc.advance(6)
    for pe in (0, 1):
        noc.send(pe, (1 - pe,), PacketKind.FLAG0, 7, [0])
        noc.watch(pe, PacketKind.FLAG0, 1, FAR)
    noc.advance(float("inf"))
    assert noc.windows.counts[:2].tolist() == [0, 0]


def test_a_window_is_left_while_a_packet_waits_for_room_in_a_receive_fifo():
    ends = []
    for by_window in (True, False):
        chip = chip_of(fifo_events=1, overflow="stall")
        noc = Noc(chip=chip, n_pe=2, clock=Clock(Hz(1_000_000), 1), by_window=by_window)
        noc.send(0, (1,), PacketKind.RX, 0, [0, 0])
        noc.advance(math.inf)
        for pe in (0, 1):
            noc.send(pe, (1 - pe,), PacketKind.FLAG0, 100, [0])
            noc.watch(pe, PacketKind.FLAG0, 1, FAR)
        ends.append((noc.advance(math.inf), noc.stats()))
    by_window, without = ends
    assert [pe for pe, _ in without[0]] == [0]  # The flag for PE 1 is behind the packet.
    assert by_window == without


@pytest.mark.parametrize("n_missing", [1, 2, 3])
def test_more_flags_than_can_be_counted_are_not_there_early(n_missing):
    noc = Noc(chip=chip_of(), n_pe=2, clock=Clock(Hz(1_000_000), 1))
    for pe in (0, 1):
        noc.send(pe, (1 - pe,), PacketKind.FLAG0, 0, [0] * 3)
        noc.watch(pe, PacketKind.FLAG0, (1 << SEEN_BITS) + n_missing, FAR)
    assert noc.advance(math.inf) == []


@pytest.mark.parametrize("pause", [1 << 38, 1 << 39, 1 << 40, 1 << 50])
def test_a_window_may_have_a_long_pause(pause):
    found = []
    for by_window in (True, False):
        noc = Noc(chip=chip_of(), n_pe=2, clock=Clock(Hz(1_000_000), 1), by_window=by_window)
        noc.send(0, (1,), PacketKind.RX, pause, [0, 0])
        for pe in (0, 1):
            noc.send(pe, (1 - pe,), PacketKind.FLAG0, 0, [0])
            noc.watch(pe, PacketKind.FLAG0, 1, 1 << 60)
        found.append((noc.advance(math.inf), noc.stats()))
    assert found[0] == found[1]


def test_after_failures_windows_are_left_without_a_try_more_and_more_of_them():
    noc = Noc(chip=chip_of(fifo_flits=99, hop_cycles=1), n_pe=16, clock=Clock(Hz(1_000_000), 1))
    tried = []
    for number in range(20):
        kind = PacketKind.FLAG1 if number & 1 else PacketKind.FLAG0
        for pe in range(16):
            others = tuple(other for other in range(16) if other != pe)
            noc.send(pe, others, PacketKind.DMA, number * FAR, [0] * 4)
            noc.send(pe, others, kind, number * FAR, [0])
            noc.watch(pe, kind, 15 * (number // 2 + 1), FAR)
        skipping = bool(noc.windows.counts[2])
        while noc.advance(math.inf):
            pass
        tried += [] if skipping else [number]
    assert tried == [0, 2, 6, 14]
    assert noc.windows.counts[:2].tolist() == [20, 0]
