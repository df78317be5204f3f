"""Runs that cannot go on: each ends with an error that says who, where and what to do."""

import pytest

from spinn2sim import load_scenario, simulate
from spinn2sim.errors import DeadlockError, FirmwareError, StarvationError
from spinn2sim.hw import pe
from spinn2sim.hw.noc import LinkStats, NocStats
from spinn2sim.hw.stuck import _drops
from tests.hw.machine import PERIOD, rows, run, scenario_of, steps, workload_of


def error_of(kind, programs, *overrides, **given):
    with pytest.raises(kind) as error:
        run(programs, *overrides, **given)
    return str(error.value)


def error_for_ever(firmware, *overrides, n_pe=1, n_timesteps=1, **parameters):
    scenario = scenario_of(*overrides, firmware=firmware, n_pe=n_pe, **parameters)
    with pytest.raises(StarvationError) as error:
        simulate(scenario, workload_of(n_timesteps))
    return str(error.value)


def test_a_barrier_that_a_halted_pe_never_reaches():
    programs = [
        [("compute", "work", 65_000), ("barrier",)],
        [("barrier",), ("barrier",)],
        [("barrier",), ("compute", "work", 130_000), ("barrier",)],
        [],
    ]
    assert error_of(DeadlockError, programs) == (
        "deadlock: 3 of 4 PEs wait for ever (1 halted)\n"
        "  PE 0 waits in barrier since 1.000000 ms: sync flags of PE 3 (halted)\n"
        "  PE 1 waits in barrier since 0.000000 ms: sync flags of PE 3 (halted)\n"
        "  PE 2 waits in barrier since 0.000000 ms: sync flags of PE 3 (halted)"
    )


def test_a_barrier_that_waits_for_a_pe_in_receive():
    programs = [[("barrier",), ("barrier",)], [("barrier",), ("receive", 2)], [("barrier",)]]
    assert error_of(DeadlockError, programs) == (
        "deadlock: 2 of 3 PEs wait for ever (1 halted)\n"
        "  PE 0 waits in barrier since 0.000231 ms: sync flags of PE 1 (in receive), "
        "PE 2 (halted)\n"
        "  PE 1 waits in receive since 0.000231 ms: 2 packets (its FIFO holds 0, 0 were lost)"
    )


def test_a_pe_that_is_a_barrier_behind():
    programs = [[("barrier",), ("barrier",)], [("receive", 1)]]
    message = error_of(DeadlockError, programs)
    assert "PE 0 waits in barrier since 0.000000 ms: sync flags of PE 1 (in receive)" in message


def test_receiving_for_ever_tells_what_is_there():
    programs = [[("receive", 3)], [("multicast", [1, 2])]]
    assert error_of(DeadlockError, programs) == (
        "deadlock: 1 of 2 PEs wait for ever (1 halted)\n"
        "  PE 0 waits in receive since 0.000000 ms: 3 packets (its FIFO holds 2, 0 were lost)"
    )


def test_reading_input_after_its_end():
    programs = [[*[("read_input",)] * 3]]
    assert (
        error_of(DeadlockError, programs, workload=workload_of(2))
        .splitlines()[1]
        .endswith("input after its end")
    )


def test_a_barrier_that_misses_many_names_some_and_counts_the_rest():
    (line,) = error_of(DeadlockError, [[("barrier",)], *[[]] * 15]).splitlines()[1:]
    named = ", ".join(f"PE {number} (halted)" for number in range(1, 9))
    assert line == f"  PE 0 waits in barrier since 0.000000 ms: sync flags of {named}, 7 more"


def test_a_deadlock_of_many_names_first_who_keeps_the_others_waiting():
    programs = [[("barrier",)]] * 14 + [[("compute", "work", 650), ("receive",)], [("receive",)]]
    lines = error_of(DeadlockError, programs).splitlines()
    assert lines[0] == "deadlock: 16 of 16 PEs wait for ever (0 halted)"
    assert lines[1].startswith("  PE 15 waits in receive since 0.000000 ms: 1 packets")
    assert lines[2].startswith("  PE 14 waits in receive since 0.010000 ms: 1 packets")
    assert [line.split(" waits in ")[0] for line in lines[3:9]] == [f"  PE {n}" for n in range(6)]
    assert lines[9:] == ["  ... and 8 more PEs"]


def test_working_for_ever_without_the_timer():
    message = error_for_ever("ForEver", "patience_steps=50", op=["compute", "work", 10_000])
    assert message == (
        "PE 0 makes no progress after timestep -1: it has not waited for the timer in 50 time "
        "steps; wait for it in each one or raise patience_steps"
    )


@pytest.mark.parametrize(
    ("op", "kind", "n_pe"),
    [
        (["log", "x", 1], "Log", 1),
        (["compute", "x", 0], "Compute", 1),
        (["barrier"], "Barrier", 1),
        (["barrier"], "Barrier", 3),
        (["read_neighbour", "other", "x"], "ReadNeighbour", 2),
    ],
)
def test_ops_for_ever_without_the_timer(monkeypatch, op, kind, n_pe):
    monkeypatch.setattr(pe, "MAX_OPS_PER_STEP", 1_000)
    first = [["share", "x", 1, 0], ["barrier"]]
    assert error_for_ever("ForEver", n_pe=n_pe, first=first, op=op) == (
        f"PE 0 makes no progress after timestep -1: it has issued 1,000 ops without waiting for "
        f"the timer, the last a {kind}; wait for it in each time step, or end"
    )


