"""The paper's claims: computed, not typed in; and docs/paper.md holds what was computed.

Rows that are slow are taken from their record, as ``spinn2sim paper`` does without ``--slow``.
"""

import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest

from experiments.fit_paper_costs import FIGURES
from experiments.paper import runs
from firmware_models.eprop import state
from spinn2sim.claims import Place, Verdict, load_claims
from spinn2sim.claims.page import page
from spinn2sim.claims.record import Record
from spinn2sim.claims.table import Session, draw_figures, make_rows, make_tables
from spinn2sim.firmware import cost
from spinn2sim.spec import loading

ROOT = Path(__file__).parents[2]
FILE = ROOT / "experiments" / "paper.yaml"
CLAIMS = load_claims(FILE)
FAST = [claim for claim in CLAIMS.claims if not claim.slow]


def session():
    return Session(Place(Path("nowhere")), Record(FILE.parent / CLAIMS.record), None)


def values():
    """Of every fast claim, computed anew."""
    runs.forget()
    return {
        row.claim.id: row.found.value for row in make_rows(FAST, session(), progress=lambda _: None)
    }


@pytest.fixture(scope="module")
def rows():
    return make_rows(CLAIMS.claims, session(), progress=lambda _: None)


@pytest.fixture(scope="module")
def before(rows):
    return {row.claim.id: row.found.value for row in rows if not row.claim.slow}


@pytest.fixture
def changed(before, monkeypatch):
    """What tells which claims have another value after a change of the sources."""
    yield lambda: {name for name, value in values().items() if value != before[name]}
    monkeypatch.undo()
    loading._read_preset.cache_clear()
    runs.forget()


# Nothing is typed in


def change_a_coefficient(monkeypatch, folder):
    """Multiplications of the trace filter cost twice as much in the cost table paper."""
    text = (ROOT / "firmware_models" / "eprop" / "costs" / "paper.yaml").read_text()
    text, n = re.subn(r"(label: e_prop\.filter\.multiply\n  cycles:) (\S+)", r"\1 16", text)
    assert n == 2
    path, locate = folder / "paper.yaml", cost.locate
    path.write_text(text)
    monkeypatch.setattr(
        cost,
        "locate",
        lambda what, name, where: path if name == "paper" else locate(what, name, where),
    )


def add_an_array(monkeypatch, _folder):
    """The firmware allocates one more word for each synapse."""
    init = state.State.__init__

    def with_another(self, parameters, pe, own, *parts):
        init(self, parameters, pe, own, *parts)
        per_synapse = (len(own), parameters.n_in + parameters.n_rec)
        self.layout.array("another", per_synapse, np.dtype(parameters.precision))

    monkeypatch.setattr(state.State, "__init__", with_another)


def change_a_power_figure(key):
    """A digit more of *key* in the preset of the prototype."""

    def change(monkeypatch, folder):
        presets = folder / f"presets-{key}"
        shutil.copytree(str(loading._PRESETS), presets)
        preset = presets / "fpga-prototype.yaml"
        text, n = re.subn(rf"({key}: {{value: [\d.]+)", r"\g<1>5", preset.read_text())
        assert n == 1
        preset.write_text(text)
        monkeypatch.setattr(loading, "_PRESETS", presets)
        loading._read_preset.cache_clear()

    return change


