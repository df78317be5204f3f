"""When packets arrive, where a formula says it."""

import math
from itertools import pairwise

import pytest

from spinn2sim.hw.noc import Noc, PacketKind
from spinn2sim.units import Clock, Hz
from tests.hw.noc.meshes import ROW, SPINNAKER2, SQUARE, chip_of

RX = PacketKind.RX


def noc_of(chip, n_pe=None, ticks_per_cycle=1):
    clock = Clock(Hz(1_000_000), ticks_per_cycle)
    return Noc(chip=chip, n_pe=n_pe or chip.n_pe, clock=clock, record_arrivals=True)


def arrivals(noc):
    """(tag, PE, cycle) of everything that arrives."""
    assert noc.advance(math.inf) == []
    return [tuple(arrival) for arrival in noc.arrivals().tolist()]


def n_flits(noc):
    """By name, of the links that were used."""
    return {link.name: link.n_flits for link in noc.stats().links if link.n_flits}


@pytest.mark.parametrize(
    ("source", "target", "hops"),
    [
        ((1, 1), (1, 1), 0),
        ((1, 1), (1, 6), 5),
        ((6, 2), (2, 6), 8),
        ((3, 3), (5, 3), 2),  # through the event router
        ((7, 2), (7, 5), 3),  # through the periphery
    ],
)
def test_a_lone_packet_takes_inject_hops_and_eject(source, target, hops):
    noc = noc_of(chip_of(SPINNAKER2, inject_cycles=2, hop_cycles=7, eject_cycles=3))
    target_pe = 4 * SPINNAKER2.index(target) + 3
    noc.send(4 * SPINNAKER2.index(source), (target_pe,), RX, 99, [42])
    assert arrivals(noc) == [(42, target_pe, 99 + 1 + 2 + hops * 7 + 3)]


@pytest.mark.parametrize(("at", "entry"), [(0, 1), (1, 2), (13, 2), (14, 3), (26, 3)])
def test_a_packet_enters_a_cycle_after_the_first_edge_at_or_after_it_is_handed_over(at, entry):
    noc = noc_of(chip_of(), ticks_per_cycle=13)
    noc.send(0, (1,), RX, at, [0])
    assert noc.horizon == entry * 13
    assert arrivals(noc) == [(0, 1, entry + 4 + 4)]


@pytest.mark.parametrize(
    ("inject", "link", "eject"), [(9, 2, 3), (2, 9, 3), (2, 3, 9), (1, 1, 1), (5, 5, 5)]
)
def test_a_burst_is_spaced_by_the_slowest_link(inject, link, eject):
    chip = chip_of(ROW, inject_cycles=inject, link_cycles=link, eject_cycles=eject)
    noc = noc_of(chip)
    noc.send(0, (12,), RX, 0, range(40))
    found = arrivals(noc)
    assert [tag for tag, _, _ in found] == list(range(40))
    assert {b[2] - a[2] for a, b in pairwise(found)} == {max(inject, link, eject)}


@pytest.mark.parametrize("hop", [1, 2, 13])
def test_one_flit_of_fifo_beyond_the_pipeline_sustains_a_flit_per_cycle(hop):
    chip = chip_of(ROW, inject_cycles=1, eject_cycles=1, hop_cycles=hop, fifo_flits=1)
    noc = noc_of(chip)
    noc.send(0, (12,), RX, 0, range(200))
    first = 1 + 1 + 3 * hop + 1
    assert [cycle for _, _, cycle in arrivals(noc)] == list(range(first, first + 200))


def test_packets_handed_over_one_after_the_other_keep_their_spacing():
    noc = noc_of(chip_of(), ticks_per_cycle=10)
    noc.send(0, (1,), RX, 5, [7, 8, 9], spacing=95)
    # Handed over at ticks 5, 100 and 195.
    assert arrivals(noc) == [(7, 1, 2 + 8), (8, 1, 11 + 8), (9, 1, 21 + 8)]


def test_packets_sent_while_a_dma_is_under_way_enter_between_its_beats():
    noc = noc_of(chip_of())
    noc.send(0, (1,), PacketKind.DMA, 100, [0, 1, 2, 3], spacing=100)
    noc.send(0, (1,), RX, 250, [7, 8], spacing=50)
    noc.send(0, (1,), RX, 50, [9])
    enters = {9: 51, 0: 101, 1: 201, 7: 251, 2: 301, 8: 305, 3: 401}
    # Beat 2 and packet 8 are handed over in the same cycle: first sent, first served.
    assert arrivals(noc) == [(tag, 1, cycle + 8) for tag, cycle in enters.items()]


