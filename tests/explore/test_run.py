"""A sweep in this process: its table, what it keeps, and what it does not do twice."""

import json

import polars as pl
import pytest

from spinn2sim.errors import MissingFileError, OutputError, StoreError
from spinn2sim.explore import fidelities
from spinn2sim.explore.cluster import Workers
from spinn2sim.explore.folder import POINTS, PROVENANCE, SWEEP
from spinn2sim.explore.run import collect, run_plan, run_shard, status, sweep
from spinn2sim.explore.store import Store
from tests.explore.sweeps import content, plan, write


@pytest.fixture
def calls(monkeypatch):
    """n_rec of the points that are computed, by a fidelity of no cost that fails at 8."""
    found = []

    def evaluate(scenario, _variant, _settings):
        n_rec = scenario.parameters["n_rec"]
        found.append(n_rec)
        if n_rec == 8:
            raise ValueError("eight")
        return {"slack_cycles": 10 - n_rec, "seed_seen": scenario.seed}

    quick = fidelities.FidelityKind(evaluate, ("slack_cycles", "seed_seen"))
    monkeypatch.setattr(fidelities, "FIDELITIES", {**fidelities.FIDELITIES, "check": quick})
    monkeypatch.setattr("spinn2sim.explore.point.FIDELITIES", fidelities.FIDELITIES)
    return found


def run(tmp_path, **changes):
    return sweep(content(**changes), workers=1, out=tmp_path / "out", store=tmp_path / "points")


@pytest.mark.usefixtures("calls")
def test_a_row_per_point_with_axes_outputs_and_status(tmp_path):
    table = run(tmp_path, constraints=["slack_cycles >= 0"])
    assert table.columns == [
        "chip.pe.clock",
        "parameters.n_rec",
        "fidelity",
        "seed",
        "slack_cycles",
        "seed_seen",
        "feasible",
        "status",
        "error",
        "point",
    ]
    assert table["chip.pe.clock"].to_list() == 3 * [65_000_000] + 3 * [150_000_000]
    assert table["slack_cycles"].to_list() == [6, None, -2, 6, None, -2]
    assert table["feasible"].to_list() == [True, None, False, True, None, False]
    assert table["status"].to_list() == ["done", "failed", "done"] * 2
    assert table["error"].to_list() == ["", "ValueError: eight", ""] * 2
    assert table.filter(pl.col("seed") != pl.col("seed_seen")).is_empty()
    assert pl.read_parquet(tmp_path / "out" / POINTS).equals(table)
    assert {path.name for path in (tmp_path / "out").iterdir()} == {POINTS, PROVENANCE, SWEEP}


def test_a_second_run_computes_only_what_may_come_out_otherwise(calls, tmp_path):
    first = run(tmp_path)
    assert sorted(calls) == [4, 4, 8, 8, 12, 12]
    calls.clear()
    assert run(tmp_path).equals(first)
    assert calls == [8, 8], "an unforeseen error may have been the computer's"


def test_an_overlapping_sweep_computes_what_is_new(calls, tmp_path):
    run(tmp_path)
    calls.clear()
    grid = {"chip.pe.clock": ["65MHz"], "parameters.n_rec": [4, 12, 20]}
    table = sweep(
        content(name="other", axes=[{"grid": grid}]),
        workers=1,
        out=tmp_path / "other",
        store=tmp_path / "points",
    )
    assert calls == [20]
    assert table["slack_cycles"].to_list() == [6, -2, -10]


def test_another_spec_computes_all_anew(calls, tmp_path):
    run(tmp_path)
    calls.clear()
    base = {"preset": "paper-1pe", "machine": "spinnaker2", "set": {"chip.noc.hop_cycles": 6}}
    run(tmp_path, base=base)
    assert len(calls) == 6


def test_an_error_that_would_come_again_is_an_answer(tmp_path):
    axes = [{"list": [{"n_pe": 153, "parameters.n_rec": 200}]}]
    (error,) = run(tmp_path, axes=axes)["error"]
    assert error.startswith("n_pe: 153 PEs do not fit on chip 'spinnaker2', which has 152")
    run(tmp_path, axes=axes)
    assert json.loads((tmp_path / "out" / PROVENANCE).read_text())["n_computed"] == 0


@pytest.mark.usefixtures("calls")
def test_an_axis_of_numbers_stays_one_when_a_value_is_no_number(tmp_path):
    table = run(tmp_path, axes=[{"grid": {"chip.pe.clock": ["65MHz", "65parsec"]}}])
    assert table["chip.pe.clock"].to_list() == [65_000_000, None]
    assert "65parsec" in table["error"][1]


