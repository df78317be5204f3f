"""A program that chooses the performance level of its PE: what each op does, and when."""

from itertools import chain
from typing import get_args
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from spinn2sim import load_scenario, simulate
from spinn2sim.elaboration import elaborate
from spinn2sim.errors import FirmwareError
from spinn2sim.firmware.levels import POLICIES
from spinn2sim.firmware.untimed import run_untimed
from spinn2sim.hw.sram import Sram
from spinn2sim.report import energy
from spinn2sim.report.power import power_report
from spinn2sim.report.stretches import stretches
from spinn2sim.spec.chip import Dvfs
from spinn2sim.trace import Cause
from tests.hw.machine import answers, happenings, rows, workload_of
from tests.hw.test_random_programs import promising

LOW, HIGH = 0, 1
#: Ticks of a cycle at 150 and at 300 MHz, and of a switch (100 ns).
CYCLE = {LOW: 2, HIGH: 1}
PERIOD, SWITCH = 3_000_000, 30
#: Cycles of the timer's interrupt of a core that was asleep.
ASLEEP = 32


def scenario_of(programs, *overrides, firmware="tests.hw.programs:Script", n_pe=None):
    """The final chip at 150 MHz, whose programs choose."""
    own = ("name=test", f"n_pe={n_pe or len(programs)}", f"firmware={firmware}")
    chooses = ("chip.pe.clock=150MHz", "chip.pe.dvfs=firmware")
    found = load_scenario(preset="spinnaker2", overrides=(*own, *chooses, *overrides))
    return found.with_changes(parameters={"programs": programs} if programs else {})


def run(programs, *overrides, n_timesteps=1):
    return simulate(scenario_of(programs, *overrides), workload_of(n_timesteps))


def work(cycles):
    return ("compute", "work", cycles)


def switches(trace, pe=0):
    """(tick from the first release, level) of each switch of *pe*."""
    start = int(trace.tables["steps"]["released"].min())
    return [(row.at - start, row.level) for row in rows(trace, "levels", pe=pe)]


def responses(trace, pe=0):
    return [row.finished - row.released for row in rows(trace, "steps", pe=pe)]


# What each op does


def test_each_cycle_has_the_length_of_its_level_and_a_switch_comes_between():
    """1,000 cycles at 150 MHz, a switch of 100 ns, and 1,000 cycles at 300 MHz."""
    trace = run([[("wait_timer",), work(1_000), ("set_level", "0.8 V"), work(1_000)]])
    at = ASLEEP * 2 + 1_000 * 2
    assert responses(trace) == [at + SWITCH + 1_000]
    assert switches(trace) == [(at, HIGH)]
    (stop,) = rows(trace, "waits", cause=Cause.CLOCK)
    assert stop.stop - stop.start == SWITCH


def test_a_level_goes_by_its_name_or_by_its_number():
    by_name, by_number = (
        happenings(run([[("wait_timer",), ("set_level", level), work(10)]]))
        for level in ("0.8 V", HIGH)
    )
    assert by_name == by_number


def test_the_level_that_a_pe_has_costs_nothing():
    trace = run([[("wait_timer",), ("set_level", LOW), work(5), ("set_level", "0.5 V")]])
    assert responses(trace) == [2 * (ASLEEP + 5)]
    assert switches(trace) == []


@pytest.mark.parametrize(("nanoseconds", "edge"), [(0, 1), (100, 1)])
def test_a_core_goes_on_at_an_edge_of_its_new_clock(nanoseconds, edge):
    """After 3 cycles at 300 MHz it is between two edges of 150 MHz."""
    program = [("wait_timer",), ("set_level", HIGH), work(3), ("set_level", LOW), work(10)]
    trace = run([program], f"chip.pe.dvfs_switch={nanoseconds}ns")
    switch = nanoseconds * 3 // 10
    assert responses(trace) == [ASLEEP * 2 + switch + 3 + switch + edge + 10 * 2]
    assert all(row.start % 2 == 0 for row in rows(trace, "work")[-1:])


