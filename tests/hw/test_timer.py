"""The timer: when time steps open, when they end, and what happens to a late PE."""

from fractions import Fraction

import pytest
import simpy

from spinn2sim import real_time
from spinn2sim.errors import OverrunError
from spinn2sim.hw.timer import Timer
from spinn2sim.trace import Cause
from spinn2sim.units import Clock
from tests.hw.machine import ASLEEP, AWAKE, PERIOD, rows, run, steps, waits, workload_of

N = 6


def constant(work, n_timesteps=N):
    return [("wait_timer",), ("compute", "work", work)] * n_timesteps


def loaded(cycles, *overrides, n_timesteps=N):
    return run([constant(cycles, n_timesteps)], *overrides, workload=workload_of(n_timesteps))


def test_the_response_of_an_idle_pe_is_interrupt_and_work():
    trace = loaded(1_000)
    assert steps(trace) == [(0, ASLEEP + 1_000)] * N


def test_a_pe_sleeps_from_the_end_of_its_work_to_the_next_release():
    trace = loaded(1_000)
    start = rows(trace, "steps")[0].released
    assert waits(trace, Cause.TIMER) == [
        (start + k * PERIOD + ASLEEP + 1_000, start + (k + 1) * PERIOD) for k in range(N - 1)
    ]


