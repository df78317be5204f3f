"""Cost tables: what a PE is charged, and what a user is told who writes one wrongly."""

from __future__ import annotations

import copy

import pytest

from spinn2sim.errors import MissingFileError, SpecError
from spinn2sim.firmware.cost import load_cost_table, n_units
from spinn2sim.firmware.ops import Charge
from spinn2sim.plain_yaml import write_yaml

TERM = {
    "label": "work",
    "cycles": 3,
    "per": "L*I",
    "status": "free",
    "source": "a count",
    "range": [2, 4],
}
TABLE = {
    "name": "mine",
    "provenance": "written by hand",
    "made_by": "hand",
    "sizes": {"L": "own neurons", "I": "inputs"},
    "fitted_on": {"L": [10, 20], "I": [80, 80]},
    "terms": [TERM],
}


@pytest.fixture
def load(tmp_path):
    """Write a table of *terms* to a file and load it by its path."""

    def write_and_load(*terms, **changes):
        content = copy.deepcopy(TABLE) | changes
        if terms:
            content["terms"] = [TERM | term for term in terms]
        path = tmp_path / "mine.yaml"
        path.write_text(write_yaml(content))
        return load_cost_table(str(path), tmp_path / "no folder")

    return write_and_load


def refusal(load, tmp_path, *terms, **changes):
    """The message of the refused table, line by line without the path that opens each."""
    with pytest.raises(SpecError) as refused:
        load(*terms, **changes)
    where = f"{tmp_path / 'mine.yaml'}: "
    lines = str(refused.value).split(where)
    assert lines.pop(0) == ""
    return [line.removesuffix("\n") for line in lines]


# Charges


def test_a_term_costs_its_coefficient_times_the_product_of_sizes(load):
    charges = load().charges({"L": 10, "I": 80}, "step", n_pe=1, pe=0)
    assert charges == {"work": (Charge("work", 2_400),)}


def test_a_product_may_hold_numbers_and_spaces():
    assert n_units("2 * L*I", {"L": 10, "I": 80}) == 1_600
    assert n_units("1", {}) == 1


def test_parts_of_a_function_are_charged_together_under_the_functions_name(load):
    table = load({"label": "a.x", "per": "1"}, {"label": "b", "per": "1"}, {"label": "a.y"})
    charges = table.charges({"L": 1, "I": 2}, "step", n_pe=1, pe=0)
    assert charges == {"a": (Charge("a.x", 3), Charge("a.y", 6)), "b": (Charge("b", 3),)}


def test_what_rounding_leaves_over_goes_into_the_next_part(load):
    parts = [{"label": f"work.{name}", "cycles": 0.4, "per": "1"} for name in "abcde"]
    (charges,) = load(*parts).charges({}, "step", n_pe=1, pe=0).values()
    assert [charge.cycles for charge in charges] == [0, 1, 0, 1, 0]


def test_work_of_a_sample_is_not_charged_in_a_time_step(load):
    table = load({"every": "sample", "per": "1"}, {"label": "step", "per": "1"})
    assert table.charges({}, "sample", n_pe=1, pe=0) == {"work": (Charge("work", 3, "sample"),)}
    assert table.charges({}, "step", n_pe=1, pe=0) == {"step": (Charge("step", 3),)}


@pytest.mark.parametrize(
    ("only", "n_pe", "pe", "cycles"),
    [
        ("always", 1, 0, 3),
        ("always", 2, 1, 3),
        ("multi_pe", 1, 0, 0),
        ("multi_pe", 2, 0, 3),
        ("pe0", 1, 0, 3),
        ("pe0", 2, 0, 3),
        ("pe0", 2, 1, 0),
    ],
)
def test_work_is_charged_only_where_it_is_done(load, only, n_pe, pe, cycles):
    table = load({"only": only, "per": "1"})
    assert table.charges({}, "step", n_pe=n_pe, pe=pe) == {"work": (Charge("work", cycles),)}


def test_sizes_outside_the_fitted_ranges_are_named(load):
    table = load()
    assert table.extrapolated({"L": 10, "I": 80, "O": 12}) == ()
    assert table.extrapolated({"L": 20, "I": 79}) == ("I = 79 (fitted on 80 to 80)",)
    assert table.extrapolated({"L": 21, "I": 81}) == (
        "L = 21 (fitted on 10 to 20)",
        "I = 81 (fitted on 80 to 80)",
    )


# Finding the file


def test_a_table_is_found_by_its_name_in_the_folder(tmp_path):
    (tmp_path / "mine.yaml").write_text(write_yaml(TABLE))
    assert load_cost_table("mine", tmp_path).name == "mine"


