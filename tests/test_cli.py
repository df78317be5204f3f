"""The command line: what is printed where, and exit codes."""

import io
import json
import os
import sys
import time
from pathlib import Path

import polars as pl
import pytest
import soundfile

import spinn2sim.cli
import spinn2sim.elaboration
import spinn2sim.run_folder
import spinn2sim.sim
from spinn2sim import __version__, load_scenario
from spinn2sim.report import clock_profile
from spinn2sim.run_folder import read_run

pytestmark = pytest.mark.usefixtures("ping_yaml")


def names_in(folder):
    return sorted(path.name for path in folder.iterdir())


def test_run_writes_a_folder_and_prints_the_verdict_first(cli, tmp_path):
    code, out, err = cli("run", "ping.yaml")
    assert (code, err) == (0, "")
    assert out.startswith("FITS: bound by memory (100% left); would overrun first: PE 0 in ")
    assert out.rstrip().endswith("results in runs/ping-001")
    assert max(map(len, out.splitlines())) <= 80
    assert "\x1b" not in out
    assert out == "".join(f"{line.rstrip()}\n" for line in out.splitlines())
    trace = read_run(tmp_path / "runs" / "ping-001")
    table = pl.read_csv(tmp_path / "runs" / "ping-001" / "tables" / "profile.csv")
    assert table["mean_cycles"].to_list() == [row.mean for row in clock_profile(trace)]


def test_runs_without_a_name_are_numbered(cli, tmp_path):
    for _ in range(2):
        assert cli("run", "ping.yaml")[0] == 0
    assert names_in(tmp_path / "runs") == ["ping-001", "ping-002"]


def test_run_as_json_prints_one_object_alone(cli):
    code, out, err = cli("run", "ping.yaml", "--json", "--out", "here")
    assert (code, err) == (0, "")
    content = json.loads(out)
    assert content.pop("folder") == "here"
    assert content.pop("notes") == [
        "60 synthetic clips made by experiments/make_speech.py, not recordings"
    ]
    assert content["fits"] is True
    assert content.pop("timing")["machine"] == "simpy"
    assert all(content.pop(key) for key in ("fifo_peaks", "links", "routers"))
    assert content == {
        "format": "spinn2sim/run/1",
        **json.loads(Path("here/summary.json").read_text()),
        "ledger_rows": [],
    }


def test_run_as_json_tells_how_full_the_noc_got_by_pe_link_and_router(cli):
    content = json.loads(cli("run", "ping.yaml", "--json")[1])
    assert [fifo["pe"] for fifo in content["fifo_peaks"]] == list(range(content["n_pe"]))
    links = content["links"]
    assert {link["name"] for link in links} > {"inject PE 0", "eject PE 0"}
    n_flits = sum(link["n_flits"] for link in links if not link["name"].startswith("inject"))
    assert sum(router["n_flits"] for router in content["routers"]) == n_flits > 0
    dated = [*links, *content["routers"]]
    assert all((each["queue_peak_s"] is None) == (each["queue_peak"] == 0) for each in dated)


def test_run_as_json_has_a_row_for_each_kind_of_trouble_and_pe(cli):
    slow = "faults={slow: {pes: [1], factor: 2}}"
    (row,) = json.loads(cli("run", "ping.yaml", "--set", slow, "--json")[1])["ledger_rows"]
    assert (row["kind"], row["pe"], row["count"], row["first_timestep"]) == ("slow_pe", 1, 3, 0)


def test_run_takes_a_preset_with_changes_on_another_machine(cli):
    changes = ("--set", "n_pe=2", "--set", "parameters.n_rec=4", "--seed", "5")
    code, out, _ = cli(
        "run", "--preset", "paper-12pe", "--chip", "spinnaker2", *changes, "--json", "--out", "a"
    )
    assert code == 0
    content = json.loads(out)
    assert (content["clock_hz"], content["n_pe"]) == (150_000_000, 2)
    scenario = load_scenario("a/scenario.yaml")
    assert (scenario.chip.name, scenario.seed) == ("spinnaker2", 5)