def test_a_level_stays_in_the_steps_that_follow_and_asleep():
    program = [("wait_timer",), ("set_level", HIGH), work(50), ("wait_timer",), work(70)]
    trace = run([program], n_timesteps=2)
    assert switches(trace) == [(ASLEEP * 2, HIGH)]
    assert responses(trace)[1] == ASLEEP + 70


def test_a_policy_begins_with_the_end_of_the_step_in_which_it_is_chosen():
    program = [("wait_timer",), ("choose_policy", "race_to_idle"), work(50)]
    program += [("wait_timer",), work(70)]
    trace = run([program], n_timesteps=2)
    second = SWITCH + ASLEEP + 70
    assert responses(trace) == [2 * (ASLEEP + 50), second]
    assert switches(trace) == [(PERIOD, HIGH), (PERIOD + second, LOW)]


def test_a_level_ends_the_policy_and_a_fixed_policy_keeps_the_level():
    race, set_low, keep = (
        ("choose_policy", "race_to_idle"),
        ("set_level", LOW),
        ("choose_policy", "fixed"),
    )
    for op, level in ((set_low, LOW), (keep, HIGH)):
        program = [race, ("wait_timer",), work(10), op, ("wait_timer",), work(70)]
        trace = run([program], n_timesteps=2)
        assert responses(trace)[1] == CYCLE[level] * (ASLEEP + 70)
        assert len(switches(trace)) == (2 if op == set_low else 1)


@pytest.mark.parametrize("policy", ["race_to_idle", "lowest_that_meets_deadline"])
def test_a_policy_that_a_program_chooses_first_is_that_of_the_scenario(policy):
    """1.4 M cycles fit into a step at 150 MHz, 1.6 M do not."""
    steps = [[("wait_timer",), work(n)] for n in (1_400_000, 1_600_000, 1_600_000, 10, 20)]
    program, fast = list(chain(*steps)), "chip.pe.clock=300MHz"
    theirs = run([program], fast, f"chip.pe.dvfs={policy}", n_timesteps=5)
    own = run([[("choose_policy", policy), *program]], fast, n_timesteps=5)
    assert happenings(own) == happenings(theirs)
    assert len(rows(own, "levels")) > 2


def test_a_policy_looks_back_at_the_ticks_that_each_level_took():
    """Half of the cycles took 4.5 ms at 150 MHz, half 2.25 ms at 300 MHz, and nothing was waited
    for but the switch. All of them take 9 ms at 150 MHz, which is enough."""
    half = 675_000
    program = [("wait_timer",), work(half), ("set_level", HIGH), work(half)]
    program += [("choose_policy", "lowest_that_meets_deadline"), ("wait_timer",), work(10)]
    trace = run([program], n_timesteps=2)
    first = 2 * (ASLEEP + half) + SWITCH + half
    assert switches(trace)[1:] == [(first, LOW)]
    assert responses(trace)[1] == 2 * (ASLEEP + 10)


# The rest of the PE


def test_a_machine_at_a_level_is_one_with_that_clock():
    """Comms, DMA, SRAM and timer of six PEs with every op: as at a clock of 150 MHz."""
    mixed = "tests.hw.programs:Mixed"
    fixed = scenario_of(None, "chip.pe.clock=150MHz", firmware=mixed, n_pe=6)
    chosen = scenario_of(
        None, "chip.pe.clock=300MHz", firmware="tests.hw.programs:MixedAtLowest", n_pe=6
    )
    one, other = (happenings(simulate(each, workload_of(4))) for each in (fixed, chosen))
    for table in ("steps", "work", "waits", "sends", "dma"):
        assert inside(one[table]) == inside(other[table]), table
    assert len(one["dma"]) == 4 * 6


def inside(rows):
    """Those of time steps; in the boot the core was at 300 MHz for the first op."""
    return [row for row in rows if getattr(row, "timestep", row[1]) >= 0]


