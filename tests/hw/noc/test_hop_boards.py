"""The NoC as plain SimPy against the compiled one over many chips, where packets differ in size.

A beat of DMA takes two packets of a link between chips, and such links are slower than those of the
mesh, by a clock and a rate of their own. With drops and event routers the compiled one is held
against a loop over every cycle instead (``test_boards``).
"""

from collections import Counter
from dataclasses import replace
from functools import partial
from itertools import count, islice

import pytest

from spinn2sim.errors import SpecError
from spinn2sim.hw.noc import HopNoc, Noc, PacketKind
from spinn2sim.units import Clock, Hz
from tests.hw.noc.boards import NOC_HZ, board_of, random_board_pattern
from tests.hw.noc.meshes import Pattern, Send, Take, chip_of, random_pattern
from tests.hw.noc.test_boards import N_PATTERNS as N_BOARDS
from tests.hw.noc.test_hop import outcome, traffic
from tests.hw.noc.test_reference import by_time, run
from tests.hw.noc.test_windows import barriers


def of(kind, pattern, drop_cycles=10_000):
    """The boards of *pattern* without faults; usually so patient that hardly anything drops."""
    return kind(
        chip=pattern.chip,
        n_pe=pattern.n_pe,
        clock=Clock(Hz(NOC_HZ * pattern.ticks_per_cycle), pattern.ticks_per_cycle),
        board=pattern.board.with_changes(drop_cycles=drop_cycles),
        record_arrivals=True,
    )


def without_routers():
    """Endless random boards, from one chip to nine."""
    return (each for each in map(random_board_pattern, count()) if each.chip.routed_by is None)


def agree(exercise, pattern, reference=HopNoc):
    """Whether all three computations answer the same, or the reference refuses what drops."""
    by_cycle = of(partial(Noc, by_window=False), pattern)
    expected = outcome(exercise, pattern, by_cycle)
    assert outcome(exercise, pattern, of(Noc, pattern)) == expected
    try:
        hop = outcome(exercise, pattern, of(reference, pattern))
    except SpecError:
        assert by_cycle.stats().n_timed_out
        return "dropped"
    assert hop == expected
    return "agree"


@pytest.mark.parametrize("exercise", [traffic, barriers])
def test_all_three_computations_agree_on_boards(exercise):
    found = Counter(agree(exercise, pattern) for pattern in islice(without_routers(), 15))
    assert found["agree"] >= 10


@pytest.mark.slow
@pytest.mark.parametrize("exercise", [traffic, barriers])
def test_all_three_computations_agree_on_300_boards(exercise):
    found = Counter(agree(exercise, pattern) for pattern in islice(without_routers(), 300))
    assert found["agree"] >= 200


@pytest.mark.slow
def test_every_packet_of_300_boards_arrives_in_the_cycle_the_rules_say():
    """With event routers of other clocks, faults and drops."""
    for seed in range(N_BOARDS, 300):
        _, noc, reference = run(random_board_pattern(seed))
        found = [tuple(arrival) for arrival in noc.arrivals().tolist()]
        assert found == by_time(reference.arrivals), seed


def impatient(first, then):
    """Three packets from the chip beside meet a FIFO for one, which has room again at tick *first*
    and *then* ticks later. A packet may head the queue in front of it for 200 cycles. The other way
    something enters the network in each cycle.
    """
    chip = chip_of(((0, 0),), 1, fifo_events=1, overflow="stall")
    return Pattern(
        chip,
        n_pe=2,
        ticks_per_cycle=1,
        sends=[
            Send(0, (1,), PacketKind.RX, at=0, tags=[1, 2, 3], spacing=0, parity=0),
            Send(1, (0,), PacketKind.FLAG0, at=0, tags=[0] * 500, spacing=1, parity=0),
        ],
        takes=[Take(1, at, None, None) for at in (first, first + then, 1_000)],
        board=board_of((2, 1), drop_cycles=200),
    )