def test_slack_is_the_period_less_the_response():
    times = real_time(loaded(PERIOD // 2))
    assert times.slack.tolist() == [[PERIOD - PERIOD // 2 - ASLEEP] * N]
    assert times.overruns == 0


def test_work_that_just_fills_the_period_is_in_time():
    trace = loaded(PERIOD - ASLEEP)
    assert steps(trace) == [(0, PERIOD)] * N
    assert real_time(trace).overruns == 0
    assert waits(trace, Cause.TIMER) == []


def test_one_cycle_more_is_too_late_and_the_saved_wake_up_makes_up_for_it():
    trace = loaded(PERIOD - ASLEEP + 1)
    assert steps(trace) == [
        (0, PERIOD + 1),
        (1, PERIOD - ASLEEP + AWAKE + 2),
        (0, PERIOD + 1),
        (1, PERIOD - ASLEEP + AWAKE + 2),
        (0, PERIOD + 1),
        (1, PERIOD - ASLEEP + AWAKE + 2),
    ]
    assert real_time(trace).overruns == 3


@pytest.mark.parametrize("periods", [Fraction(3, 2), Fraction(5, 2)])
def test_an_overloaded_pe_slips_ever_further_and_every_overrun_is_counted(periods):
    work = int(PERIOD * periods)
    trace = loaded(work)
    finished = [ASLEEP + work + k * (AWAKE + work - PERIOD) for k in range(N)]
    assert [end for _, end in steps(trace)] == finished
    assert [start for start, _ in steps(trace)] == [0, *(end - PERIOD for end in finished[:-1])]
    assert real_time(trace).overruns == N


def test_releases_stay_on_the_absolute_grid():
    released = [row.released for row in rows(loaded(2 * PERIOD), "steps")]
    assert released == [released[0] + k * PERIOD for k in range(N)]


def test_a_late_pe_catches_up_when_it_has_slack():
    program = [("wait_timer",), ("compute", "burst", PERIOD + 5_000), *constant(1_000, 3)]
    trace = run([program], workload=workload_of(4))
    late = ASLEEP + 5_000
    assert steps(trace) == [
        (0, PERIOD + late),
        (late, late + AWAKE + 1_000),
        (0, ASLEEP + 1_000),
        (0, ASLEEP + 1_000),
    ]
    assert real_time(trace).overruns == 1


def test_time_steps_are_numbered_also_when_the_pe_is_late():
    trace = run([[("wait_timer",), ("compute", "work", 3 * PERIOD), *[("wait_timer",)] * 3]])
    assert trace.readout(0)["answers"].tolist() == [0, 1, 2, 3]


def test_strict_ends_the_run_at_the_first_overrun():
    program = [
        *constant(1_000, 2),
        ("wait_timer",),
        ("compute", "e_prop.filter", PERIOD),
        ("compute", "nothing", 0),
        ("wait_timer",),
    ]
    with pytest.raises(OverrunError) as refused:
        run([program], "strict=true")
    assert str(refused.value) == (
        "strict: timer tick overran on PE 0 in timestep 2 by 32 cycles (in e_prop); lower the "
        "load, raise the clock, or run without strict to have overruns counted"
    )


def test_strict_sees_an_overrun_of_the_last_time_step():
    with pytest.raises(OverrunError, match=r"timestep 0 by 1 cycles \(in work\)"):
        run([constant(PERIOD - ASLEEP + 1, 1)], "strict=true")


def test_strict_lets_work_that_just_fills_the_period_pass():
    assert len(steps(loaded(PERIOD - ASLEEP, "strict=true"))) == N


@pytest.mark.parametrize("mhz", [65, 150, 300, 1, 77])
def test_time_is_exact_at_any_clock_in_whole_megahertz(mhz):
    period = mhz * 10_000
    trace = loaded(period - ASLEEP, f"chip.pe.clock={mhz}MHz", n_timesteps=100)
    ticks_per_cycle = trace.pe_clock.ticks_per_cycle
    assert trace.period == period * ticks_per_cycle
    assert steps(trace) == [(0, trace.period)] * 100
    assert waits(trace, Cause.TIMER) == []


@pytest.mark.parametrize("khz", [66_667, 12_345])
def test_an_odd_clock_is_held_to_its_own_edges(khz):
    trace = loaded(khz * 10 - ASLEEP, f"chip.pe.clock={khz}kHz", n_timesteps=100)
    assert rows(trace, "steps")[0].released % trace.pe_clock.ticks_per_cycle == 0
    assert steps(trace) == [(0, trace.period)] * 100
    assert real_time(trace).overruns == 0


def test_a_period_of_no_whole_cycles_starts_each_step_at_the_first_edge_after_its_release():
    trace = loaded(1_000, "chip.pe.clock=66667kHz", "timestep=1001us", n_timesteps=100)
    cycle, found = trace.pe_clock.ticks_per_cycle, rows(trace, "steps")
    assert trace.period % cycle
    first = found[0].released
    for k, row in enumerate(found):
        assert row.released == row.started
        assert row.started % cycle == 0
        assert abs(row.started - first - k * trace.period) < cycle
        assert row.finished - row.started == (ASLEEP + 1_000) * cycle


def test_a_core_of_one_kilohertz_is_late_from_the_start_but_no_step_is_skipped():
    trace = loaded(1, "chip.pe.clock=1kHz", n_timesteps=3)
    assert real_time(trace).overruns == 3
    assert [row.timestep for row in rows(trace, "steps")] == [0, 1, 2]


def test_time_steps_open_on_edges_of_the_timers_reference():
    trace = loaded(1_000, "host.latency=12345ns")
    assert {row.released % 65 for row in rows(trace, "steps")} == {0}


def test_all_pes_get_the_same_interrupt():
    trace = run([constant(1_000)] * 5, workload=workload_of(N))
    assert len({row.released for row in rows(trace, "steps")}) == N
    assert {steps(trace, pe)[0] for pe in range(5)} == {(0, ASLEEP + 1_000)}


def test_work_before_the_first_interrupt_belongs_to_no_time_step():
    trace = run([[("compute", "start", 5_000_000), *constant(1_000, 2)]], workload=workload_of(2))
    assert rows(trace, "work")[0].timestep == -1
    late = rows(trace, "steps")[0].started - rows(trace, "steps")[0].released
    assert rows(trace, "steps")[0].started == 5_000_000
    assert late > 0


def test_time_counts_from_the_edge_at_which_the_first_step_is_released():
    env = simpy.Environment()
    timer = Timer(env=env, reference=Clock(hz=1, ticks_per_cycle=10), period=100)
    env.run(until=13)
    assert timer.elapsed == 0
    timer.start()
    assert (timer.release(0), timer.release(3)) == (20, 320)
    assert timer.elapsed == 0
    env.run(until=50)
    assert timer.elapsed == 30


def test_those_who_wait_for_the_same_step_share_an_event():
    env = simpy.Environment()
    timer = Timer(env=env, reference=Clock(hz=1, ticks_per_cycle=10), period=100)
    timer.start()
    pending = timer.interrupt(2)
    assert timer.interrupt(2) is pending
    env.run(until=pending)
    assert env.now == 200
