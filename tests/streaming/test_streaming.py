"""A layer out of DRAM: its outputs are those of the matrix, and when its channel binds."""

import numpy as np
import pytest

from spinn2sim import load_scenario, simulate
from spinn2sim.report import energy, real_time
from spinn2sim.report.dram import dram_use
from spinn2sim.report.level_use import level_use
from spinn2sim.workload import Sample, Workload

N_IN, STEPS = 8, 5


def scenario_of(*overrides, n_pe=3, **parameters):
    fixed = ("name=streaming", f"n_pe={n_pe}", "firmware=firmware_models.streaming:Streaming")
    scenario = load_scenario(preset="spinnaker2", overrides=(*fixed, *overrides))
    return scenario.with_changes(parameters={"n_blocks": 4, "rows_per_block": 5, **parameters})


def workload():
    values = np.random.default_rng(1).random((STEPS, N_IN), np.float32)
    return Workload((Sample("a", values, 0),), ("a",))


def test_outputs_are_those_of_the_whole_matrix():
    trace = simulate(scenario_of(), workload())
    for pe in range(3):
        matrix = np.random.default_rng([0, pe]).standard_normal((20, N_IN)).astype(np.float32)
        expected = matrix.astype(np.float64) @ workload().samples[0].values[-1]
        assert trace.readout(pe)["outputs"] == pytest.approx(expected, abs=1e-5)


def test_only_two_blocks_are_in_sram():
    trace = simulate(scenario_of(), workload())
    assert trace.tables["pes"]["sram_bytes"].tolist() == [4 * (2 * 5 * N_IN + 20)] * 3


def test_a_step_takes_the_first_block_and_then_the_slower_of_work_and_channel():
    """Of one PE with a slow channel: 4 blocks of 160 B at 1 Mbit/s, 1.28 ms each; step 0 waits for
    the matrix to be written and is late."""
    trace = simulate(scenario_of("chip.dram.rate=1Mbit/s", n_pe=1), workload())
    times = real_time(trace)
    cycles_per_block = 192_000 + 23  # At 150 MHz, and the latency of 150 ns.
    overhead = times.response[0, 2] - 4 * cycles_per_block
    assert 0 < overhead < 1_000
    # 4 reads in each of 5 steps; of the writes all but the first begin after the first release.
    assert dram_use(trace).n_blocks == 4 * 5 + 3
    assert dram_use(trace).utilisation == pytest.approx(23 * 1.28 / 50, rel=1e-6)


def test_more_pes_share_the_channel_until_it_binds():
    """152 PEs take 152 times as long, when there is hardly any work."""
    rate = "chip.dram.rate=1Gbit/s"
    one, many = (
        int(real_time(simulate(scenario_of(rate, n_pe=n), workload())).response.max())
        for n in (1, 152)
    )
    channel = 152 * 4 * 160 * 8 / 1e9 * 150e6
    assert one < channel / 10
    assert channel <= many <= 1.1 * channel


def test_it_streams_and_sleeps_at_its_level_and_finishes_at_the_highest():
    level = {"streaming_level": "0.5 V", "cycles_per_output": 9}
    trace = simulate(scenario_of("chip.pe.dvfs=firmware", n_pe=1, **level), workload())
    low, high = level_use(trace)
    multiply, outputs = 4 * 5 * N_IN * STEPS, 4 * 5 * 9 * STEPS
    setup, interrupts = 60 * 4 * STEPS, (32 + 4 * 52) * STEPS
    # Writing the matrix: of 4 blocks the DMA is set up before the first step.
    assert low.cycles == multiply + setup + interrupts + 4 * 60 + 52
    assert high.cycles == outputs
    # 180 cycles at 300 MHz, and the switch to get there.
    assert high.share == pytest.approx((180 / 300e6 + 100e-9) / 10e-3, rel=1e-6)


def test_its_level_changes_no_output():
    at_150, chosen = (
        simulate(scenario_of(f"chip.pe.dvfs={dvfs}", streaming_level=level), workload())
        for dvfs, level in (("fixed", None), ("firmware", "0.5 V"))
    )
    for pe in range(3):
        assert np.array_equal(at_150.readout(pe)["outputs"], chosen.readout(pe)["outputs"])


def test_a_core_that_mostly_waits_for_dram_needs_less_energy_if_the_program_chooses():
    """4.1 ms a step for the channel, then 3 ms of work at 300 MHz or 6 ms at 150 MHz. Step 0 waits
    for the matrix to be written and is late with any."""
    given = {"cycles_per_multiply": 300, "cycles_per_output": 45_000}

    def found(level, *overrides):
        channel = ("chip.dram.rate=10Mbit/s", *overrides)
        return simulate(scenario_of(*channel, n_pe=8, streaming_level=level, **given), workload())

    slow = found(None)
    fast = found(None, "chip.pe.clock=300MHz")
    race = found(None, "chip.pe.clock=300MHz", "chip.pe.dvfs=race_to_idle")
    chosen = found("0.5 V", "chip.pe.dvfs=firmware")
    late = [(real_time(trace).slack[:, 1:] < 0).any() for trace in (slow, fast, race, chosen)]
    assert late == [True, False, False, False]
    assert energy(chosen).chip_j < energy(race).chip_j < energy(fast).chip_j