CHANGES = {
    "coefficient": (
        change_a_coefficient,
        {
            *("t.step", "t.eprop", "t.split", "t.update", "t.learning", "map.perstep"),
            *("t.single.65", "t.single.150", "t.single.300", "t.near"),
            *("e.core.chip", "e.train.chip", "e.ratio.chip"),
        },
    ),
    "array": (
        add_an_array,
        {
            *("m.20", "m.120", "m.360", "m.360.pes", "m.120b", "m.120b.plain"),
            *("m.cross", "m.cross.plain", "map.single", "t.near"),
        },
    ),
    "power of a core": (
        change_a_power_figure("paper_uw_per_mhz"),
        {"e.core", "e.train", "e.ratio"},
    ),
    "power of the chip": (
        change_a_power_figure("baseline_mw"),
        {"e.core.chip", "e.train.chip", "e.ratio.chip"},
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", CHANGES)
def test_a_change_of_the_sources_changes_the_rows_that_rest_on_it_and_no_other(
    changed, monkeypatch, tmp_path, name
):
    change, affected = CHANGES[name]
    change(monkeypatch, tmp_path)
    assert changed() == affected


def test_changes_of_costs_arrays_and_power_change_what_rests_on_them_and_no_other_row(
    changed, monkeypatch, tmp_path
):
    for change, _ in CHANGES.values():
        change(monkeypatch, tmp_path)
    assert changed() == set().union(*(affected for _, affected in CHANGES.values()))


# What the rows say


def test_there_are_forty_claims_and_more_that_are_computed_on_the_spot(rows):
    assert len(FAST) >= 40
    assert all(row.found is not None for row in rows if not row.claim.slow)


def test_what_is_not_reproduced_says_why(rows):
    failed = [row for row in rows if row.verdict is Verdict.NOT_REPRODUCED]
    assert failed
    assert [row.claim.id for row in failed if not row.claim.why] == []


def test_the_constraints_of_the_fit_do_not_pose_as_predictions():
    by_the_fit = {c.id for c in CLAIMS.claims if c.put_in_by.startswith("the fit")}
    assert {figure.claim for figure in FIGURES} <= by_the_fit
    on_its_table = {
        claim.id
        for claim in CLAIMS.claims
        if claim.arguments == {"table": "paper"} and claim.compute.startswith("experiments.paper.t")
    }
    assert on_its_table
    assert on_its_table <= by_the_fit


def test_the_four_figures_of_the_fit_are_the_papers_in_the_rows_as_well():
    stated = {claim.id: claim.value for claim in CLAIMS.claims}
    fitted = {figure.claim: figure.cycles for figure in FIGURES}
    assert stated["t.step"] * 1e3 == fitted["t.step"]
    assert stated["t.eprop"] / 100 == pytest.approx(fitted["t.eprop"] / fitted["t.step"])
    assert stated["t.split"] / 100 == pytest.approx(fitted["t.split"] / fitted["t.eprop"])
    assert stated["t.update"] == fitted["t.update"] / fitted["t.step"]


def test_a_slow_value_says_when_from_what_and_by_which_command(rows):
    kept = [row for row in rows if row.claim.slow and row.found is not None]
    assert kept
    for row in kept:
        assert re.fullmatch(r"\d{4}-\d\d-\d\d", row.origin.date)
        assert re.fullmatch(r"[0-9a-f]{12}\+?", row.origin.commit)
        assert "--slow" in row.origin.command


def test_the_record_holds_no_answer_that_nothing_asks_for():
    asked = {part.id for part in (*CLAIMS.claims, *CLAIMS.figures, *CLAIMS.tables) if part.slow}
    assert set(json.loads((FILE.parent / CLAIMS.record).read_text())) <= asked


# The page and its figures


def test_the_page_is_what_the_command_writes(rows):
    current = session()
    figures = [
        figure
        for figure in CLAIMS.figures
        if not figure.slow or current.record.origin(figure, figure.id)
    ]
    text = page(
        CLAIMS, "experiments/paper.yaml", rows, figures, make_tables(CLAIMS.tables, current)
    )
    assert (ROOT / CLAIMS.page).read_text(encoding="utf-8") == text
    for figure in figures:
        assert (ROOT / "docs" / "images" / figure.file).read_bytes().startswith(b"\x89PNG")


@pytest.mark.slow
def test_a_figure_drawn_twice_is_the_same_file(tmp_path):
    folders = [tmp_path / name for name in ("one", "two")]
    for folder in folders:
        folder.mkdir()
        draw_figures(CLAIMS.figures, session(), folder)
    first, second = ({file.name: file.read_bytes() for file in f.iterdir()} for f in folders)
    assert len(first) == sum(not figure.slow for figure in CLAIMS.figures)
    assert first == second
