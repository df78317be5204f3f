"""Each fault by itself: what it does, what it costs, and how a run that cannot survive it ends."""

import pytest

from spinn2sim import simulate
from spinn2sim.errors import (
    DeadlockError,
    FirmwareError,
    LostPacketError,
    NetworkLossError,
    SpecError,
    StrictFaultError,
)
from spinn2sim.recording import record
from spinn2sim.replay import time_programs
from spinn2sim.report import clock_profile, real_time, summarise
from spinn2sim.report.ledger import ledger, ledger_totals
from spinn2sim.trace import Fault, Mishap
from tests.faults.network import N_PE, scenario, workload
from tests.hw.machine import APART, happenings, rows, scenario_of, steps, workload_of

LOSSY = {"noc_links": {"loss": 1.0}}

#: The way from PE 0 to PE 1, if each has a QPE of its own.
LINK = "(0,0)->(1,0)"


def faulty(programs, faults, *overrides, n_timesteps=1):
    """The trace of the ops *programs*, one for each PE, with *faults*."""
    wanted = scenario_of(*overrides, n_pe=len(programs), programs=programs)
    return simulate(wanted.with_changes(faults=faults), workload_of(n_timesteps))


def error_of(kind, programs, faults, *overrides):
    with pytest.raises(kind) as error:
        faulty(programs, faults, *overrides)
    return str(error.value)


def counts(trace):
    """Kinds of the ledger that are not zero."""
    return {kind: n for kind, n in ledger_totals(ledger(trace)).items() if n}


def lively(**faults):
    return simulate(scenario(**faults), workload())


# None


def test_faults_that_never_strike_change_nothing_that_happens():
    harmless = {
        "noc_links": {"loss": 0.0},
        "chip_links": {"loss": 0.0, "bit_error": 0.0},
        "host": {"probability": 0.0, "delay": ["1ms", "2ms"]},
        "slow": {"pes": [1], "factor": 1.0},
        "dead": {"pes": [2], "from_timestep": 1_000},
        "dma": {"probability": 0.0},
        "fifo_events": 1_000_000,
    }
    plain, quiet = lively(on_board=True), lively(**harmless)
    tables = (happenings(plain), happenings(quiet))
    for found in tables:
        found["work"] = [  # An op of a slow PE has one charge more, here of no cycles.
            (*row[:3], [part for part in row[3] if part[1]]) for row in found["work"]
        ]
    assert tables[0] == tables[1]
    assert counts(quiet) == counts(plain) == {}


def test_the_same_seeds_fail_in_the_same_way_and_others_in_another():
    host = {"probability": 0.5, "delay": ["0ns", "1ms"]}
    same, again = (lively(host=host, seed=1) for _ in range(2))
    other = lively(host=host, seed=2)
    assert same.digest() == again.digest()
    assert rows(same, "faults") != rows(other, "faults")


# Links


def mishaps(trace, mishap):
    """(link, tick of the first, packets) of each link that had *mishap*."""
    names = trace.meta["links"]
    return [(names[row.link], row.at, row.count) for row in rows(trace, "mishaps", mishap=mishap)]


def test_a_lost_spike_is_missing_and_counted_and_nobody_waits_for_it():
    """Handed over in cycle 0, it enters a cycle later, is injected in 4 and hops in 5."""
    trace = faulty([[("multicast", [7, 8])], [], []], LOSSY, *APART)
    assert counts(trace) == {"packet_lost": 4}
    assert trace.tables["pes"]["packets_expected"].tolist() == [0, 2, 2]
    assert trace.tables["pes"]["packets_delivered"].tolist() == [0, 0, 0]
    (there, first, count), (up, *_) = mishaps(trace, Mishap.LOST)
    assert (there, up, count) == (LINK, "(0,0)->(0,1)", 2)
    assert first == rows(trace, "sends")[0].at + 1 + 4 + 5
    row = ledger(trace)[0]
    assert (row.kind, row.pe, row.link, row.count) == ("packet_lost", None, LINK, 2)
    assert summarise(trace).packets_lost == 4
    assert "(links lost packets); no timer tick overran; 4 packets lost" in summarise(trace).verdict


def test_a_packet_for_two_that_is_lost_on_a_shared_link_counts_once_and_reaches_neither():
    changes = (*APART, "chip.noc.multicast=tree", "chip.qpes=[[0, 0], [1, 0], [2, 0]]")
    trace = faulty([[("multicast", [7])], [], []], LOSSY, *changes)
    assert counts(trace) == {"packet_lost": 1}
    assert trace.tables["pes"]["packets_expected"].tolist() == [0, 1, 1]
    assert trace.tables["pes"]["packets_delivered"].tolist() == [0, 0, 0]


