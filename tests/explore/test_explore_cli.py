"""The commands sweep, search and limits, as a user types them."""

import json

import polars as pl
import pytest
from typer.testing import CliRunner

from spinn2sim.cli import app
from spinn2sim.errors import SpecError, Spinn2SimError
from tests.explore.sweeps import BASE, write


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def invoke(*arguments):
        result = CliRunner().invoke(app, list(map(str, arguments)))
        if isinstance(result.exception, Spinn2SimError):
            raise result.exception
        assert result.exit_code == 0, result.output
        return result.stdout

    return invoke


def test_a_sweep_prints_what_became_of_it_and_the_second_one_computes_nothing(run, tmp_path):
    axes = [{"grid": {"parameters.n_rec": [4, 8], "n_pe": [1, 200]}}]
    path = write(tmp_path / "sweep.yaml", axes=axes)
    first = run("sweep", path, "--workers", 1)
    assert first.startswith("4 rows: 2 done, 2 failed\n4 points computed in ")
    assert "failed, 2x: n_pe: 200 PEs do not fit on chip 'spinnaker2'" in first
    assert first.endswith("results in runs/small-sweep\n")
    again = json.loads(run("sweep", "run", path, "--workers", 1, "--json"))
    assert (again["n_computed"], again["done"], again["failed"]) == (0, 2, 2)


def test_options_may_come_before_the_file(run, tmp_path):
    axes = [{"grid": {"parameters.n_rec": [4]}}]
    assert "1 done" in run("sweep", "--workers", 1, write(tmp_path / "sweep.yaml", axes=axes))


def test_status_resume_and_collect_need_the_folder_only(run, tmp_path):
    axes = [{"grid": {"parameters.n_rec": [4, 8, 12]}}]
    path = write(tmp_path / "sweep.yaml", axes=axes)
    shard = run("sweep", path, "--shard", "1/3", "--workers", 1)
    assert shard == "shard 1/3: 1 done, 0 failed, 0 missing\n"
    path.unlink()
    folder = "runs/small-sweep"
    assert run("sweep", "status", folder) == "small: 1 done, 0 failed, 2 missing\n"
    run("sweep", "resume", folder, "--shard", "2/3", "--workers", 1)
    assert "3 rows: 2 done, 1 missing" in run("sweep", "collect", folder)
    run("sweep", "resume", folder, "--workers", 1)
    assert json.loads(run("sweep", "status", folder, "--json"))["missing"] == 0
    assert len(pl.read_parquet(f"{folder}/points.parquet")) == 3


def test_export_writes_a_script_whose_shards_are_the_sweep(run, tmp_path):
    axes = [{"grid": {"parameters.n_rec": [4, 8, 12]}}]
    path = write(tmp_path / "sweep.yaml", axes=axes)
    printed = run("sweep", "export", path, "--slurm-array", 2, "--out", "array")
    script = tmp_path / "array" / "array.sbatch"
    assert printed == f"sbatch {script}\nspinn2sim sweep collect {tmp_path / 'array'}\n"
    *_, command = script.read_text().splitlines()
    for task in (1, 2):
        words = command.replace('"$SLURM_ARRAY_TASK_ID/2"', f"{task}/2").split()
        assert words[0] == "spinn2sim"
        run(*words[1:])
    assert "3 rows: 3 done\n" in run("sweep", "collect", "array")


@pytest.mark.parametrize("shard", ["0/3", "4/3", "1", "a/b", "1/0"])
def test_a_shard_that_is_none_is_refused(run, tmp_path, shard):
    with pytest.raises(SpecError, match="expected I/N with I from 1 to N, as in 3/8"):
        run("sweep", write(tmp_path / "sweep.yaml"), "--shard", shard)


def test_a_scheduler_has_workers_of_its_own(run, tmp_path):
    path = write(tmp_path / "sweep.yaml")
    with pytest.raises(SpecError, match="has workers of its own"):
        run("sweep", path, "--scheduler", "tcp://127.0.0.1:1", "--workers", 2)