def test_a_transfer_keeps_the_pace_at_which_it_was_asked_for():
    """100 beats, 2 cycles apart: 400 ticks at 150 MHz, 200 at 300 MHz; then the core switches."""
    quick = ("chip.noc.inject_cycles=1", "chip.noc.eject_cycles=1")
    took = {}
    for before, after in ((LOW, LOW), (HIGH, LOW), (HIGH, HIGH)):
        sender = [("set_level", before), ("wait_timer",), ("dma_write", 1, "x", 0, 1_600)]
        sender += [("set_level", after), ("wait_dma",)]
        trace = run([sender, [("wait_timer",)]], *quick)
        (row,) = rows(trace, "dma")
        took[before, after] = row.finished - row.started
    assert took[LOW, LOW] - took[HIGH, LOW] == pytest.approx(200, abs=4)
    assert took[HIGH, LOW] == pytest.approx(took[HIGH, HIGH], abs=4)


def test_a_block_of_dram_that_waits_for_its_turn_keeps_the_pace_at_which_it_was_asked_for():
    """Two blocks of 16,000 B: 1,000 beats of 2 cycles, slower than the channel at 150 MHz. The
    second begins when the first is complete; by then the core is at 300 MHz."""
    program = [("wait_timer",), ("dram_write", "a", 0, 16_000), ("dram_write", "b", 0, 16_000)]
    program += [("set_level", HIGH), ("dram_write", "c", 0, 16_000), ("wait_dma",)]
    trace = run([program], "chip.dram.rate=200Gbit/s")
    latency = 45
    took = [row.finished - row.started for row in rows(trace, "dram")]
    assert took == [4_000 + latency, 4_000 + latency, 2_000 + latency]


def test_cycles_lost_to_others_are_paid_at_the_clock_at_which_they_were_lost():
    """100 beats into the SRAM of PE 1, which has 4 banks: it loses 25 cycles of 2 ticks."""
    writer = [("dma_write", 1, "x", 0, 1_600), ("wait_dma",), ("multicast", [7])]
    reader = [("receive", 1), ("set_level", HIGH), work(10)]
    trace = run([writer, reader])
    (lost,) = rows(trace, "waits", pe=1, cause=Cause.SRAM)
    (switch,) = rows(trace, "levels", pe=1)
    assert lost.stop - lost.start == 25 * 2
    assert lost.stop == switch.at


def test_a_step_up_does_not_break_a_promise_in_cycles():
    """1,000 promised cycles pass in half the time after a switch to twice the clock."""
    program = [("wait_timer",), ("barrier", 1_000), ("set_level", HIGH), work(1_000)]
    program += [("multicast", [1]), ("barrier",)]
    silent = [op[:1] if op[0] == "barrier" else op for op in program]
    one, other = (happenings(run([each] * 3)) for each in (program, silent))
    assert one == other
    short = [("barrier", 1_001) if op == ("barrier", 1_000) else op for op in program]
    cycle_early = "PE 0: it meets others .* cycles before the end of the lookahead it gave"
    with pytest.raises(FirmwareError, match=cycle_early):
        run([short] * 3, "chip.pe.dvfs_switch=0ns")


def test_hop_by_hop_such_a_run_takes_the_same_time():
    steps = [("wait_timer",), ("set_level", HIGH), ("multicast", [1, 2]), ("barrier",)]
    steps += [("set_level", LOW), work(100), ("multicast", [3]), ("barrier",)]
    programs = [[("choose_policy", "race_to_idle"), work(pe), *steps] for pe in range(5)]
    scenario = scenario_of(programs)
    one, other = (simulate(scenario, workload_of(), timing=each) for each in ("simpy", "hop"))
    assert happenings(one) == happenings(other)
    assert len(rows(one, "levels")) == 5 * 2


#: Levels and policies between the ops of random programs.
choices = st.one_of(
    st.tuples(st.just("set_level"), st.sampled_from([LOW, HIGH])),
    st.tuples(st.just("choose_policy"), st.sampled_from(POLICIES)),
)