def test_the_share_of_lost_packets_is_what_was_asked_for():
    n = 4_000
    trace = faulty([[("multicast", list(range(n)))], []], {"noc_links": {"loss": 0.1}}, *APART)
    assert counts(trace)["packet_lost"] / n == pytest.approx(0.1, abs=3 * (0.09 / n) ** 0.5)


def test_a_lost_sync_flag_is_reported_and_never_waited_for_silently():
    message = error_of(DeadlockError, [[("barrier",)]] * 2, LOSSY, *APART)
    why = (
        "sync flags, all of which were raised; 2 deliveries failed in the network, the first at "
        f"{LINK!r} 0.000154 ms after the start (lost)"
    )
    assert message == (
        "deadlock: 2 of 2 PEs wait for ever (0 halted)\n"
        f"  PE 0 waits in barrier since 0.000000 ms: {why}\n"
        f"  PE 1 waits in barrier since 0.000000 ms: {why}"
    )


def test_a_lost_beat_leaves_its_dma_waiting_and_the_message_says_so():
    programs = [[("dma_write", 1, "x", 0, 64), ("wait_dma",)], []]
    message = error_of(DeadlockError, programs, LOSSY, *APART)
    assert (
        "PE 0 waits in wait_dma since 0.000923 ms: beats to arrive (4 deliveries failed" in message
    )


def test_a_pe_that_waits_for_a_lost_packet_is_told_of_it():
    message = error_of(DeadlockError, [[("multicast", [7])], [("receive", 1)]], LOSSY, *APART)
    assert "1 packets (its FIFO holds 0, 0 were lost; 1 deliveries failed in the network" in message


def between_chips(faults, *overrides):
    """PE 0 sends PE 4, on the next chip, one packet."""
    programs = [[("multicast", [7])], [], [], [], [("receive", 1)]]
    fixed = scenario_of(*overrides, n_pe=5, programs=programs)
    on_board = scenario(*overrides, on_board=True)
    wanted = on_board.with_changes(
        n_pe=5, firmware=fixed.firmware, parameters=fixed.parameters, faults=faults
    )
    return simulate(wanted, workload_of())


def test_a_damaged_packet_arrives_later_by_as_often_as_it_is_sent_again():
    """Each time: the packet (5 cycles of the NoC at 300 MHz), the answer and the way (24 each)."""
    plain = between_chips(None)
    for seed in range(30):
        trace = between_chips({"chip_links": {"bit_error": 0.01, "max_resends": 20}, "seed": seed})
        n_resent = counts(trace).get("packet_resent", 0)
        waited = [rows(each, "waits", pe=4)[0].stop for each in (plain, trace)]
        noc_ticks = trace.timebase.clock(300_000_000).ticks_per_cycle
        pe_ticks = trace.timebase.clock(150_000_000).ticks_per_cycle
        late = n_resent * (5 + 2 * 24) * noc_ticks
        assert late <= waited[1] - waited[0] < late + pe_ticks
        if n_resent > 1:
            return
    pytest.fail("no packet was sent twice")


def test_a_packet_that_is_damaged_each_time_is_lost():
    with pytest.raises(DeadlockError) as error:
        between_chips({"chip_links": {"bit_error": 1.0, "max_resends": 2}})
    assert "'chip-link (0,0) E (1,0)'" in str(error.value)


def test_packets_that_were_sent_again_do_not_change_what_is_learnt():
    trace = lively(chip_links={"bit_error": 0.001, "max_resends": 20})
    plain = lively(on_board=True)
    assert {name: array.tobytes() for name, array in trace.arrays.items()} == {
        name: array.tobytes() for name, array in plain.arrays.items()
    }
    assert counts(trace)["packet_resent"] > 0
    assert summarise(trace).fits


def test_what_happens_on_a_link_is_in_the_ledger_by_link_and_in_order():
    trace = lively(chip_links={"bit_error": 0.001, "max_resends": 20})
    found = [(row.link, row.count) for row in ledger(trace) if row.kind == "packet_resent"]
    assert found == [(name, count) for name, _, count in mishaps(trace, Mishap.RESENT)]
    assert len(found) > 1
    assert all(name.startswith("chip-link") for name, _ in found)


# Receive FIFO


