"""The run folder: complete or not there, never overwritten silently."""

import json
import os

import polars as pl
import pytest

import spinn2sim.run_folder
from spinn2sim import __version__, load_scenario
from spinn2sim.errors import MissingFileError, OutputError, RunFolderError, TraceFileError
from spinn2sim.report import clock_profile, summarise
from spinn2sim.report.fall_backs import fall_backs
from spinn2sim.report.figures import draw_profile
from spinn2sim.run_folder import CONTENT, next_folder, read_run, refuse_existing, write_run
from tests.report.traces import Story

SCENARIO = load_scenario(preset="paper-12pe", overrides=["seed=7"])


@pytest.fixture(autouse=True)
def _plain_figure(monkeypatch):
    """Drawing takes most of the time of writing."""
    monkeypatch.setattr(spinn2sim.run_folder, "draw_profile", lambda _, path: path.touch())


def write(folder, *, cycles=300, **options):
    trace = Story(n_pe=1).step(0, 0, cycles, ("a", cycles)).trace()
    write_run(folder, SCENARIO, trace, summarise(trace), wall_s=0.5, **options)
    return trace


def names_in(folder):
    return sorted(path.name for path in folder.iterdir())


def everything_in(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def summary_in(folder):
    return json.loads((folder / "summary.json").read_text())


def refusal(kind, call, *arguments, **options):
    with pytest.raises(kind) as error:
        call(*arguments, **options)
    return str(error.value)


def test_a_run_folder_holds_what_its_description_says(tmp_path, monkeypatch):
    monkeypatch.setattr(spinn2sim.run_folder, "draw_profile", draw_profile)
    write(tmp_path / "a" / "run")
    assert set(names_in(tmp_path / "a" / "run")) == set(CONTENT)
    assert names_in(tmp_path / "a") == ["run"]
    assert (tmp_path / "a" / "run" / "figures" / "profile.png").read_bytes()[:4] == b"\x89PNG"


def test_its_scenario_loads_to_the_same_scenario(tmp_path):
    write(tmp_path / "run")
    assert load_scenario(tmp_path / "run" / "scenario.yaml") == SCENARIO


def test_its_summary_is_the_summary_of_its_trace(tmp_path):
    trace = write(tmp_path / "run")
    assert summary_in(tmp_path / "run") == summarise(trace).as_dict()
    assert read_run(tmp_path / "run").digest() == trace.digest()
    assert read_run(tmp_path / "run" / "trace.npz").digest() == trace.digest()


def test_its_profile_table_is_the_clock_profile(tmp_path):
    trace = write(tmp_path / "run")
    (row,) = clock_profile(trace)
    table = pl.read_csv(tmp_path / "run" / "tables" / "profile.csv")
    assert table.rows() == [("a", "step", row.mean, row.minimum, row.maximum, row.share)]


def test_its_provenance_tells_version_seed_time_and_digest(tmp_path):
    trace = write(tmp_path / "run")
    found = json.loads((tmp_path / "run" / "provenance.json").read_text())
    assert set(found) == {
        *("spinn2sim", "python", "machine", "seed"),
        *("wall_s", "simulated_s", "simulated_over_wall", "digest", "timing"),
    }
    assert (found["spinn2sim"], found["seed"]) == (__version__, 7)
    assert (found["wall_s"], found["simulated_s"]) == (0.5, 0.001)
    assert found["simulated_over_wall"] == 0.002
    assert found["digest"] == trace.digest()
    assert found["timing"] == fall_backs(trace).as_dict()


def test_its_provenance_names_what_the_scenario_does_not(tmp_path):
    inputs = {"checkpoint": {"path": "best.npz", "sha256": "ab"}}
    write(tmp_path / "run", inputs=inputs)
    found = json.loads((tmp_path / "run" / "provenance.json").read_text())
    assert found["checkpoint"] == inputs["checkpoint"]
    assert found["wall_s"] == 0.5


def test_a_run_is_not_overwritten(tmp_path):
    write(tmp_path / "run")
    before = summary_in(tmp_path / "run")
    message = refusal(RunFolderError, write, tmp_path / "run", cycles=400)
    assert message == (
        f"run folder {tmp_path / 'run'} exists; choose another --out or pass --force to replace it"
    )
    assert summary_in(tmp_path / "run") == before


def test_a_run_is_replaced_if_that_is_asked_for(tmp_path):
    write(tmp_path / "run")
    write(tmp_path / "run", cycles=400, replace=True)
    assert summary_in(tmp_path / "run")["response_cycles"] == 400
    assert names_in(tmp_path) == ["run"]


def test_a_folder_with_other_files_is_not_replaced(tmp_path):
    (tmp_path / "thesis.tex").write_text("years of work")
    message = refusal(OutputError, write, tmp_path, replace=True)
    assert message == (
        f"output {tmp_path}: holds more than a run (thesis.tex); choose another --out or move them"
    )
    assert everything_in(tmp_path) == ["thesis.tex"]


def test_a_file_in_the_way_is_not_replaced(tmp_path):
    (tmp_path / "run").write_text("mine")
    for replace in (False, True):
        message = refusal(OutputError, write, tmp_path / "run", replace=replace)
        assert message == f"output {tmp_path / 'run'}: is a file; choose another --out"
    assert (tmp_path / "run").read_text() == "mine"


def test_a_folder_below_a_file_is_refused(tmp_path):
    (tmp_path / "file").write_text("mine")
    wanted = tmp_path / "file" / "runs" / "run"
    message = refusal(OutputError, refuse_existing, wanted, replace=False)
    assert message == f"output {wanted}: {tmp_path / 'file'} is a file; choose another --out"


def test_a_place_without_write_permission_is_refused_before_the_run(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda *_: False)  # root may write anywhere
    wanted = tmp_path / "deep" / "run"
    message = refusal(OutputError, refuse_existing, wanted, replace=False)
    assert message == (
        f"output {wanted}: {tmp_path} is not writable; choose another --out or change its "
        f"permissions"
    )


def test_a_place_that_is_free_is_not_touched_by_the_question(tmp_path):
    refuse_existing(tmp_path / "deep" / "run", replace=False)
    assert everything_in(tmp_path) == []


@pytest.mark.parametrize("part", ["draw_profile", "write_tables", "save_trace", "dump_scenario"])
@pytest.mark.parametrize("end", [KeyboardInterrupt, RuntimeError])
def test_a_write_that_ends_halfway_leaves_nothing(tmp_path, monkeypatch, part, end):
    def stop(*_):
        raise end

    monkeypatch.setattr(spinn2sim.run_folder, part, stop)
    with pytest.raises(end):
        write(tmp_path / "run")
    assert everything_in(tmp_path) == []


def test_a_replacement_that_ends_halfway_leaves_the_run_as_it_was(tmp_path, monkeypatch):
    write(tmp_path / "run")
    before = everything_in(tmp_path)

    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(spinn2sim.run_folder, "draw_profile", stop)
    with pytest.raises(KeyboardInterrupt):
        write(tmp_path / "run", cycles=400, replace=True)
    assert everything_in(tmp_path) == before
    assert summary_in(tmp_path / "run")["response_cycles"] == 300


def test_an_old_run_comes_back_if_the_new_one_cannot_take_its_place(tmp_path, monkeypatch):
    write(tmp_path / "run")
    rename = type(tmp_path).rename

    def fail_on_the_new_one(path, target):
        if path.suffix == ".partial":
            raise KeyboardInterrupt
        return rename(path, target)

    monkeypatch.setattr(type(tmp_path), "rename", fail_on_the_new_one)
    with pytest.raises(KeyboardInterrupt):
        write(tmp_path / "run", cycles=400, replace=True)
    assert names_in(tmp_path) == ["run"]
    assert summary_in(tmp_path / "run")["response_cycles"] == 300


def test_a_full_disk_is_told_in_one_message_and_leaves_nothing(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(spinn2sim.run_folder, "save_trace", full)
    message = refusal(OutputError, write, tmp_path / "run")
    assert message == (
        f"output {tmp_path / 'run'}: cannot be written (No space left on device); "
        f"choose another --out"
    )
    assert everything_in(tmp_path) == []


def test_a_run_that_came_first_is_not_overwritten(tmp_path, monkeypatch):
    """Another process writes the same folder after this one has looked."""
    draw = spinn2sim.run_folder.draw_profile

    def slowly(trace, path):
        draw(trace, path)
        (tmp_path / "run").mkdir()
        (tmp_path / "run" / "first").write_text("there")

    monkeypatch.setattr(spinn2sim.run_folder, "draw_profile", slowly)
    refusal(RunFolderError, write, tmp_path / "run")
    assert everything_in(tmp_path) == ["run", "run/first"]


def test_a_relative_folder_and_the_current_one_have_names(tmp_path, monkeypatch):
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    write(spinn2sim.run_folder.Path("run"))
    write(spinn2sim.run_folder.Path("../here/run"), cycles=400, replace=True)
    assert summary_in(tmp_path / "here" / "run")["response_cycles"] == 400
    refusal(RunFolderError, write, spinn2sim.run_folder.Path())


def test_folders_are_numbered(tmp_path):
    assert next_folder(tmp_path, "a") == tmp_path / "a-001"
    (tmp_path / "a-001").mkdir()
    (tmp_path / "a-002").symlink_to("nowhere")
    assert next_folder(tmp_path, "a") == tmp_path / "a-003"


def test_a_folder_without_trace_is_no_run(tmp_path):
    assert refusal(MissingFileError, read_run, tmp_path) == (
        f"trace not found: {tmp_path / 'trace.npz'}; name a folder that `run` has written"
    )


def test_a_truncated_trace_is_refused(tmp_path):
    write(tmp_path / "run")
    whole = (tmp_path / "run" / "trace.npz").read_bytes()
    (tmp_path / "run" / "trace.npz").write_bytes(whole[: len(whole) // 2])
    assert refusal(TraceFileError, read_run, tmp_path / "run") == (
        f"trace {tmp_path / 'run' / 'trace.npz'}: damaged or not a trace; run the scenario again"
    )
