"""The plan of a sweep: its rows, its seeds, and what is refused before anything runs."""

import pytest

from spinn2sim.errors import SpecError
from tests.explore.sweeps import plan


def places(found):
    return [dict(row.place) for row in found.rows]


def test_a_row_holds_what_the_scenario_holds_in_base_units():
    first = plan().rows[0]
    assert first.place == {"chip.pe.clock": 65_000_000, "parameters.n_rec": 4}
    assert first.point.scenario.chip.pe.clock == 65_000_000
    assert first.point.scenario.parameters["n_rec"] == 4


def test_a_changed_hardware_value_is_the_users_and_the_others_keep_their_source():
    found = plan().rows[0].point.scenario.provenance
    assert found["chip.pe.clock"].confidence == "user"
    assert found["chip.noc.clock"].source == "CHIP"


def test_points_for_which_a_comparison_does_not_hold_are_left_out():
    assert places(plan(where=["parameters.n_rec > 4", "chip.pe.clock == 150MHz"])) == [
        {"chip.pe.clock": 150_000_000, "parameters.n_rec": 8},
        {"chip.pe.clock": 150_000_000, "parameters.n_rec": 12},
    ]


def test_a_comparison_may_have_a_field_on_its_right_and_use_what_is_not_on_an_axis():
    assert len(plan(where=["parameters.n_rec <= parameters.n_out"]).rows) == 6
    assert len(plan(where=["parameters.n_rec < parameters.n_out"]).rows) == 4


def test_a_fidelity_has_its_own_points_spread_over_all():
    found = plan(
        fidelities=[
            "check",
            {"fidelity": "simulate", "at_most": 2},
            {"fidelity": "limits", "where": ["parameters.n_rec == 8"]},
        ]
    )
    rows = {}
    for row in found.rows:
        rows.setdefault(row.fidelity, []).append(row.place["parameters.n_rec"])
    assert rows == {"check": [4, 8, 12, 4, 8, 12], "simulate": [4, 4], "limits": [8, 8]}


def test_a_combination_that_makes_no_scenario_is_a_row_with_its_error():
    axes = [{"grid": {"chip.pe.clock": ["65MHz", "65parsec"]}}]
    good, bad = plan(axes=axes).rows
    assert good.error == ""
    assert bad.point is None
    assert bad.error.startswith(
        "scenario: chip.pe.clock = '65parsec': expected a clock rate such as 150MHz"
    )


def test_seeds_depend_on_the_content_of_a_point_and_on_nothing_else():
    seeds = [row.seed for row in plan().rows]
    assert len(set(seeds)) == 6
    assert [row.seed for row in plan(name="other").rows] == seeds
    turned = plan(
        axes=[{"grid": {"parameters.n_rec": [12], "chip.pe.clock": ["150MHz"]}}], name="turned"
    )
    assert [row.seed for row in turned.rows] == seeds[-1:]


def test_all_points_may_have_the_seed_of_the_base():
    assert {row.seed for row in plan(seeds="base").rows} == {1}


def test_an_axis_of_seeds_wins():
    assert [row.seed for row in plan(axes=[{"grid": {"seed": [5, 6]}}]).rows] == [5, 6]


def test_shards_hold_every_row_once():
    whole = plan()
    parts = [whole.shard(number, 4).rows for number in range(4)]
    assert sorted(map(len, parts)) == [1, 1, 2, 2]
    keys = [row.point.key for part in parts for row in part]
    assert sorted(keys) == sorted(whole.points())


def test_equal_rows_are_one_point():
    twice = plan(axes=[{"list": [{"parameters.n_rec": 4}, {"parameters.n_rec": 4}]}])
    assert len(twice.rows) == 2
    assert len(twice.points()) == 1


def axes(path):
    return [{"grid": {path: [1]}}]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"axes": axes("chip.pe.clok")}, "no field 'chip.pe.clok'; did you mean 'clock'?"),
        ({"axes": axes("parameters.nrec")}, "no field 'parameters.nrec'; did you mean 'n_rec'?"),
        ({"axes": axes("n_pes")}, "no field 'n_pes'; did you mean 'n_pe'?"),
        (
            {"axes": axes("costs.eprop")},
            "cost table 'paper' has no function 'eprop'; did you mean 'e_prop'?",
        ),
        ({"where": ["n_pes > 1"]}, "where: no field 'n_pes'; did you mean 'n_pe'?"),
        (
            {"where": ["n_pe"]},
            "'n_pe': expected NAME OPERATOR VALUE, as in 'n_pe <= parameters.n_rec'",
        ),
        ({"where": ["n_pe > 999"]}, "no point is left; see where"),
        ({"fidelities": ["chek"]}, "no fidelity 'chek'; did you mean 'check'?"),
        (
            {"fidelities": [{"fidelity": "train", "settings": {"epoch": 2}}]},
            "settings of train: unknown key 'epoch'; did you mean 'epochs'?",
        ),
        (
            {"fidelities": [{"fidelity": "check", "settings": {"epochs": 2}}]},
            "settings of check: unknown key 'epochs'",
        ),
        (
            {"outputs": ["energy_chip_mj"]},
            "no output 'energy_chip_mj'; did you mean 'energy_chip_j'?",
        ),
        ({"constraints": ["slak_cycles > 0"]}, "no output 'slak_cycles'; did you mean"),
        (
            {"where": ["chip.name > 3"]},
            "'chip.name > 3': chip.name is 'spinnaker2', which 3 cannot be compared with",
        ),
    ],
)
def test_what_is_not_there_is_refused_before_anything_runs(changes, message):
    with pytest.raises(SpecError) as refusal:
        plan(**changes)
    assert message in str(refusal.value)


def test_a_group_of_fields_is_no_axis():
    with pytest.raises(SpecError, match=r"'chip\.pe' is a group of fields; known fields: clock"):
        plan(axes=axes("chip.pe"))


def test_a_field_on_two_axes_is_refused():
    with pytest.raises(SpecError, match="axes: 'n_pe' is on two of them"):
        plan(axes=axes("n_pe") + axes("n_pe"))


def test_more_points_than_anybody_can_look_at_are_refused():
    grid = {"seed": {"low": 1, "high": 2000}, "n_pe": {"low": 1, "high": 2000}}
    with pytest.raises(SpecError, match="axes: 4,000,000 points; a sweep may have 1,000,000"):
        plan(axes=[{"grid": grid}], where=["n_pe > 10"])
