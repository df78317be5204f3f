"""The one rule of what takes energy, for `run` and for `batch`."""

import pytest

from spinn2sim import load_scenario
from spinn2sim.report.chip_model import (
    Activity,
    Joules,
    bits_between_chips,
    joules,
    n_chips_on,
    paper_joules,
)
from spinn2sim.validated import validate

BOARD = load_scenario(preset="paper-12pe", machine="spinnaker2-board")
POWER = BOARD.power

#: Each count is another number, so that none can stand for another.
DID = Activity(
    seconds=3.0,
    n_chips=9,
    n_pe=70,
    sleep_w=2e-3,
    n_cycles=1_100,
    cycle_pj=13.0,
    n_flit_hops=17_000,
    n_link_bits=1_900_000,
    n_dram_bits=230_000_000,
)


def test_each_part_is_its_count_times_its_coefficient():
    assert joules(POWER, DID) == pytest.approx(
        Joules(
            baseline=9 * 75.2e-3 * 3,
            sleep=70 * 2e-3 * 3,
            cycles=1_100 * 13e-12,
            noc=17_000 * 10e-12,
            link=1_900_000 * 2e-12,
            dram=230_000_000 * 8e-12,
        ),
        rel=1e-12,
    )


def test_bits_that_the_machine_gives_no_energy_take_none():
    without = POWER.with_changes(link_bit_pj=None, dram_bit_pj=None)
    found = joules(without, DID)
    assert (found.link, found.dram) == (0, 0)
    assert found[:4] == joules(POWER, DID)[:4]


def test_the_papers_model_counts_cores_and_their_clock_and_nothing_else():
    found = paper_joules(POWER, clock=100_000_000, n_pe=12, seconds=1.0)
    assert found == pytest.approx(25.908e-3, rel=1e-12)


@pytest.mark.parametrize("n_pe", [12, 1_200])
def test_all_chips_of_a_board_are_on_however_many_are_used(n_pe):
    scenario = BOARD.with_changes(n_pe=n_pe)
    assert n_chips_on(scenario.board) == 9
    assert n_chips_on(None) == 1


@pytest.mark.parametrize(
    ("n_packets", "n_beats", "bits"),
    [(0, 0, 0), (10, 0, 10 * 96), (10, 10, 10 * 192), (10, 4, 6 * 96 + 4 * 192)],
)
def test_a_beat_takes_two_packets_of_a_link_and_any_other_packet_one(n_packets, n_beats, bits):
    """64 bits of header and key and 128 of payload, in packets of 96 bits."""
    noc = BOARD.chip.noc
    found = bits_between_chips(BOARD.board, noc, n_packets=n_packets, n_beats=n_beats)
    assert found == bits
    assert bits_between_chips(None, noc, n_packets=n_packets, n_beats=n_beats) == 0


@pytest.mark.parametrize(
    ("clock", "level"), [(1, 0), (150_000_000, 0), (150_000_001, 1), (10**9, 1)]
)
def test_the_level_of_a_clock_is_the_lowest_that_allows_it(clock, level):
    assert POWER.level_at(clock) is POWER.levels[level]


def test_a_power_spec_comes_back_from_plain_json():
    """Reports read it from the trace."""
    again = validate(type(POWER), POWER.model_dump(mode="json", exclude_none=True), "power")
    assert again == POWER
