"""Performance levels per PE: which one a step runs at, what a switch costs, and what is saved."""

from fractions import Fraction

import numpy as np
import pytest

from spinn2sim import load_scenario, simulate
from spinn2sim.errors import SpecError
from spinn2sim.feasibility import noise
from spinn2sim.recording import record
from spinn2sim.report import energy, real_time
from spinn2sim.report.power import power_report
from spinn2sim.report.stretches import stretches
from spinn2sim.sim import timebase_of
from spinn2sim.trace import Cause
from tests.hw.machine import happenings, rows, workload_of

LOW, HIGH = 0, 1
#: Ticks of a cycle at 150 and at 300 MHz: the NoC and the timer's 1 MHz divide 300 MHz.
CYCLE = {LOW: 2, HIGH: 1}
PERIOD = 3_000_000
SWITCH = 30
#: Cycles of the timer's interrupt of a core that was asleep, and of one that was not.
ASLEEP, AWAKE = 32, 22


def scenario_of(programs, *overrides, policy="race_to_idle"):
    own = (
        "name=test",
        f"n_pe={len(programs)}",
        "firmware=tests.hw.programs:Script",
        "chip.pe.clock=300MHz",
        f"chip.pe.dvfs={policy}",
    )
    found = load_scenario(preset="spinnaker2", overrides=(*own, *overrides))
    return found.with_changes(parameters={"programs": programs})


def run(programs, *overrides, n_timesteps=1, **given):
    return simulate(scenario_of(programs, *overrides, **given), workload_of(n_timesteps))


def steps_of(*cycles):
    """A program that works so many cycles in each time step."""
    return [op for n in cycles for op in (("wait_timer",), ("compute", "work", n))]


def switches(trace, pe=0):
    """(tick from the first release, level) of each switch of *pe*."""
    start = int(trace.tables["steps"]["released"].min())
    return [(row.at - start, row.level) for row in rows(trace, "levels", pe=pe)]


def responses(trace, pe=0):
    """Ticks that each step took from its release."""
    return [row.finished - row.released for row in rows(trace, "steps", pe=pe)]


# Time


def test_the_timebase_has_whole_ticks_for_every_level():
    level = "{{voltage_mv: 500, max_clock: {}MHz, sleep_mw: 1, cycle_pj: 1}}"
    levels = ", ".join(level.format(mhz) for mhz in (140, 300))
    scenario = scenario_of([[]], f"power.levels=[{levels}]")
    assert timebase_of(scenario).hz == 2_100_000_000
    assert timebase_of(scenario).ticks(Fraction(100, 10**9)) == 210


def test_a_step_that_no_level_can_end_in_time_runs_at_the_highest():
    """The work of the first step is more than a period at either level; so the second is late."""
    trace = run([steps_of(3_500_000, 1_000)], n_timesteps=2, policy="lowest_that_meets_deadline")
    first = ASLEEP + 3_500_000
    second = first - PERIOD + AWAKE + 1_000
    assert responses(trace) == [first, second]
    assert switches(trace) == [(PERIOD + second, LOW)]


def test_racing_to_idle_works_at_the_highest_level_and_sleeps_at_the_lowest():
    trace = run([steps_of(1_000, 1_000)], n_timesteps=2)
    first = ASLEEP + 1_000
    second = SWITCH + ASLEEP + 1_000
    assert responses(trace) == [first, second]
    assert switches(trace) == [
        (first, LOW),
        (PERIOD, HIGH),
        (PERIOD + second, LOW),
    ]


def test_a_switch_stops_the_core_and_is_recorded():
    trace = run([steps_of(1_000, 1_000)], "chip.pe.dvfs_switch=500ns", n_timesteps=2)
    (wait,) = rows(trace, "waits", cause=Cause.CLOCK)
    assert (wait.timestep, wait.stop - wait.start) == (1, 150)


def test_a_core_that_is_late_does_not_switch():
    """The first step ends after the second is released: there is no sleep between them."""
    trace = run([steps_of(PERIOD + 5_000, 1_000)], n_timesteps=2)
    assert switches(trace) == [(PERIOD + ASLEEP + 5_000 + AWAKE + 1_000, LOW)]


def test_a_sleep_too_short_for_two_switches_is_spent_at_the_level_of_work():
    short = PERIOD - ASLEEP - 2 * SWITCH
    assert (PERIOD, HIGH) not in switches(run([steps_of(short, 10)], n_timesteps=2))
    assert (PERIOD, HIGH) in switches(run([steps_of(short - 1, 10)], n_timesteps=2))


def test_the_lowest_level_is_taken_if_the_step_before_would_have_fitted_there():
    """1.4 M cycles take 9.3 ms at 150 MHz, 1.6 M would take 10.7 ms."""
    cycles = [1_400_000] * 2 + [1_600_000] * 3 + [1_400_000] * 2
    trace = run([steps_of(*cycles)], policy="lowest_that_meets_deadline", n_timesteps=7)
    took = [row.finished - row.started for row in rows(trace, "steps")]
    at_high = [n for n, ticks in enumerate(took) if ticks < CYCLE[LOW] * cycles[n]]
    # The first is unknown. Step 2 is long, is not foreseen and misses its deadline; step 5 follows
    # a long one, step 6 one that would have fitted.
    assert at_high == [0, 3, 4, 5]
    assert np.flatnonzero(real_time(trace).slack[0] < 0).tolist() == [2]


