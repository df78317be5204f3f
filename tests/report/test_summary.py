"""The summary: what fits, what binds, and the verdict in full."""

import json

import pytest

from spinn2sim import load_scenario, simulate
from spinn2sim.feasibility import noise
from spinn2sim.report import summarise
from tests.report.traces import PERIOD, Story

SMALL_SRAM = ("chip.pe.sram.data_bytes=25KB", "chip.pe.sram.check=relaxed")


def eprop(*overrides, n_timesteps=4):
    scenario = load_scenario(preset="paper-12pe", overrides=overrides)
    return summarise(simulate(scenario, noise(scenario, n_timesteps)))


def balanced(*, busy, wait):
    """Two PEs that work, then wait for the NoC alike."""
    story = Story(n_pe=2)
    for pe in (0, 1):
        story.step(pe, 0, busy + wait, ("a", busy)).wait(pe, 0, "sync", busy, busy + wait)
    return story


def with_arrays(n_bytes, story=None):
    story = story or Story(*SMALL_SRAM, n_pe=1).step(0, 0, 100, ("a", 100))
    return story.trace(layouts=[[["x", "float32", [n_bytes // 4], n_bytes, False]]])


def test_too_slow_a_clock_binds_by_compute():
    found = eprop("chip.pe.clock=15MHz")
    assert (found.fits, found.bound_by) == (False, "compute")
    assert found.overruns == 12 * 4


def test_too_small_a_memory_binds_by_memory():
    found = eprop("parameters.n_rec=144", "chip.pe.sram.check=relaxed")
    assert (found.fits, found.bound_by) == (False, "memory")
    assert found.overruns == 0
    assert found.utilisation["memory"] > 1


def test_too_slow_a_noc_binds_by_the_noc():
    found = eprop("chip.noc.clock=5kHz")
    assert (found.fits, found.bound_by) == (False, "noc")
    assert found.tightest["label"] == "sync wait"


def test_a_slow_noc_binds_by_the_noc_although_all_is_in_time():
    found = eprop("chip.noc.clock=80kHz", "parameters.n_rec=24")
    assert (found.fits, found.bound_by) == (True, "noc")


def test_too_slow_a_host_binds_by_the_host():
    found = eprop("host.write_rate=1Mbit/s", n_timesteps=16)
    assert (found.fits, found.bound_by) == (False, "host")
    assert found.late_inputs > 0
    assert found.tightest["label"] == "host wait"


def test_waiting_for_a_pe_that_works_is_compute_not_noc():
    story = Story(n_pe=2).step(0, 0, 900, ("a", 900)).wait(0, 0, "sync", 900, 910)
    story.step(1, 0, 910, ("b", 10)).wait(1, 0, "sync", 10, 910)
    found = summarise(story.trace())
    assert found.bound_by == "compute"
    assert found.utilisation["noc"] == pytest.approx(0.01)


def test_waiting_for_the_noc_is_noc():
    found = summarise(balanced(busy=100, wait=500).trace())
    assert found.bound_by == "noc"
    assert found.utilisation["noc"] == pytest.approx(0.5)


def test_waiting_for_its_own_dma_is_noc():
    story = Story(n_pe=2).step(0, 0, 900, ("a", 100)).wait(0, 0, "dma", 100, 900)
    found = summarise(story.step(1, 0, 10, ("a", 10)).trace())
    assert (found.bound_by, found.utilisation["noc"]) == ("noc", pytest.approx(0.8))


def test_what_took_most_of_the_first_late_step_binds():
    late = balanced(busy=400, wait=700).trace()
    assert summarise(late).bound_by == "noc"
    assert summarise(balanced(busy=700, wait=400).trace()).bound_by == "compute"


def test_memory_that_is_too_small_comes_before_time():
    story = Story(*SMALL_SRAM, n_pe=1).step(0, 0, 5 * PERIOD, ("a", 5 * PERIOD))
    found = summarise(with_arrays(1_028, story))
    assert (found.fits, found.bound_by, found.overruns) == (False, "memory", 1)


def test_memory_that_is_just_full_fits():
    found = summarise(with_arrays(1_024))
    assert (found.fits, found.utilisation["memory"]) == (True, 1)


def test_a_run_that_lost_packets_does_not_fit():
    story = Story(n_pe=2).step(0, 0, 100, ("a", 100)).step(1, 0, 100, ("a", 100))
    story.recorder.rows["pes"] = [(0, 9, 6, 3, 1, 5, 7, 0), (1, 4, 4, 0, 0, 3, -1, 0)]
    found = summarise(story.trace())
    assert (found.fits, found.bound_by, found.packets_lost) == (False, "noc", 4)
    assert found.verdict == (
        "DOES NOT FIT: bound by noc (a receive FIFO was full); no timer tick overran; 4 packets "
        "lost"
    )


def test_the_verdict_of_a_run_that_fits():
    story = Story(n_pe=2).step(0, 0, 620, ("a", 600), ("b", 20)).step(1, 0, 100, ("a", 100))
    assert summarise(story.trace()).verdict == (
        "FITS: bound by compute (38% left); would overrun first: PE 0 in b"
    )


def test_the_verdict_of_a_run_that_is_late():
    story = Story(n_pe=2).step(0, 0, 1_380, ("a", 1_380)).step(0, 1, 100, ("a", 100))
    story.step(1, 0, 100, ("a", 100)).step(1, 1, 1_100, ("b", 1_100)).send(0, 0, 1_300, 1)
    assert summarise(story.trace()).verdict == (
        "DOES NOT FIT: bound by compute (38% over); timer tick overran in 2 of 4 steps, first on "
        "PE 0 in a; 1 late packet"
    )


def test_the_verdict_of_a_run_that_is_hardly_late():
    story = Story(n_pe=1, clock=100_000_000).step(0, 0, 100_043, ("a", 100_043))
    assert "bound by compute (0.043% over); timer tick overran in 1 of 1 steps" in (
        summarise(story.trace()).verdict
    )


def test_the_verdict_of_a_run_without_room_in_memory():
    assert summarise(with_arrays(1_280)).verdict == (
        "DOES NOT FIT: bound by memory (25% over on PE 0); no timer tick overran"
    )


def test_the_least_slack_goes_with_the_longest_response():
    story = Story(n_pe=2).step(0, 0, 300).step(0, 1, 999).step(1, 0, 10).step(1, 1, 20)
    found = summarise(story.trace())
    assert (found.slack_cycles, found.response_cycles, found.period_cycles) == (1, 999, 1_000)
    assert found.n_steps == 2


def test_a_logged_figure_is_its_mean_and_null_if_it_is_no_number():
    story = Story(n_pe=2).step(0, 0, 10)
    for pe, value in ((0, 1.0), (1, 4.0)):
        story.recorder.log(pe, 0, "loss", value)
    story.recorder.log(0, 0, "gone", float("nan"))
    content = summarise(story.trace()).as_dict()
    assert content["log"] == {"loss": 2.5, "gone": None}
    json.dumps(content, allow_nan=False)


def test_the_summary_of_a_run_without_anything_in_it_is_finite():
    content = summarise(Story().trace()).as_dict()
    assert content["fits"]
    json.dumps(content, allow_nan=False)


def test_the_summary_has_the_keys_that_others_rely_on(paper_trace):
    content = summarise(paper_trace).as_dict()
    assert {
        "fits",
        "bound_by",
        "slack_cycles",
        "cycles_per_step",
        "label_share",
        "multiply_share",
        "update_over_step",
        "sram_bytes_total",
        "sram_bytes_max_pe",
        "n_weights",
        "overruns",
        "energy_j",
        "digest",
    } <= set(content)
    assert sum(content["label_share"].values()) == pytest.approx(1)
    assert set(content["energy_j"]) == {"chip", "paper"}


def test_the_hosts_load_in_the_papers_run_is_what_its_transfers_take(paper_trace):
    """18 refills of 12 x 1,600 B at 50 Mbit/s; each waits 30 us + 12.3 us for its first packet."""
    writing = 18 * 12 * 1_600 * 8 / 50e6
    starting = 18 * (30e-6 + (1_472 + 66) * 8 / 1e9)
    assert summarise(paper_trace).host_utilisation == pytest.approx(writing + starting, rel=0.01)