def test_a_multicast_puts_one_flit_on_each_link_of_its_tree():
    noc = noc_of(chip_of(SQUARE, pes_per_qpe=2))
    noc.send(0, tuple(range(1, 8)), RX, 0, [5])
    links = ["inject PE 0", "(0,0)->(0,1)", "(0,0)->(1,0)", "(1,0)->(1,1)"]
    assert n_flits(noc) == {}
    near, far, farthest = 1 + 4 + 4, 1 + 4 + 5 + 4, 1 + 4 + 10 + 4
    assert arrivals(noc) == [
        (5, 1, near),
        *((5, pe, far) for pe in (2, 3, 4, 5)),
        (5, 6, farthest),
        (5, 7, farthest),
    ]
    assert n_flits(noc) == dict.fromkeys([*links, *(f"eject PE {pe}" for pe in range(1, 8))], 1)


def test_without_an_event_router_comms_sends_one_packet_per_qpe_in_order():
    noc = noc_of(chip_of(SQUARE, pes_per_qpe=2, multicast="per_qpe"))
    noc.send(0, (7, 6, 5, 4, 3, 2, 1), RX, 0, [5, 6])
    assert [(tag, pe) for tag, pe, _ in arrivals(noc) if pe in (1, 2)] == [
        (5, 1),
        (5, 2),
        (6, 1),
        (6, 2),
    ]
    flits = n_flits(noc)
    assert flits["inject PE 0"] == 2 * 4
    assert flits["(0,0)->(1,0)"] == 2 * 2
    assert flits["eject PE 7"] == 2
    stats = noc.stats()
    assert stats.n_sent == (8, 0, 0, 0, 0, 0, 0, 0)
    assert stats.n_expected == stats.n_delivered == (0, 2, 2, 2, 2, 2, 2, 2)


def test_a_pe_may_be_its_own_target():
    noc = noc_of(chip_of())
    noc.send(3, (3,), RX, 0, [0])
    assert arrivals(noc) == [(0, 3, 1 + 4 + 4)]


def test_two_saturated_ports_alternate():
    chip = chip_of(ROW, pes_per_qpe=1, inject_cycles=1, link_cycles=3, hop_cycles=3)
    noc = noc_of(chip)
    noc.send(0, (3,), RX, 0, range(20))
    noc.send(1, (3,), RX, 0, range(100, 120))
    order = [tag >= 100 for tag, _, _ in arrivals(noc)][2:38]
    assert all(a != b for a, b in pairwise(order))


def test_the_first_turn_goes_by_port_from_the_mesh_then_pes_in_order():
    around = ((1, 1), (0, 1), (2, 1), (1, 0), (1, 2))
    chip = chip_of(around, pes_per_qpe=2, hop_cycles=4, inject_cycles=4)
    noc = noc_of(chip)
    noc.send(0, (1,), RX, 4, [4])
    noc.send(1, (1,), RX, 4, [5])
    for tag, qpe in enumerate((1, 2, 3, 4)):
        noc.send(2 * qpe, (1,), RX, 0, [tag])
    # All six are in the middle router at cycle 9.
    assert arrivals(noc) == [(tag, 1, 9 + 4 * (tag + 1)) for tag in range(6)]


def test_branches_to_different_outputs_do_not_wait_for_each_other():
    chip = chip_of(ROW, pes_per_qpe=1, fifo_events=1, overflow="stall")
    noc = noc_of(chip)
    noc.send(0, (1,), RX, 0, range(5))
    noc.send(0, (2,), RX, 0, [9])
    # PE 1 takes nothing; four packets to it wait in its router, whose FIFO holds 4 + 5.
    entered = 1 + 5 * 4
    assert arrivals(noc)[-1] == (9, 2, entered + 4 + 2 * 5 + 4)


def test_a_burst_larger_than_the_memory_set_aside_arrives_whole():
    noc = noc_of(chip_of(SPINNAKER2, fifo_events=6_000))
    targets = tuple(range(1, 152, 30))
    noc.send(0, targets, RX, 0, range(6_000))
    noc.advance(math.inf)
    for pe in targets:
        assert noc.take(pe, 10**6).tolist() == list(range(6_000))
    assert len(noc.arrivals()) == 6_000 * len(targets)
