"""The commands: what they print and write, and what they refuse."""

import json

import pytest
from typer.testing import CliRunner

from spinn2sim.costs_cli import costs_app
from spinn2sim.errors import MissingFileError, OutputError, SpecError, Spinn2SimError
from tests.costs.profiles import SIZES, write_csv


def invoke(*arguments):
    result = CliRunner().invoke(costs_app, [str(argument) for argument in arguments])
    if isinstance(result.exception, Spinn2SimError):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.output


def rows_of(output):
    """Its lines, each with single blanks."""
    return [" ".join(line.split()) for line in output.splitlines()]


@pytest.fixture
def profile(tmp_path, monkeypatch):
    """Two functions of the e-prop firmware, measured at SIZES."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    rows = [
        (name, *size, cycles, cycles - 1, cycles + 2)
        for name, cost in (("alif_update", 50), ("weight_update__adam", 90))
        for size in SIZES
        for cycles in [25 + cost * size[0]]
    ]
    return write_csv(tmp_path / "board.csv", rows, "function,L,I,R,O,cycles,low,high")


def test_fit_prints_each_formula_with_its_errors(profile):
    out = invoke("fit", profile)
    assert "alif_update 25 + 50 L 1.00000 0.00% 0.00%" in rows_of(out)
    assert "weight_update.adam 25 + 90 L 1.00000 0.00% 0.00%" in rows_of(out)
    assert "all of a step, at a size left out: within 0.00%\n" in out
    assert "not in the profile: read_input, input_current, recurrent_current," in out
    assert max(map(len, out.splitlines())) <= 80


def test_fit_as_json_prints_one_object_alone(profile):
    found = json.loads(invoke("fit", profile, "--json"))
    assert found["formulas"]["alif_update"]["formula"] == "25 + 50 L"
    assert found["left_out"]["step"] == pytest.approx(0, abs=1e-9)
    assert found["missing"][:2] == ["read_input", "input_current"]
    assert found["table"]["name"] == "board"


@pytest.mark.parametrize("name", ["mine.yaml", "mine.json"])
def test_a_completed_table_is_one_the_firmware_takes(profile, name):
    invoke("fit", profile, "--complete", "-o", name, "--measured-on", "on board 3")

    found = json.loads(invoke("compare", "paper", f"./{name}", "--json"))

    assert found["provenance"][f"./{name}"].startswith("measured on board 3, in board.csv; ")
    assert found["step"]["alif_update"][f"./{name}"] == {"cycles": 525, "low": 524, "high": 527}
    paper, mine = found["step"]["e_prop"].values()
    assert paper == mine
    assert found["total"]["sample"][f"./{name}"]["cycles"] == pytest.approx(4920 + 925, abs=1)


def test_compare_prints_tables_side_by_side_with_bands_and_shares(profile):
    invoke("fit", profile, "--complete", "-o", "mine.yaml")

    out = invoke("compare", "paper", "mine.yaml")

    assert out.startswith("PE 0 of 12: L = 10, I = 80, R = 120, O = 12\n")
    rows = rows_of(out)
    band = rows.index("alif_update 550 525") + 1
    assert rows[band] == "385..715 524..527"
    assert {"e_prop / step 70.0% 70.0%", "multiply / e_prop 80.0% 80.0%"} < set(rows)
    assert "weight_update / step 1.00 0.00" in rows
    assert "\npaper: fitted to the figures t.step" in out
    assert max(map(len, out.splitlines())) <= 80


@pytest.mark.usefixtures("profile")
def test_compare_scales_by_size_and_says_what_is_extrapolated():
    sizes = ("--n-in", 40, "--n-rec", 76, "--n-out", 5, "--pes", 1)
    out = invoke("compare", "paper", *sizes)
    assert out.startswith("PE 0 of 1: L = 76, I = 40, R = 76, O = 5\n")
    assert "extrapolated: paper: L = 76 (fitted on 10 to 10)\n" in out
    found = json.loads(invoke("compare", "paper", *sizes, "--json"))
    assert found["sizes"] == {"L": 76, "I": 40, "R": 76, "O": 5}
    assert "send_spikes" not in found["step"]
    per_synapse = 7 * 8 + 5 * 2.8
    assert found["step"]["e_prop"]["paper"]["cycles"] == pytest.approx(76 * 116 * per_synapse)


def test_more_tables_than_a_line_holds_come_in_blocks(profile):
    invoke("fit", profile, "--complete", "-o", "mine.yaml")
    for copy in ("a.yaml", "b.yaml", "c.yaml"):
        (profile.parent / copy).write_text((profile.parent / "mine.yaml").read_text())
    out = invoke("compare", "paper", "a.yaml", "b.yaml", "c.yaml")
    assert out.count("Cycles per step (low..high)") == 2
    assert max(map(len, out.splitlines())) <= 80


def test_a_table_that_is_not_there_is_refused_with_what_there_is():
    with pytest.raises(MissingFileError, match=r"cost table not found: papre; name a YAML file or"):
        invoke("compare", "papre")


def test_an_incomplete_table_is_refused_where_the_firmware_would(profile):
    invoke("fit", profile, "-o", "mine.yaml")
    with pytest.raises(SpecError, match="no term of every step is for the function 'read_input'"):
        invoke("compare", "mine.yaml")


def test_a_firmware_without_a_table_cannot_say_when_functions_run():
    with pytest.raises(SpecError, match="unknown key 'cost_table'"):
        invoke("compare", "paper", "--set", "firmware=firmware_models.ping:Ping")


def test_a_file_that_cannot_be_written_is_an_error(profile):
    with pytest.raises(OutputError) as refused:
        invoke("fit", profile, "-o", "nowhere/mine.yaml")
    assert str(refused.value) == (
        "output nowhere/mine.yaml: No such file or directory; name a file that can be made"
    )


MEASURED = {
    "elf": "mine.elf",
    "sha256": "0123456789abcdef" * 4,
    "build": "-O2",
    "timing": "cortex-m4f",
    "rows": [
        {
            "sizes": dict(zip("LIRO", size, strict=True)),
            "function": "weight_update__adam",
            "cycles": {"low": 80 * size[0], "mid": 90 * size[0], "high": 95 * size[0]},
        }
        for size in SIZES
    ],
}


def test_fit_takes_what_measure_prints_and_says_on_what(tmp_path):
    path = tmp_path / "mine.json"
    path.write_text(json.dumps(MEASURED))
    found = json.loads(invoke("fit", path, "--json"))
    (term,) = found["table"]["terms"]
    assert (term["label"], term["cycles"], term["per"]) == ("weight_update.adam", 90, "L")
    assert term["range"] == [80, 95]
    assert found["table"]["provenance"].startswith(
        "measured on mine.elf (-O2), sha256 0123456789abcdef, in an emulated Cortex-M4F with the "
        "timing cortex-m4f, mid and low..high; "
    )


@pytest.mark.parametrize(
    "content",
    [
        "{",
        "[]",
        "{}",
        json.dumps(MEASURED | {"rows": []}),
        json.dumps(MEASURED | {"rows": [{**MEASURED["rows"][0], "sizes": {}}]}),
        json.dumps(MEASURED | {"rows": [{**MEASURED["rows"][0], "cycles": None}]}),
    ],
)
def test_another_json_file_is_refused(tmp_path, content):
    path = tmp_path / "mine.json"
    path.write_text(content)
    with pytest.raises(SpecError) as refused:
        invoke("fit", path)
    assert str(refused.value) == f"{path}: not what spinn2sim measure --json prints with --sizes"


def test_a_json_file_that_is_not_there_is_named():
    with pytest.raises(MissingFileError, match=r"profile not found: none\.json; make it with "):
        invoke("fit", "none.json")
