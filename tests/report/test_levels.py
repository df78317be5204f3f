"""Performance levels of PEs over time: 0 allows 150 MHz, 1 allows 300 MHz; a tick is 1/300 us."""

import numpy as np
import pytest

from spinn2sim.report.energy import energy
from spinn2sim.report.levels import cycle_ticks, first_level, is_fixed, level_at, of_levels, stays
from tests.report.traces import Story

MHZ = 1_000_000
CHANGES = ("chip.pe.dvfs=race_to_idle", "chip.pe.dvfs_switch=100ns")
PERIOD = 300_000

#: PE, tick and level of each switch; of two at one tick the later row holds.
SWITCHES = [(1, 100, 0), (0, 40, 0), (1, 900, 1), (1, 900, 0), (1, 100_000, 1)]


def story(*switches, n_pe=2):
    found = Story(*CHANGES, n_pe=n_pe, clock=300 * MHZ)
    for pe in range(n_pe):
        found.step(pe, 0, 3_000, ("a", 1_000))
    return found.rows("levels", *switches)


def ints(*numbers):
    return np.array(numbers, np.int64)


def test_a_pe_stays_at_the_first_level_until_it_switches():
    found = stays(story(*SWITCHES).trace())
    assert found.pe.tolist() == [0, 0, 1, 1, 1, 1, 1]
    assert found.start.tolist() == [0, 40, 0, 100, 900, 900, 100_000]
    assert found.level.tolist() == [1, 0, 1, 0, 1, 0, 1]


def test_a_level_holds_from_the_tick_of_its_switch_on():
    trace = story(*SWITCHES).trace()
    pe, at = ints(1, 0, 1, 1, 0, 1, 1, 1), ints(0, 39, 99, 100, 40, 899, 900, 100_000)
    levels = [1, 1, 1, 0, 0, 0, 0, 1]
    assert level_at(trace, pe, at).tolist() == levels
    assert cycle_ticks(trace, pe, at).tolist() == [[2, 1][level] for level in levels]
    assert of_levels(trace, "sleep_mw").tolist() == [1.054, 3.22]


def test_without_a_switch_all_stay_at_the_first_level():
    trace = story().trace()
    assert level_at(trace, ints(0, 1, 1), ints(0, 5, 9)).tolist() == [1, 1, 1]
    assert not is_fixed(trace)
    assert cycle_ticks(trace, ints(0, 1), ints(0, 5)).tolist() == [1, 1]


def test_a_fixed_clock_has_its_own_cycle_whatever_the_levels_allow():
    trace = Story(n_pe=1, clock=100 * MHZ, per_cycle=6).step(0, 0, 6).trace()
    assert is_fixed(trace)
    assert cycle_ticks(trace, ints(0, 0), ints(0, 5)).tolist() == [6, 6]


@pytest.mark.parametrize(("clock", "level"), [(100, 0), (150, 0), (151, 1), (300, 1), (400, 1)])
def test_the_first_level_is_the_lowest_that_allows_the_clock_or_the_highest(clock, level):
    assert first_level(Story(n_pe=1, clock=clock * MHZ).trace()) == level


@pytest.mark.parametrize(
    ("clock", "words"),
    [
        (150, "0.5 V"),
        (300, "0.8 V"),
        (400, "0.8 V, beyond its highest clock: extrapolated"),
    ],
)
def test_energy_names_its_level(clock, words):
    trace = Story(n_pe=1, clock=clock * MHZ).step(0, 0, 9, ("a", 9)).trace()
    assert energy(trace).level == words


def test_energy_follows_the_levels_of_each_pe():
    """PE 0 switches down after a third of the period, PE 1 works at the lower level and goes up."""
    trace = story((0, 100_000, 0), (1, 0, 0), (1, 200_000, 1)).trace()
    found = energy(trace)
    assert found.level == "0.5 V to 0.8 V, as chip.pe.dvfs chose"
    thirds = 2 * 3.22 + 4 * 1.054
    assert found.sleep_j == pytest.approx(thirds * 1e-3 * 1e-3 / 3)
    assert found.sleep_w == pytest.approx(thirds * 1e-3 / 6)
    assert found.cycles_j == pytest.approx(1_000 * (14.98 + 8.3) * 1e-12)
    assert found.cycle_pj == pytest.approx((14.98 + 8.3) / 2)
    assert found.n_cycles == 2_000


def test_the_share_of_time_at_a_level_counts_from_the_first_release_on():
    """The first millisecond, at the higher level, is that of the host."""
    found = Story(*CHANGES, n_pe=1, clock=300 * MHZ, n_timesteps=1)
    found.rows("steps", (0, 0, PERIOD, PERIOD, PERIOD + 9)).rows("levels", (0, PERIOD, 0))
    assert energy(found.trace()).sleep_w == pytest.approx(1.054e-3)