def test_packets_back_and_forth_for_ever(monkeypatch):
    monkeypatch.setattr(pe, "MAX_OPS_PER_STEP", 1_000)
    assert "it has issued 1,000 ops" in error_for_ever("PingPong", n_pe=2)


def test_many_ops_in_each_time_step_are_no_endless_loop(monkeypatch):
    monkeypatch.setattr(pe, "MAX_OPS_PER_STEP", 1_000)
    run([[*[("log", "x", 1)] * 999, *[("wait_timer",), *[("log", "x", 1)] * 999] * 2]])


def test_waiting_for_the_timer_for_ever():
    message = error_for_ever("ForEver", "patience_steps=20", op=["wait_timer"], n_timesteps=30)
    assert message == (
        "PE 0 makes no progress after timestep 50: it waits for the timer 20 time steps after its "
        "input; end it with its input or raise patience_steps"
    )


def test_patience_ends_with_the_first_cycle_after_its_time_steps():
    just = [("compute", "work", 3 * PERIOD)]
    assert rows(run([just], "patience_steps=3"), "work")[0].start == 0
    late = [("compute", "work", 3 * PERIOD + 1)]
    assert "it has not waited for the timer" in error_of(
        StarvationError, [late], "patience_steps=3"
    )


def test_more_time_steps_than_the_input_has_are_no_endless_loop():
    programs = [[("wait_timer",)] * 50]
    assert len(steps(run(programs, "patience_steps=20", workload=workload_of(30)))) == 50


def test_a_pe_that_falls_ever_further_behind_is_late_but_not_stuck():
    program = [("wait_timer",), ("compute", "work", 5 * PERIOD // 2)] * 20
    trace = run([program], "patience_steps=3", workload=workload_of(20))
    behind = rows(trace, "steps")[-1].started - rows(trace, "steps")[-1].released
    assert behind > 3 * PERIOD


def test_a_program_without_ops_is_refused():
    with pytest.raises(FirmwareError) as error:
        simulate(scenario_of(firmware="NoProgram"), workload_of())
    assert str(error.value) == "PE 0: main() is no program; yield at least one op in it"


def test_yielding_what_is_no_op_is_refused():
    with pytest.raises(FirmwareError) as error:
        simulate(scenario_of(firmware="YieldsNumbers"), workload_of())
    assert str(error.value) == "PE 0: 5 is not an op; yield ops of PEContext only"


def test_a_payload_longer_than_a_packet_is_refused():
    programs = [[("multicast", [1, 2], ((1.0,), (1.0, 2.0, 3.0, 4.0, 5.0)))], []]
    assert error_of(FirmwareError, programs) == (
        "PE 0: a payload of 5 words; a packet carries 4; spread it over several packets"
    )


def test_two_payloads_with_one_key_are_refused():
    programs = [[("barrier",)], [("multicast", [7], ((1.0,),)), ("barrier",)]]
    assert error_of(FirmwareError, programs, n_pe=3) == (
        "PE 0: two packets with key 7 bring a payload; give every packet with a payload a key of "
        "its own"
    )


def stats_of(*dropped):
    links = tuple(LinkStats(name, 100, 1, n_dropped=n) for name, n in dropped)
    none = (0,)
    return NocStats(none, none, none, none, none, (None,), none, (None,), 0, links)


ROUTED = load_scenario(
    preset="paper-12pe", machine="spinnaker2-board", overrides=["chip.noc.multicast=event_router"]
).chip


def test_nothing_is_said_of_drops_if_there_were_none():
    assert not _drops(stats_of(("chip (0,0) (4,4)->(5,4)", 0)), ROUTED)


def test_drops_are_told_by_event_router_and_link_most_first_and_with_a_remedy():
    dropped = [("chip (0,0) (4,4)->(5,4)", 7), ("chip (1,0) (1,3)->(2,3)", 1_000)]
    assert _drops(stats_of(*dropped), ROUTED) == (
        "1,007 packets were dropped, which waited for longer than chip.event_router.drop_cycles = "
        "50 or board.drop_cycles: 1,000 before 'chip (1,0) (1,3)->(2,3)', 7 in the event router of "
        "chip (0,0) before '(4,4)->(5,4)'; packets of several chips wait for one another in a "
        "circle, and patience does not help: keep each barrier on one chip, or set "
        "chip.noc.multicast=tree"
    )


def test_with_trees_fewer_packets_at_once_are_the_remedy_and_eight_links_are_named():
    trees = ROUTED.with_changes(noc=ROUTED.noc.with_changes(multicast="tree"))
    dropped = [(f"chip (0,0) (4,4)->({x},4)", 20 - x) for x in range(10)]
    named = ", ".join(f"{20 - x} before 'chip (0,0) (4,4)->({x},4)'" for x in range(8))
    assert _drops(stats_of(*dropped), trees) == (
        "155 packets were dropped, which waited for longer than board.drop_cycles: "
        f"{named}, at 2 more links; packets of several chips wait for one another in a circle, and "
        "patience does not help: keep each barrier on one chip, or send fewer packets at once"
    )
