"""Power against the measured table of the whole chip, the paper's numbers, and closed forms."""

import json

import numpy as np
import pytest
from typer.testing import CliRunner

from spinn2sim import load_scenario, simulate
from spinn2sim.cli import app
from spinn2sim.report import energy
from spinn2sim.report.power import function_power, power_report
from spinn2sim.report.training_energy import training_energy
from spinn2sim.spec import load_published
from spinn2sim.trace import save_trace
from tests.report.traces import PERIOD, Story

FIRMWARE = {
    "asleep": "firmware_models.idle:Idle",
    "coremark": "firmware_models.coremark:Coremark",
}
TABLE = load_scenario(preset="paper-12pe", machine="spinnaker2").power.whole_chip


def milliwatts(row):
    """Mean power of a simulated chip in the state of *row*, by the chip model."""
    scenario = load_scenario(
        preset="spinnaker2",
        overrides=(
            "name=chip",
            f"n_pe={row.n_pe}",
            f"chip.pe.clock={row.clock}",
            f"firmware={FIRMWARE[row.state]}",
        ),
    )
    found = energy(simulate(scenario))
    return found.chip_j / found.duration_s * 1e3


def test_the_measured_table_has_both_states_at_both_levels():
    assert [(row.state, row.voltage_mv, row.clock / 1e6, row.power_mw) for row in TABLE] == [
        ("asleep", 500, 150, 235.4),
        ("asleep", 800, 300, 564.7),
        ("coremark", 500, 150, 424.6),
        ("coremark", 800, 300, 1247.9),
    ]


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row.state} at {row.clock / 1e6:g} MHz")
def test_a_simulated_chip_draws_what_was_measured_within_2_percent(row):
    """152 PEs run a firmware that sleeps, or one that iterates as CoreMark does."""
    assert milliwatts(row) == pytest.approx(row.power_mw, rel=0.02)


def test_coremark_does_as_many_iterations_in_a_second_as_was_measured():
    """65,968 by 152 PEs at 150 MHz; one PE is as fast as any."""
    scenario = load_scenario(
        preset="spinnaker2", overrides=("name=one", "n_pe=1", f"firmware={FIRMWARE['coremark']}")
    )
    trace = simulate(scenario)
    per_second = trace.readout(0)["iterations"][0] / energy(trace).duration_s
    assert 152 * per_second == pytest.approx(65_968, rel=1e-4)


def test_the_papers_model_gives_25_9_milliwatts_and_54_7_kilojoules_for_its_training():
    """21.59 uW/MHz x 100 MHz x 12 cores for 586 h 27 min; the GPU's 657 kJ are 12 times as much."""
    scenario = load_scenario(preset="paper-12pe", overrides=["chip.pe.clock=100MHz"])
    trace = simulate(scenario)
    found = training_energy(trace, load_published("eprop-paper"))
    paper, chip, without = found.rows
    assert found.training_s == pytest.approx(586 * 3600 + 27 * 60)
    assert paper.training_j / found.training_s == pytest.approx(25.908e-3, rel=1e-12)
    assert paper.training_j == pytest.approx(25.908e-3 * 2_111_220, rel=1e-12)
    assert f"{paper.training_j / 1e3:.1f} kJ" == "54.7 kJ"
    assert round(paper.times_less) == 12
    assert paper.epoch_j * 30 == pytest.approx(paper.training_j)
    assert chip.training_j - without.training_j == pytest.approx(75.2e-3 * found.training_s)


# Where it goes


def busy_and_idle():
    """PE 0 works all of step 0 and half of step 1; PE 1 works a quarter of step 1 on ``b``."""
    story = Story(n_pe=2, clock=1_000_000)
    story.step(0, 0, PERIOD, ("a", PERIOD)).step(0, 1, 500, ("a.x", 300), ("b", 200))
    story.step(1, 0, 0).step(1, 1, 250, ("b", 250))
    return story.trace()


def test_windows_hold_the_energy_of_their_cycles():
    found = power_report(busy_and_idle())
    watts = np.array([[PERIOD, 0], [500, 250]]) * 8.30e-12 / 1e-3
    assert found.busy_mw == pytest.approx(watts * 1e3)
    assert found.sleep_mw == pytest.approx(np.full((2, 2), 1.054))
    assert found.chip_mw == pytest.approx(75.2 + 2 * 1.054 + watts.sum(axis=1) * 1e3)


def test_a_window_of_two_steps_has_their_mean():
    one, two = power_report(busy_and_idle(), 1), power_report(busy_and_idle(), 2)
    assert two.chip_mw == pytest.approx([one.chip_mw.mean()])


def test_a_late_step_draws_power_in_the_window_in_which_it_works():
    """1,500 cycles of work from the beginning: half of them after the deadline."""
    story = Story(n_pe=1, clock=1_000_000).step(0, 0, 1_500, ("a", 1_500))
    busy = power_report(story.trace()).busy_mw[:, 0]
    assert busy == pytest.approx([8.30e-12 * 1e6 * 1e3] * 2)


