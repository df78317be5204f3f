"""The figures of mini-batches."""

import json

import pytest

from spinn2sim.minibatch import simulate_batches, summarise_batches
from tests.minibatch.machine import N_TIMESTEPS, scenario_of, workload_of


def summary_of(*overrides, n_batches=1):
    scenario = scenario_of(*overrides)
    return summarise_batches(simulate_batches(scenario, workload_of(scenario, n_batches)))


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


def test_energy_is_that_of_all_groups_by_both_models():
    found = summary_of()
    power = scenario_of().power
    level = power.levels[0]
    still = (power.baseline_mw + 16 * level.sleep_mw) * 1e-3 * found.batch_s
    assert found.energy_j["paper"] == pytest.approx(21.59e-6 * 65 * 16 * found.batch_s)
    assert 0 < found.all_reduce_j < found.energy_j["chip"] - still
    busy = 16 * level.cycle_pj * 1e-12 * found.batch_s * found.clock_hz  # if no PE ever slept
    assert found.energy_j["chip"] - still < busy


def test_the_energy_of_two_batches_is_the_mean():
    one, two = summary_of(), summary_of(n_batches=2)
    assert two.n_batches == 2
    assert two.energy_j["chip"] == pytest.approx(one.energy_j["chip"], rel=0.02)


def test_a_summary_is_plain_json():
    found = summary_of()
    assert json.loads(json.dumps(found.as_dict()))["digest"] == found.digest
    assert str(found).splitlines()[0] == found.verdict
