"""The figures of mini-batches."""

import json

import pytest

from spinn2sim import simulate
from spinn2sim.errors import SpecError
from spinn2sim.minibatch import simulate_batches, summarise_batches
from spinn2sim.report import energy
from spinn2sim.workload import Workload
from tests.minibatch.machine import BOARD, N_TIMESTEPS, scenario_of, workload_of

ON_A_BOARD = ("board.group_pes=4", "board.placement=whole", *BOARD)


def run_of(*overrides, n_batches=1, **given):
    scenario = scenario_of(*overrides, **given)
    return simulate_batches(scenario, workload_of(scenario, n_batches))


def summary_of(*overrides, n_batches=1):
    return summarise_batches(run_of(*overrides, n_batches=n_batches))


def joules_of(run, groups, boards):
    """Busy cycles, flit-hops and bits between chips of these parts, at the level of the clock."""
    power, clock = run.scenario.power, run.scenario.chip.pe.clock
    level = next(each for each in power.levels if each.max_clock >= clock)
    n_cycles = sum(part.n_cycles for part in (*groups, *boards))
    n_hops = sum(part.n_flit_hops for part in (*groups, *boards))
    n_bits = sum(board.n_link_bits for board in boards)
    pj = level.cycle_pj * n_cycles + power.flit_hop_pj * n_hops
    return (pj + (power.link_bit_pj or 0) * n_bits) * 1e-12


def test_a_batch_in_time_lasts_as_long_as_a_sample():
    found = summary_of()
    assert found.fits
    assert found.verdict.startswith("FITS: real time, ")
    assert found.batch_s == pytest.approx(N_TIMESTEPS * 0.01)
    parts = found.sample_s + found.all_reduce_s + found.update_s
    left = found.last_slack_cycles / found.clock_hz
    assert parts + left == pytest.approx(found.batch_s, abs=1e-6)
    assert found.all_reduce_share == pytest.approx(found.all_reduce_s / found.batch_s)


def test_a_batch_that_is_late_ends_at_a_later_interrupt():
    found = summary_of("chip.pe.clock=2MHz", n_batches=2)
    assert not found.fits
    assert found.last_slack_cycles < 0
    assert found.batch_s > N_TIMESTEPS * 0.01
    assert found.batch_s / 0.01 == pytest.approx(round(found.batch_s / 0.01))
    assert "DOES NOT FIT: " in found.verdict
    assert found.overruns >= 2


@pytest.mark.parametrize(
    ("overrides", "given", "n_chips"),
    [
        ((), {}, 1),
        (("chip.pe.clock=150MHz",), {}, 1),
        (("chip.pe.clock=300MHz", "power.flit_hop_pj=1000"), {}, 1),
        ((*ON_A_BOARD, "power.link_bit_pj=500"), {"groups": 7}, 2),
        ((*ON_A_BOARD, "power.link_bit_pj=500"), {"groups": 3}, 2),
    ],
    ids=["65 MHz", "0.5 V", "0.8 V", "two chips", "one chip of two"],
)
@pytest.mark.parametrize("n_batches", [1, 2])
def test_energy_is_baseline_sleep_and_all_that_was_done(overrides, given, n_chips, n_batches):
    """Of a mini-batch, the mean of all; every chip of a board is on, used or not."""
    run = run_of(*overrides, n_batches=n_batches, **given)
    found, scenario = summarise_batches(run), run.scenario
    power, clock, n_pe = scenario.power, scenario.chip.pe.clock, 4 * scenario.batch.groups
    level = next(each for each in power.levels if each.max_clock >= clock)
    groups = [group for of_batch, _ in run.batches for group in of_batch]
    boards = [board for _, board in run.batches]
    still = (n_chips * power.baseline_mw + n_pe * level.sleep_mw) * 1e-3 * found.batch_s
    done = joules_of(run, groups, boards) / n_batches
    assert found.energy_j["chip"] == pytest.approx(still + done, rel=1e-12)
    assert found.energy_j["paper"] == pytest.approx(
        21.59e-6 * clock / 1e6 * n_pe * found.batch_s, rel=1e-12
    )
    reduced = joules_of(run, [], boards) / n_batches
    assert found.all_reduce_j == pytest.approx(reduced, rel=1e-12)
    assert 0 < reduced < done


def test_the_busy_cycles_of_a_group_are_those_of_the_same_group_run_alone():
    """But for the step of the optimiser, which is made after the all-reduce."""
    scenario = scenario_of()
    workload = workload_of(scenario)
    groups, _ = simulate_batches(scenario, workload).batches[0]
    alone = Workload(workload.samples[:1], workload.classes)
    host = scenario.host.with_changes(
        ethernet_rate=scenario.host.ethernet_rate // 4, write_rate=scenario.host.write_rate // 4
    )
    trace = simulate(scenario.with_changes(batch=None, host=host), alone)
    assert groups[0].n_cycles == energy(trace).n_cycles
    assert groups[0].n_flit_hops == energy(trace).n_flit_hops


@pytest.mark.parametrize(
    ("override", "problem"),
    [
        (
            "chip.pe.dvfs=race_to_idle",
            (
                "chip.pe.dvfs = race_to_idle: groups are timed by the compiled machine, which has "
                "one clock; use fixed, and chip.pe.clock for the level"
            ),
        ),
        (
            "faults.dma.probability=0.5",
            "faults: groups are timed by the compiled machine, which has none; drop them",
        ),
    ],
)
def test_what_only_the_simpy_machine_has_is_refused(override, problem):
    with pytest.raises(SpecError) as error:
        run_of(override, "chip.pe.dvfs_switch=100ns", "chip.pe.clock=150MHz")
    assert str(error.value) == f"batch: {problem}"


def test_a_summary_is_plain_json():
    found = summary_of()
    assert json.loads(json.dumps(found.as_dict()))["digest"] == found.digest
    assert str(found).splitlines()[0] == found.verdict