def test_limits_prints_the_limits_and_draws_their_boundary(run, tmp_path):
    printed = run("limits", "--pes", "1", "--clock", "150MHz", "--memory", "local,neighbour",
                  "--workers", 1)  # fmt: skip
    lines = [line.split() for line in printed.splitlines()]
    assert ["local", "150", "1", "24", "memory", "56", "96", "24", "yes"] in lines
    assert any(line[:3] == ["neighbour", "150", "1"] and line[4] == "time" for line in lines[1:4])
    assert "the paper: one core can process 76 in 10 ms; clock and memory not stated" in printed
    figure = tmp_path / "runs" / "paper-12pe-limits" / "boundary.png"
    assert figure.read_bytes().startswith(b"\x89PNG")
    again = run(
        "limits", "--pes", "1,2", "--clock", "150MHz", "--memory", "local", "--workers", 1, "--json"
    )
    assert [row["n_rec_limit"] for row in json.loads(again)["limits"]] == [24, 42]


@pytest.mark.parametrize("pes", ["0", "1..", "5..2", "x", "1:2:3", "1..8:0", ""])
def test_numbers_of_pes_that_are_none_are_refused(run, pes):
    with pytest.raises(SpecError, match="--pes"):
        run("limits", "--pes", pes)


@pytest.mark.parametrize(
    ("option", "value", "problem"),
    [
        (
            "--clock",
            "0",
            "expected a clock rate such as 150MHz, accepted range is 1,000 to 10,000,000,000 Hz",
        ),
        ("--memory", "far", "there is no such memory; known memories: local, neighbour"),
        ("--memory", "locl", "there is no such memory; did you mean 'local'?"),
    ],
)
def test_an_axis_of_limits_that_is_none_is_refused_before_anything_runs(
    run, tmp_path, option, value, problem
):
    with pytest.raises(SpecError) as refused:
        run("limits", "--pes", "1", option, value)
    assert str(refused.value) == f"{option} {value!r}: {problem}"
    assert not (tmp_path / "runs").exists()


def test_a_search_prints_its_front(run, tmp_path):
    import yaml

    content = {
        "name": "front",
        "base": BASE,
        "space": {"parameters.n_rec": {"low": 4, "high": 40}, "chip.pe.clock": ["65MHz", "150MHz"]},
        "minimise": ["power_paper_mw"],
        "maximise": ["parameters.n_rec"],
        "constraints": ["slack_cycles >= 0", "utilisation_memory <= 1"],
        "trials": 16,
    }
    path = tmp_path / "search.yaml"
    path.write_text(yaml.safe_dump(content))
    printed = run("search", path, "--workers", 1)
    assert printed.startswith("16 trials, ")
    assert "power_paper_mw" in printed
    found = json.loads(run("search", path, "--workers", 1, "--json"))
    assert 1 <= len(found["pareto"]) <= 2, "power is set by the clock: one of each at most"
    assert all(row["parameters.n_rec"] <= 24 for row in found["pareto"])


def test_the_files_that_come_with_the_project_can_all_be_planned(request):
    from spinn2sim.explore.plan import make_plan
    from spinn2sim.explore.search_file import load_search
    from spinn2sim.explore.sweep_file import load_sweep

    experiments = request.config.rootpath / "experiments"
    sizes = {}
    for path in sorted((experiments / "sweeps").glob("*.yaml")):
        plan = make_plan(*load_sweep(path), str(path))
        assert all(row.point is not None for row in plan.rows)
        for row in plan.rows:
            of_file = sizes.setdefault(path.stem, {})
            of_file[row.fidelity] = of_file.get(row.fidelity, 0) + 1
    assert sizes["clock_pes_nrec"]["check"] >= 2_000
    assert sizes["clock_pes_nrec"]["simulate"] == 200
    assert len([name for name in sizes if name.startswith("what_if")]) == 5
    for path in (experiments / "searches").glob("*.yaml"):
        load_search(path)