def test_the_resolved_scenario_of_a_run_gives_the_same_digest(cli):
    first = json.loads(cli("run", "ping.yaml", "--json", "--out", "a")[1])
    second = json.loads(cli("run", "a/scenario.yaml", "--json", "--out", "b")[1])
    assert first["digest"] == second["digest"]


def test_run_replaces_a_run_by_force_only(cli):
    assert cli("run", "ping.yaml", "--out", "a")[0] == 0
    assert cli("run", "ping.yaml", "--out", "a") == (
        2,
        "",
        "error: run folder a exists; choose another --out or pass --force to replace it\n",
    )
    assert cli("run", "ping.yaml", "--out", "a", "--force")[0] == 0


@pytest.mark.parametrize(
    ("condition", "code", "err"),
    [
        ("overruns > 0", 0, ""),
        ("n_pe == 4", 1, "failed: n_pe == 4\n"),
        ("label_share.answer > 0.5", 1, "failed: label_share.answer > 0.5\n"),
    ],
)
def test_a_condition_that_holds_fails_the_command_after_the_folder_is_written(
    cli, condition, code, err
):
    assert cli("run", "ping.yaml", "--out", "a", "--fail-if", condition)[::2] == (code, err)
    assert Path("a/summary.json").is_file()


def test_all_conditions_that_hold_are_named(cli):
    conditions = ("--fail-if", "n_pe == 4", "--fail-if", "overruns > 0", "--fail-if", "n_pe > 1")
    assert cli("run", "ping.yaml", *conditions)[2] == "failed: n_pe == 4; n_pe > 1\n"


def test_an_overrun_ends_a_strict_run_and_nothing_is_written(cli, tmp_path):
    code, out, err = cli("run", "ping.yaml", "--strict", "--set", "timestep=1us", "--out", "a")
    assert (code, out) == (2, "")
    assert err.startswith("error: strict: timer tick overran on PE ")
    assert names_in(tmp_path) == ["ping.yaml"]


def test_check_prints_time_memory_and_the_largest_networks(cli):
    code, out, err = cli("check", "--n-rec", "20", "--pes", "1", "--clock", "65MHz,150MHz")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0].startswith("FITS: bound by ")
    assert max(map(len, lines)) <= 80
    rows = [line.split() for line in lines[-2:]]
    assert [row[:3] for row in rows] == [["65", "MHz", "yes"], ["150", "MHz", "yes"]]
    assert rows[0][-4:] == ["29", "53", "24", "24"]


def test_check_as_json_prints_one_object_with_the_largest_network_at_each_clock(cli):
    arguments = ("--n-rec", "20", "--pes", "1", "--clock", "65MHz, 150MHz", "--json")
    code, out, err = cli("check", *arguments)
    assert (code, err) == (0, "")
    content = json.loads(out)
    assert [each["clock_hz"] for each in content["clocks"]] == [65_000_000, 150_000_000]
    for each in (content, *content["clocks"]):
        assert set(each["largest_n_rec"]) >= {"time", "memory", "both"}
    first = {"format": "spinn2sim/check/1", **content["clocks"][0], "clocks": content["clocks"]}
    assert first == content


def test_check_takes_a_file_and_another_machine(cli):
    code, out, _ = cli("run", "--preset", "paper-1pe", "--out", "a", "--json")
    assert code == 0
    code, out, _ = cli("check", "a/scenario.yaml", "--n-rec", "8", "--json")
    content = json.loads(out)
    assert (code, content["n_pe"], content["n_weights"]) == (0, 1, 8 * (80 + 8 + 12))


def test_explain_prints_arithmetic_and_sources(cli, paper_run):
    code, out, err = cli("explain", paper_run, "cycles_per_step")
    assert (code, err) == (0, "")
    assert out.startswith("cycles_per_step = 200039.")
    assert "source: " in out
    assert cli("explain", paper_run / "trace.npz", "cycles_per_step")[1] == out


