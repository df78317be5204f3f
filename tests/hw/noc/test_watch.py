"""Waiting for a counter: which delivery ``advance`` stops at, and what it says."""

import math

import pytest

from spinn2sim.hw.noc import Noc, PacketKind
from spinn2sim.units import Clock, Hz
from tests.hw.noc.meshes import chip_of

RX, FLAG0, FLAG1, DMA = PacketKind


@pytest.fixture
def noc():
    """One QPE, so that a packet entering at cycle c is delivered at c + 8."""
    return Noc(chip=chip_of(((0, 0),)), n_pe=4, clock=Clock(Hz(1_000_000), 10))


def test_a_watch_names_its_pe_and_the_tick_of_the_delivery(noc):
    noc.watch(1, FLAG0, 2)
    noc.send(0, (1,), FLAG0, 0, range(3))
    assert noc.advance(math.inf) == [(1, (1 + 8 + 4) * 10)]
    assert noc.count(1, FLAG0) == 2
    assert noc.advance(math.inf) == []
    assert noc.count(1, FLAG0) == 3


def test_only_the_kind_that_is_watched_counts(noc):
    noc.watch(1, FLAG1, 1)
    noc.send(0, (1,), FLAG0, 0, range(3))
    noc.send(0, (1,), RX, 0, range(3))
    assert noc.advance(math.inf) == []
    noc.send(0, (1,), FLAG1, 1000, [0])
    assert noc.advance(math.inf) == [(1, (101 + 8) * 10)]


def test_watches_satisfied_in_one_cycle_come_in_order_of_pe(noc):
    for pe in (3, 1, 2):
        noc.watch(pe, FLAG0, 1)
    noc.send(0, (3, 2, 1), FLAG0, 0, [0])
    assert noc.advance(math.inf) == [(1, 90), (2, 90), (3, 90)]
    assert noc.advance(math.inf) == []


def test_a_watch_is_not_reported_before_its_time(noc):
    noc.watch(1, FLAG0, 1)
    noc.send(0, (1,), FLAG0, 0, [0])
    assert noc.advance(89) == []
    assert noc.advance(90) == [(1, 90)]


def test_the_network_goes_on_from_where_a_watch_stopped_it(noc):
    noc.watch(1, RX, 1)
    noc.send(0, (1,), RX, 0, range(4))
    assert noc.advance(math.inf) == [(1, 90)]
    assert noc.horizon == 130
    noc.watch(1, RX, 3)
    assert noc.advance(math.inf) == [(1, (9 + 2 * 4) * 10)]
    assert noc.advance(math.inf) == []
    assert noc.take(1, 1000).tolist() == [0, 1, 2, 3]


def test_a_watch_satisfied_when_set_is_reported_with_its_latest_delivery(noc):
    noc.send(0, (1,), FLAG0, 0, range(2))
    assert noc.advance(5000) == []
    noc.watch(1, FLAG0, 1)
    assert noc.horizon <= 5000
    assert noc.advance(5000) == [(1, (9 + 4) * 10)]
    assert noc.horizon == math.inf
    assert noc.advance(5000) == []


def test_a_satisfied_watch_survives_what_others_do_before_advance(noc):
    noc.advance(5000)
    noc.watch(2, FLAG0, 0)
    noc.send(0, (1,), RX, 5000, [0])
    assert noc.horizon <= 5000
    assert noc.take(1, 5000).tolist() == []
    assert noc.horizon <= 5000
    assert noc.advance(5000) == [(2, 0)]


def test_a_pe_has_one_watch(noc):
    noc.watch(1, FLAG0, 1)
    with pytest.raises(AssertionError, match="already watching"):
        noc.watch(1, FLAG1, 1)
