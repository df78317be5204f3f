"""The NoC as plain SimPy against the compiled one: the same calls, the same answers."""

import math
from dataclasses import replace
from functools import partial

import pytest

from spinn2sim import load_scenario, simulate
from spinn2sim.elaboration import scenario_workload
from spinn2sim.errors import SpecError
from spinn2sim.hw.noc import HopNoc, Noc, PacketKind
from spinn2sim.units import Clock, Hz
from spinn2sim.workload import Sample, Workload
from tests.hw.noc.meshes import Pattern, chip_of, random_pattern
from tests.hw.noc.test_windows import barriers

N_PATTERNS = 40


def of(kind, pattern):
    clock = Clock(Hz(1_000_000 * pattern.ticks_per_cycle), pattern.ticks_per_cycle)
    return kind(chip=pattern.chip, n_pe=pattern.n_pe, clock=clock, record_arrivals=True)


def traffic(pattern, noc):
    """Send all of *pattern*, take what it says and when; all answers on the way."""
    for send in pattern.sends:
        send.to(noc)
    for pe in range(pattern.n_pe):
        noc.watch(pe, PacketKind.RX, 3)
    seen = []
    for take in pattern.takes:
        while fired := noc.advance(take.at):
            seen.append(fired)
        seen.append(noc.horizon > take.at)
        seen.append(noc.take(take.pe, take.at, take.parity, take.at_most).tolist())
    while fired := noc.advance(math.inf):
        seen.append(fired)
    return seen


def outcome(exercise, pattern, noc):
    """All that can be seen of a network after *exercise*."""
    return (
        exercise(pattern, noc),
        noc.arrivals().tolist(),
        noc.stats(),
        [noc.level(pe) for pe in range(pattern.n_pe)],
        [noc.count(pe, kind) for pe in range(pattern.n_pe) for kind in PacketKind],
    )


def agree(exercise, seeds):
    for seed in seeds:
        pattern = random_pattern(seed)
        hop = outcome(exercise, pattern, of(HopNoc, pattern))
        assert outcome(exercise, pattern, of(Noc, pattern)) == hop, seed
        by_cycle = of(partial(Noc, by_window=False), pattern)
        assert outcome(exercise, pattern, by_cycle) == hop, seed


@pytest.mark.parametrize("exercise", [traffic, barriers])
def test_all_three_computations_agree_tick_for_tick(exercise):
    agree(exercise, range(N_PATTERNS))


@pytest.mark.slow
@pytest.mark.parametrize("exercise", [traffic, barriers])
def test_all_three_computations_agree_on_300_machines(exercise):
    agree(exercise, range(N_PATTERNS, 300))


@pytest.mark.parametrize(
    ("field", "more"),
    [
        ("hop_cycles", 1),
        ("link_cycles", 1),
        ("inject_cycles", 1),
        ("eject_cycles", 1),
        ("fifo_flits", 1),
    ],
)
@pytest.mark.parametrize("kind", [HopNoc, Noc, partial(Noc, by_window=False)])
def test_a_network_that_is_off_by_one_is_told_from_the_others(kind, field, more):
    for seed in range(N_PATTERNS):
        pattern = random_pattern(seed)
        noc = pattern.chip.noc
        chip = pattern.chip.with_changes(
            noc=noc.with_changes(**{field: getattr(noc, field) + more})
        )
        wrong = replace(pattern, chip=chip)
        found = outcome(barriers, wrong, of(kind, wrong))
        if found != outcome(barriers, pattern, of(HopNoc, pattern)):
            return
    pytest.fail(f"nobody notices {field} + {more}")


def test_deliveries_are_conserved_while_packets_are_under_way():
    for seed in range(20):
        pattern = random_pattern(seed)
        hop = of(HopNoc, pattern)
        for send in pattern.sends:
            send.to(hop)
        in_flight = set()
        for cycle in range(0, 400, 7):
            hop.advance(cycle * pattern.ticks_per_cycle)
            assert hop.stats().is_conserved
            in_flight.add(hop.stats().n_in_flight)
        assert len(in_flight) > 2 or not pattern.sends


def test_a_run_of_the_papers_network_has_the_same_digest():
    scenario = load_scenario(preset="paper-12pe")
    whole = scenario_workload(scenario)
    short = Sample("short", whole.samples[0].values[:12], 3)
    traces = [
        simulate(scenario, Workload((short,), whole.classes), timing=timing)
        for timing in ("hop", "simpy")
    ]
    assert [trace.timed_by for trace in traces] == ["hop", "simpy"]
    assert traces[0].digest() == traces[1].digest()


def test_links_of_other_clocks_are_refused_with_the_timing_that_has_them():
    parts = ("name=x", "firmware=firmware_models.ping:Ping", "n_pe=4")
    routed = "chip.noc.multicast=event_router"
    scenario = load_scenario(preset="spinnaker2-board", overrides=(*parts, routed))
    with pytest.raises(SpecError) as refused:
        simulate(scenario, timing="hop")
    assert str(refused.value) == (
        "timing hop: the reference network has no event routers, and drops nothing that waits; "
        "use --timing simpy"
    )


def test_a_run_on_a_board_that_drops_nothing_has_the_same_digest():
    parts = ("name=x", "firmware=firmware_models.ping:Ping", "parameters.n_rounds=1", "n_pe=150")
    scenario = load_scenario(preset="spinnaker2-board", overrides=parts)
    digests = {simulate(scenario, timing=timing).digest() for timing in ("hop", "simpy")}
    assert len(digests) == 1


@pytest.mark.parametrize("pes_per_qpe", [57, 58, 59, 64])
def test_routers_take_turns_among_more_ports_than_a_number_has_bits(pes_per_qpe):
    """61, 62, 63 and 68 ports: the compiled NoC tells up to 62 of them by the bits of one."""
    chip, n_pe = chip_of(((0, 0), (1, 0)), pes_per_qpe), 2 * pes_per_qpe
    nocs = [of(kind, Pattern(chip, n_pe, 1, [], [])) for kind in (HopNoc, Noc)]
    for noc in nocs:
        for pe in range(n_pe):
            others = tuple(other for other in range(pe % 5, n_pe, 5) if other != pe)
            noc.send(pe, others, PacketKind.RX, 0, [pe, pe])
        assert noc.advance(math.inf) == []
    hop, event = nocs
    assert hop.arrivals().tolist() == event.arrivals().tolist()
    assert hop.stats() == event.stats()
