"""The paper's figures as far as this network and machine give them: profile, memory, real time."""

import pytest

from spinn2sim import load_scenario, simulate, summarise
from spinn2sim.report import clock_profile

KB = 1024


@pytest.fixture
def paper(paper_trace):
    return paper_trace


@pytest.fixture
def small(small_trace):
    return small_trace


def test_a_time_step_costs_200_thousand_busy_cycles(paper):
    assert summarise(paper).cycles_per_step == pytest.approx(200_000, rel=0.03)


def test_every_pe_is_within_three_percent_of_it(paper):
    step = [row for row in clock_profile(paper) if row.every == "step"]
    assert sum(row.minimum for row in step) == pytest.approx(200_000, rel=0.03)
    assert sum(row.maximum for row in step) == pytest.approx(200_000, rel=0.03)


def test_e_prop_takes_70_percent_of_a_step_and_80_percent_of_that_is_multiplication(paper):
    summary = summarise(paper)
    assert summary.label_share["e_prop"] == pytest.approx(0.70, abs=0.02)
    assert summary.multiply_share == pytest.approx(0.80, abs=0.01)


def test_the_weight_update_costs_about_one_step(paper):
    assert 0.95 <= summarise(paper).update_over_step <= 1.05


def test_the_network_has_25440_weights(paper):
    assert summarise(paper).n_weights == 25_440


def test_twelve_pes_hold_680_kilobytes_and_keep_real_time_at_65_mhz(paper):
    summary = summarise(paper)
    assert summary.sram_bytes_total == pytest.approx(680 * KB, rel=0.03)
    assert summary.fits
    assert summary.overruns == 0
    assert summary.clock_hz == 65_000_000


def test_the_single_pe_network_holds_56_kilobytes_in_72_and_keeps_real_time(small):
    summary = summarise(small)
    assert summary.sram_bytes_total == pytest.approx(56 * KB, rel=0.03)
    assert summary.sram_bytes_available == 72 * KB
    assert summary.fits
    assert summary.overruns == 0


def test_waiting_is_not_work(paper):
    """The table's cycles and the simulated waiting add up to the period, step by step."""
    from spinn2sim.report import real_time

    times = real_time(paper)
    whole = times.busy + sum(times.waiting.values())
    assert (abs(whole - times.period) <= 1).all()


def test_one_sample_changes_all_weight_matrices(paper):
    start = load_scenario(preset="paper-12pe")
    from spinn2sim.elaboration import elaborate, scenario_workload

    before = [firmware.readout() for firmware in elaborate(start, scenario_workload(start))]
    for pe in range(12):
        after = paper.readout(pe)
        for name in before[pe]:
            assert (after[name] != before[pe][name]).any(), name


def test_energy_by_the_papers_model_is_its_26_milliwatts_at_100_mhz():
    """Section 5: 21.59 uW/MHz x 100 MHz x 12 cores = 25.9 mW, over 586 h 27 min 54.7 kJ."""
    trace = simulate(load_scenario(preset="paper-12pe", overrides=["chip.pe.clock=100MHz"]))
    summary = summarise(trace)
    watts = summary.energy_j["paper"] / summary.simulated_s
    assert watts == pytest.approx(0.0259, abs=0.0001)
    assert watts * (586 * 3600 + 27 * 60) == pytest.approx(54_700, rel=0.002)


def test_the_chip_model_gives_the_measured_table_of_the_whole_chip():
    """facts: 152 PEs asleep 235.4 mW at 0.5 V; running CoreMark at 150 MHz 424.6 mW."""
    power = load_scenario(preset="spinnaker2", overrides=[*_ANY_FIRMWARE]).power
    low, high = power.levels
    for level, asleep, running in ((low, 235.4, 424.6), (high, 564.7, 1247.9)):
        sleep = power.baseline_mw + 152 * level.sleep_mw
        assert sleep == pytest.approx(asleep, rel=0.02)
        busy = sleep + 152 * level.cycle_pj * level.max_clock * 1e-9
        assert busy == pytest.approx(running, rel=0.02)


_ANY_FIRMWARE = ("name=any", "n_pe=1", "firmware=firmware_models.ping:Ping")
