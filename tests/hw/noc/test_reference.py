"""The compiled NoC against a loop over every cycle and every router: equal arrival by arrival."""

import math
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from spinn2sim.hw.noc import Noc, PacketKind, memory
from spinn2sim.hw.noc.routing import Multicast
from spinn2sim.units import Clock, Hz
from tests.hw.noc.meshes import Send, Take, random_pattern
from tests.hw.noc.reference import ReferenceNoc

N_PATTERNS = 240


def noc_of(pattern):
    return Noc(
        chip=pattern.chip,
        n_pe=pattern.n_pe,
        clock=Clock(Hz(1_000_000), pattern.ticks_per_cycle),
        board=pattern.board,
        multicasts=[Multicast(send.source, send.targets) for send in pattern.sends],
        faults=pattern.faults,
        record_arrivals=True,
    )


def reference_of(pattern, noc):
    """The faults of a link depend on its number, which is its place in the NoC's list."""
    numbers = {link.name: number for number, link in enumerate(noc.stats().links)}
    return ReferenceNoc(
        pattern.chip,
        pattern.n_pe,
        pattern.ticks_per_cycle,
        board=pattern.board,
        faults=pattern.faults,
        numbers=numbers,
    )


def replay(noc, stops):
    """Do *stops* (sends, takes, or mere ticks); the tags taken and the watches satisfied."""
    taken, hits = [], []
    for stop in stops:
        at = stop if isinstance(stop, int) else stop.at
        while fired := noc.advance(at):
            hits += fired
        if isinstance(stop, Send):
            stop.to(noc)
        elif isinstance(stop, Take):
            taken.append(noc.take(stop.pe, at, stop.parity, stop.at_most).tolist())
    return taken, hits


def in_time(*stops):
    return sorted(stops, key=lambda stop: stop if isinstance(stop, int) else stop.at)


def settle(reference):
    """Run until nothing can happen any more; the tick after that."""
    quiet = 0
    while quiet < 20 + reference.map.longest_patience and not (quiet and reference.is_idle()):
        before = sum(reference.flits.values()), reference.n_timed_out
        reference.step()
        moves = reference.landing or any(reference.handed)
        after = sum(reference.flits.values()), reference.n_timed_out
        quiet = 0 if moves or after != before else quiet + 1
    return reference.cycle * reference.ticks_per_unit