def test_a_forced_fifo_overflows_and_the_loss_is_counted():
    programs = [[("multicast", [1, 2, 3, 4, 5])], []]
    trace = faulty(programs, {"fifo_events": 2})
    assert counts(trace) == {"packet_dropped": 3}
    assert trace.meta["scenario"]["chip"]["comms"]["fifo_events"] == 1_024


def test_an_error_that_overflows_the_fifo_stops_eprop_by_name():
    with pytest.raises(FirmwareError, match="only 8 of 12 words of the output error have arrived"):
        lively(fifo_events=2)


# Host


def test_a_host_that_stalls_is_late_by_as_much_as_it_drew():
    """One PE; the third block is asked for with the last frame of the first: 5 steps are left."""
    reads = [op for _ in range(15) for op in (("wait_timer",), ("read_input",))]
    plain, stalled = (
        faulty([reads], faults, n_timesteps=15)
        for faults in (None, {"host": {"probability": 1.0, "delay": ["60ms", "60ms"]}})
    )
    done = [rows(trace, "refills", block=2)[0].finished for trace in (plain, stalled)]
    assert done[1] - done[0] == 6 * 650_000
    assert rows(stalled, "faults") == [
        (Fault.HOST_STALL, 0, done[0] - refill_ticks(plain), 3_900_000)
    ]
    assert counts(stalled)["late_input"] == 1
    assert counts(stalled)["host_stall"] == 1


def refill_ticks(trace):
    """From the moment the host serves block 2 to its last byte."""
    (row,) = rows(trace, "refills", block=2)
    return row.finished - row.started


def test_stalls_are_drawn_between_the_shortest_and_the_longest():
    trace = lively(host={"probability": 0.5, "delay": ["1ms", "3ms"]})
    amounts = [row.amount for row in rows(trace, "faults")]
    assert len(set(amounts)) > 5
    assert 65_000 <= min(amounts) <= max(amounts) <= 195_000
    n_refills = sum(row.block >= 2 for row in rows(trace, "refills"))
    assert 0.2 < len(amounts) / n_refills < 0.8


# PEs


def test_a_slow_pe_works_as_much_longer_as_the_factor_says_from_its_step_on():
    program = [op for _ in range(3) for op in (("wait_timer",), ("compute", "work", 1_001))]
    faults = {"slow": {"pes": [0], "factor": 2.5, "from_timestep": 1}}
    trace = faulty([program], faults, n_timesteps=3)
    assert [finished for _, finished in steps(trace)] == [32 + 1_001, 32 + 2_503, 32 + 2_503]
    slow = next(row for row in clock_profile(trace) if row.label == "slow_pe")
    assert slow.mean * 3 == 2 * 1_502
    assert counts(trace) == {"slow_pe": 2}


def test_a_slow_pe_makes_the_others_wait_and_learns_the_same():
    plain, slow = lively(), lively(slow={"pes": [3], "factor": 40.0})
    assert real_time(slow).overruns > 0
    assert real_time(slow).waiting["sync"].sum() > 10 * real_time(plain).waiting["sync"].sum()
    assert {name: array.tobytes() for name, array in slow.arrays.items()} == {
        name: array.tobytes() for name, array in plain.arrays.items()
    }


def test_a_dead_pe_is_named_by_those_who_wait_for_it():
    with pytest.raises(DeadlockError) as error:
        lively(dead={"pes": [4], "from_timestep": 2})
    assert len(error.value.waiting) == N_PE - 1
    missing = {missing for *_, missing in error.value.waiting}
    assert missing == {"sync flags of PE 4 (dead since timestep 2)"}


def test_a_dead_pe_that_nobody_waits_for_is_survived_and_in_the_report():
    program = [("wait_timer",)] * 3
    trace = faulty([program, program], {"dead": {"pes": [1], "from_timestep": 2}}, n_timesteps=3)
    assert [len(rows(trace, "steps", pe=pe)) for pe in (0, 1)] == [3, 2]
    (row,) = ledger(trace)
    assert (row.kind, row.pe, row.first_timestep, row.first_s) == ("pe_death", 1, 2, 0.02)
    summary = summarise(trace)
    assert not summary.fits
    assert summary.verdict.endswith("no timer tick overran; 1 PE died")


def test_a_run_of_which_all_pes_are_dead_from_the_start_ends():
    program = [("wait_timer",)]
    trace = faulty([program], {"dead": {"pes": [0], "from_timestep": 0}})
    assert counts(trace) == {"pe_death": 1}


