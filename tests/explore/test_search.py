"""Searches: the front that comes out, what a kill in the middle leaves, and what is refused."""

import polars as pl
import pytest

from spinn2sim.errors import OutputError, SpecError
from spinn2sim.explore import fidelities
from spinn2sim.explore.cluster import Workers
from spinn2sim.explore.search import PARETO, run_search
from spinn2sim.explore.search_file import Search, load_search
from spinn2sim.explore.store import Store
from spinn2sim.validated import validate
from tests.explore.sweeps import BASE, scenario

CONTENT = {
    "name": "small",
    "base": BASE,
    "space": {
        "n_pe": {"low": 1, "high": 20},
        "parameters.n_rec": {"low": 20, "high": 60},
        "chip.pe.clock": ["65MHz", "150MHz"],
    },
    "minimise": ["power"],
    "maximise": ["parameters.n_rec"],
    "constraints": ["slack >= 0"],
    "trials": 30,
    "batch": 6,
}


@pytest.fixture(autouse=True)
def calls(monkeypatch):
    """Points of a fidelity whose answers are known: power is clock times PEs."""
    found = []

    def evaluate(wanted, _variant, _settings):
        n_pe, n_rec = wanted.n_pe, wanted.parameters["n_rec"]
        found.append((n_pe, n_rec))
        mhz = wanted.chip.pe.clock / 1e6
        return {"power": mhz * n_pe, "slack": int(mhz * n_pe - 10 * n_rec)}

    quick = fidelities.FidelityKind(evaluate, ("power", "slack"))
    known = {**fidelities.FIDELITIES, "check": quick}
    for module in ("fidelities", "point"):
        monkeypatch.setattr(f"spinn2sim.explore.{module}.FIDELITIES", known)
    return found


def search(tmp_path, name="out", report=None, **changes):
    question = validate(Search, {**CONTENT, **changes}, "search")
    store = Store(tmp_path / f"{name}-points")
    return run_search(question, scenario(), tmp_path / name, store, Workers(1), report=report)


def test_the_front_holds_the_feasible_trials_that_no_other_beats(tmp_path):
    table = search(tmp_path)
    assert len(table) == 30
    rows = table.to_dicts()
    for row in rows:
        assert row["feasible"] == (row["slack"] >= 0)
        beaten = any(
            other["feasible"]
            and other["power"] <= row["power"]
            and other["parameters.n_rec"] >= row["parameters.n_rec"]
            and (other["power"], other["parameters.n_rec"])
            != (row["power"], row["parameters.n_rec"])
            for other in rows
        )
        assert row["pareto"] == (row["feasible"] and not beaten)
    assert table["pareto"].any()
    assert pl.read_parquet(tmp_path / "out" / PARETO).equals(table.filter(pl.col("pareto")))


def test_constraints_steer_the_trials(tmp_path):
    steered = search(tmp_path, "steered", trials=60)
    free = search(tmp_path, "free", trials=60, constraints=[])
    late = [(table["slack"] >= 0)[30:].mean() for table in (steered, free)]
    assert late[0] > late[1] + 0.2


def test_the_trials_depend_on_the_seed_alone(tmp_path):
    first = search(tmp_path, "one")
    assert search(tmp_path, "two").equals(first)
    assert not search(tmp_path, "three", seed=100).equals(first)


def test_a_search_that_was_stopped_ends_as_if_it_had_not_been(tmp_path, calls):
    def stop(at):
        if at.n_done >= 12:
            raise KeyboardInterrupt

    whole = search(tmp_path, "whole")
    with pytest.raises(KeyboardInterrupt):
        search(tmp_path, "stopped", report=stop)
    before = len(calls)
    assert search(tmp_path, "stopped").equals(whole)
    assert len(calls) - before <= 18, "answered trials are not computed again"
    n_calls = len(calls)
    search(tmp_path, "stopped")
    assert len(calls) == n_calls


def test_a_kill_between_two_answers_of_a_batch_loses_no_trial(tmp_path, monkeypatch):
    from spinn2sim.explore.study import Study

    whole = search(tmp_path, "whole")
    real, told = Study.tell, []

    def dies(self, number, outcome):
        if len(told) == 8:
            raise SystemExit
        told.append(number)
        real(self, number, outcome)

    monkeypatch.setattr(Study, "tell", dies)
    with pytest.raises(SystemExit):
        search(tmp_path, "killed")
    monkeypatch.setattr(Study, "tell", real)
    assert search(tmp_path, "killed").equals(whole)


def test_more_trials_go_on_from_those_there_are(tmp_path, calls):
    first = search(tmp_path, trials=12)
    n_calls = len(calls)
    more = search(tmp_path, trials=18)
    assert more["trial"].to_list() == list(range(18))
    assert more[:12].select(first.columns[:-2]).equals(first.select(first.columns[:-2]))
    assert len(calls) <= n_calls + 6


def test_a_trial_that_fails_is_a_row_and_no_part_of_the_front(tmp_path):
    space = {"n_pe": [1, 200], "parameters.n_rec": [30], "chip.pe.clock": ["65MHz", "65parsec"]}
    table = search(tmp_path, space=space, constraints=[])
    failed = table.filter(pl.col("status") == "failed")
    assert not failed.is_empty()
    assert all("65parsec" in error for error in failed["error"])
    assert not failed["pareto"].any()


def test_the_folder_of_something_else_is_left_alone(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.tex").write_text("")
    with pytest.raises(OutputError, match="holds something else"):
        search(tmp_path)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"minimise": [], "maximise": []}, "name at least one output to minimise or maximise"),
        ({"minimise": ["powr"]}, "no output 'powr'; did you mean 'power'?"),
        ({"maximise": ["power"]}, "minimise and maximise name an output twice"),
        ({"space": {"n_pes": [1]}}, "no field 'n_pes'; did you mean 'n_pe'?"),
        ({"constraints": ["slack >= much"]}, "a search needs a number on the right"),
        ({"trails": 3}, "unknown key 'trails'; did you mean 'trials'?"),
        (
            {"fidelities": [{"fidelity": "check", "at_most": 3}]},
            "fidelities: a search looks at all of its trials alike",
        ),
    ],
)
def test_a_mistake_is_told_before_anything_runs(tmp_path, changes, message):
    import yaml

    path = tmp_path / "search.yaml"
    path.write_text(yaml.safe_dump({**CONTENT, **changes}))
    with pytest.raises(SpecError) as refusal:
        load_search(path)
    assert message in str(refusal.value)