def run(pattern):
    """(pattern, NoC, reference) once no packet is left; takes are compared on the way.

    The pattern returned has the takes that this needed.
    """
    noc = noc_of(pattern)
    reference = reference_of(pattern, noc)
    expected = []
    for send in pattern.sends:
        send.to(noc)
        send.to(reference)
    for take in pattern.takes:
        reference.advance(take.at // reference.ticks_per_unit)
        expected.append(reference.take(take.pe, take.parity, take.at_most))
    taken, _ = replay(noc, pattern.takes)
    assert taken == expected, pattern
    takes = list(pattern.takes)
    while True:
        assert noc.advance(math.inf) == []
        at = settle(reference)
        emptied = [Take(pe, at, None, None) for pe in range(pattern.n_pe)]
        taken, _ = replay(noc, emptied)
        assert taken == [reference.take(pe) for pe in range(pattern.n_pe)], pattern
        takes += emptied
        if not any(taken):
            return replace(pattern, takes=takes), noc, reference


@pytest.fixture(scope="module")
def runs():
    return [run(random_pattern(seed)) for seed in range(N_PATTERNS)]


def by_time(arrivals):
    return sorted(map(tuple, arrivals), key=lambda arrival: (arrival[2], arrival[1]))


def test_every_packet_arrives_in_the_cycle_the_rules_say(runs):
    for pattern, noc, reference in runs:
        found = [tuple(arrival) for arrival in noc.arrivals().tolist()]
        assert found == by_time(reference.arrivals), pattern


def test_counts_losses_and_peaks_are_those_of_the_rules(runs):
    for pattern, noc, reference in runs:
        pes = range(pattern.n_pe)
        stats = noc.stats()
        assert stats.n_sent == tuple(reference.sent[pe] for pe in pes)
        assert stats.n_expected == tuple(reference.expected[pe] for pe in pes)
        assert stats.n_delivered == tuple(reference.delivered[pe] for pe in pes)
        assert stats.n_dropped == tuple(reference.dropped[pe] for pe in pes)
        assert stats.n_overwritten == tuple(reference.overwritten[pe] for pe in pes)
        assert stats.first_loss == tuple(reference.first_loss.get(pe) for pe in pes)
        assert stats.peak_fifo == tuple(reference.peak_fifo[pe] for pe in pes)
        assert stats.peak_fifo_at == tuple(reference.peak_fifo_at.get(pe) for pe in pes)
        for pe in pes:
            for kind in PacketKind:
                assert noc.count(pe, kind) == reference.count[pe, kind]


def test_flits_and_queues_of_every_link_are_those_of_the_rules(runs):
    for _, noc, reference in runs:
        found = {
            link.name: (link.n_flits, link.peak_waiting, link.peak_at)
            for link in noc.stats().links
            if link.n_flits
        }
        assert found == {
            reference.map.name_of(link): (
                n_flits,
                reference.peak_waiting[link],
                reference.peak_waiting_at[link],
            )
            for link, n_flits in reference.flits.items()
        }


def test_most_patterns_make_packets_wait_and_every_policy_meets_full_fifos(runs):
    n_late, full = 0, Counter()
    for pattern, noc, reference in runs:
        n_late += any(
            cycle > uncontended(pattern, reference, tag, pe)
            for tag, pe, cycle in noc.arrivals().tolist()
        )
        stats = noc.stats()
        full["drop"] += any(stats.n_dropped)
        full["overwrite"] += any(stats.n_overwritten)
        stalls = pattern.chip.comms.overflow == "stall"
        full["stall"] += stalls and pattern.chip.comms.fifo_events in stats.peak_fifo
    assert n_late > 0.75 * N_PATTERNS
    assert min(full[policy] for policy in ("drop", "overwrite", "stall")) > 0.1 * N_PATTERNS


def uncontended(pattern, reference, tag, pe):
    """The cycle in which the packet would arrive were it alone."""
    send = next(send for send in pattern.sends if tag in send.tags)
    at = send.at + send.tags.index(tag) * send.spacing
    hops = np.abs(np.subtract(reference.map.home(send.source), reference.map.home(pe))).sum()
    noc = pattern.chip.noc
    entry = -(-at // pattern.ticks_per_cycle) + 1
    return entry + noc.inject_cycles + hops * noc.hop_cycles + noc.eject_cycles


def test_deliveries_due_are_made_or_dropped_or_in_flight_at_any_time(runs):
    n_in_flight = 0
    for pattern, _, _ in runs:
        noc, last = noc_of(pattern), pattern.takes[-1].at
        for send in pattern.sends:
            send.to(noc)
        for stop in range(0, last, last // 10):
            noc.advance(stop)
            n_in_flight += noc.stats().n_in_flight
            assert noc.stats().is_conserved
    assert n_in_flight


def test_nothing_is_left_in_flight_when_all_fifos_are_emptied(runs):
    for _, noc, _ in runs:
        stats = noc.stats()
        assert (stats.n_in_flight, stats.is_conserved) == (0, True)
        assert noc.horizon == math.inf


def test_neither_small_steps_nor_late_calls_of_send_change_anything(runs):
    for seed, (pattern, whole, _) in enumerate(runs):
        steps = np.random.default_rng(seed).integers(0, pattern.takes[-1].at, 60).tolist()
        stepped = noc_of(pattern)
        replay(stepped, in_time(*pattern.sends, *steps, *pattern.takes))
        assert np.array_equal(stepped.arrivals(), whole.arrivals()), pattern
        assert stepped.stats() == whole.stats()


def test_memory_that_grows_in_the_smallest_steps_changes_nothing(runs, monkeypatch):
    monkeypatch.setattr(memory, "MIN_GROWTH", 1)
    for pattern, whole, _ in runs:
        noc = noc_of(pattern)
        replay(noc, in_time(*pattern.sends, *pattern.takes))
        assert np.array_equal(noc.arrivals(), whole.arrivals()), pattern
        assert noc.stats() == whole.stats()


def test_nothing_happens_before_the_horizon_and_something_at_it(runs):
    for pattern, _, _ in runs[:60]:
        noc, n_stops = noc_of(pattern), 0
        for send in pattern.sends:
            send.to(noc)
        while noc.horizon < pattern.takes[-1].at:
            n_stops += 1
            before = noc.horizon
            assert noc.advance(before - 1) == []
            assert noc.horizon == before
            assert noc.advance(before) == []
            assert noc.horizon > before
        assert n_stops or not pattern.sends


def test_a_watch_stops_at_the_delivery_that_reaches_its_threshold(runs):
    n_watches = 0
    for seed, (pattern, whole, _) in enumerate(runs):
        rng = np.random.default_rng(seed)
        sent = {tag: send for send in pattern.sends for tag in send.tags}
        cycles = {}
        for tag, pe, cycle in whole.arrivals().tolist():
            counts_at = sent[tag].source if sent[tag].kind == PacketKind.DMA else pe
            cycles.setdefault(counts_at, {}).setdefault(sent[tag].kind, []).append(cycle)
        noc, expected = noc_of(pattern), []
        for pe, by_kind in cycles.items():
            kind = list(by_kind)[rng.integers(len(by_kind))]
            threshold = int(rng.integers(1, len(by_kind[kind]) + 1))
            noc.watch(pe, kind, threshold)
            expected.append((by_kind[kind][threshold - 1] * pattern.ticks_per_cycle, pe))
        _, hits = replay(noc, in_time(*pattern.sends, *pattern.takes))
        assert hits == [(pe, tick) for tick, pe in sorted(expected)]
        assert np.array_equal(noc.arrivals(), whole.arrivals())
        n_watches += len(expected)
    assert n_watches > N_PATTERNS
