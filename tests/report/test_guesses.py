"""The guesses that a run leaned on: those of the parts it used, and no others."""

import pytest

from spinn2sim.report.guesses import Guess, extrapolations, guesses, shown
from tests.report.traces import Story

NOC = "chip.noc.fifo_flits"
ALWAYS = {"chip.pe.wake_cycles"}

TERM = {"label": "f", "cycles": 14.0, "per": "L*O", "every": "step", "only": "always"}
COSTS = {
    "name": "some",
    "provenance": "-",
    "made_by": "-",
    "sizes": {"L": "own", "O": "outputs"},
    "fitted_on": {"L": [10, 20], "O": [12, 12]},
    "terms": [
        {**TERM, "status": "guess", "source": "counted", "range": [8.4, 19.6]},
        {**TERM, "label": "g", "status": "free", "source": "fitted", "range": [1, 2]},
    ],
}


def paths(trace):
    return {guess.path for guess in guesses(trace)}


def story():
    """A run on its own: no packets, no DMA, no input."""
    return Story().step(0, 0, 10)


def test_a_run_without_packets_leans_on_no_guess_about_the_noc():
    assert paths(story().trace()) == ALWAYS


def test_a_run_with_packets_leans_on_those_about_noc_comms_and_their_energy():
    found = paths(story().rows("links", (0, 3, 1)).trace(links=["inject PE 0"]))
    assert {NOC, "chip.qpes", "chip.comms.fifo_events", "power.flit_hop_pj"} <= found
    assert not any(path.startswith(("chip.dma", "host")) for path in found)


def test_links_that_carried_nothing_do_not_count():
    assert paths(story().rows("links", (0, 0, 0)).trace(links=["inject PE 0"])) == ALWAYS


def test_a_run_with_dma_leans_on_those_about_dma():
    found = paths(story().rows("dma", (0, 1, 0, 9, 64)).trace())
    assert found == ALWAYS | {
        "chip.dma.cycles_per_beat",
        "chip.dma.setup_cycles",
        "chip.dma.completion_cycles",
    }


def test_a_run_with_input_leans_on_those_about_the_host():
    found = paths(story().rows("refills", (0, 0, 0, 0, 9, 64)).trace())
    assert found == ALWAYS | {"host.latency", "host.write_rate"}


@pytest.mark.parametrize(("lost", "read"), [(16, False), (17, True)])
def test_neighbours_sram_was_read_if_dma_and_host_do_not_explain_the_lost_cycles(lost, read):
    """64 beats of 16 B over 4 banks take 16 cycles at most: 32 of the host, 16 at each DMA end."""
    found = story().rows("refills", (0, 0, 0, 0, 9, 32 * 16)).rows("dma", (0, 1, 0, 9, 16 * 16))
    found = paths(found.wait(0, 0, "sram", 0, lost).trace())
    assert ("chip.pe.sram.neighbour_read_cycles" in found) is read


def test_a_value_that_the_user_gave_is_no_guess():
    trace = Story("chip.pe.wake_cycles=3").step(0, 0, 10).trace()
    assert paths(trace) == set()


def test_a_guess_shows_value_range_and_source():
    (guess,) = guesses(story().trace())
    assert guess == Guess("chip.pe.wake_cycles", "10", "0 to 40", "-")


def test_guessed_terms_of_the_cost_table_are_listed_and_fitted_ones_not():
    found = guesses(story().trace(costs=COSTS))[1:]
    assert found == (Guess("costs: f", "14 cycles per L*O", "8.4 to 19.6", "counted"),)


@pytest.mark.parametrize(("n_pe", "listed"), [(1, set()), (2, {"costs: f"})])
def test_a_term_for_several_pes_is_no_guess_of_one_alone(n_pe, listed):
    several = {**COSTS, "terms": [{**COSTS["terms"][0], "only": "multi_pe"}]}
    assert paths(Story(n_pe=n_pe).step(0, 0, 10).trace(costs=several)) == ALWAYS | listed


def test_sizes_outside_the_fit_are_named_each_once():
    sizes = [{"L": 9, "O": 12}, {"L": 30, "O": 12}, {"L": 30, "O": 12}, {"L": 20, "O": 12}]
    trace = Story(n_pe=4).trace(costs=COSTS, sizes=sizes)
    assert extrapolations(trace) == ("L = 9, 30 (fitted on 10 to 20)",)


def test_a_run_without_cost_table_extrapolates_nothing():
    assert extrapolations(story().trace()) == ()


@pytest.mark.parametrize(
    ("path", "value", "text"),
    [
        ("chip.noc.clock", 65_000_000, "65MHz"),
        ("chip.noc.clock", 1_500_001, "1,500,001Hz"),
        ("host.latency", 30_000, "30us"),
        ("host.write_rate", 50_000_000, "50Mbit/s"),
        ("host.packet_payload_bytes", 1_472, "1,472B"),
        ("chip.pe.sram.data_bytes", 98_304, "96KB"),
        ("chip.comms.fifo_events", 1_024, "1,024"),
        ("chip.noc.multicast", "per_qpe", "per_qpe"),
        ("power.flit_hop_pj", 10.0, "10.0"),
        ("chip.pe.dvfs_switch", 100, "100ns"),
        ("chip.pe.dvfs_switch", None, "none"),
    ],
)
def test_a_value_is_shown_as_a_user_would_write_it(path, value, text):
    assert shown(path, value) == text