def drops(kind, pattern):
    """Whether *kind*, an answer of the compiled network or a refusal, says that a packet drops."""
    noc = of(kind, pattern, drop_cycles=pattern.board.drop_cycles)
    try:
        traffic(pattern, noc)
    except SpecError:
        assert noc.stats().is_conserved
        return True
    return noc.stats().n_timed_out > 0


@pytest.mark.parametrize(
    "takes",
    [[(first, 50) for first in range(225, 245)], [(100, then) for then in range(190, 210)]],
    ids=["the second", "the third"],
)
def test_the_reference_refuses_in_the_cycle_in_which_the_compiled_network_drops(takes):
    patterns = [impatient(*each) for each in takes]
    dropped = [drops(Noc, pattern) for pattern in patterns]
    assert dropped == sorted(dropped)
    assert set(dropped) == {False, True}
    assert [drops(HopNoc, pattern) for pattern in patterns] == dropped


# What is drawn


def seen(values):
    """How often each of *values* was drawn."""
    return Counter(values)


def test_meshes_are_drawn_with_all_clocks_depths_and_delays():
    meshes = [random_pattern(seed) for seed in range(300)]
    noc = [pattern.chip.noc for pattern in meshes]
    for drawn, wanted in (
        (seen(pattern.ticks_per_cycle for pattern in meshes), {1, 3, 13}),
        (seen(each.fifo_flits for each in noc), set(range(1, 9))),
        (seen(each.hop_cycles for each in noc), set(range(1, 7))),
        (seen(each.link_cycles for each in noc), set(range(1, 5))),
        (seen(each.multicast for each in noc), {"tree", "per_qpe"}),
        (seen(each.chip.comms.overflow for each in meshes), {"drop", "overwrite", "stall"}),
    ):
        assert drawn.keys() == wanted
        assert min(drawn.values()) >= 20


def test_most_multicasts_go_to_some_of_the_pes_and_packets_are_of_all_kinds():
    meshes = [random_pattern(seed) for seed in range(300)]
    partial_ones = [
        1 < len(send.targets) < pattern.n_pe - 1 for pattern in meshes for send in pattern.sends
    ]
    assert len(partial_ones) > 1_000
    assert 0.4 < sum(partial_ones) / len(partial_ones) < 0.9
    kinds = seen(send.kind for pattern in meshes for send in pattern.sends)
    assert kinds.keys() == set(PacketKind)
    assert min(kinds.values()) > 100


def test_on_most_boards_beats_and_smaller_packets_cross_the_same_links():
    mixed, rates, clocks = 0, Counter(), Counter()
    for seed in range(300):
        pattern = random_board_pattern(seed)
        per_chip = pattern.board.pes_per_chip(pattern.chip)
        across = {
            send.kind == PacketKind.DMA
            for send in pattern.sends
            if any(target // per_chip != send.source // per_chip for target in send.targets)
        }
        mixed += across == {True, False}
        rates[pattern.board.rate] += 1
        if pattern.chip.routed_by is not None:
            clocks[pattern.chip.routed_by.clock] += 1
        noc = pattern.chip.noc
        sizes = [pattern.board.link_bits(bits) for bits in (noc.packet_bits, 64)]
        assert sizes == [192, 96]
    assert mixed > 60
    assert len(rates) == 7
    assert len(clocks) == 4
    assert min(*rates.values(), *clocks.values()) >= 20


def forgetful(**wiring):
    """The reference, in which a beat of DMA takes no longer than any other packet."""
    noc = HopNoc(**wiring)
    for link in noc._links:
        link.link = replace(link.link, extra_beat_cycles=0)
    return noc


def test_a_reference_that_forgets_the_size_of_beats_is_noticed():
    noticed = 0
    for pattern in islice(without_routers(), 15):
        try:
            agree(barriers, pattern, forgetful)
        except AssertionError:
            noticed += 1
    assert noticed >= 3
