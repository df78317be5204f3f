"""The measured cost tables: fresh, predictive, and as good a choice as `paper`."""

import re

import numpy as np
import pytest

from firmware_models.eprop.work import FOLDER as TABLES
from firmware_models.eprop.work import load_costs
from spinn2sim import load_scenario, simulate, summarise
from spinn2sim.arm import Machine, load_elf
from spinn2sim.costs import compare
from spinn2sim.feasibility import check, noise
from spinn2sim.firmware.cost import n_units
from tests.eprop.c_firmware import FIRMWARES, FOLDER

POINT = {"L": 10, "I": 80, "R": 120, "O": 12}
UNFUSED = [name for name in FIRMWARES if not name.startswith("fused")]


def side_by_side(*names):
    tables = {name: load_costs(name) for name in names}
    return compare(tables, dict.fromkeys(names, POINT), n_pe=12, pe=0)


@pytest.mark.parametrize("firmware", FIRMWARES)
def test_a_table_was_measured_on_the_elf_that_is_there(firmware):
    """The text firmware_build holds the hash of the sources; test_c_elf holds it to them."""
    content = (FOLDER / "elf" / f"{firmware}.elf").read_bytes()
    build = re.search(rb"style [^\0]*sources sha256 \w+", content)[0].decode()
    assert build in load_costs(f"measured-{firmware}").provenance


def test_measured_is_one_of_the_tables_under_a_short_name():
    measured = load_costs("measured")
    assert measured.with_changes(name="measured-loops-O2") == load_costs("measured-loops-O2")


@pytest.mark.parametrize("firmware", UNFUSED)
def test_a_step_at_a_size_left_out_is_predicted_within_one_percent(firmware):
    said = re.findall(r"predicted within ([\d.]+)%", load_costs(f"measured-{firmware}").provenance)
    assert [float(error) < 1 for error in said] == [True, True]


def machine_of(firmware):
    for module in ("unicorn", "capstone", "elftools"):
        pytest.importorskip(module, reason="needs spinn2sim[elf]")
    return Machine(load_elf(FOLDER / "elf" / f"{firmware}.elf"))


@pytest.mark.parametrize("firmware", ["matrix-O2", "loops-O2", "fused-O2"])
def test_a_table_says_what_the_machine_counts_at_a_size_that_it_has_not_seen(firmware):
    sizes = {"L": 11, "I": 70, "R": 132, "O": 9}
    machine = machine_of(firmware)
    assert machine.call("firmware_setup", *sizes.values(), 1).int_result == 0
    bands = [machine.call(name).cycles for name in machine.elf.labels.step]
    table = load_costs(f"measured-{firmware}")

    for end in range(3):
        said = sum(
            (term.range[0], term.cycles, term.range[1])[end] * n_units(term.per, sizes)
            for term in table.terms
            if term.every == "step"
        )
        assert said == pytest.approx(sum(band[end] for band in bands), rel=0.005)


@pytest.mark.slow
@pytest.mark.parametrize("firmware", ["loops-O2", "matrix-O2"])
def test_a_table_measured_anew_is_the_one_that_is_kept(firmware):
    machine_of(firmware)
    from experiments.measure_costs import texts

    for path, text in texts(firmware):
        assert path.read_text() == text


@pytest.mark.parametrize("name", [path.stem for path in sorted(TABLES.glob("*.yaml"))])
def test_every_table_has_all_functions_and_a_band_around_each_coefficient(name):
    for term in load_costs(name).terms:
        assert term.range[0] <= term.cycles <= term.range[1], term.label


def test_the_learning_half_of_the_papers_profile_is_met_and_the_rest_is_not():
    """docs/cost_tables.md says so."""
    found = side_by_side("paper", "measured")
    e_prop, update = found.step["e_prop"]["measured"], found.sample["weight_update"]["measured"]
    assert e_prop.low < 140_000 < e_prop.high
    assert e_prop.cycles == pytest.approx(140_000, rel=0.05)
    assert update.low < 200_000 < update.high
    assert update.cycles == pytest.approx(200_000, rel=0.05)
    assert found.total("measured", "step").high < 180_000
    assert found.figures["measured"]["eprop_share"] > 0.8
    only_adds = sum(
        term.cycles * n_units(term.per, POINT)
        for term in load_costs("measured").terms
        if term.label == "e_prop.accumulate"
    )
    assert only_adds / e_prop.cycles == pytest.approx(0.2, abs=0.01)


def test_generic_routines_multiply_for_seven_twelfths_of_e_prop():
    found = side_by_side(*(f"measured-{name}" for name in FIRMWARES if name.startswith("matrix")))
    shares = [figures["multiply_share"] for figures in found.figures.values()]
    assert np.allclose(shares, 7 / 12, atol=0.04)


def test_check_takes_a_measured_table():
    options = ["parameters.cost_table=measured"]
    summary = check(load_scenario(preset="paper-12pe", overrides=options)).summary
    assert summary.cycles_per_step == pytest.approx(161_500, rel=0.01)
    assert summary.multiply_share is None


@pytest.mark.parametrize("name", ["measured", "measured-matrix-O3", "measured-fused-O2"])
@pytest.mark.parametrize(
    "program", [{}, {"optimiser": "sgd"}, {"n_lif": 6}, {"feedback": "adaptive", "update_every": 2}]
)
def test_every_program_runs_with_a_measured_table_and_learns_the_same(name, program):
    def run(cost_table):
        scenario = load_scenario(preset="paper-12pe").with_changes(
            n_pe=2, parameters={"n_rec": 12, "n_in": 8, "cost_table": cost_table, **program}
        )
        return simulate(scenario, noise(scenario, 3))

    measured, paper = run(name), run("paper")
    assert summarise(measured).cycles_per_step < summarise(paper).cycles_per_step
    for key, weights in measured.readout(0).items():
        assert np.array_equal(weights, paper.readout(0)[key])
