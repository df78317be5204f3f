"""docs/mappings.md: its table is what the scenarios give, and its lines say what the table says."""

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from experiments import mappings as script
from spinn2sim.cli import app

PAGE = (Path(__file__).parents[2] / "docs" / "mappings.md").read_text()
TABLE = re.search(r"<!-- table -->\n(.*)<!-- end of table -->", PAGE, re.DOTALL).group(1)


def figures(name):
    """The numbers of a row, by the names of the columns."""
    row = next(line for line in TABLE.splitlines() if line.startswith(f"| `{name}`"))
    values = [value.strip() for value in row.strip("|").split("|")]
    numbers = [re.match(r"[\d,]+", value) for value in values]
    found = zip(script.HEADER, numbers, strict=True)
    return {key: int(number[0].replace(",", "")) for key, number in found if number}


def test_the_table_is_what_the_script_prints():
    assert script.table() == TABLE


def test_every_mapping_scenario_is_in_the_table():
    files = {path.stem.removeprefix("mapping_") for path in script.SCENARIOS.glob("mapping_*.yaml")}
    assert files == set(script.NAMES)


def test_check_prints_the_figures_of_the_table():
    result = CliRunner().invoke(app, ["check", str(script.path_of("neuron_based")), "--json"])
    found = json.loads(result.stdout)
    assert round(found["cycles_per_step"]) == figures("neuron_based")["work in a step"]
    assert found["response_cycles"] == figures("neuron_based")["the last step"]


def more(name, column, than="baseline"):
    return figures(name)[column] / figures(than)[column] - 1


@pytest.mark.parametrize(
    ("name", "column", "than", "said"),
    [
        ("neuron_based", "a plain step", "baseline", 0.41),
        ("remote", "a plain step", "baseline", 0.18),
        ("remote", "the last step", "baseline", 0.16),
        ("remote_moments", "the last step", "baseline", 0.05),
        ("per_step", "work in a step", "baseline", 1.02),
        ("bfloat16", "a plain step", "baseline", 0.27),
        ("float16", "a plain step", "baseline", 0.25),
        ("bfloat16", "fullest SRAM", "baseline", -0.44),
        ("float_16", "work in a step", "float_4", -0.04),
        ("mac_array", "work in a step", "baseline", -0.14),
        ("exp_log", "work in a step", "baseline", -0.015),
    ],
)
def test_the_lines_say_what_the_table_says(name, column, than, said):
    assert more(name, column, than) == pytest.approx(said, abs=0.005)


def test_the_units_leave_the_shares_that_the_page_names():
    assert 1 + more("float_4", "work in a step") == pytest.approx(1 / 3, abs=0.01)
    assert 1 + more("float_16_wide", "work in a step") == pytest.approx(1 / 6, abs=0.01)
    assert 1 + more("float_16_wide", "the last step") == pytest.approx(1 / 10, abs=0.01)