def test_functions_take_what_their_cycles_take_by_pe():
    functions = {row.label: row for row in power_report(busy_and_idle()).functions}
    assert functions["a"].by_pe_j == pytest.approx((1_300 * 8.30e-12, 0))
    assert functions["b"].by_pe_j == pytest.approx((200 * 8.30e-12, 250 * 8.30e-12))
    assert functions["a"].share == pytest.approx(1_300 / 1_750)


def test_functions_take_their_power_in_the_windows_in_which_they_run():
    """In step 1 an op of 300 cycles of ``a`` and 200 of ``b`` is followed by nothing."""
    found = function_power(busy_and_idle())
    mw = 8.30e-12 / 1e-3 * 1e3
    assert found.keys() == {"a", "b"}
    assert found["a"] == pytest.approx([PERIOD * mw, 300 * mw])
    assert found["b"] == pytest.approx([0, (200 + 250) * mw])
    (one,) = function_power(busy_and_idle(), 2)["a"]
    assert one == pytest.approx((PERIOD + 300) * mw / 2)


@pytest.mark.parametrize("steps", [3, 1_000])
def test_functions_add_up_to_the_busy_power_of_each_window(paper_trace, steps):
    found = function_power(paper_trace, steps)
    whole = power_report(paper_trace, steps).busy_mw.sum(axis=1)
    assert np.sum([*found.values()], axis=0) == pytest.approx(whole)


@pytest.mark.parametrize("steps", [1, 3, 7, 1_000])
def test_windows_pes_and_functions_each_add_up_to_the_energy_of_the_run(paper_trace, steps):
    found, joules = power_report(paper_trace, steps), energy(paper_trace)
    widths = np.diff([*found.start_s, joules.duration_s])
    assert (found.chip_mw * 1e-3 * widths).sum() == pytest.approx(joules.chip_j)
    assert found.sleep_j.sum() == pytest.approx(joules.sleep_j)
    assert found.busy_j.sum() == pytest.approx(joules.cycles_j)
    assert sum(row.joules for row in found.functions) == pytest.approx(joules.cycles_j)


def test_a_run_without_steps_has_no_windows():
    found = power_report(Story().trace())
    assert found.busy_mw.size == 0
    assert found.busy_j.tolist() == [0, 0]


# The command

LEVELS = ("0.5 V", "0.8 V")


def power(path, *options):
    return CliRunner().invoke(app, ["power", str(path), *options])


@pytest.fixture
def run(tmp_path, paper_trace):
    save_trace(paper_trace, tmp_path / "trace.npz")
    return tmp_path / "trace.npz"


def test_the_command_prints_one_json_object(run, paper_trace):
    found = json.loads(power(run, "--steps", "25", "--training", "eprop-paper", "--json").stdout)
    assert len(found["windows"]) == 4
    assert {len(each) for each in found["functions_mw"].values()} == {4}
    assert len(found["windows"][0]["pe_mw"]) == paper_trace.n_pe
    assert {row["model"] for row in found["training"]["models"]} == {
        "paper",
        "chip",
        "chip without baseline",
    }


def test_the_command_prints_tables_within_80_columns(run):
    printed = power(run, "--training", "eprop-paper").stdout
    assert max(map(len, printed.splitlines())) <= 80
    for title in ("Chip model by part", "Power in windows of 100 ms", "Busy cycles by function"):
        assert title in printed


def test_the_command_tells_levels_apart_if_there_were_several(tmp_path, run):
    assert "PEs by performance level" not in power(run).stdout
    changes = ("chip.pe.dvfs=firmware", "chip.pe.dvfs_switch=100ns")
    story = Story(*changes, n_pe=1, clock=300_000_000).step(0, 0, 9_000, ("a", 3_000))
    trace = story.rows("levels", (0, 75_000, 0)).trace()
    save_trace(trace, tmp_path / "two.npz")
    printed = power(tmp_path / "two.npz").stdout.splitlines()
    (low,), (high,) = ([line.split() for line in printed if line.startswith(v)] for v in LEVELS)
    assert low == ["0.5", "V", "75.0%", "0", f"{0.75 * 1.054e-3:.4g}", "0"]
    assert high == ["0.8", "V", "25.0%", "3,000", "0.000805", f"{3_000 * 14.98e-9:.4g}"]
    found = json.loads(power(tmp_path / "two.npz", "--json").stdout)["levels"]
    assert [(row["level"], row["cycles"], row["share"]) for row in found] == [
        ("0.5 V", 0, 0.75),
        ("0.8 V", 3_000, 0.25),
    ]


def test_a_training_that_nobody_has_published_is_refused(run):
    error = power(run, "--training", "eprop").exception
    assert str(error) == "--training: no published training 'eprop'; did you mean 'eprop-paper'?"