# DMA


def test_each_failed_attempt_of_a_dma_takes_as_long_as_the_transfer():
    programs = [
        [("dma_write", 1, "x", 5, 1_600), ("wait_dma",), ("barrier",)],
        [("barrier",), ("take_dma", "x")],
    ]
    links = ("chip.noc.inject_cycles=1", "chip.noc.eject_cycles=1")
    plain = faulty(programs, None, *links)
    for seed in range(20):
        trace = faulty(
            programs,
            {"dma": {"probability": 0.5, "max_retries": 100}, "seed": seed},
            *links,
        )
        n_failed = counts(trace).get("dma_retry", 0)
        took = [rows(each, "dma")[0].finished for each in (plain, trace)]
        assert took[1] - took[0] == n_failed * 100 * 2  # 100 beats of 2 cycles
        assert trace.readout(1)["answers"].tolist() == plain.readout(1)["answers"].tolist()


def test_a_dma_given_up_leaves_its_pe_waiting_and_says_what_it_was():
    programs = [[("dma_write", 1, "x", 0, 64), ("wait_dma",)], []]
    faults = {"dma": {"probability": 1.0, "max_retries": 2}}
    assert error_of(DeadlockError, programs, faults) == (
        "deadlock: 1 of 2 PEs wait for ever (1 halted)\n"
        "  PE 0 waits in wait_dma since 0.000923 ms: a DMA of 64 B to PE 1, given up after 3 "
        "attempts"
    )


# Strict


@pytest.mark.parametrize(
    ("faults", "kind", "message"),
    [
        (
            LOSSY,
            NetworkLossError,
            "strict: 1 deliveries failed in the network; the first packet was",
        ),
        (
            {"dead": {"pes": [1], "from_timestep": 0}},
            StrictFaultError,
            "strict: PE 1: dead since timestep 0",
        ),
        ({"fifo_events": 1}, LostPacketError, "strict: the receive FIFO of PE 1 (1 events"),
    ],
)
def test_in_strict_mode_every_loss_is_an_error(faults, kind, message):
    n = 2 if "fifo_events" in faults else 1
    programs = [[("multicast", list(range(n)))], [("wait_timer",)]]
    assert message in error_of(kind, programs, faults, "strict=true", *APART)


# What is refused


def test_the_compiled_machine_refuses_faults_and_a_run_says_why_simpy_timed_it():
    wanted = scenario(noc_links={"loss": 0.0})
    with pytest.raises(SpecError) as error:
        record(wanted, workload())
    reason = "faults are for the SimPy machine"
    assert str(error.value) == f"compiled machine: {reason}; use timing simpy"
    with pytest.raises(SpecError) as error:
        time_programs(wanted, workload(), record(scenario(), workload()))
    assert str(error.value) == f"compiled machine: {reason}; use timing simpy"
    found = simulate(wanted, workload(), timing="compiled")
    assert found.timed_by == f"simpy: {reason}"
    assert found.digest() == simulate(wanted, workload(), timing="simpy").digest()


def test_the_reference_network_refuses_faulty_links():
    with pytest.raises(SpecError) as error:
        simulate(scenario(noc_links={"loss": 0.1}), workload(), timing="hop")
    assert str(error.value) == (
        "timing hop: the reference network has no faulty links; use --timing simpy"
    )


def test_links_between_chips_fail_only_where_there_are_some():
    with pytest.raises(SpecError) as error:
        scenario().with_changes(faults={"chip_links": {"loss": 0.1}})
    assert "faults.chip_links: there is one chip and no link to another" in str(error.value)


def test_a_bit_error_on_the_noc_is_refused_with_what_to_say_instead():
    with pytest.raises(SpecError) as error:
        scenario(noc_links={"bit_error": 0.1})
    assert "links of the NoC have no CRC and send nothing again" in str(error.value)
    assert "say loss, or chip_links.bit_error on a board" in str(error.value)


def test_a_pe_that_does_not_run_cannot_fail():
    with pytest.raises(SpecError) as error:
        scenario(dead={"pes": [3, 12], "from_timestep": 0})
    assert "faults: there is no PE 12; the scenario runs PEs 0 to 11" in str(error.value)


def test_a_delay_has_its_shorter_end_first():
    with pytest.raises(SpecError) as error:
        scenario(host={"probability": 1, "delay": ["2ms", "1ms"]})
    assert "delay: the shortest, 2ms, is above the longest, 1ms" in str(error.value)