def test_waits_count_as_they_were_for_what_the_next_step_will_take():
    """PE 0 works 8.5 ms at 300 MHz; PE 1 waits as long, and its 0.5 ms of work may become 1 ms."""
    slow = [("wait_timer",), ("compute", "work", 2_550_000), ("barrier",)] * 2
    fast = [("wait_timer",), ("barrier",), ("compute", "work", 150_000)] * 2
    trace = run([slow, fast], policy="lowest_that_meets_deadline", n_timesteps=2)
    assert (PERIOD, HIGH) in switches(trace, pe=0)
    assert (PERIOD, HIGH) not in switches(trace, pe=1)


# Answers, and the other parts of the PE


POLICIES = ("fixed", "race_to_idle", "lowest_that_meets_deadline")


def test_the_clock_changes_no_answer():
    found = []
    for policy in POLICIES:
        scenario = load_scenario(
            preset="paper-12pe",
            machine="spinnaker2",
            overrides=("chip.pe.clock=300MHz", f"chip.pe.dvfs={policy}"),
        )
        trace = simulate(scenario, noise(scenario, 6))
        found.append({name: array.tobytes() for name, array in trace.arrays.items()})
    assert found[0] == found[1] == found[2]


def test_fixed_is_what_a_scenario_without_dvfs_does():
    one, other = (
        simulate(scenario, noise(scenario, 6))
        for overrides in ((), ("chip.pe.dvfs=fixed",))
        for scenario in [load_scenario(preset="paper-12pe", overrides=overrides)]
    )
    assert happenings(one) == happenings(other)
    assert "dvfs" not in one.meta["scenario"]["chip"]["pe"]


def test_dma_and_comms_run_on_the_clock_of_their_core():
    """100 beats are 2 cycles apart: 200 ticks at 300 MHz, 400 at 150."""
    receiver = steps_of(10, 10)
    sender = [*steps_of(10), ("wait_timer",), ("dma_write", 1, "x", 0, 1_600), ("wait_dma",)]
    took = {}
    for policy in ("race_to_idle", "lowest_that_meets_deadline"):
        quick = ("chip.noc.inject_cycles=1", "chip.noc.eject_cycles=1")
        trace = run([sender, receiver], *quick, policy=policy, n_timesteps=2)
        (row,) = rows(trace, "dma")
        took[policy] = row.finished - row.started
    assert took["lowest_that_meets_deadline"] - took["race_to_idle"] == pytest.approx(200, abs=20)


# Energy


def test_energy_is_that_of_each_level_for_as_long_as_it_lasted():
    trace = run([steps_of(1_000, 1_000)], n_timesteps=2)
    found = energy(trace)
    awake = (2 * (ASLEEP + 1_000) + SWITCH) / 300e6
    assert found.n_cycles == 2 * (ASLEEP + 1_000)
    assert found.cycles_j == pytest.approx(found.n_cycles * 14.98e-12)
    assert found.sleep_j == pytest.approx(3.220e-3 * awake + 1.054e-3 * (0.02 - awake))
    report = power_report(trace)
    assert report.busy_j.sum() == pytest.approx(found.cycles_j)
    assert (report.sleep_mw.sum() * 1e-3 * 0.01) == pytest.approx(found.sleep_j)


def test_stretches_have_the_length_of_the_level_at_which_they_ran():
    trace = run([steps_of(1_000, 500)], policy="lowest_that_meets_deadline", n_timesteps=2)
    found = stretches(trace)
    work = [
        int(stop - start)
        for start, stop, name in zip(found.start, found.stop, found.name, strict=True)
        if found.names[name] == "work"
    ]
    assert work == [1_000 * CYCLE[HIGH], 500 * CYCLE[LOW]]
    assert real_time(trace).busy.tolist() == [[ASLEEP + 1_000, 2 * (ASLEEP + 500)]]


def test_no_stretches_of_a_core_overlap_with_any_policy():
    scenario = load_scenario(
        preset="paper-12pe",
        machine="spinnaker2",
        overrides=("chip.pe.clock=300MHz", "chip.pe.dvfs=race_to_idle"),
    )
    found = stretches(simulate(scenario, noise(scenario, 6)))
    same_pe = found.pe[1:] == found.pe[:-1]
    assert np.all(found.start[1:][same_pe] >= found.stop[:-1][same_pe])


# What is refused

LEVELS = "they are 150 MHz, 300 MHz"
PRESET = "the preset spinnaker2"


@pytest.mark.parametrize(
    ("override", "problem"),
    [
        (
            "chip.pe.clock=200MHz",
            "chip.pe.clock = 200 MHz is the clock of no performance level in power.levels; "
            + LEVELS,
        ),
        (
            "chip.pe.dvfs_switch=null",
            "chip 'spinnaker2' cannot switch; set chip.pe.dvfs_switch, or use " + PRESET,
        ),
    ],
)
def test_a_governor_needs_levels_and_a_switch(override, problem):
    with pytest.raises(SpecError) as error:
        scenario_of([[]], override)
    assert str(error.value).endswith(f": chip.pe.dvfs = race_to_idle: {problem}")


def test_the_compiled_machine_refuses_levels_and_a_run_says_why_simpy_timed_it():
    scenario = scenario_of([steps_of(10)])
    with pytest.raises(SpecError) as error:
        record(scenario, workload_of())
    reason = "chip.pe.dvfs = race_to_idle is for the SimPy machine"
    assert str(error.value) == f"compiled machine: {reason}; use timing simpy"
    assert simulate(scenario, workload_of(), timing="compiled").timed_by == f"simpy: {reason}"