def test_a_missing_table_is_refused_and_the_known_ones_are_named(tmp_path):
    for name in ("paper", "measured"):
        (tmp_path / f"{name}.yaml").touch()
    with pytest.raises(MissingFileError) as refused:
        load_cost_table("papre", tmp_path)
    assert str(refused.value) == (
        "cost table not found: papre; name a YAML file or one of: measured, paper"
    )


def test_a_missing_table_is_refused_where_none_are_known(tmp_path):
    with pytest.raises(MissingFileError) as refused:
        load_cost_table("mine.yaml", tmp_path)
    assert str(refused.value) == "cost table not found: mine.yaml; name a YAML file"


# Bad tables


def test_a_table_that_was_asked_equals_one_that_was_not(load):
    asked = load()
    unasked = asked.with_changes()
    asked.charges({"L": 10, "I": 80}, "step", n_pe=1, pe=0)
    assert asked == unasked


def test_an_unknown_size_is_refused(load, tmp_path):
    assert refusal(load, tmp_path, {"per": "L*N"}) == [
        "terms: work: unknown size 'N' in per: 'L*N'; known sizes: I, L"
    ]


def test_a_product_without_a_factor_is_refused(load, tmp_path):
    assert refusal(load, tmp_path, {"per": "L*"}) == [
        "terms: work: unknown size '' in per: 'L*'; known sizes: I, L"
    ]


def test_a_size_that_the_firmware_does_not_have_is_refused(load):
    table = load({"per": "N"}, sizes={"L": "own neurons", "I": "inputs", "N": "nothing"})
    with pytest.raises(SpecError) as refused:
        table.charges({"L": 10, "I": 80}, "sample", n_pe=1, pe=0)
    assert str(refused.value) == (
        "cost table 'mine': terms: work: unknown size 'N' in per: 'N'; known sizes: I, L"
    )


def test_a_fitted_range_of_an_unknown_size_is_refused(load, tmp_path):
    assert refusal(load, tmp_path, fitted_on={"LL": [1, 2]}) == [
        "fitted_on: unknown size 'LL'; did you mean 'L'?"
    ]


def test_a_reversed_range_is_refused(load, tmp_path):
    assert refusal(load, tmp_path, {"range": [4, 2.5]}, fitted_on={"L": [20, 10]}) == [
        "terms: work: range: the low end 4 is above the high end 2.5",
        "fitted_on: L: the low end 20 is above the high end 10",
    ]


def test_all_that_is_wrong_is_told_at_once(load, tmp_path):
    terms = [{"label": "a", "per": "N"}, {"label": "b", "per": "M*L"}]
    assert refusal(load, tmp_path, *terms) == [
        "terms: a: unknown size 'N' in per: 'N'; known sizes: I, L",
        "terms: b: unknown size 'M' in per: 'M*L'; known sizes: I, L",
    ]


def test_a_negative_coefficient_is_refused(load, tmp_path):
    assert refusal(load, tmp_path, {}, {"cycles": -1}) == [
        "terms.1.cycles = -1: expected 0 or more"
    ]


@pytest.mark.parametrize("cycles", [float("inf"), float("nan")])
def test_a_coefficient_that_is_no_number_is_refused(load, tmp_path, cycles):
    assert refusal(load, tmp_path, {"cycles": cycles}) == [
        f"terms.0.cycles = {cycles}: expected a finite number"
    ]


def test_a_misspelt_key_is_refused(load, tmp_path):
    assert refusal(load, tmp_path, {"onyl": "pe0"}) == [
        "unknown key 'terms.0.onyl'; did you mean 'only'?"
    ]


def test_a_misspelt_key_of_the_table_is_refused(load, tmp_path):
    assert refusal(load, tmp_path, prov="") == [
        "unknown key 'prov'; known keys: fitted_on, made_by, name, provenance, sizes, terms"
    ]


def test_a_table_that_is_a_list_is_refused(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text("- work\n")
    with pytest.raises(SpecError) as refused:
        load_cost_table(str(path), tmp_path)
    assert str(refused.value) == f"{path}: expected a mapping of keys to values, got a list"


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"terms: [", "not valid YAML: line 1: "),
        (b"name: \xff", "not text: "),
        (b"name: a\nname: b", "not valid YAML: line 2: key 'name' comes twice"),
    ],
)
def test_a_file_that_is_not_yaml_is_refused(tmp_path, content, problem):
    path = tmp_path / "mine.yaml"
    path.write_bytes(content)
    with pytest.raises(SpecError) as refused:
        load_cost_table(str(path), tmp_path)
    assert str(refused.value).startswith(f"{path}: {problem}")
