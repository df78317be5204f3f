"""The compiled NoC over many chips against a loop over every cycle: equal arrival by arrival."""

import re
from collections import Counter

import numpy as np
import pytest

from spinn2sim import load_scenario, simulate
from spinn2sim.errors import DroppedFlagsError
from spinn2sim.hw.noc import Noc
from spinn2sim.units import Clock, Hz
from tests.hw.noc.boards import NOC_HZ, random_board_pattern
from tests.hw.noc.test_reference import by_time, in_time, noc_of, replay, run
from tests.hw.noc.test_windows import barriers

N_PATTERNS = 40


@pytest.fixture(scope="module")
def runs():
    return [run(random_board_pattern(seed)) for seed in range(N_PATTERNS)]


def test_every_packet_arrives_in_the_cycle_the_rules_say(runs):
    for pattern, noc, reference in runs:
        found = [tuple(arrival) for arrival in noc.arrivals().tolist()]
        assert found == by_time(reference.arrivals), pattern


def test_flits_drops_resends_and_losses_of_every_link_are_those_of_the_rules(runs):
    for pattern, noc, reference in runs:
        found = {
            link.name: (
                *(link.n_flits, link.peak_waiting, link.peak_at),
                *(link.n_dropped, link.n_resent, link.n_lost),
            )
            for link in noc.stats().links
            if link.n_flits or link.peak_waiting
        }
        counts = reference.timed_out, reference.resent, reference.lost
        assert found == {
            reference.map.name_of(link): (
                reference.flits[link],
                peak,
                reference.peak_waiting_at[link],
                *(each[link] for each in counts),
            )
            for link, peak in reference.peak_waiting.items()
            if peak
        }, pattern


def test_every_link_that_was_used_knows_the_router_that_it_leaves(runs):
    kinds = Counter()
    for _, noc, reference in runs:
        routers = {link.name: link.router for link in noc.stats().links}
        for link in reference.flits:
            kinds[link[0]] += 1
            found = routers[reference.map.name_of(link)]
            if link[0] == "inject":
                assert found is None
            else:
                chip = reference.map.home(link[1])[0] if link[0] == "eject" else link[1]
                assert found == (chip, reference.map.leaves(link))
    assert set(kinds) == {"inject", "mesh", "chip", "lookup", "eject"}


def test_the_first_drop_resend_and_loss_of_a_link_are_dated(runs):
    for _, noc, reference in runs:
        for link in noc.stats().links:
            firsts = zip(
                ("dropped", "resent", "lost"),
                (link.first_dropped, link.first_resent, link.first_lost),
                strict=True,
            )
            for what, tick in firsts:
                cycle = reference.first.get((what, link.name))
                assert tick == (None if cycle is None else cycle * reference.ticks_per_unit)


def test_every_delivery_due_is_made_dropped_lost_or_in_flight_at_any_time(runs):
    n_in_flight = 0
    for pattern, whole, reference in runs:
        stats = whole.stats()
        assert (stats.n_lost, stats.n_timed_out) == (
            reference.n_lost,
            reference.n_timed_out,
        )
        assert (stats.n_in_flight, stats.is_conserved) == (0, True)
        noc, last = noc_of(pattern), pattern.takes[-1].at
        for send in pattern.sends:
            send.to(noc)
        for stop in range(0, last, max(1, last // 10)):
            noc.advance(stop)
            n_in_flight += noc.stats().n_in_flight
            assert noc.stats().is_conserved
    assert n_in_flight


def test_small_steps_change_nothing(runs):
    for seed, (pattern, whole, _) in enumerate(runs):
        steps = np.random.default_rng(seed).integers(0, pattern.takes[-1].at, 40).tolist()
        stepped = noc_of(pattern)
        replay(stepped, in_time(*pattern.sends, *steps, *pattern.takes))
        assert np.array_equal(stepped.arrivals(), whole.arrivals()), pattern
        assert stepped.stats() == whole.stats()


def test_the_patterns_cross_chips_and_meet_every_mishap(runs):
    seen = Counter()
    for pattern, noc, _ in runs:
        stats = noc.stats()
        seen["event router"] += pattern.chip.routed_by is not None
        seen["other clock"] += (
            pattern.chip.routed_by is not None
            and pattern.chip.routed_by.clock != pattern.chip.noc.clock
        )
        seen["many chips"] += any(
            link.n_flits for link in stats.links if link.name.startswith("chip-link")
        )
        seen["dropped"] += stats.n_timed_out > 0
        seen["lost"] += stats.n_lost > 0
        seen["resent"] += any(link.n_resent for link in stats.links)
    kinds = ("event router", "other clock", "many chips", "dropped", "lost", "resent")
    assert min(seen[kind] for kind in kinds) > 0.08 * N_PATTERNS, seen


def test_whole_windows_are_the_same_on_many_chips():
    n_windows = 0
    for seed in range(N_PATTERNS):
        pattern = random_board_pattern(seed)
        if pattern.chip.routed_by is not None:
            continue
        board = pattern.board.with_changes(drop_cycles=10_000)
        nocs = [
            Noc(
                chip=pattern.chip,
                n_pe=pattern.n_pe,
                clock=Clock(Hz(NOC_HZ * pattern.ticks_per_cycle), pattern.ticks_per_cycle),
                board=board,
                record_arrivals=True,
                by_window=by_window,
            )
            for by_window in (True, False)
        ]
        seen = [barriers(pattern, noc) for noc in nocs]
        assert seen[0] == seen[1], pattern
        assert nocs[0].arrivals().tolist() == nocs[1].arrivals().tolist(), pattern
        n_windows += nocs[0].windows.counts[1]
    assert n_windows > 2


@pytest.mark.slow
@pytest.mark.parametrize("n_pe", [144, 192])
def test_a_barrier_over_two_chips_ends_or_the_message_names_the_event_routers(n_pe):
    """Half of the PEs on each chip; with 96 on each, flags are dropped."""
    scenario = load_scenario(
        "experiments/scenarios/board_9chips.yaml",
        overrides=[
            *(f"n_pe={n_pe}", f"board.system_pes={152 - n_pe // 2}", "parameters.n_rounds=1"),
            "chip.noc.multicast=event_router",
        ],
    )
    if n_pe == 144:
        assert not simulate(scenario).tables["mishaps"]["count"].size
        return
    with pytest.raises(DroppedFlagsError) as error:
        simulate(scenario)
    message = str(error.value).splitlines()[-1]
    assert re.fullmatch(
        r"  \d+ packets were dropped, which waited for longer than chip.event_router.drop_cycles = "
        r"50 or board.drop_cycles: \d+ in the event router of chip \([01],0\) before "
        r"'\(4,.\)->.*'; packets of several chips wait for one another in a circle, and "
        r"patience does not help: keep each barrier on one chip, or set chip.noc.multicast=tree",
        message,
    ), message
