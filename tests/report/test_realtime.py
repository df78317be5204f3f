"""The real-time report of traces made by hand: deadlines to the tick, waits, what overran first."""

import numpy as np
import pytest

from spinn2sim.report import real_time
from spinn2sim.report.realtime import Tightest
from spinn2sim.trace import Cause
from tests.report.traces import PERIOD, Story


def test_response_runs_from_the_release_to_the_end_and_slack_is_the_rest():
    times = real_time(Story(n_pe=1).step(0, 0, 300).step(0, 1, 999).trace())
    assert times.period == PERIOD
    assert times.response.tolist() == [[300, 999]]
    assert times.slack.tolist() == [[700, 1]]


def test_a_step_that_ends_exactly_at_its_deadline_is_not_late():
    times = real_time(Story(n_pe=1).step(0, 0, PERIOD).trace())
    assert times.slack.tolist() == [[0]]
    assert times.overruns == 0


def test_a_step_that_ends_one_tick_after_its_deadline_is_late():
    story = Story(n_pe=1, per_cycle=3)
    times = real_time(story.step(0, 0, 3 * PERIOD + 1).trace())
    assert times.response.tolist() == [[PERIOD + 1]]
    assert times.slack.tolist() == [[-1]]
    assert times.overruns == 1


@pytest.mark.parametrize(("took", "slack"), [(2_000, 0), (2_001, 0), (2_002, -1), (2_003, -1)])
def test_a_period_that_is_no_whole_number_of_cycles_is_kept_to_the_tick(took, slack):
    story = Story(n_pe=1, per_cycle=2)
    times = real_time(story.step(0, 0, took).trace(period=2_001))
    assert times.slack.tolist() == [[slack]]


def test_every_late_step_of_every_pe_is_an_overrun():
    story = Story(n_pe=2).step(0, 0, 1_001).step(0, 1, 999).step(1, 0, 5_000).step(1, 1, 4_000)
    assert real_time(story.trace()).overruns == 3


def test_the_tightest_step_is_the_one_with_the_least_slack():
    story = Story(n_pe=2).step(0, 0, 500, ("a", 500)).step(0, 1, 700, ("a", 600), ("b", 100))
    story.step(1, 0, 800, ("c", 800)).step(1, 1, 100, ("d", 100))
    assert real_time(story.trace()).tightest == Tightest(1, 0, "c")


def test_the_first_overrun_is_the_first_in_time_not_the_worst_nor_of_the_first_pe():
    story = Story(n_pe=2).step(0, 0, 100, ("a", 100)).step(0, 1, 9_000, ("a", 9_000))
    story.step(1, 0, 1_001, ("b", 1_001)).step(1, 1, 100, ("b", 100))
    assert real_time(story.trace()).tightest == Tightest(1, 0, "b")


def test_of_pes_that_overran_together_the_one_that_waited_least_is_to_blame():
    story = Story(n_pe=3)
    story.step(0, 0, 1_500, ("a", 100)).wait(0, 0, "sync", 100, 1_500)
    story.step(1, 0, 1_500, ("b", 1_400)).wait(1, 0, "sync", 1_400, 1_500)
    story.step(2, 0, 1_500, ("c", 100)).wait(2, 0, "packets", 100, 1_500)
    assert real_time(story.trace()).tightest == Tightest(1, 0, "b")


def test_the_function_that_ran_over_the_deadline_is_named():
    charges = ("a", 400), ("b.x", 200), ("b.y", 500), ("c", 300)
    assert real_time(Story(n_pe=1).step(0, 0, 1_400, *charges).trace()).tightest.label == "b"


def test_a_function_that_ends_at_the_deadline_did_not_run_over_it():
    charges = ("a", PERIOD), ("empty", 0), ("b", 1)
    times = real_time(Story(n_pe=1).step(0, 0, PERIOD + 1, *charges).trace())
    assert times.tightest.label == "b"


def test_a_wait_over_the_deadline_is_named():
    story = Story(n_pe=1).step(0, 0, 1_700, ("a", 400)).wait(0, 0, "host", 400, 1_500)
    story.recorder.work(0, 0, 1_500, (("b", 200, "step"),))
    assert real_time(story.trace()).tightest.label == "host wait"


def test_a_step_in_time_names_its_last_function():
    story = Story(n_pe=1).step(0, 0, 700, ("a", 400), ("b", 100), ("none", 0))
    story.wait(0, 0, "sync", 500, 700).wait(0, 0, "timer", 700, 1_000)
    assert real_time(story.trace()).tightest.label == "b"