@pytest.mark.usefixtures("calls")
def test_outputs_choose_columns_by_name(tmp_path):
    assert "seed_seen" not in run(tmp_path, outputs=["slack_*"]).columns


@pytest.mark.usefixtures("calls")
def test_progress_counts_what_was_known_what_is_done_and_what_failed(tmp_path):
    told = []
    whole = plan()
    store = Store(tmp_path / "points")
    run_plan(whole.shard(0, 3), tmp_path / "out", store, Workers(1))
    run_plan(whole, tmp_path / "out", store, Workers(1), told.append)
    last = told[-1]
    assert (last.n_total, last.n_done, last.n_failed, last.n_known) == (6, 6, 2, 2)
    assert last.left_s == 0
    assert [at.n_done for at in told] == [3, 4, 5, 6]


@pytest.mark.usefixtures("calls")
def test_shards_and_collect_give_the_table_of_one_run(tmp_path):
    whole, store = plan(), Store(tmp_path / "points")
    expected = run_plan(whole, tmp_path / "one", Store(tmp_path / "own"), Workers(1))
    with pytest.raises(MissingFileError):
        status(tmp_path / "out")
    run_plan(whole.shard(0, 2), tmp_path / "out", store, Workers(1))
    run_plan(whole, tmp_path / "out", Store(tmp_path / "points"), Workers(1))
    run_shard(whole.shard(0, 2), store, Workers(1))
    run_shard(whole.shard(1, 2), store, Workers(1))
    table, counts = collect(tmp_path / "out")
    assert counts == {"done": 4, "failed": 2, "missing": 0}
    assert table.equals(expected)


@pytest.mark.usefixtures("calls")
def test_what_nobody_has_computed_yet_is_a_row_that_says_so(tmp_path):
    run(tmp_path)
    for path in (tmp_path / "points").iterdir():
        path.unlink()
    (tmp_path / "out" / POINTS).unlink()
    run_shard(plan().shard(1, 3), Store(tmp_path / "points"), Workers(1))
    table, counts = collect(tmp_path / "out")
    assert counts == {"done": 0, "failed": 2, "missing": 4}
    assert table["status"].to_list() == ["missing", "failed", "missing"] * 2
    assert status(tmp_path / "out") == {"name": "small", **counts}


@pytest.mark.usefixtures("calls")
def test_a_sweep_into_a_relative_store_is_found_from_elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    sweep(content(), workers=1, out="out", store="points")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert status(tmp_path / "out") == {"name": "small", "done": 4, "failed": 2, "missing": 0}


@pytest.mark.usefixtures("calls")
def test_a_stop_in_the_middle_keeps_what_is_done(tmp_path):
    def stop(at):
        if at.n_done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_plan(plan(), tmp_path / "out", Store(tmp_path / "points"), Workers(1), stop)
    done = status(tmp_path / "out")
    assert (done["done"], done["failed"], done["missing"]) == (2, 1, 3)


def test_a_folder_with_other_things_is_left_alone(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.tex").write_text("")
    with pytest.raises(OutputError, match="holds something else; choose another --out"):
        run(tmp_path)


@pytest.mark.usefixtures("calls")
def test_a_damaged_provenance_is_told(tmp_path):
    run(tmp_path)
    (tmp_path / "out" / PROVENANCE).write_text("{")
    with pytest.raises(StoreError, match="missing or damaged; run the sweep file again"):
        status(tmp_path / "out")


@pytest.mark.usefixtures("calls")
def test_the_python_api_takes_a_file_and_gives_a_frame(tmp_path):
    import spinn2sim

    path = write(tmp_path / "sweep.yaml")
    table = spinn2sim.sweep(path, workers=1, out=tmp_path / "out", store=tmp_path / "points")
    assert isinstance(table, pl.DataFrame)
    assert len(table) == 6


@pytest.mark.usefixtures("calls")
def test_a_table_is_not_overwritten_by_one_that_knows_less(tmp_path):
    run(tmp_path)
    before = (tmp_path / "out" / POINTS).read_bytes()
    (tmp_path / "points").rename(tmp_path / "elsewhere")
    with pytest.raises(StoreError, match=r"points are done in its table and 0 in the store"):
        collect(tmp_path / "out")
    assert (tmp_path / "out" / POINTS).read_bytes() == before
