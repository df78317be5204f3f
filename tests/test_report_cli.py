"""report, compare and export on the command line."""

import json
import re

import pytest

from spinn2sim import cli
from spinn2sim.report import summarise
from spinn2sim.run_folder import write_run
from spinn2sim.spec import load_scenario
from spinn2sim.trace import save_trace
from tests.report.html import pages
from tests.report.sweeps import write_sweep
from tests.report.traces import Story


@pytest.fixture
def run(tmp_path):
    """A run folder."""
    trace = Story(n_pe=2).step(0, 0, 500, ("f", 400)).step(1, 0, 300, ("f", 300)).trace()
    scenario = load_scenario(preset="paper-12pe", overrides=["name=story", "n_pe=2"])
    write_run(tmp_path / "run", scenario, trace, summarise(trace), wall_s=1.0)
    return tmp_path / "run"


@pytest.fixture
def told(monkeypatch, capsys):
    """Exit code, output and errors of a command."""

    def call(*arguments):
        monkeypatch.setattr("sys.argv", ["spinn2sim", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            cli.main()
        output = capsys.readouterr()
        return end.value.code or 0, output.out, output.err

    return call


def test_a_report_of_a_run_is_one_file(told, run, tmp_path):
    out = tmp_path / "report.html"
    assert told("report", run, "-o", out, "--no-sensitivity") == (0, f"{out}\n", "")
    assert "<!doctype html>" in out.read_text()


def test_the_file_is_named_after_the_run_if_no_name_is_given(told, run, monkeypatch):
    monkeypatch.chdir(run.parent)
    assert told("report", run.name, "--no-sensitivity")[1] == "run.html\n"


def test_guesses_are_moved_with_the_scenario_of_the_run(told, run, tmp_path, monkeypatch):
    asked = []

    class Report:
        def as_dict(self):
            return pages.sensitivity()

    def sensitivity(scenario, trace, *, progress):
        asked.append((scenario.name, trace.n_pe))
        progress(1.0)
        return Report()

    monkeypatch.setattr("spinn2sim.sensitivity.sensitivity", sensitivity)
    told("report", run, "-o", tmp_path / "report.html")
    assert asked == [("story", 2)]
    assert "The verdict turns" in (tmp_path / "report.html").read_text()


def test_a_trace_file_alone_cannot_be_moved_and_says_so(told, run, tmp_path):
    out = tmp_path / "report.html"
    told("report", run / "trace.npz", "-o", out)
    assert "that takes a run folder with its scenario" in out.read_text()


def test_a_scenario_that_cannot_be_checked_is_reported_all_the_same(told, run, tmp_path):
    path = run / "scenario.yaml"
    path.write_text(path.read_text().replace("firmware_models.eprop:Eprop", "no.such:Thing"))
    code, _, errors = told("report", run, "-o", tmp_path / "report.html")
    assert (code, errors) == (0, "")
    assert "could not be tried: firmware: cannot load" in (tmp_path / "report.html").read_text()


@pytest.mark.parametrize("table", ["paper", "measured-fused-O2"])
def test_the_cost_table_of_a_run_stands_beside_the_paper_s_and_the_measured_one(
    told, tmp_path, table
):
    folder, out = tmp_path / "run", tmp_path / "x.html"
    changes = ("n_pe=1", "parameters.n_rec=12", f"parameters.cost_table={table}")
    options = [f"--set={change}" for change in (*changes, "workload.n_samples=1")]
    assert told("run", "--preset", "paper-12pe", *options, "--out", folder, "--json")[0] == 0
    assert told("report", folder, "-o", out, "--no-sensitivity")[0] == 0
    names = ["paper", "measured", *([] if table == "paper" else [f"this run: {table}"])]
    sizes = ("--n-rec", "12", "--pes", "1", "--json")
    found = json.loads(told("costs", "compare", "paper", "measured", table, *sizes)[1])
    section = out.read_text().partition("<h3>Cost tables side by side</h3>")[2]
    page = " ".join(re.sub("<[^>]+>", " ", section.partition("</section>")[0]).split())
    assert "Cycles of PE 0 of 1 at L = 12, I = 80, R = 12, O = 12: middle (low..high)" in page
    assert f"function every {' '.join(names)} read_input step" in page
    for every in ("step", "sample"):
        sums = [found["total"][every][name.removeprefix("this run: ")] for name in names]
        cells = [f"{x['cycles']:,.0f} ({x['low']:,.0f}..{x['high']:,.0f})" for x in sums]
        assert f"sum {every} {' '.join(cells)}" in page


def test_a_run_without_a_cost_table_has_none_beside_others(told, run, tmp_path):
    told("report", run, "-o", tmp_path / "x.html", "--no-sensitivity")
    assert "Cost tables side by side" not in (tmp_path / "x.html").read_text()


def test_a_sweep_is_known_by_its_points(told, tmp_path):
    folder = write_sweep(tmp_path / "sweep", clocks=1, sizes=2, pes=(1,))
    assert told("report", folder, "-o", tmp_path / "sweep.html")[0] == 0
    assert "clock-pes-nrec" in (tmp_path / "sweep.html").read_text()
    assert told("report", folder, "--window", "0:1ms")[::2] == (
        2,
        "error: report: --window is for runs, and this is a sweep\n",
    )


def test_a_table_of_energy_is_shown_beside_the_models(told, run, tmp_path):
    table = tmp_path / "mine.yaml"
    table.write_text("{name: mine, actions: {pe.busy: {energy_pj: 5, source: measured here}}}")
    out = tmp_path / "report.html"
    told("report", run, "-o", out, "--no-sensitivity", "--energy-table", table)
    assert "measured here" in out.read_text()


def test_a_report_that_cannot_be_written_is_an_error(told, run, tmp_path):
    out = tmp_path / "none" / "report.html"
    code, _, errors = told("report", run, "-o", out, "--no-sensitivity")
    assert (code, errors.startswith(f"error: output {out}: cannot be written")) == (2, True)


def test_runs_are_compared_on_the_terminal_as_json_and_as_html(told, run, tmp_path):
    other = tmp_path / "other.npz"
    save_trace(Story(n_pe=2).step(0, 0, 900, ("f", 800)).trace(), other)
    code, text, _ = told("compare", run, other, "-o", tmp_path / "c.html")
    assert (code, text.splitlines()[0].startswith("run: FITS")) == (0, True)
    assert "f per step" in text
    assert "<!doctype html>" in (tmp_path / "c.html").read_text()
    found = json.loads(told("compare", run, other, "--json")[1])
    assert [each["run"] for each in found["runs"]] == ["run", "other.npz"]


def test_one_run_cannot_be_compared(told, run):
    assert told("compare", run)[::2] == (2, "error: compare: name two runs or more\n")


def test_an_export_writes_what_is_asked_for(told, run, tmp_path):
    names = {"--perfetto": "t.json", "--vcd": "t.vcd", "--parquet": "p", "--energy": "e"}
    options = [part for name, file in names.items() for part in (name, tmp_path / file)]
    code, text, _ = told("export", run, *options, "--window", "0:1ms")
    assert (code, text.split()) == (0, [str(tmp_path / file) for file in names.values()])
    assert json.loads((tmp_path / "t.json").read_text())["traceEvents"]
    assert (tmp_path / "t.vcd").read_text().startswith("$comment")
    assert (tmp_path / "p" / "stretches.parquet").is_file()
    assert (tmp_path / "e" / "action_counts.yaml").is_file()


def test_an_export_of_nothing_says_what_there_is(told, run):
    assert told("export", run)[::2] == (
        2,
        (
            "error: export: say what to write: "
            "--perfetto, --vcd, --parquet, --energy, --spikes, --neo, --packets, --noxim\n"
        ),
    )


# What cannot be written


FORMATS = {
    "--perfetto": "x.json",
    "--vcd": "x.vcd",
    "--parquet": "tables",
    "--energy": "energy",
    "--spikes": "x.npz",
    "--neo": "x.mat",
}


@pytest.mark.parametrize(("option", "name"), FORMATS.items())
def test_an_export_that_cannot_be_written_names_the_file_and_its_option(told, run, option, name):
    (run.parent / "file").write_text("")
    place = run.parent / "file" / name
    code, out, err = told("export", run, option, place)
    assert (code, out) == (2, "")
    assert err.startswith(f"error: output {place}: cannot be written (Not a directory); ")
    assert len(err.splitlines()) == 1


def test_an_export_that_fails_half_way_leaves_no_half_of_a_file(told, run, monkeypatch):
    def events(*_):
        yield {"name": "first"}
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("spinn2sim.report.perfetto.events", events)
    place = run.parent / "x.json"
    assert told("export", run, "--perfetto", place) == (
        2,
        "",
        (
            f"error: output {place}: cannot be written (No space left on device); choose another "
            "--perfetto\n"
        ),
    )
    assert not place.exists()
