"""The ledger: what went wrong, counted by kind and PE, with the first time it did."""

from spinn2sim.report.ledger import FAULTS, KINDS, MISHAPS, ledger, ledger_totals
from spinn2sim.report.realtime import real_time
from spinn2sim.trace import Fault, Mishap
from tests.report.traces import PERIOD, Story


def found(story):
    """(kind, PE, count, first step, first tick) of each row."""
    return [
        (row.kind, row.pe, row.count, row.first_timestep, round(row.first_s * 1e6))
        for row in ledger(story.trace())
    ]


def two_steps(*took):
    """Each PE runs two time steps, for *took* ticks each."""
    story = Story(n_pe=len(took), n_timesteps=2)
    for pe, ticks in enumerate(took):
        story.step(pe, 0, ticks).step(pe, 1, ticks)
    return story


def test_a_run_in_which_all_goes_well_has_an_empty_ledger(paper_trace):
    assert ledger(paper_trace) == ()
    assert ledger_totals(()) == dict.fromkeys(KINDS, 0)
    assert found(two_steps(PERIOD, 1)) == []


def test_a_missed_deadline_is_dated_with_the_deadline():
    assert found(two_steps(PERIOD, PERIOD + 1)) == [("deadline_miss", 1, 2, 1, PERIOD)]


def test_a_packet_after_the_deadline_is_dated_with_its_departure():
    story = two_steps(PERIOD + 90, PERIOD).send(0, 0, PERIOD, 5)
    story.send(0, 0, PERIOD + 70, 3).send(0, 1, PERIOD + 1, 1)
    assert found(story)[1:] == [("late_packet", 0, 4, 1, PERIOD + 70)]
    assert real_time(story.trace()).late_packets == 4


def test_the_packets_of_a_lone_pe_are_never_late():
    story = two_steps(PERIOD + 90).send(0, 0, PERIOD + 70)
    assert [row[0] for row in found(story)] == ["deadline_miss"]


def test_waits_for_the_host_are_late_inputs_and_other_waits_are_not():
    story = two_steps(1, 1).wait(0, 1, "host", 20, 30).wait(0, 0, "host", 500, 510)
    story.wait(1, 0, "sync", 0, 5)
    assert found(story) == [("late_input", 0, 2, 0, 500)]


def test_drops_and_overwrites_of_a_fifo_are_dated_by_the_first():
    story = two_steps(1, 1, 1)
    story.recorder.rows["pes"] = [
        (0, 9, 9, 0, 0, 1, -1, 0),
        (1, 9, 6, 3, 0, 1, 1_234, 0),
        (2, 9, 9, 0, 2, 1, 77, 0),
    ]
    assert found(story) == [
        ("packet_dropped", 1, 3, 1, 1_234),
        ("packet_overwritten", 2, 2, 0, 77),
    ]


def test_faults_count_their_amount_but_stalls_their_occurrences():
    story = two_steps(1, 1)
    story.rows(
        "faults",
        (Fault.HOST_STALL, 0, 50, 9_999),
        (Fault.HOST_STALL, 0, 60, 9_999),
        (Fault.DMA_RETRY, 0, 70, 2),
        (Fault.DMA_FAILURE, 0, 80, 1),
        (Fault.PE_DEATH, 1, 1_000, 1),
    )
    assert found(story) == [
        ("host_stall", 0, 2, 0, 50),
        ("dma_retry", 0, 2, 0, 70),
        ("dma_failure", 0, 1, 0, 80),
        ("pe_death", 1, 1, 1, 1_000),
    ]


def test_ops_of_a_slow_pe_count_if_they_took_longer():
    story = Story(n_pe=2, n_timesteps=2).step(0, 0, 30, ("work", 10), ("slow_pe", 20))
    story.step(0, 1, 30, ("work", 10), ("slow_pe", 20)).step(1, 0, 5, ("work", 5), ("slow_pe", 0))
    story.step(1, 1, 7, ("named later", 7))
    assert found(story) == [("slow_pe", 0, 2, 0, 0)]


def test_what_happened_on_links_comes_last_by_kind_and_link():
    story = two_steps(PERIOD + 1)
    story.meta["links"] = ["first", "second"]
    story.rows(
        "mishaps",
        (Mishap.TIMED_OUT, 1, 20, 4),
        (Mishap.RESENT, 0, 1_500, 7),
        (Mishap.LOST, 1, 30, 2),
        (Mishap.LOST, 0, 40, 1),
    )
    rows = ledger(story.trace())
    assert [row.kind for row in rows[:1]] == ["deadline_miss"]
    assert [(row.kind, row.pe, row.link, row.count, row.first_timestep) for row in rows[1:]] == [
        ("packet_lost", None, "first", 1, 0),
        ("packet_lost", None, "second", 2, 0),
        ("packet_timed_out", None, "second", 4, 0),
        ("packet_resent", None, "first", 7, 1),
    ]
    assert rows[1].place == "first"
    totals = ledger_totals(rows)
    assert (totals["packet_lost"], totals["packet_timed_out"], totals["packet_resent"]) == (3, 4, 7)


def test_every_fault_and_mishap_has_a_kind_with_words():
    assert (set(FAULTS), set(MISHAPS)) == (set(Fault), set(Mishap))
    assert {*FAULTS.values(), *MISHAPS.values()} < set(KINDS)
