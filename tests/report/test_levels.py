"""Performance levels of PEs over time: 0 allows 150 MHz, 1 allows 300 MHz; a tick is 1/300 us."""

import numpy as np
import pytest

from spinn2sim.report.energy import energy
from spinn2sim.report.html.timeline import timeline
from spinn2sim.report.level_use import level_use
from spinn2sim.report.levels import (
    changing_clocks,
    cycle_ticks,
    first_level,
    is_fixed,
    level_at,
    of_levels,
    stays,
)
from spinn2sim.report.parquet import frames
from spinn2sim.report.perfetto import events
from spinn2sim.report.window import WHOLE, Window
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


def test_a_run_in_which_the_firmware_chose_says_so():
    found = Story("chip.pe.dvfs=firmware", *CHANGES[1:], n_pe=1, clock=300 * MHZ)
    trace = found.step(0, 0, 9, ("a", 9)).rows("levels", (0, 3, 0)).trace()
    assert energy(trace).level == "0.5 V to 0.8 V, as the firmware chose"


# By level


def test_what_was_done_at_each_level_adds_up_to_the_run():
    """PE 0 works at 300 MHz and goes down after a third of the period; PE 1 the other way round."""
    trace = story((0, 100_000, 0), (1, 0, 0), (1, 200_000, 1)).trace()
    low, high = level_use(trace)
    assert (low.level, high.level) == ("0.5 V", "0.8 V")
    assert (low.cycles, high.cycles) == (1_000, 1_000)
    assert (low.share, high.share) == pytest.approx((2 / 3, 1 / 3))
    assert low.busy_j == pytest.approx(1_000 * 8.3e-12)
    assert high.busy_j == pytest.approx(1_000 * 14.98e-12)
    whole = energy(trace)
    assert low.sleep_j == pytest.approx(4 / 3 * 1.054e-6)
    assert low.sleep_j + high.sleep_j == pytest.approx(whole.sleep_j)
    assert low.busy_j + high.busy_j == pytest.approx(whole.cycles_j)


def test_a_run_at_one_level_is_all_there():
    low, high = level_use(Story(n_pe=3, clock=MHZ).step(0, 0, 9, ("a", 9)).trace())
    assert (low.share, low.cycles, high.share, high.cycles) == (1, 9, 0, 0)
    assert (high.sleep_j, high.busy_j) == (0, 0)


def test_a_level_before_the_first_release_or_after_the_end_counts_for_nothing():
    found = Story(*CHANGES, n_pe=1, clock=300 * MHZ, n_timesteps=1)
    found.rows("steps", (0, 0, PERIOD, PERIOD, PERIOD + 9))
    found.rows("levels", (0, PERIOD, 0), (0, 2 * PERIOD, 1), (0, 3 * PERIOD, 0))
    low, high = level_use(found.trace())
    assert (low.share, high.share) == (1, 0)


# Time lines


def test_pes_that_change_their_clock_have_one_from_each_switch_on():
    found = {pe: (start.tolist(), mhz.tolist()) for pe, start, mhz in changing_clocks(moved())}
    assert found == {1: ([0, 4_000, 9_000], [300, 150, 300])}


def moved():
    """PE 1 works 2,000 cycles, goes down at tick 4,000, and works 1,000 cycles there."""
    found = Story(*CHANGES, n_pe=2, clock=300 * MHZ).step(0, 0, 3_000, ("a", 1_000))
    found.step(1, 0, 6_000, ("b", 2_000)).rows("levels", (1, 4_000, 0), (1, 9_000, 1))
    found.recorder.work(1, 0, 4_000, (("c", 1_000, "step"),))
    return found.trace()


@pytest.mark.parametrize(
    ("window", "expected"),
    [
        (WHOLE, [(0, 300), (4_000, 150), (9_000, 300)]),
        (Window(5_000, 9_000), [(5_000, 150)]),
        (Window(8_999, 9_001), [(8_999, 150), (9_000, 300)]),
    ],
)
def test_perfetto_counts_the_clock_of_a_pe_that_changes_it(window, expected):
    found = [event for event in events(moved(), window) if event["name"] == "clock of PE 1"]
    at = [(event["ts"], event["args"]["MHz"]) for event in found]
    assert at == [(tick * 10 // 3 / 1_000, mhz) for tick, mhz in expected]
    assert not [event for event in events(moved()) if event["name"] == "clock of PE 0"]


def test_cycles_of_a_slice_of_work_are_those_that_were_charged():
    slices = [event for event in events(moved()) if event.get("cat") == "work"]
    cycles = {(event["tid"], event["name"]): event["args"]["cycles"] for event in slices}
    assert cycles == {(0, "a"): 1_000, (1, "b"): 2_000, (1, "c"): 1_000}
    assert [each["dur"] for each in slices if each["name"] == "c"] == [
        pytest.approx(2_000 / 300, abs=1e-3)
    ]
    told = frames(moved())["stretches"].filter(is_work=True)
    assert dict(zip(told["activity"], told["cycles"], strict=True)) == {
        "a": 1_000,
        "b": 2_000,
        "c": 1_000,
    }


def test_the_page_knows_the_clock_of_a_pe_that_changes_it():
    assert timeline(moved())["clocks"] == {
        1: {"from_ms": [0, pytest.approx(4 / 300, abs=1e-6), 0.03], "mhz": [300, 150, 300]}
    }
    assert timeline(Story(n_pe=1).step(0, 0, 9, ("a", 9)).trace())["clocks"] == {}
