"""Energy as action counts times a reference table: the models of the scenario, and a user's."""

import json

import pytest

from spinn2sim.errors import MissingFileError, SpecError
from spinn2sim.plain_yaml import read_yaml
from spinn2sim.report.actions import (
    ACTIONS,
    Reference,
    ReferenceTable,
    action_counts,
    breakdown,
    read_reference_table,
    reference_tables,
    write_actions,
)
from spinn2sim.report.energy import energy
from tests.report.traces import Story


def story():
    """Two PEs for 1 ms, 300 busy cycles, 5 flits over a hop and 1 into a PE."""
    return (
        Story(n_pe=2)
        .step(0, 0, 200, ("f", 200))
        .step(1, 0, 100, ("f", 100))
        .rows("links", (0, 5, 0), (1, 1, 0))
        .rows("dma", (0, 1, 0, 9, 64))
        .rows("refills", (0, 0, 0, 0, 9, 320))
        .trace(links=["(0,0)->(1,0)", "eject PE 1"])
    )


def test_actions_are_counted():
    assert action_counts(story()) == pytest.approx(
        {
            "chip.on": 1e6,
            "pe.on": 2e6,
            "pe.clock": 2_000,
            "pe.busy": 300,
            "noc.hop": 5,
            "link.bit": 0,
            "dram.bit": 0,
            "dma.byte": 64,
            "host.byte": 320,
        }
    )
    assert set(action_counts(story())) == set(ACTIONS)


@pytest.mark.parametrize("fixture", ["paper_trace", "small_trace"])
def test_the_tables_of_the_scenario_give_the_energy_of_its_models(fixture, request):
    trace = request.getfixturevalue(fixture)
    totals = {
        table.name: sum(row.joules for row in breakdown(trace, table))
        for table in reference_tables(trace)
    }
    assert totals == pytest.approx(energy(trace).by_model(), rel=1e-12)


def test_every_reference_names_its_source(paper_trace):
    sources = {
        row.action: row.source for table in reference_tables(paper_trace) for row in table.rows
    }
    assert sources["chip.on"] == "measured: CHIP: whole chip, PEs off"
    assert sources["pe.busy"].startswith("0.5 V; derived: CHIP")
    assert sources["noc.hop"] == "guess"


def test_what_is_written_is_read_back(tmp_path):
    mine = ReferenceTable("my/chip", (Reference("pe.busy", 3.5, "<measured>"),))
    write_actions(story(), tmp_path / "energy", (mine,))
    assert read_reference_table(tmp_path / "energy" / "reference_my_chip.yaml") == mine
    counts = read_yaml((tmp_path / "energy" / "action_counts.yaml").read_text(), "-")
    assert counts["action_counts"]["noc.hop"] == {
        "count": 5,
        "unit": "flits over links between routers",
    }
    rows = json.loads((tmp_path / "energy" / "energy.json").read_text())["my/chip"]
    assert rows[0]["joules"] == pytest.approx(300 * 3.5e-12)


def test_an_action_may_cost_nothing_and_a_table_is_named_after_its_file_if_it_has_no_name(tmp_path):
    path = tmp_path / "free.yaml"
    path.write_text("{actions: {pe.busy: {energy_pj: 0, source: x}}}")
    free = ReferenceTable("free", (Reference("pe.busy", 0.0, "x"),))
    assert read_reference_table(path) == free
    assert [row.joules for row in breakdown(story(), free)] == [0.0]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[]", "expected the keys name and actions, a mapping"),
        ("{actions: {pe.bsy: {}}}", "no action 'pe.bsy' is counted; did you mean 'pe.busy'?"),
        ("{actions: {pe.busy: 3}}", "pe.busy: expected the keys energy_pj and source"),
        (
            "{actions: {pe.busy: {energy_pj: -1, source: x}}}",
            "pe.busy.energy_pj = -1: expected picojoules, 0 or more",
        ),
        (
            "{actions: {pe.busy: {energy_pj: true, source: x}}}",
            "pe.busy.energy_pj = True: expected picojoules, 0 or more",
        ),
        (
            "{actions: {pe.busy: {energy_pj: .inf, source: x}}}",
            "pe.busy.energy_pj = inf: expected picojoules, 0 or more",
        ),
    ],
)
def test_a_table_that_cannot_be_used_is_refused(tmp_path, text, problem):
    path = tmp_path / "t.yaml"
    path.write_text(text)
    with pytest.raises(SpecError) as caught:
        read_reference_table(path)
    assert str(caught.value) == f"{path}: {problem}"


def test_a_table_that_is_not_there_is_missing(tmp_path):
    with pytest.raises(MissingFileError, match="reference table not found"):
        read_reference_table(tmp_path / "none.yaml")