def test_explain_without_figure_lists_all_of_them(cli, paper_run):
    code, out, _ = cli("explain", paper_run)
    summary = json.loads((paper_run / "summary.json").read_text())
    assert code == 0
    assert [line.partition(":")[0] for line in out.splitlines()] == list(summary)


def test_schema_is_json_and_presets_are_listed(cli):
    assert json.loads(cli("schema")[1])["title"] == "Scenario"
    names = [line.split()[0] for line in cli("presets")[1].splitlines()]
    assert names == ["fpga-prototype", "paper-12pe", "paper-1pe", "spinnaker2", "spinnaker2-board"]


def test_version(cli):
    assert cli("--version") == (0, f"spinn2sim {__version__}\n", "")


def test_without_arguments_there_is_help(cli):
    code, out, err = cli()
    assert code == 2
    for command in ("run", "check", "explain", "schema", "presets"):
        assert f"  {command} " in out + err


@pytest.mark.parametrize("command", ["run", "check", "explain", "schema", "presets"])
def test_help_shows_examples_one_per_line_within_80_columns(cli, command):
    code, out, _ = cli(command, "--help")
    examples = [line for line in out.splitlines() if line.startswith(f"  spinn2sim {command}")]
    assert code == 0
    assert examples
    assert max(map(len, out.splitlines())) <= 80


def test_wall_time_is_that_of_the_simulation_without_loading_audio(cli, monkeypatch):
    load = spinn2sim.elaboration.scenario_workload

    def slowly(scenario):
        time.sleep(2)
        return load(scenario)

    monkeypatch.setattr(spinn2sim.elaboration, "scenario_workload", slowly)
    assert cli("run", "ping.yaml", "--out", "a")[0] == 0
    assert json.loads(Path("a/provenance.json").read_text())["wall_s"] < 2


def test_run_takes_an_audio_file(cli, tmp_path):
    (tmp_path / "yes").mkdir()
    soundfile.write("yes/yes_1.wav", [0.0, 0.1, -0.1] * 5_000, 16_000)
    code, out, _ = cli("run", "ping.yaml", "--audio", "yes/yes_1.wav", "--out", "a")
    assert code == 0
    assert "yes_1.wav" in out
    assert read_run(Path("a")).meta["workload"]["samples"] == ["yes_1.wav"]


def test_a_firmware_in_the_current_folder_is_found(cli, ping_yaml):
    Path("my_pong.py").write_text("from firmware_models.ping import Ping as Pong\n")
    mine = ping_yaml.read_text().replace("firmware_models.ping:Ping", "my_pong:Pong")
    Path("mine.yaml").write_text(mine)
    code, out, _ = cli("run", "mine.yaml", "--json", "--out", "a")
    assert (code, json.loads(out)["n_pe"]) == (0, 4)


def test_the_exit_code_is_the_same_if_the_reader_has_left(cli, monkeypatch):
    class Closed(io.TextIOWrapper):
        def write(self, text):
            if text:
                raise BrokenPipeError

    with Path(os.devnull).open("wb") as nowhere:
        monkeypatch.setattr(sys, "stdout", Closed(nowhere))
        code, _, err = cli("run", "ping.yaml", "--out", "a", "--fail-if", "n_pe == 4")
    assert (code, err) == (1, "failed: n_pe == 4\n")
    assert Path("a/summary.json").is_file()


def test_a_silent_untrained_network_is_said_to_be_one_and_hears_nothing(cli):
    code, out, _ = cli("run", "--preset", "paper-1pe", "--out", "a", "--json")
    found = json.loads(out)
    assert code == 0
    assert "untrained network: 0 spikes in 1 s; --checkpoint runs a trained one" in (found["notes"])
    assert (found["log"]["spikes"], found["log"]["correct"]) == (0, 0)