def test_a_step_without_work_names_nothing():
    assert real_time(Story(n_pe=1).step(0, 0, 0).trace()).tightest == Tightest(0, 0, "nothing")


def test_a_run_without_steps_has_all_its_time_left():
    times = real_time(Story(n_pe=2).trace())
    assert times.slack.tolist() == [[PERIOD], [PERIOD]]
    assert times.tightest == Tightest(0, 0, "nothing")


def test_waits_are_added_up_by_cause_pe_and_step_in_cycles():
    story = Story(n_pe=2, per_cycle=2)
    for pe, timestep in np.ndindex(2, 2):
        story.step(pe, timestep, 2_000)
    story.wait(0, 0, "sync", 0, 20).wait(0, 0, "sync", 40, 44).wait(0, 0, "host", 50, 60)
    story.wait(1, 1, "dma", 0, 8).wait(1, 0, "packets", 0, 2).wait(1, 1, "sram", 10, 12)
    times = real_time(story.trace())
    assert {cause: cycles.tolist() for cause, cycles in times.waiting.items()} == {
        "timer": [[0, 0], [0, 0]],
        "sync": [[12, 0], [0, 0]],
        "host": [[5, 0], [0, 0]],
        "dma": [[0, 0], [0, 4]],
        "packets": [[0, 0], [1, 0]],
        "sram": [[0, 0], [0, 1]],
        "clock": [[0, 0], [0, 0]],
    }
    assert times.waiting_for_others.tolist() == [[12, 0], [1, 0]]


def test_every_cause_of_waiting_is_reported():
    causes = {cause.name.lower() for cause in Cause}
    assert set(real_time(Story().trace()).waiting) == causes


def test_the_sleep_after_the_last_step_is_its_slack():
    story = Story(n_pe=2).step(0, 0, 400).wait(0, 0, "timer", 400, 1_000).step(0, 1, 300)
    story.step(1, 0, 400).wait(1, 0, "timer", 400, 1_000).step(1, 1, 1_300)
    assert real_time(story.trace()).waiting["timer"].tolist() == [[600, 700], [600, 0]]


def test_what_happens_before_the_first_step_belongs_to_none():
    story = Story(n_pe=2).step(0, 0, 300, ("a", 300)).step(1, 0, 0)
    story.recorder.work(0, -1, -50, (("boot", 50, "step"),))
    story.recorder.wait(0, -1, Cause.HOST, -100, -50)
    story.recorder.send(0, -1, 5_000, [1], spikes=True)
    times = real_time(story.trace())
    assert times.busy.tolist() == [[300], [0]]
    assert times.waiting["host"].tolist() == [[0], [0]]
    assert times.late_packets == 0


def test_a_packet_is_late_after_the_deadline_of_its_step_not_at_it():
    story = Story(n_pe=2)
    for pe, timestep in np.ndindex(2, 2):
        story.step(pe, timestep, 1_000)
    story.send(0, 0, 1_000, 5).send(1, 1, 1_001, 3).send(1, 0, 10, 2).send(0, 1, 4_000, 4)
    assert real_time(story.trace()).late_packets == 7


def test_a_pe_alone_has_no_late_packets():
    assert real_time(Story(n_pe=1).step(0, 0, 2_000).send(0, 0, 1_500).trace()).late_packets == 0


def test_each_wait_for_the_host_is_a_late_input():
    story = Story(n_pe=2).step(0, 0, 100).step(1, 0, 100)
    story.wait(0, 0, "host", 0, 9).wait(1, 0, "host", 0, 9).wait(1, 0, "sync", 9, 10)
    assert real_time(story.trace()).late_inputs == 2


def test_utilisation_is_the_busy_share_of_each_pe():
    story = Story(n_pe=2).step(0, 0, 300, ("a", 300)).step(0, 1, 100, ("a", 100))
    story.step(1, 0, 900, ("a", 500), ("b", 400)).step(1, 1, 900, ("u", 900, "sample"))
    assert real_time(story.trace()).utilisation.tolist() == [0.2, 0.9]


def test_in_a_run_of_the_machine_work_and_waits_fill_every_period(paper_trace):
    times = real_time(paper_trace)
    assert (times.busy + sum(times.waiting.values()) == times.period).all()