@st.composite
def choosing(draw):
    """Programs, with and without promises, that change their clock in the middle of anything."""
    programs, machine = draw(promising())
    machine = {key: value for key, value in machine.items() if key != "chip.pe.clock"}
    mixed = [
        list(chain(*([op, *draw(st.lists(choices, max_size=1))] for op in program)))
        for program in programs
    ]
    return mixed, tuple(f"{key}={value}" for key, value in machine.items())


generated = settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],  # what fails is large; to make it smaller takes minutes
)


@generated
@given(choosing())
def test_random_programs_that_choose_take_the_same_time_if_no_core_runs_ahead(application):
    programs, machine = application
    silent = [[op[:1] if op[0] == "barrier" else op for op in program] for program in programs]
    # Taking what nobody has written only lets the shared time catch up.
    in_time = [[op for one in p for op in (one, ("take_dma", "nothing"))] for p in silent]
    # Cycles lost to the beats of others are left out: they are paid at the next wait, by design.
    with patch.object(Sram, "beats"):
        one, other = (happenings(run(each, *machine, n_timesteps=3)) for each in (silent, in_time))
    assert one == other


@generated
@given(choosing())
def test_levels_change_no_answer_and_promises_nothing_that_happens(application):
    programs, machine = application
    silent = [[op[:1] if op[0] == "barrier" else op for op in program] for program in programs]
    one, other = (run(each, *machine, n_timesteps=3) for each in (programs, silent))
    assert happenings(one) == happenings(other)
    found = stretches(one)
    same_pe = found.pe[1:] == found.pe[:-1]
    assert np.all(found.start[1:][same_pe] >= found.stop[:-1][same_pe])
    assert_energy_adds_up(one)
    plain = [
        [op for op in program if op[0] not in {"set_level", "choose_policy"}]
        for program in programs
    ]
    assert answers(one) == answers(run(plain, *machine, n_timesteps=3))


# Energy


def assert_energy_adds_up(trace):
    """By level, by function, by PE and in all."""
    whole, found = energy(trace), power_report(trace)
    assert sum(row.cycles for row in found.levels) == whole.n_cycles
    assert sum(row.busy_j for row in found.levels) == pytest.approx(whole.cycles_j)
    assert sum(row.sleep_j for row in found.levels) == pytest.approx(whole.sleep_j)
    assert found.busy_j.sum() == pytest.approx(whole.cycles_j)
    assert found.sleep_j.sum() == pytest.approx(whole.sleep_j)


def test_energy_is_that_of_each_level_for_as_long_as_it_lasted():
    program = [("wait_timer",), work(1_000), ("set_level", HIGH), work(3_000), ("set_level", LOW)]
    trace = run([program])
    assert_energy_adds_up(trace)
    low, high = power_report(trace).levels
    at_high = (SWITCH + 3_000) / 300e6
    assert (low.level, low.cycles) == ("0.5 V", ASLEEP + 1_000)
    assert (high.level, high.cycles) == ("0.8 V", 3_000)
    assert low.busy_j == pytest.approx((ASLEEP + 1_000) * 8.30e-12)
    assert high.busy_j == pytest.approx(3_000 * 14.98e-12)
    assert low.sleep_j == pytest.approx(1.054e-3 * (0.01 - at_high))
    assert high.sleep_j == pytest.approx(3.220e-3 * at_high)
    assert high.share == pytest.approx(at_high / 0.01)
    assert energy(trace).level == "0.5 V to 0.8 V, as the firmware chose"


# Without a clock


def test_it_does_the_same_without_a_clock():
    program = [("wait_timer",), ("set_level", HIGH), work(7), ("choose_policy", "race_to_idle")]
    (firmware,) = elaborate(scenario_of([program]), workload_of())
    found = run_untimed([firmware], [])
    assert (found.cycles[0]["work"], found.n_timesteps) == (7, (1,))


def test_every_policy_of_a_scenario_can_be_chosen():
    assert set(get_args(Dvfs)) == {*POLICIES, "firmware"}
